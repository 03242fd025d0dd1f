"""A `stagecheck serve` that is killed at an exact moment, and started again."""

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp
import yaml
from aiohttp import web

from bot.sandbox import MiniSlack, Staging
from tests.forks import Forks, Life
from tests.invariants import is_over, part_of

ROOT = Path(__file__).parent.parent
PATIENCE_S = 60.0

Values = Mapping[str, Any]

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A call of Slack's Web API: `before` Slack hears of it, or `after` it did as it was told."""

    when: str
    method: str
    """``*`` is any."""
    matches: Callable[[Values], bool] = lambda values: True
    skip: int = 0
    """How many such calls go by before."""
    answered: bool = False
    """Whether the call is passed on and answered all the same."""


@dataclass(slots=True)
class Wire:
    """Stands between the bot and the small Slack, passes everything on, and cuts in at a moment."""

    slack: MiniSlack
    moment: Moment | None = None
    cut: Callable[[], None] = lambda: None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""
    _session: aiohttp.ClientSession | None = None

    async def _pass_on(self, request: web.Request) -> web.Response:
        assert self._session is not None
        body = await request.read()
        method = request.match_info["method"]
        values = json.loads(body) if request.content_type == "application/json" else {}
        self._cut_in("before", method, values)
        try:
            async with self._session.request(
                request.method,
                f"{self.slack.workspace.base_url}{request.path_qs}",
                data=body,
                headers=_only(request.headers, "Authorization", "Content-Type"),
            ) as answer:
                content = await answer.read()
        except aiohttp.ClientError:
            # What happens to a connection there happens to the one here.
            assert request.transport is not None
            request.transport.abort()
            raise web.HTTPServiceUnavailable from None
        self._cut_in("after", method, values)
        return web.Response(
            body=content,
            status=answer.status,
            headers=_only(answer.headers, "Content-Type", "Retry-After", "X-OAuth-Scopes"),
        )

    def _cut_in(self, when: str, method: str, values: Values) -> None:
        moment = self.moment
        if moment is None or moment.when != when or moment.method not in ("*", method):
            return
        if not moment.matches(values):
            return
        if moment.skip:
            self.moment = replace(moment, skip=moment.skip - 1)
            return
        self.moment = None
        self.cut()
        self.reached.set()
        if not moment.answered:
            raise web.HTTPServiceUnavailable


def _only(headers: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: headers[name] for name in names if name in headers}


@asynccontextmanager
async def wire(slack: MiniSlack) -> AsyncIterator[Wire]:
    line = Wire(slack)
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_route("*", "/api/{method}", line._pass_on)
    # A caller that was killed waits for no answer any more.
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5, handler_cancellation=True)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    line.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/"
    async with aiohttp.ClientSession() as session:
        line._session = session
        try:
            yield line
        finally:
            await runner.cleanup()


class Bot:
    """The process, in as many lives as it takes."""

    def __init__(self, config: Path, slack: MiniSlack, forks: Forks | None = None) -> None:
        self.config = config
        self.slack = slack
        self.command = "serve"
        self.module = "bot"
        self.asked_at: list[float] = []
        self._forks = forks
        self._process: asyncio.subprocess.Process | Life | None = None
        self._lives = 0

    async def begin(
        self, command: str = "serve", *options: str, env: Mapping[str, str] = _NOTHING
    ) -> None:
        """Start the process."""
        self.command = command
        self._lives += 1
        arguments = (command, "--config", str(self.config), *options)
        if self._forks is not None:
            assert not env, "What is forked has the environment of all."
            self._log.touch()
            self._process = await self._forks.begin(arguments, log=self._log)
            return
        with self._log.open("wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self.module, *arguments),
                cwd=ROOT,
                env={**os.environ, **env},
                stderr=log,
            )

    async def start(
        self, command: str = "serve", *options: str, env: Mapping[str, str] = _NOTHING
    ) -> str:
        """Start the process, wait until it can be asked, and return its address."""
        await self.begin(command, *options, env=env)
        assert self._process is not None
        async with asyncio.timeout(PATIENCE_S):
            while not self.address:
                assert self.is_alive, self.log
                await asyncio.sleep(0.02)
        self.slack.request_url = f"{self.address}/slack/events"
        return self.address

    async def ask(self, line: str = "/stagecheck staging") -> bool:
        """Type a command; say whether it was acknowledged."""
        delivery = await self.slack.command(line)
        if delivery.ok:
            self.asked_at.append(time.time())
        return delivery.ok

    def kill(self) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()

    @property
    def is_alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    @property
    def address(self) -> str:
        """Where it listens; nothing before it does."""
        found = re.search(r'"url": "(http://[^"]+)"', self.log)
        return found[1] if found else ""

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def term(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)

    async def ended(self) -> int:
        assert self._process is not None
        async with asyncio.timeout(PATIENCE_S):
            return await self._process.wait()

    async def stop(self) -> int:
        """Tell the process to stop, and return its exit code."""
        self.term()
        return await self.ended()

    async def all_told(self, runs: int = 1) -> None:
        """Return once `runs` runs were announced and have their outcomes."""

        def told() -> bool:
            parents = [one for one in self.slack.messages() if part_of(one) == "announcement"]
            return sum(is_over(parent) for parent in parents) >= runs

        await self.slack.until(told, timeout_s=PATIENCE_S)

    @property
    def log(self) -> str:
        """What the present life wrote to stderr."""
        return self._log.read_text()

    @property
    def _log(self) -> Path:
        return self.config.with_suffix(f".{self._lives}.log")


async def until(condition: Callable[[], object]) -> None:
    """Return once `condition` holds; it is looked at often."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def bot_of(
    folder: Path,
    staging: Staging,
    slack: MiniSlack,
    *,
    api_url: str = "",
    targets: Sequence[str] = ("staging",),
    database: str = "",
    log: Mapping[str, str] = _NOTHING,
    forks: Forks | None = None,
) -> AsyncIterator[Bot]:
    """Yield a bot that is not started yet; it does not outlive the test.

    With `forks` its lives begin there, and sooner.
    """
    config = folder / "stagecheck.yaml"
    staging.write_config(config)
    document = yaml.safe_load(config.read_text())
    for name, value in (("bot_token", slack.bot_token), ("signing_secret", slack.signing_secret)):
        (folder / name).write_text(value)
        (folder / name).chmod(0o600)
    document["slack"] = {
        "bot_token": f"${{file:{folder / 'bot_token'}}}",
        "signing_secret": f"${{file:{folder / 'signing_secret'}}}",
        "api_url": api_url or slack.api_url,
    }
    # Whoever knows the one may know the other here.
    document["server"] = {"port": 0, "token": document["slack"]["signing_secret"]}
    # What experiments find is the business of other tests.
    target = document["targets"]["staging"] | {
        "experiments": {"enabled": False},
        "timeouts": {"step_s": 5, "gap_s": 3, "total_s": 10},
    }
    document["targets"] = dict.fromkeys(targets, target)
    if database:
        document["database"] = database
    document["log"] = dict(log)
    config.write_text(yaml.safe_dump(document))
    # How soon a command is acknowledged on a machine that is busy, the benches measure.
    slack.courier.ack_s = PATIENCE_S
    bot = Bot(config, slack, forks)
    try:
        yield bot
    finally:
        if bot._process is not None:
            bot.kill()
            await bot.ended()
