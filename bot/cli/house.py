"""The parts of the demo under one roof: a simulated staging, a mini Slack, and the bot."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from bot.alerting import Watch
from bot.app import Bot, open_bot
from bot.commands import COMMANDS
from bot.config import load
from bot.deps import Deps
from bot.errors import StagecheckError, UsageError
from bot.rounds import rounds
from bot.sandbox import FAULTS, Behaviour, MiniSlack, Staging, expected
from bot.sandbox.slack import Completion, Hints, Shortcut
from bot.scheduler import SOON, next_run, upcoming
from bot.slack import COMMAND, OPEN_INCIDENT, SHORTCUT
from bot.workflows import policy_of

CHANNELS = ("staging", "general")
USERS = ("ada", "grace", "barbara")
TARGET = "staging"

UNHURRIED = Behaviour(
    slow={"health": True, "exchange": True, "upgrade": True, "welcome": True},
    pause_s=0.7,
    event_gap_s=0.3,
)

# As the manifest names them; a test compares.
SHORTCUTS = (
    Shortcut(callback_id=SHORTCUT, name="Explain this failure"),
    Shortcut(callback_id=OPEN_INCIDENT, name="Open an incident"),
)

# What a visitor is offered first, in a word or two: each looks different in the thread.
PICKS = {
    "seed": "Two faults at once",
    "bypass-key-mismatch": "Our key was rotated",
    "clock-ahead-main-mode": "A clock is wrong",
    "auth-service-down": "The auth service is down",
    "demo-mode": "Everybody is let in",
    "backend-hangs": "The backend hangs",
    "agent-database": "The agent's database is down",
    "bypass-key-trailing-newline": "A newline too many in our key",
}


class House:
    """Everything that runs in the demo. Faults can be set at any time.

    What a fault changes at the client is in the bot's settings: then the bot is closed and opened
    again with new ones, on the same database, as a deployment would do it.
    """

    def __init__(self, staging: Staging, slack: MiniSlack, folder: Path, *, watches: bool) -> None:
        """With `watches`, the bot checks by itself every minute, and alerts the channel."""
        self.staging = staging
        self.slack = slack
        self._config = folder / "stagecheck.yaml"
        # Looked at apart: the bot takes up changes of its own file while it runs.
        self._draft = folder / "draft.yaml"
        self._watches = watches
        self._bot: Bot | None = None
        self._checks: Mapping[str, float] | None = None
        self._open = asyncio.Event()
        self._orders: asyncio.Queue[asyncio.Future[None] | None] = asyncio.Queue()
        self._setting = asyncio.Lock()

    async def idle(self) -> None:
        """Return once the bot has answered everything that it was asked."""
        await self.ready()
        if self._bot is not None:
            await self._bot.idle()

    async def ready(self) -> None:
        """Return once the bot can be asked."""
        await self._open.wait()

    def offered(self) -> Mapping[str, Any]:
        """What the page's side panel shows: every fault, and the ones to begin with."""
        faults = [
            {
                "name": fault.name,
                "title": PICKS.get(fault.name, ""),
                "summary": fault.summary,
                "group": fault.area,
                "effect": fault.status,
            }
            for fault in FAULTS.values()
        ]
        return {"title": "Simulated staging", "picks": list(PICKS), "faults": faults}

    def state(self) -> Mapping[str, Any]:
        """Which faults are there, what they come to, and when staging is checked by itself."""
        names = self.staging.faults
        return {
            "faults": list(names),
            "effect": expected(names).status,
            "busy": not self._open.is_set(),
            "checks": self._checks,
        }

    async def change(self, wanted: Mapping[str, Any]) -> None:
        """Set the faults that the page asks for."""
        names = wanted.get("faults")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise UsageError("Faults are set as a list of names.")
        await self.set_faults(names)

    async def set_faults(self, names: Sequence[str]) -> None:
        """Have exactly these faults; UsageError, and no change, if they cannot be combined."""
        async with self._setting:
            before, settings = self.staging.faults, self._settings()
            self.staging.faults = tuple(names)
            if self._settings() == settings:
                self.slack.workspace.touch()
                return
            try:
                await self._again()
            except StagecheckError:
                self.staging.faults = before
                await self._again()
                raise

    async def _again(self) -> None:
        """Close the bot, and open it with the settings of now."""
        self._open.clear()
        self.slack.workspace.touch()
        answer = asyncio.get_running_loop().create_future()
        self._orders.put_nowait(answer)
        await answer

    def _settings(self) -> tuple[str, Mapping[str, str]]:
        self.staging.write_config(self._draft)
        return self._draft.read_text(), self.staging.secrets

    async def keep(self, opened: "asyncio.Future[None]") -> None:
        """Keep a bot open until `leave`; `opened` learns how opening the first one went."""
        answer: asyncio.Future[None] | None = opened
        while answer is not None:
            self.staging.write_config(self._config)
            _complete(self._config, self.slack, watches=self._watches)
            try:
                async with open_bot(load(self._config, env={})) as bot:
                    self.slack.request_url = f"{bot.url}/slack/events"
                    self._bot = bot
                    self._open.set()
                    self.slack.workspace.touch()
                    answer.set_result(None)
                    async with rounds(self._look, every_s=1.0, name="panel"):
                        answer = await self._orders.get()
            except StagecheckError as error:
                if answer is None or answer.done():
                    raise
                answer.set_exception(error)
                answer = await self._orders.get()
            finally:
                self._bot = None

    async def _look(self) -> None:
        """Have the page told when the bot checks by itself next, whenever that changes."""
        bot = self._bot
        if bot is None:
            return
        checks = await _checks(bot.deps)
        if checks != self._checks:
            self._checks = checks
            self.slack.workspace.touch()

    def leave(self) -> None:
        """Have `keep` close the bot and end."""
        self._orders.put_nowait(None)


