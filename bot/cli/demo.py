"""`stagecheck demo`: the whole product on loopback, driven through a mini Slack."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator, Sequence

import typer

from bot.cli.house import CHANNELS, USERS, House, open_house
from bot.cli.stopping import stopping
from bot.durable import run
from bot.errors import StagecheckError
from bot.sandbox import FAULTS

CHANNEL = CHANNELS[0]
USER = USERS[0]
MOST_BUTTONS = 6  # the newest; older ones stay reachable by their number

MOST_TYPED = 3_000  # what Slack's field for text holds; more is attached as a file
PASTE = "Paste the log, and end it with a line that is only a dot. A dot alone closes the form."

WELCOME = """\
stagecheck demo: a simulated staging, a mini Slack and
the bot. Nothing leaves this machine.

Open this page in a browser, and follow its steps:

  {url}

Or stay here, and type:
  /stagecheck staging    ask whether staging works
  /stagecheck help       what else can be asked
  /stagecheck explain    paste a log to have it explained
  3                      press button 3
  break seed             break staging (names: faults)
  fix seed               mend it
  faults                 all the ways to break it
  quit                   or Ctrl-D
"""


def demo(*, port: int, faults: Sequence[str], say: Sequence[str], leave: bool) -> int:
    """Run the demo; return the exit code."""
    return run(_demo(port, faults, say, leave))


async def _demo(port: int, faults: Sequence[str], say: Sequence[str], leave: bool) -> int:
    async with open_house(port, faults, unhurried=not leave, watches=not leave) as house:
        visit = Visit(house)
        if not leave:
            typer.echo(WELCOME.format(url=house.slack.workspace.base_url))
        for line in say:
            await visit.type(line)
        if leave:
            typer.echo(house.slack.transcript(CHANNEL))
        else:
            visit.show()
            await _stay(visit)
    return 0


async def _stay(visit: "Visit") -> None:
    """Converse until the visitor quits or the process is told to stop.

    Without anybody at standard input the demo stays, for those who use its page.
    """
    with stopping() as stop:
        told = asyncio.create_task(stop.wait())
        talk = asyncio.create_task(visit.converse())
        await asyncio.wait((told, talk), return_when=asyncio.FIRST_COMPLETED)
        if talk.done() and not talk.result():
            await told
        for task in (told, talk):
            task.cancel()
        await asyncio.gather(told, talk, return_exceptions=True)


class Visit:
    """What a visitor does in the demo from a terminal, and is shown of it."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.slack = house.slack
        self._shown: dict[str, str] = {}
        self._pasted: list[str] = []

    async def type(self, line: str) -> None:
        """Type `line` in the channel and wait until the bot has answered all of it."""
        await self.slack.command(line, user=USER, channel=CHANNEL)
        await self.house.idle()

    async def converse(self) -> bool:
        """Take lines from standard input until it ends; tell whether anybody was there."""
        is_anybody_there = sys.stdin.isatty()
        async for line in _lines():
            is_anybody_there = True
            if self.slack.modal(USER) is not None:
                await self._paste(line)
                continue
            words = line.split()
            match words:
                case []:
                    continue
                case ["quit" | "exit" | "q"]:
                    return True
                case ["faults"]:
                    _list_faults()
                    continue
                case ["break" | "fix" as what, *names]:
                    await self._set_faults(what, names)
                    continue
                case [number] if number.isdecimal():
                    await self._press(int(number))
                case _:
                    await self.type(line if line.startswith("/") else f"/stagecheck {line}")
            self.show()
        return is_anybody_there

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
        await self.house.idle()
        self.show()

    async def _press(self, number: int) -> None:
        buttons = self.slack.numbered_buttons(CHANNEL)
        if not 1 <= number <= len(buttons):
            typer.echo(f"There is no button {number}.")
            return
        button = buttons[number - 1]
        await self.slack.press(button.message_ts, button.action_id, user=USER)
        await self.house.idle()

    async def _set_faults(self, what: str, names: Sequence[str]) -> None:
        unknown = [name for name in names if name not in FAULTS]
        if unknown or not names:
            wrong = f"There is no fault {unknown[0]}. " if unknown else ""
            typer.echo(f"{wrong}Name faults that `faults` lists, such as: break seed")
            return
        kept = [name for name in self.house.staging.faults if name not in names]
        try:
            await self.house.set_faults(kept + (list(names) if what == "break" else []))
        except StagecheckError as error:
            typer.echo(" ".join(filter(None, (error.message, error.hint))))
        typer.echo(f"Staging's faults now: {', '.join(self.house.staging.faults) or 'none'}")


def _list_faults() -> None:
    for name, fault in FAULTS.items():
        typer.echo(f"  {name}: {fault.summary}")


async def _lines() -> AsyncIterator[str]:
    """Yield the lines of standard input, read in a thread that dies with the process."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        # Bytes, because what is piped in need not be text; and without a buffer, whose lock a
        # thread that still waits would hold when Python ends, which Python does not survive.
        with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as stdin:
            for line in stdin:
                loop.call_soon_threadsafe(lines.put_nowait, line.decode(errors="replace"))
        loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, daemon=True, name="stdin").start()
    while True:
        typer.echo("> ", nl=False)
        line = await lines.get()
        if line is None:
            return
        yield line.strip()
