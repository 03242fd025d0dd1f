"""How things look on a terminal: colours that respect NO_COLOR, and the card a run ends with.

Only the look is decided here. Texts come from the report and are printed letter by letter: rich
is never given markup, so that nothing a target sent can colour, link or steer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.model import Status
from bot.report import Report, render_text, seconds
from bot.report.text import brief_lines
from bot.report.visible import clip, whole_sentences
from bot.report.words import typed

MARKS: Mapping[Status, tuple[str, str]] = MappingProxyType(
    {
        Status.PASSED: ("✓", "green"),
        Status.DEGRADED: ("!", "yellow"),
        Status.FAILED: ("✗", "red"),
        Status.ERRORED: ("?", "magenta"),
        Status.SKIPPED: ("-", "dim"),
    }
)
MOST_LINE = 320
WIDEST = 100
# A word of a column of its own, which the same word in a sentence is not.
_STATUS = re.compile(rf"(?<=  )({'|'.join(MARKS)})(?=\s{{2}}|,|$)")
_RULE = re.compile(r"-{3,}")
_LABEL = re.compile(r"  (Verdict|Proof|Cause|Also|Line|Changed|Next)\b")
_FRAME = re.compile(r"  +\d+\.\d{3} \S+ +([><·]) ")
_FRAMES = {">": "cyan", "<": "", "·": "dim"}


def show_report(console: Console, report: Report) -> None:
    """Print the whole report and, because a terminal shows the end, the card below it."""
    lines = render_text(report, columns=console.width).rstrip("\n").split("\n")
    while lines and lines[-1]:  # its last paragraph is the headline again, which the card has
        lines.pop()
    while lines and not lines[-1]:
        lines.pop()
    for line in coloured(lines, report.status):
        console.print(line, soft_wrap=True)
    show_card(console, report)


def show_brief(console: Console, report: Report) -> None:
    """Print why it is so and what to do, and the card with the answer below it."""
    for line in coloured(["", *brief_lines(report, columns=console.width)], report.status):
        console.print(line, soft_wrap=True)
    console.print(Text("The whole report: the same with --format text", style="dim"))
    show_card(console, report)


def coloured(lines: Sequence[str], status: Status) -> Iterator[Text]:
    """Yield the lines of a text report with their colours; the letters stay as they are."""
    title = ""
    for number, line in enumerate(lines):
        text = Text(line)
        following = lines[number + 1] if number + 1 < len(lines) else ""
        if number == 0 and line:
            text.stylize(f"bold {MARKS[status][1]}")
        elif line and _RULE.fullmatch(following) and len(following) == len(line):
            title = line
            text.stylize("bold")
        elif _RULE.fullmatch(line):
            text.stylize("dim")
        elif not title and (label := _LABEL.match(line)):
            text.stylize("bold", label.start(1), label.end(1))
        elif title == "Summary":
            for word in _STATUS.finditer(line):
                text.stylize(MARKS[Status(word[1])][1], *word.span())
        elif frame := _FRAME.match(line):
            text.stylize(_FRAMES[frame[1]])
        elif line.lstrip().startswith("$ stagecheck"):
            text.stylize("bold cyan")
        yield text


def show_card(console: Console, report: Report) -> None:
    """Print what a person needs of a run, in a box of its status's colour."""
    mark, style = MARKS[report.status]
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for line in report.answer:
        grid.add_row(line.label, Text(whole_sentences(line.text, MOST_LINE)))
    commands = (typed(step.command, slack=False) for step in report.next_steps if step.command)
    # What is typed in Slack only is of no use here.
    if command := next((one for one in commands if not one.startswith("/")), ""):
        grid.add_row("Try", Text(f"$ {clip(command)}", style="cyan"))
    took = f"took {seconds(report.duration_s)}" if report.executed else "read, not executed"
    panel = Panel(
        grid,
        title=Text(f" {mark} {clip(report.headline, 120)} ", style=f"bold {style}"),
        title_align="left",
        subtitle=Text(f" {clip(report.run_id, 40)} · {took} ", style="dim"),
        subtitle_align="right",
        border_style=style,
        width=min(console.width, WIDEST),
    )
    console.print()
    console.print(panel)
