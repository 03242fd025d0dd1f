"""The pages for browsers: a run, and, where the configuration says so, status and badges.

The page of a run is for whoever follows a link that we signed, shows the token of the server or,
as long as the server has no public address, asks on the bot's own machine. To all others it is
not there, whether there is such a run or not.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from urllib.parse import quote

from aiohttp import web

from bot.config import Server
from bot.deps import Deps, PageOf, no_page
from bot.errors import NotFound, StoreError, Unavailable
from bot.gate import Gate
from bot.report import POLICY, render_html
from bot.web import Handler, peer_of
from bot.workflows import report_of

NO_RUN = (
    "There is no such page, or your link to it has expired.\n"
    "In Slack, /stagecheck show RUN gives a new one.\n"
)
AWAY = "Our database cannot be read just now. Try again in a minute.\n"
# What holds for every page: nobody may frame it, keep it, or learn from where its link came.
_GUARDS: Mapping[str, str] = {
    "Cache-Control": "private, no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


def pages(deps: Deps, gate: Gate) -> Mapping[str, Handler]:
    """Return what is shown, by path."""
    return {"/runs/{id}": partial(_run, deps, gate)}


def linking(server: Server, gate: Gate) -> PageOf:
    """Return what makes the links to the pages of runs; to nothing without a public address."""
    base = server.public_url.rstrip("/")
    if not base:
        return no_page
    return lambda run_id: base + gate.link(_path(run_id), good_s=server.link_expiry_s)


def _path(run_id: str) -> str:
    return f"/runs/{quote(run_id, safe='')}"


async def _run(deps: Deps, gate: Gate, request: web.Request) -> web.StreamResponse:
    is_admitted = gate.admits(
        peer=peer_of(request),
        headers=request.headers,
        path=request.path,
        query=request.query,
        # Behind a proxy everybody may look like a neighbour.
        neighbours=not deps.settings.server.public_url,
    )
    if not is_admitted:
        return _said(404, NO_RUN)
    try:
        # The whole id: the beginning of one must not open the page of another.
        if await deps.store.find_run(request.match_info["id"]) is None:
            return _said(404, NO_RUN)
        report = await report_of(deps, request.match_info["id"])
    except NotFound:
        return _said(404, NO_RUN)
    except (StoreError, Unavailable):
        return _said(503, AWAY)
    # In a thread: a page of many frames would hold up the loop.
    page = await asyncio.to_thread(render_html, report)
    policy = f"{POLICY}; frame-ancestors 'none'"
    return web.Response(
        text=page,
        content_type="text/html",
        charset="utf-8",
        headers={**_GUARDS, "Content-Security-Policy": policy},
    )


def _said(status: int, text: str) -> web.Response:
    headers = {**_GUARDS, "Content-Security-Policy": "default-src 'none'"}
    return web.Response(status=status, text=text, headers=headers)