@asynccontextmanager
async def open_house(
    port: int, faults: Sequence[str], *, unhurried: bool = False, watches: bool = False
) -> AsyncIterator[House]:
    """Yield the demo, everything in it running; `port` is the mini Slack's, 0 for a free one.

    When it is `unhurried`, staging takes some seconds, as a real one does; a bot that `watches`
    checks it by itself.
    """
    behaviour = UNHURRIED if unhurried else None
    with tempfile.TemporaryDirectory(prefix="stagecheck-demo-") as folder:
        async with (
            Staging(faults, behaviour=behaviour) as staging,
            MiniSlack(port=port, channels=CHANNELS, users=USERS) as slack,
        ):
            house = House(staging, slack, Path(folder), watches=watches)
            slack.page.hints = Hints(completions=tuple(completions()), shortcuts=SHORTCUTS)
            slack.page.panel = house
            opened = asyncio.get_running_loop().create_future()
            keeping = asyncio.create_task(house.keep(opened))
            try:
                await asyncio.wait((opened, keeping), return_when=asyncio.FIRST_COMPLETED)
                if opened.done():
                    opened.result()
                    yield house
            finally:
                house.leave()
                await keeping


async def _checks(deps: Deps) -> Mapping[str, float] | None:
    """Return how often staging is checked by itself, and when next; None if it is not."""
    settings, now = deps.live, deps.clock()
    watches = {watch.target: watch for watch in await deps.store.alerts.watches()}
    at = upcoming(settings, watches.get(TARGET, Watch(target=TARGET)), now)
    schedule = next((one for one in settings.schedules if one.target == TARGET), None)
    if at is None or schedule is None:
        return None
    tick = next_run(schedule, now)
    return {
        "every_s": (next_run(schedule, tick) - tick).total_seconds(),
        "failing_every_s": schedule.failing_interval_s,
        "soon": SOON,
        "failures": policy_of(settings, deps.targets[TARGET]).failure_threshold,
        "next": at.timestamp(),
    }


def completions() -> Iterator[Completion]:
    """What the page's composer offers: the target, and every command as it may be written."""
    yield Completion(line=f"{COMMAND} {TARGET}", summary=COMMANDS["run"].summary)
    for name, command in COMMANDS.items():
        usage = command.syntax.takes
        yield Completion(line=f"{COMMAND} {name}", usage=usage, summary=command.summary)


def _server() -> dict[str, object]:
    """Return the settings of a server that messages link to: its port has to be known first."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    return {"port": port, "public_url": f"http://127.0.0.1:{port}"}


def _complete(config: Path, slack: MiniSlack, *, watches: bool) -> None:
    """Point the simulator's configuration at the mini Slack, with its secrets in files."""
    document = yaml.safe_load(config.read_text())
    references = {}
    for name, value in (("bot_token", slack.bot_token), ("signing_secret", slack.signing_secret)):
        secret = config.parent / name
        secret.touch(mode=0o600)
        secret.write_text(value)
        references[name] = f"${{file:{secret}}}"
    document["slack"] = {**references, "api_url": slack.api_url}
    document["server"] = _server()
    document["routes"] = [{"target": TARGET, "channel": CHANNELS[0]}]
    if watches:
        every_minute = {"target": TARGET, "cron": "* * * * *", "failing_interval_s": 15}
        document["schedules"] = [every_minute]
    document["log"] = {"level": "warning"}  # the channel is what there is to read
    config.write_text(yaml.safe_dump(document, sort_keys=False))
