"""The product put together against the small Slack, for the tests of its Slack side."""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.config import OAuthCredentials, SlackCredentials, load
from bot.deps import Deps, PageOf, no_page
from bot.engine import LocalEngine
from bot.masking import Masker
from bot.metrics import Metrics
from bot.probe import Network
from bot.report import Message
from bot.sandbox import MiniSlack, Staging
from bot.slack import (
    Connected,
    Files,
    Groups,
    Home,
    Listeners,
    Outbox,
    Pace,
    Patience,
    Rate,
    ResponseUrls,
    SlackNotifier,
    SocketLink,
    build_bolt,
    close_client,
    connect,
    open_client,
    receiver,
)
from bot.store import Store
from bot.target import Experiments, Target, Timeouts
from bot.web import WebServer, build_web
from bot.workflows import end_given_up, workflows

UNLIMITED = Rate(burst=10_000, per_minute=600_000)
FAST = Pace(
    methods={},
    unlisted=UNLIMITED,
    channel=UNLIMITED,
    edit_gap_s=0.0,
    spared=0,
    request_s=0.3,
    backoff_s=0.01,
    longest_backoff_s=0.02,
    patience_s=10.0,
)
QUICK = Timeouts(step_s=2.0, welcome_s=0.3, gap_s=0.5, total_s=5.0)
# What they find is the business of other tests.
NO_EXPERIMENTS = Experiments(enabled=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """The bot, running: what it talks to, and its parts."""

    slack: MiniSlack
    staging: Staging
    deps: Deps
    engine: LocalEngine
    outbox: Outbox
    listeners: Listeners
    home: Home
    url: str
    link: SocketLink | None
    connected: Connected

    async def idle(self) -> None:
        """Return once everything that was asked is answered and every run has ended."""
        await self.listeners.idle()
        await self.home.idle()
        await self.engine.idle()
        await self.outbox.idle()

    async def ask(self, text: str, **where: str) -> None:
        """Type a command and wait until all that comes of it has come."""
        delivery = await self.slack.command(text, **where)
        assert delivery.ok, delivery.error
        await self.idle()

    async def press(self, ts: str, label: str, **how: Any) -> None:
        """Press a button and wait until all that comes of it has come."""
        delivery = await self.slack.press(ts, label, **how)
        assert delivery.ok, delivery.error
        await self.idle()


@asynccontextmanager
async def house(
    *faults: str,
    slack: MiniSlack | None = None,
    socket_mode: bool = False,
    targets: Iterable[str] = ("staging",),
    timeouts: Timeouts = QUICK,
    pace: Pace = FAST,
    patience: Patience | None = None,
    page_of: PageOf = no_page,
    allowed: Iterable[str] = (),
    database: str = "",
    changed: Callable[[Deps], Deps] = lambda deps: deps,
) -> AsyncIterator[House]:
    """Yield the bot against a simulated staging with `faults`, and a small Slack.

    Workspaces that are `allowed` install it by OAuth; without any it has the token of one.
    """
    async with AsyncExitStack() as stack:
        staging = await stack.enter_async_context(Staging(faults))
        if slack is None or not slack.port:
            slack = await stack.enter_async_context(slack or MiniSlack())
        folder = Path(stack.enter_context(TemporaryDirectory()))
        staging.write_config(folder / "stagecheck.yaml")
        settings = load(folder / "stagecheck.yaml", env={})
        target = replace(settings.targets["staging"], timeouts=timeouts, experiments=NO_EXPERIMENTS)
        store = await Store.open(database or settings.database)
        stack.push_async_callback(store.close)
        masker = Masker(settings.secrets, pepper=await store.pepper())
        oauth = oauth_of(slack, allowed) if allowed else None
        connected = connect(credentials(slack, oauth=oauth), store=store, masker=masker)
        stack.push_async_callback(connected.close)
        client = connected.client
        metrics, urls, engine = Metrics(), ResponseUrls(), LocalEngine()
        outbox = Outbox(client, masker=masker, metrics=metrics, pace=pace)
        stack.push_async_callback(outbox.close, deadline_s=5.0)
        network = await stack.enter_async_context(Network())
        # What runs may finish before the network it needs is closed.
        stack.push_async_callback(engine.close, deadline_s=5.0)
        deps = changed(
            Deps(
                settings=settings,
                targets=_named(target, targets),
                store=store,
                network=network,
                masker=masker,
                engine=engine,
                notifier=SlackNotifier(outbox, store=store, urls=urls, page_of=page_of),
                metrics=metrics,
                clock=lambda: datetime.now(UTC),
                members=Groups(outbox.ask).members,
                page_of=page_of,
            )
        )
        if isinstance(deps.engine, LocalEngine) and deps.engine is not engine:
            engine = deps.engine
            stack.push_async_callback(engine.close, deadline_s=5.0)
        engine.register(workflows(deps), give_up=partial(end_given_up, deps))
        listeners = Listeners(
            deps, outbox=outbox, urls=urls, files=Files(client, outbox.ask, metrics=metrics)
        )
        stack.push_async_callback(listeners.close, deadline_s=5.0)
        home = Home(deps, outbox)
        stack.push_async_callback(home.close, deadline_s=5.0)
        bolt = build_bolt(credentials(slack), await connected.identity(), listeners, home)
        link = None
        if socket_mode:
            link = SocketLink(bolt, client, app_token=slack.app_token, patience=patience)
            stack.push_async_callback(link.close)
            await link.open()
        app = build_web(
            checks={"store": store.check, **({"slack": link.check} if link else {})},
            metrics=metrics,
            deliver=None if socket_mode else receiver(bolt),
            signing_secret=slack.signing_secret,
            pages=connected.pages,
        )
        server = WebServer(app, host="127.0.0.1", port=0)
        url = await server.start()
        stack.push_async_callback(server.stop)
        slack.request_url = f"{url}/slack/events"
        yield House(
            slack=slack,
            staging=staging,
            deps=deps,
            engine=engine,
            outbox=outbox,
            listeners=listeners,
            home=home,
            url=url,
            link=link,
            connected=connected,
        )


def oauth_of(slack: MiniSlack, allowed: Iterable[str]) -> OAuthCredentials:
    accounts = slack.api.accounts
    return OAuthCredentials(
        client_id=accounts.client_id,
        client_secret=accounts.client_secret,
        redirect_url="http://127.0.0.1:1/slack/oauth_redirect",
        workspaces=frozenset(allowed),
    )


def credentials(
    slack: MiniSlack, *, socket_mode: bool = False, oauth: OAuthCredentials | None = None
) -> SlackCredentials:
    return SlackCredentials(
        bot_token="" if oauth else slack.bot_token,
        oauth=oauth,
        signing_secret=slack.signing_secret,
        app_token=slack.app_token if socket_mode else "",
        api_url=slack.api_url,
    )


@asynccontextmanager
async def client_of(slack: MiniSlack) -> AsyncIterator[AsyncWebClient]:
    client = open_client(credentials(slack))
    try:
        yield client
    finally:
        await close_client(client)


@asynccontextmanager
async def outbox_of(
    slack: MiniSlack,
    *,
    pace: Pace = FAST,
    masker: Masker | None = None,
    metrics: Metrics | None = None,
) -> AsyncIterator[Outbox]:
    async with client_of(slack) as client:
        masker = masker or Masker(pepper=b"pepper")
        outbox = Outbox(client, masker=masker, metrics=metrics or Metrics(), pace=pace)
        try:
            yield outbox
        finally:
            await outbox.close(deadline_s=5.0)


def channel_id(slack: MiniSlack, name: str = "staging") -> str:
    return slack.workspace.channel(name).id


def plain(text: str) -> Message:
    section = {"type": "section", "text": {"type": "plain_text", "text": text}}
    return Message(text=text, blocks=(section,))


def said(blocks: Any) -> str:
    """Everything a person can read in blocks, as one string."""
    if isinstance(blocks, dict):
        here = [value for key, value in blocks.items() if key in ("text", "title")]
        inner = [said(value) for value in blocks.values() if not isinstance(value, str)]
        return " ".join(filter(None, [*(text for text in here if isinstance(text, str)), *inner]))
    if isinstance(blocks, list | tuple):
        return " ".join(filter(None, map(said, blocks)))
    return ""


def _named(target: Target, names: Iterable[str]) -> dict[str, Target]:
    return {name: replace(target, name=name) for name in names}
