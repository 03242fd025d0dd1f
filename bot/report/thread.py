"""The full report as messages in the thread: sections in order, packed within Slack's limits."""

import json
from collections.abc import Iterator, Sequence

from bot.model import Json
from bot.report.blocks import (
    MOST_JSON,
    Message,
    actions,
    context,
    date,
    escaped,
    fallback,
    fields,
    header,
    line,
    link,
    listing,
    owner,
    person,
    rich,
    said,
    verbatim,
)
from bot.report.buttons import main_buttons
from bot.report.document import Report
from bot.report.messages import answer_block
from bot.report.parts import Fields, Item, Items, Paragraph, Part, Section, Table, Verbatim
from bot.report.sections import sections
from bot.report.tables import table
from bot.report.visible import clip, weight
from bot.report.words import asked, typed

MOST_BLOCKS = 50
MOST_TRANSCRIPT = 1_400  # of either part; whoever opens a thread looks for the reason
MOST_ITEMS = 15
MOST_EVIDENCE = 4
MOST_NOTE = 400
MOST_EVIDENCE_LINE = 240
MOST_RICH = 3_000  # of one rich_text block, as JSON: small enough to pack messages well


def thread_messages(
    report: Report, *, page: str = "", answered: bool = False
) -> tuple[Message, ...]:
    """Return the full report as the messages of its thread.

    It links to the run's `page` where the message above it does not; where that has `answered`
    already, the answer is not said again.
    """
    head = [header(report.headline)]
    if not answered:
        head.append(answer_block(report))
    if page:
        head.append(context(link(page, "Report page")))
    groups = [("Headline", head)]
    groups += [(section.title, list(_section(section, report))) for section in sections(report)]
    if buttons := main_buttons(report):
        groups.append(("", [actions(buttons)]))
    pages = _packed(groups)
    return tuple(
        Message(text=_fallback(report, titles, number, len(pages)), blocks=tuple(blocks))
        for number, (titles, blocks) in enumerate(pages, start=1)
    )


def _fallback(report: Report, titles: Sequence[str], number: int, pages: int) -> str:
    following = next((one.text for one in report.answer if one.label == "Next"), "")
    inside = ", ".join(title.lower() for title in titles if title)
    text = f"{report.headline}. Report {number} of {pages}: {inside}."
    return fallback(f"{text} Next: {following}" if following else text)


def _packed(groups: Sequence[tuple[str, list[Json]]]) -> list[tuple[list[str], list[Json]]]:
    """Fill messages in order, keeping a section together where one message can hold it."""
    pages: list[tuple[list[str], list[Json]]] = [([], [])]
    for title, blocks in groups:
        if not _fits(pages[-1][1], blocks):
            pages.append(([], []))
        for block in blocks:
            if not _fits(pages[-1][1], [block]):
                pages.append(([], []))
            titles, page = pages[-1]
            page.append(block)
            if title and title not in titles:
                titles.append(title)
    return [page for page in pages if page[1]]


def _fits(page: Sequence[Json], more: Sequence[Json]) -> bool:
    together = [*page, *more]
    tables = sum(block["type"] == "table" for block in together)
    return len(together) <= MOST_BLOCKS and tables <= 1 and weight(together) <= MOST_JSON


def _section(section: Section, report: Report) -> Iterator[Json]:
    yield header(section.title)
    for part in section.parts:
        yield from _part(part, report)


def _part(part: Part, report: Report) -> Iterator[Json]:
    match part:
        case Paragraph():
            yield rich(line(*_labelled(part.label, part.text)))
        case Fields():
            yield fields([(name, _field(name, value, report)) for name, value in part.pairs])
        case Items():
            yield from _items(part)
        case Table():
            yield table(part)
        case Verbatim() if part.exact:
            yield verbatim(part.lines, MOST_TRANSCRIPT, kept=part.kept)
            if len(part.lines) > 1 and sum(map(len, part.lines)) > MOST_TRANSCRIPT:
                yield context(
                    "Shortened: the cited lines and the end. The JSON report has all of it."
                )
        case Verbatim():
            yield from _all_of(part.lines)


def _all_of(lines: Sequence[str]) -> Iterator[Json]:
    """Yield every one of `lines`, clipped but never left out, in as many blocks as it takes."""
    block: list[str] = []
    for text in lines:
        clipped = clip(text, MOST_EVIDENCE_LINE)
        if block and weight([*block, clipped]) > MOST_RICH:
            yield verbatim(block)
            block = []
        block.append(clipped)
    yield verbatim(block)


def _items(part: Items) -> Iterator[Json]:
    """Yield the list in as few blocks as fit: neighbours without evidence share one list."""
    block: list[Json] = []
    for number, item in enumerate(part.items[:MOST_ITEMS]):
        entry = _entry(item, number, ordered=part.ordered)
        if block and weight([*block, *entry]) > MOST_RICH:
            yield rich(*block)
            block = []
        if block and not block[-1].get("indent"):
            together = [*block[-1]["elements"], *entry[0]["elements"]]
            block[-1] = block[-1] | {"elements": together}
            block += entry[1:]
        else:
            block += entry
    yield rich(*block)
    if (left := len(part.items) - MOST_ITEMS) > 0:
        yield rich(line(said(f"… and {left} more, in the JSON report")))


def _field(name: str, value: str, report: Report) -> str:
    match name:
        case "When":
            return date(report.started_at)
        case "Who asked":
            return asked(report.trigger, person(report.caller.id))
        case _:
            return escaped(value)


def _entry(item: Item, number: int, *, ordered: bool) -> list[Json]:
    first = _labelled(item.label, item.text)
    for note in item.notes:
        first.append(said(f"\n{note}", most=MOST_NOTE))
    if item.owner:
        first += [said("\nOwner: "), owner(item.owner)]
    if item.command:
        first += [said("\n"), said(typed(item.command, slack=True), style="code")]
    entry = [listing(line(*first), ordered=ordered, offset=number if ordered else 0)]
    if item.evidence:
        lines = [
            line(said(text, most=MOST_EVIDENCE_LINE)) for text in item.evidence[:MOST_EVIDENCE]
        ]
        if left := len(item.evidence[MOST_EVIDENCE:]):
            lines.append(line(said(f"and {left} more, see Evidence")))
        entry.append(listing(*lines, indent=1))
    return entry


def _labelled(label: str, text: str) -> list[Json]:
    if not label:
        return [said(text)]
    elements = [said(label if text else f"{label}:", style="bold")]
    return [*elements, said(f"\n{text}")] if text else elements


def render_blocks(report: Report) -> str:
    """Return the thread's messages as JSON, for Block Kit Builder or another client."""
    messages = [
        {"text": message.text, "blocks": list(message.blocks)}
        for message in thread_messages(report)
    ]
    return json.dumps(messages, indent=2) + "\n"
