"""The pages of a bot as somebody fetches them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

from bot.deps import Deps
from bot.gate import Gate
from bot.metrics import Metrics
from bot.pages import pages
from bot.web import WebServer, build_web

PEPPER = b"pepper" * 6


@asynccontextmanager
async def serving(deps: Deps, *, gate: Gate | None = None) -> AsyncIterator[str]:
    gate = gate or Gate(pepper=PEPPER, neighbours=not deps.settings.server.public_url)
    app = build_web(checks={}, metrics=Metrics(), gate=gate, pages=pages(deps, gate))
    server = WebServer(app, host="127.0.0.1", port=0)
    url = await server.start()
    try:
        yield url
    finally:
        await server.stop()


async def asked(
    url: str, path: str, headers: Mapping[str, str] | None = None
) -> tuple[int, str, Mapping[str, str]]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(url + path, headers=headers) as response,
    ):
        return response.status, await response.text(), response.headers
