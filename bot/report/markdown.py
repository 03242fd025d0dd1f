"""The report as Markdown, for issues, pull requests and CI summaries."""

import re
from collections.abc import Iterator

from bot.report.document import Report
from bot.report.parts import Fields, Item, Items, Paragraph, Part, Section, Table, Verbatim
from bot.report.sections import sections
from bot.report.visible import LONGEST_CELL, LONGEST_SENTENCE, clip, cut_lines
from bot.report.words import typed

# GitHub takes 65,536 characters in a comment; the transcript leaves room for the rest.
MOST_TRANSCRIPT = 24_000

# What can start markup anywhere in a line, HTML and tables included; `_` inside a word cannot.
_MARKUP = re.compile(r"[\\`*~<|$]|(?<![^\W_])_|_(?![^\W_])|](?=[(\[:])")
# What is markup only at the start of a line: headings, quotes, lists, rules, check boxes.
_LINE_START = re.compile(r"^(?:[-+=>#\[]|\d+(?=[.)](?:\s|$)))")
_MENTION = re.compile(r"(?<![^\W_])@\w[\w/-]*")


def render_markdown(report: Report) -> str:
    """Return the report as Markdown that ends with a newline."""
    lines = [f"# {escaped(report.headline)}", ""]
    lines += [f"- **{line.label}:** {escaped(line.text)}" for line in report.answer]
    for section in sections(report):
        lines += ["", *render_section(section)]
    return "\n".join(lines) + "\n"


def render_section(section: Section) -> Iterator[str]:
    """Yield the lines of one section."""
    yield f"## {section.title}"
    for part in section.parts:
        yield ""
        yield from _part(part)


def escaped(text: str, most: int = LONGEST_SENTENCE) -> str:
    """Return `text` as one line that Markdown shows letter by letter and that notifies nobody."""
    line = clip(text, most)
    shown, end = "", 0
    for mention in _MENTION.finditer(line):
        shown += _escaped(line[end : mention.start()]) + code(mention[0])
        end = mention.end()
    shown += _escaped(line[end:])
    if start := _LINE_START.match(shown):
        cut = start.end() if start[0].isdigit() else 0
        shown = f"{shown[:cut]}\\{shown[cut:]}"
    return shown


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda found: f"\\{found[0]}", text.replace("&", "&amp;"))


def _part(part: Part) -> Iterator[str]:
    match part:
        case Paragraph():
            label = f"**{escaped(part.label)}:** " if part.label else ""
            yield f"{label}{escaped(part.text)}".rstrip()
        case Fields():
            yield from (f"- {escaped(name)}: {escaped(value)}" for name, value in part.pairs)
        case Items():
            for number, item in enumerate(part.items, start=1):
                yield from _item(item, f"{number}. " if part.ordered else "- ")
        case Table():
            yield from _table(part)
        case Verbatim():
            most = MOST_TRANSCRIPT // (2 if part.minor else 1)
            lines = (
                cut_lines(part.lines, most, kept=part.kept)
                if part.exact
                else tuple(map(clip, part.lines))
            )
            yield from _fenced(lines)


def _item(item: Item, mark: str) -> Iterator[str]:
    indent = " " * len(mark)
    lines = [f"**{escaped(item.label)}**"] if item.label else []
    lines += [escaped(text) for text in (item.text, *item.notes) if text]
    lines += [escaped(f"Owner: {item.owner}")] if item.owner else []
    lines += [code(typed(item.command, slack=False))] if item.command else []
    for number, line in enumerate(lines, start=1):
        # A backslash at its end makes a line end where the next begins.
        yield f"{indent if number > 1 else mark}{line}" + ("\\" if number < len(lines) else "")
    for line in item.evidence:
        yield f"{indent}- {code(line)}"


def code(text: str) -> str:
    """Return `text` as a code span, fenced by more backticks than it has in a row."""
    line = clip(text)
    fence = "`" * (_longest_backticks(line) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(escaped, table.columns))} |"
    yield f"|{' --- |' * len(table.columns)}"
    for row in table.rows:
        yield f"| {' | '.join(escaped(cell, LONGEST_CELL) for cell in row)} |"


def _fenced(lines: tuple[str, ...]) -> Iterator[str]:
    fence = "`" * max(3, max((_longest_backticks(line) + 1 for line in lines), default=3))
    yield f"{fence}text"
    yield from lines
    yield fence


def _longest_backticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
