"""The report as plain text for terminals and CI logs: no colours, at most 100 columns."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.report.columns import WIDTH, columned, wrapped
from bot.report.document import Report
from bot.report.keys import TITLE as KEY_TITLE
from bot.report.parts import Fields, Item, Items, Paragraph, Part, Section, Table, Verbatim
from bot.report.sections import sections
from bot.report.visible import clip, cut_lines
from bot.report.words import typed
from bot.target import KEY_CHECK

# A terminal scrolls; more than this buries the sections that follow.
MOST_TRANSCRIPT = 8_000
# What a person who waits at a terminal needs besides the answer.
BRIEF = ("Five whys", "Next steps")
# Below this a table is harder to read in columns than folded by the terminal.
NARROWEST = 60


def render_text(report: Report, *, columns: int = WIDTH) -> str:
    """Return the report as text that ends with a newline, for a terminal of `columns`."""
    width = max(NARROWEST, min(columns, WIDTH))
    lines = [*wrapped(clip(report.headline), width=width), ""]
    for line in report.answer:
        lines += wrapped(clip(line.text), first=f"  {line.label:<9}", rest=" " * 11, width=width)
    for section in sections(report):
        lines += ["", *_section(section, width)]
    # A terminal shows the end: what happened is said there once more.
    lines += ["", *wrapped(clip(report.headline), width=width)]
    return "\n".join(lines) + "\n"


def brief_lines(report: Report, *, columns: int = WIDTH) -> list[str]:
    """Return why it is so and what to do about it, as lines; the answer stands elsewhere."""
    width = max(NARROWEST, min(columns, WIDTH))
    wanted = (*BRIEF, *((KEY_TITLE,) if report.check == KEY_CHECK else ()))
    lines: list[str] = []
    for section in sections(report):
        if section.title in wanted and not section.is_empty:
            lines += [*_section(_without_evidence(section), width), ""]
    return lines


def _without_evidence(section: Section) -> Section:
    parts = (
        replace(part, items=tuple(replace(item, evidence=()) for item in part.items))
        if isinstance(part, Items)
        else part
        for part in section.parts
    )
    return replace(section, parts=tuple(parts))


def _section(section: Section, width: int) -> Iterator[str]:
    yield section.title
    yield "-" * len(section.title)
    for number, part in enumerate(section.parts):
        if number and _stands_apart(part, section.parts[number - 1]):
            yield ""
        yield from _part(part, width)


def _stands_apart(part: Part, before: Part) -> bool:
    return (
        isinstance(part, Table)
        or isinstance(before, Table)
        or (isinstance(part, Paragraph) and bool(part.label))
    )


def _part(part: Part, width: int) -> Iterator[str]:
    match part:
        case Paragraph():
            label = f"{part.label}: " if part.label and part.text else part.label
            colon = ":" if part.label and not part.text else ""
            text = clip(f"{label}{part.text}") + colon
            yield from wrapped(text, first="  ", rest="  ", width=width)
        case Fields():
            names = max(len(name) for name, _ in part.pairs) + 2
            rest = " " * (names + 2)
            for name, value in part.pairs:
                yield from wrapped(clip(value), first=f"  {name:<{names}}", rest=rest, width=width)
        case Items():
            for number, item in enumerate(part.items, start=1):
                yield from _item(item, f"  {number}. " if part.ordered else "  - ", width)
        case Table():
            yield from columned(part, indent="  ", width=width)
        case Verbatim():
            most = MOST_TRANSCRIPT // (2 if part.minor else 1)
            lines = (
                cut_lines(part.lines, most, kept=part.kept) if part.exact else map(clip, part.lines)
            )
            for line in lines:
                words = not part.exact
                yield from wrapped(line, first="  ", rest="      ", words=words, width=width)


def _item(item: Item, mark: str, width: int) -> Iterator[str]:
    indent = " " * len(mark)
    for number, text in enumerate(_texts(item)):
        first = indent if number else mark
        yield from wrapped(clip(text), first=first, rest=indent, width=width)
    for line in item.evidence:
        yield from wrapped(clip(line), first=f"{indent}  ", rest=f"{indent}      ", width=width)


def _texts(item: Item) -> Sequence[str]:
    command = f"$ {typed(item.command, slack=False)}" if item.command else ""
    owner = f"Owner: {item.owner}" if item.owner else ""
    return [text for text in (item.label, item.text, *item.notes, owner, command) if text]
