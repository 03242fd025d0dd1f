"""The terminal as a notifier: live progress on stderr, the report on stdout or in a file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from types import TracebackType

from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bot.cli.looks import MARKS
from bot.model import CheckRequest, Place, Posting, Progress, Status, StepProgress
from bot.report import Report, seconds


class Terminal:
    """Shows one run. Without a terminal on stderr nothing is shown while it runs."""

    def __init__(self, deliver: Callable[[Report], None]) -> None:
        self._deliver = deliver
        console = Console(stderr=True)
        self._steps = Steps()
        self._live: Live | None = None
        if _is_live(console):
            self._live = Live(self._steps, console=console, transient=True)

    def __enter__(self) -> "Terminal":
        if self._live:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    async def announce(self, request: CheckRequest, progress: Progress) -> Posting:
        posting = Posting(channel="terminal", ts=request.run_id, thread=request.run_id)
        self.progress(posting, progress)
        return posting

    def progress(self, posting: Posting, progress: Progress) -> None:
        self._steps.progress = progress

    async def hush(self, posting: Posting) -> None:
        self._stop()

    async def report(self, posting: Posting, report: Report) -> None:
        self._stop()
        self._deliver(report)

    async def conclude(self, posting: Posting, report: Report) -> None:
        self._stop()

    async def answer(self, place: Place, report: Report) -> Posting:
        self._stop()
        self._deliver(report)
        return Posting(channel="terminal", ts=report.run_id, thread=report.run_id)

    def _stop(self) -> None:
        if self._live:
            self._live.stop()


class Steps:
    """What is shown while a run is under way; drawn anew several times a second."""

    def __init__(self) -> None:
        self.progress: Progress | None = None
        self._began = monotonic()
        self._spinner = Spinner("dots", style="cyan")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.progress is None:
            return
        progress = self.progress
        done = sum(step.status is not None for step in progress.steps)
        took = seconds(monotonic() - self._began)
        counted = f"{done} of {len(progress.steps)} steps, {took}"
        table = Table.grid(padding=(0, 1))
        table.add_row("", Text(f"Checking {progress.target}", style="bold"), Text(counted, "dim"))
        for step in progress.steps:
            title = Text(step.title, style="" if step.status or self._is_now(step) else "dim")
            table.add_row(self._mark(step), title, Text(step.detail, style="dim"))
        broken = any(step.status in (Status.FAILED, Status.ERRORED) for step in progress.steps)
        if broken and done == len(progress.steps):
            table.add_row(self._spinner, Text("Telling causes apart", style="bold"), "")
        yield table

    def _is_now(self, step: StepProgress) -> bool:
        return self.progress is not None and step.name == self.progress.current

    def _mark(self, step: StepProgress) -> Text | Spinner:
        if step.status is None:
            return self._spinner if self._is_now(step) else Text("·", style="dim")
        mark, style = MARKS[step.status]
        return Text(mark, style=style)


@contextmanager
def saying(words: str) -> Iterator[Callable[[str], None]]:
    """Show on stderr, if that is a terminal, what is being done; yield what changes it."""
    console = Console(stderr=True)
    if not _is_live(console):
        yield lambda _: None
        return
    with console.status(Text(words)) as status:
        yield lambda next_words: status.update(Text(next_words))


def _is_live(console: Console) -> bool:
    return console.is_terminal and not console.is_dumb_terminal
