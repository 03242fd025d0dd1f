"""The composition root: settings become Deps; whatever is opened here is closed here."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot import journal
from bot.config import Settings, SlackCredentials, refreshed
from bot.deps import Deps, told
from bot.durable import VERSION, DurableEngine, Version, alone
from bot.engine import Engine
from bot.gate import Gate
from bot.hooks import hooks
from bot.masking import Masker
from bot.metrics import Metrics
from bot.pages import linking, pages
from bot.probe import Network
from bot.pulse import measuring
from bot.receivers import receiving
from bot.relay import Relay, relaying
from bot.reload import reloading
from bot.scheduler import Scheduler, scheduling
from bot.slack import (
    Connected,
    Files,
    Groups,
    Home,
    Listeners,
    Outbox,
    Pace,
    ResponseUrls,
    SlackNotifier,
    SlackReceiver,
    SocketLink,
    build_bolt,
    connect,
    identify,
    keeping_fresh,
    receiver,
)
from bot.store import Store, retaining
from bot.tracing import tracing
from bot.web import Application, Check, Deliver, WebServer, build_web, states
from bot.workflows import end_given_up, workflows

# What is under way when the bot is told to stop may finish, all parts together; what does not is
# gone on with at the next start. Kubernetes, for one, waits 30 s before it kills.
DRAIN_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Bot:
    """The running bot."""

    url: str
    """Where its HTTP server listens."""
    deps: Deps
    lost: asyncio.Event
    """Set when the connection to Slack was given up for good."""
    parts: tuple[Listeners, Home, Engine, Relay, Outbox]

    async def idle(self) -> None:
        """Return once everything that was asked is answered and every run has ended."""
        for part in self.parts:
            await part.idle()


class _Drain:
    """The time that closing may take, for all parts together, from when the first is closed."""

    def __init__(self, total_s: float) -> None:
        self._total_s = total_s
        self._ends_at = 0.0

    async def close(self, close: Callable[..., Awaitable[None]]) -> None:
        """Call `close` with what is left of the time."""
        now = asyncio.get_running_loop().time()
        self._ends_at = self._ends_at or now + self._total_s
        await close(deadline_s=max(0.0, self._ends_at - now))


@dataclass(frozen=True, slots=True)
class _Core:
    """What every process of the bot has: it sees runs through, and can send what they say."""

    deps: Deps
    engine: DurableEngine
    slack: Connected
    outbox: Outbox
    urls: ResponseUrls
    drain: _Drain
    gate: Gate


@asynccontextmanager
async def open_bot(settings: Settings, *, version: Version = VERSION) -> AsyncIterator[Bot]:
    """Yield the bot, listening; what is under way may finish when it is closed.

    `version` says which runs it goes on with: with a shared database, another may be there too.
    ConfigError without Slack's credentials, StoreError or DeliveryError if one is out of reach,
    Unavailable if another process serves from the same SQLite file.
    """
    credentials = settings.slack_credentials()
    async with AsyncExitStack() as stack:
        core = await _open_core(stack, settings, credentials, version)
        client, deps, outbox = core.slack.client, core.deps, core.outbox
        files = Files(client, outbox.ask, metrics=deps.metrics)
        listeners = Listeners(deps, outbox=outbox, urls=core.urls, files=files)
        stack.push_async_callback(core.drain.close, listeners.close)
        home = Home(deps, outbox)
        stack.push_async_callback(core.drain.close, home.close)
        bolt = build_bolt(credentials, await core.slack.identity(), listeners, home)
        await core.engine.launch()
        await stack.enter_async_context(_retaining(deps, core.engine))
        relay = await _relaying(stack, core)
        await stack.enter_async_context(reloading(deps))
        await stack.enter_async_context(keeping_fresh(home))
        await stack.enter_async_context(scheduling(Scheduler(deps)))
        link = None
        if credentials.app_token:
            link = SocketLink(bolt, client, app_token=credentials.app_token)
            stack.push_async_callback(link.close)
            await link.open()
        url = await _serve_http(stack, core, credentials, link, receiver(bolt))
        lost = link.lost if link else asyncio.Event()
        parts = (listeners, home, core.engine, relay, outbox)
        yield Bot(url=url, deps=deps, lost=lost, parts=parts)


@asynccontextmanager
async def open_worker(
    settings: Settings, *, port: int | None = None, version: Version = VERSION
) -> AsyncIterator[str]:
    """Yield while runs are seen through that other processes started; nobody can ask this one.

    With `port`, it tells operators how it is at the address that is yielded. Raises what `open_bot`
    raises.
    """
    async with AsyncExitStack() as stack:
        core = await _open_core(stack, settings, settings.slack_credentials(), version)
        _ = await core.slack.identity()
        await core.engine.launch()
        await stack.enter_async_context(reloading(core.deps))
        _ = await _relaying(stack, core)
        url = ""
        if port is not None:
            checks = await _checked(stack, core.deps, None)
            # Whatever else faces outside, nobody is led to this one: it has no door.
            gate = Gate(settings.server_token)
            web = build_web(checks=checks, metrics=core.deps.metrics, gate=gate)
            url = await _listen(stack, web, host=settings.server.host, port=port)
        yield url


async def _open_core(
    stack: AsyncExitStack, settings: Settings, credentials: SlackCredentials, version: Version
) -> _Core:
    stack.enter_context(alone(settings.database))
    drain, metrics, urls = _Drain(DRAIN_S), Metrics(), ResponseUrls()
    store = await Store.open(settings.database, observe=metrics.stored)
    stack.push_async_callback(store.close)
    masker = Masker(settings.secrets, pepper=await store.pepper())
    neighbours = not settings.faces_outside
    gate = Gate(settings.server_token, pepper=await store.pepper(), neighbours=neighbours)
    page_of = linking(settings.server, gate)
    store.mask_with(masker)
    journal.configure(masker, level=settings.log.level, format=settings.log.format)
    slack = connect(credentials, store=store, masker=masker)
    stack.push_async_callback(slack.close)
    shared, pace = store if store.is_shared else None, Pace.of(settings.slack.rates)
    outbox = Outbox(slack.client, masker=masker, metrics=metrics, pace=pace, shared=shared)
    stack.push_async_callback(drain.close, outbox.close)
    network = await stack.enter_async_context(Network())
    trace = await stack.enter_async_context(tracing(os.environ))
    engine = _engine(settings, version)
    # Closed before the outbox, the network, the traces and the store: what runs still needs them.
    stack.push_async_callback(drain.close, engine.close)
    deps = Deps(
        settings=settings,
        targets=settings.targets,
        store=store,
        network=network,
        masker=masker,
        engine=engine,
        notifier=SlackNotifier(outbox, store=store, urls=urls, page_of=page_of),
        metrics=metrics,
        reread=partial(refreshed, env=os.environ, folder=settings.path.absolute().parent),
        own_checks={"slack": told(partial(identify, slack.client)), "database": told(store.check)},
        trace=trace,
        page_of=page_of,
        members=Groups(outbox.ask).members,
    )
    engine.register(workflows(deps), give_up=partial(end_given_up, deps))
    return _Core(deps, engine, slack, outbox, urls, drain, gate)


def _engine(settings: Settings, version: Version) -> DurableEngine:
    return DurableEngine(
        settings.database,
        give_up_after_s=settings.engine.give_up_after_s,
        concurrency=settings.engine.concurrency,
        per_target=settings.engine.per_target,
        version=version,
    )


async def _relaying(stack: AsyncExitStack, core: _Core) -> Relay:
    """Tell what is decided from now on, wherever it was decided."""
    receivers = await stack.enter_async_context(receiving(core.deps.store))
    slack = SlackReceiver(core.deps, core.outbox)
    relay = Relay(core.deps, {**receivers, "slack": slack})
    stack.push_async_callback(core.drain.close, relay.close)
    await stack.enter_async_context(relaying(relay, core.deps))
    return relay


def _retaining(deps: Deps, engine: DurableEngine) -> AbstractAsyncContextManager[None]:
    retention = deps.settings.retention

    async def prune(before: datetime) -> None:
        removed = await deps.store.prune(before, runs_per_target=retention.runs_per_target)
        deps.metrics.pruned(removed)

    return retaining(
        (prune, engine.prune, deps.store.alerts.prune, deps.store.people.prune), days=retention.days
    )


async def _serve_http(
    stack: AsyncExitStack,
    core: _Core,
    credentials: SlackCredentials,
    link: SocketLink | None,
    deliver: Deliver,
) -> str:
    deps = core.deps
    app = build_web(
        checks=await _checked(stack, deps, link),
        metrics=deps.metrics,
        deliver=None if link else deliver,
        signing_secret=credentials.signing_secret,
        gate=core.gate,
        pages={**pages(deps, core.gate), **core.slack.pages},
        hooks=hooks(deps),
    )
    server = deps.settings.server
    return await _listen(stack, app, host=server.host, port=server.port)


async def _checked(
    stack: AsyncExitStack, deps: Deps, link: SocketLink | None
) -> Mapping[str, Check]:
    """Return what `/readyz` asks, and have the metrics tell of it too."""
    checks = {"store": deps.store.check, "engine": deps.engine.check}
    if link:
        checks["slack"] = link.check
    pulse = measuring(deps.metrics, states=partial(states, checks), backlog=deps.engine.backlog)
    await stack.enter_async_context(pulse)
    return checks


async def _listen(stack: AsyncExitStack, app: Application, *, host: str, port: int) -> str:
    server = WebServer(app, host=host, port=port)
    stack.push_async_callback(server.stop)
    return await server.start()
