"""Apps made with Slack's own SDK, connected to the small Slack the way real apps are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.sandbox import MiniSlack


def client_of(slack: MiniSlack, *, token: str | None = None) -> AsyncWebClient:
    return AsyncWebClient(
        token=slack.bot_token if token is None else token, base_url=slack.api_url, timeout=1
    )


def app_of(slack: MiniSlack) -> AsyncApp:
    return AsyncApp(client=client_of(slack), signing_secret=slack.signing_secret)


@asynccontextmanager
async def http_app(slack: MiniSlack) -> AsyncIterator[AsyncApp]:
    """A Bolt app that is given its requests by signed HTTP."""
    app = app_of(slack)

    async def events(request: web.Request) -> web.Response:
        return await to_aiohttp_response(await app.async_dispatch(await to_bolt_request(request)))

    server = web.Application()
    server.router.add_post("/slack/events", events)
    runner = web.AppRunner(server, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    try:
        yield app
    finally:
        await runner.cleanup()


@asynccontextmanager
async def socket_app(slack: MiniSlack) -> AsyncIterator[AsyncApp]:
    """A Bolt app that is given its requests over Socket Mode."""
    app = app_of(slack)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    before = len(slack.sockets.connections)
    await handler.connect_async()
    await slack.until(lambda: len(slack.sockets.connections) > before)
    try:
        yield app
    finally:
        await handler.close_async()


CONNECTIONS = {"http": http_app, "socket": socket_app}
