"""The other side of the comparison: a Bolt app whose handler acknowledges and does nothing else.

python -m bench.bare_bolt SIGNING_SECRET
"""

import asyncio
import sys
from typing import Any

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult


async def serve(secret: str) -> None:
    """Listen, print the address, and answer until the process is stopped."""

    async def authorize(**_: Any) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token="xoxb-bare", bot_id="B")

    app = AsyncApp(signing_secret=secret, authorize=authorize)

    @app.command("/stagecheck")
    async def acknowledge(ack: Any) -> None:
        await ack()

    async def events(request: web.Request) -> web.Response:
        parsed: AsyncBoltRequest = await to_bolt_request(request)
        return await to_aiohttp_response(await app.async_dispatch(parsed))

    server = web.Application()
    server.router.add_post("/slack/events", events)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
