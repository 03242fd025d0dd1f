"""The report as plain text for terminals and CI logs: no colours, at most 100 columns."""

from collections.abc import Iterator, Sequence

from bot.report.columns import columned, wrapped
from bot.report.document import Report
from bot.report.parts import Fields, Item, Items, Paragraph, Part, Table, Verbatim
from bot.report.sections import sections
from bot.report.visible import clip, cut_lines
from bot.report.words import typed

# A terminal scrolls; more than this buries the sections that follow.
MOST_TRANSCRIPT = 8_000


def render_text(report: Report) -> str:
    """Return the report as text that ends with a newline."""
    lines = [*wrapped(clip(report.headline)), ""]
    for line in report.answer:
        lines += wrapped(clip(line.text), first=f"  {line.label:<9}", rest=" " * 11)
    for section in sections(report):
        lines += ["", section.title, "-" * len(section.title)]
        for number, part in enumerate(section.parts):
            if number and _stands_apart(part, section.parts[number - 1]):
                lines.append("")
            lines += _part(part)
    # A terminal shows the end: what happened is said there once more.
    lines += ["", *wrapped(clip(report.headline))]
    return "\n".join(lines) + "\n"


def _stands_apart(part: Part, before: Part) -> bool:
    return (
        isinstance(part, Table)
        or isinstance(before, Table)
        or (isinstance(part, Paragraph) and bool(part.label))
    )


def _part(part: Part) -> Iterator[str]:
    match part:
        case Paragraph():
            label = f"{part.label}: " if part.label and part.text else part.label
            colon = ":" if part.label and not part.text else ""
            yield from wrapped(clip(f"{label}{part.text}") + colon, first="  ", rest="  ")
        case Fields():
            width = max(len(name) for name, _ in part.pairs) + 2
            for name, value in part.pairs:
                yield from wrapped(clip(value), first=f"  {name:<{width}}", rest=" " * (width + 2))
        case Items():
            for number, item in enumerate(part.items, start=1):
                yield from _item(item, f"  {number}. " if part.ordered else "  - ")
        case Table():
            yield from columned(part, indent="  ")
        case Verbatim():
            most = MOST_TRANSCRIPT // (2 if part.minor else 1)
            lines = cut_lines(part.lines, most) if part.exact else map(clip, part.lines)
            for line in lines:
                yield from wrapped(line, first="  ", rest="      ", words=not part.exact)


def _item(item: Item, mark: str) -> Iterator[str]:
    indent = " " * len(mark)
    for number, text in enumerate(_texts(item)):
        yield from wrapped(clip(text), first=indent if number else mark, rest=indent)
    for line in item.evidence:
        yield from wrapped(clip(line), first=f"{indent}  ", rest=f"{indent}      ")


def _texts(item: Item) -> Sequence[str]:
    command = f"$ {typed(item.command, slack=False)}" if item.command else ""
    owner = f"Owner: {item.owner}" if item.owner else ""
    return [text for text in (item.label, item.text, *item.notes, owner, command) if text]
