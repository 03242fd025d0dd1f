"""`stagecheck demo`: the whole product on loopback, driven through a mini Slack."""

import asyncio
import sys
import tempfile
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import typer
import yaml

from bot.app import Bot, open_bot
from bot.config import load
from bot.durable import run
from bot.sandbox import FAULTS, MiniSlack, Staging

CHANNEL = "staging"
USER = "ada"
MOST_BUTTONS = 6  # the newest; older ones stay reachable by their number

MOST_TYPED = 3_000  # what Slack's field for text holds; more is attached as a file
PASTE = "Paste the log, and end it with a line that is only a dot. A dot alone closes the form."

WELCOME = """\
stagecheck demo: a simulated staging, a mini Slack and the bot. Nothing leaves this machine.

Type a slash command or press a button by its number:
  /stagecheck staging     ask whether staging works
  /stagecheck help        what else can be asked
  /stagecheck explain     paste a log and have it explained
  3                       press button 3
  break seed, fix seed    break staging in a way `stagecheck faults` lists, or mend it
  quit                    or Ctrl-D
"""


def demo(*, port: int, faults: Sequence[str], say: Sequence[str], leave: bool) -> int:
    """Run the demo; return the exit code."""
    return run(_demo(port, faults, say, leave))


async def _demo(port: int, faults: Sequence[str], say: Sequence[str], leave: bool) -> int:
    async with _house(port, faults) as house:
        if not leave:
            typer.echo(WELCOME)
        for line in say:
            await house.type(line)
        if leave:
            typer.echo(house.slack.transcript(CHANNEL))
        else:
            house.show()
            await house.converse()
    return 0


class House:
    """The parts of the demo, and what a visitor can do with them."""

    def __init__(self, staging: Staging, slack: MiniSlack, bot: Bot) -> None:
        self.staging = staging
        self.slack = slack
        self._bot = bot
        self._shown: dict[str, str] = {}
        self._pasted: list[str] = []

    async def type(self, line: str) -> None:
        """Type `line` in the channel and wait until the bot has answered all of it."""
        await self.slack.command(line, user=USER, channel=CHANNEL)
        await self._bot.idle()

    async def converse(self) -> None:
        """Take lines from standard input until it ends."""
        async for line in _lines():
            if self.slack.modal(USER) is not None:
                await self._paste(line)
                continue
            words = line.split()
            match words:
                case []:
                    continue
                case ["quit" | "exit" | "q"]:
                    return
                case ["break" | "fix" as what, *names]:
                    self._set_faults(what, names)
                    continue
                case [number] if number.isdecimal():
                    await self._press(int(number))
                case _:
                    await self.type(line if line.startswith("/") else f"/stagecheck {line}")
            self.show()

    def show(self) -> None:
        """Print what is new or different in the channel since it was last shown."""
        threads = self.slack.threads(CHANNEL)
        for ts, text in threads.items():
            if self._shown.get(ts) != text:
                typer.echo(f"\n{text}", nl=False)
        self._shown = threads
        if buttons := self.slack.numbered_buttons(CHANNEL)[:MOST_BUTTONS]:
            typer.echo("")
        for button in buttons:
            typer.echo(f"  {button.number:>2}  [{button.label}]")
        if form := self.slack.modal_text(USER):
            typer.echo(f"\n{form}\n{PASTE}")

    async def _paste(self, line: str) -> None:
        """Take one more line for the form that is open; a dot alone sends it."""
        if line != ".":
            self._pasted.append(line)
            return
        text, self._pasted = "\n".join(self._pasted), []
        if not text.strip():
            await self.slack.close(user=USER)
            typer.echo("The form was closed; nothing was sent.")
            return
        fits = len(text) <= MOST_TYPED
        file = [] if fits else [self.slack.attach("pasted.log", text.encode(), user=USER)]
        await self.slack.submit({"log": text if fits else "", "file": file}, user=USER)
        await self._bot.idle()
        self.show()

    async def _press(self, number: int) -> None:
        buttons = self.slack.numbered_buttons(CHANNEL)
        if not 1 <= number <= len(buttons):
            typer.echo(f"There is no button {number}.")
            return
        button = buttons[number - 1]
        await self.slack.press(button.message_ts, button.action_id, user=USER)
        await self._bot.idle()

    def _set_faults(self, what: str, names: Sequence[str]) -> None:
        unknown = [name for name in names if name not in FAULTS]
        if unknown or not names:
            typer.echo("Name faults that `stagecheck faults` lists, such as: break seed")
            return
        kept = [name for name in self.staging.faults if name not in names]
        self.staging.faults = tuple(kept + (list(names) if what == "break" else []))
        typer.echo(f"Staging's faults now: {', '.join(self.staging.faults) or 'none'}")


@asynccontextmanager
async def _house(port: int, faults: Sequence[str]) -> AsyncIterator[House]:
    with tempfile.TemporaryDirectory(prefix="stagecheck-demo-") as folder:
        async with Staging(faults) as staging, MiniSlack(port=port) as slack:
            config = Path(folder) / "stagecheck.yaml"
            staging.write_config(config)
            _add_slack(config, slack)
            async with open_bot(load(config, env={})) as bot:
                slack.request_url = f"{bot.url}/slack/events"
                yield House(staging, slack, bot)


def _add_slack(config: Path, slack: MiniSlack) -> None:
    """Point the simulator's configuration at the mini Slack, with its secrets in files."""
    document = yaml.safe_load(config.read_text())
    references = {}
    for name, value in (("bot_token", slack.bot_token), ("signing_secret", slack.signing_secret)):
        secret = config.parent / name
        secret.touch(mode=0o600)
        secret.write_text(value)
        references[name] = f"${{file:{secret}}}"
    document["slack"] = {**references, "api_url": slack.api_url}
    document["server"] = {"port": 0}
    document["log"] = {"level": "warning"}  # the channel is what there is to read
    config.write_text(yaml.safe_dump(document, sort_keys=False))


async def _lines() -> AsyncIterator[str]:
    """Yield the lines of standard input, read in a thread that dies with the process."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        # Bytes, because what is piped in need not be text.
        for line in sys.stdin.buffer:
            loop.call_soon_threadsafe(lines.put_nowait, line.decode(errors="replace"))
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True, name="stdin").start()
    while True:
        typer.echo("> ", nl=False)
        line = await lines.get()
        if line is None:
            return
        yield line.strip()
