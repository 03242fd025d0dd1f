"""The terminal as a notifier: live progress on stderr, the report on stdout or in a file."""

from collections.abc import Callable
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from bot.model import CheckRequest, Place, Posting, Progress, Status, StepProgress
from bot.report import Report

_MARKS = {
    Status.PASSED: ("✓", "green"),
    Status.DEGRADED: ("!", "yellow"),
    Status.FAILED: ("✗", "red"),
    Status.ERRORED: ("?", "magenta"),
    Status.SKIPPED: ("-", "dim"),
}


class Terminal:
    """Shows one run. Without a terminal on stderr nothing is shown while it runs."""

    def __init__(self, deliver: Callable[[Report], None]) -> None:
        self._deliver = deliver
        console = Console(stderr=True)
        self._live = Live(console=console, transient=True) if console.is_terminal else None

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
        if self._live:
            self._live.update(_steps(progress))

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


def _steps(progress: Progress) -> Table:
    table = Table.grid(padding=(0, 1))
    table.add_row("", Text(f"Checking {progress.target}", style="bold"), "")
    for step in progress.steps:
        table.add_row(_mark(step, progress.current), step.title, Text(step.detail, style="dim"))
    return table


def _mark(step: StepProgress, current: str) -> Text | Spinner:
    if step.status is None:
        return Spinner("dots") if step.name == current else Text("·", style="dim")
    mark, style = _MARKS[step.status]
    return Text(mark, style=style)
