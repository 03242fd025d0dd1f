"""The composition root: settings become Deps; whatever is opened here is closed here."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot import journal
from bot.config import Settings, SlackCredentials
from bot.deps import Deps
from bot.engine import LocalEngine
from bot.masking import Masker
from bot.metrics import Metrics
from bot.probe import Network
from bot.slack import (
    Files,
    Listeners,
    Outbox,
    ResponseUrls,
    SlackNotifier,
    SocketLink,
    build_bolt,
    close_client,
    identify,
    open_client,
    receiver,
)
from bot.store import Store
from bot.web import Deliver, WebServer, build_web
from bot.workflows import workflows

# What is under way when the bot is told to stop may finish; a check takes up to minutes.
DRAIN_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """The running bot."""

    url: str
    """Where its HTTP server listens."""
    lost: asyncio.Event
    """Set when the connection to Slack was given up for good."""
    parts: tuple[Listeners, LocalEngine, Outbox]

    async def idle(self) -> None:
        """Return once everything that was asked is answered and every run has ended."""
        for part in self.parts:
            await part.idle()


@asynccontextmanager
async def open_bot(settings: Settings, *, log_level: int = logging.INFO) -> AsyncIterator[Bot]:
    """Yield the bot, listening; what is under way may finish when it is closed.

    ConfigError without Slack's credentials, StoreError or DeliveryError if one is out of reach.
    """
    credentials = settings.slack_credentials()
    async with AsyncExitStack() as stack:
        store = await Store.open(settings.database)
        stack.push_async_callback(store.close)
        masker = Masker(settings.secrets, pepper=await store.pepper())
        journal.configure(masker, level=log_level)
        client = open_client(credentials)
        stack.push_async_callback(close_client, client)
        metrics, urls, engine = Metrics(), ResponseUrls(), LocalEngine()
        outbox = Outbox(client, masker=masker, metrics=metrics)
        stack.push_async_callback(outbox.close, deadline_s=DRAIN_S)
        deps = Deps(
            settings=settings,
            targets=settings.targets,
            store=store,
            network=await stack.enter_async_context(Network()),
            masker=masker,
            engine=engine,
            notifier=SlackNotifier(outbox, store=store, urls=urls),
            metrics=metrics,
        )
        # Closed before the outbox, the network and the store: what runs still needs them.
        stack.push_async_callback(engine.close, deadline_s=DRAIN_S)
        engine.register(workflows(deps))
        listeners = Listeners(
            deps, outbox=outbox, urls=urls, files=Files(client, outbox.ask, metrics=metrics)
        )
        stack.push_async_callback(listeners.close, deadline_s=DRAIN_S)
        bolt = build_bolt(credentials, await identify(client), listeners)
        link = None
        if credentials.app_token:
            link = SocketLink(bolt, client, app_token=credentials.app_token)
            stack.push_async_callback(link.close)
            await link.open()
        url = await _serve_http(stack, deps, credentials, link, receiver(bolt))
        lost = link.lost if link else asyncio.Event()
        yield Bot(url=url, lost=lost, parts=(listeners, engine, outbox))


async def _serve_http(
    stack: AsyncExitStack,
    deps: Deps,
    credentials: SlackCredentials,
    link: SocketLink | None,
    deliver: Deliver,
) -> str:
    checks = {"store": deps.store.check} | ({"slack": link.check} if link else {})
    app = build_web(
        checks=checks,
        metrics=deps.metrics,
        deliver=None if link else deliver,
        signing_secret=credentials.signing_secret,
    )
    server = WebServer(app, host=deps.settings.server.host, port=deps.settings.server.port)
    stack.push_async_callback(server.stop)
    return await server.start()
