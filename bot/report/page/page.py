"""The report as one HTML file: nothing is fetched, and it reads the same without scripts."""

import base64
import hashlib
from collections.abc import Iterator, Sequence

from bot.report.document import Report
from bot.report.json_ import render_json
from bot.report.page.chain import chain, difference
from bot.report.page.citations import Lines, line_of, lines_of, told
from bot.report.page.frames import transcript
from bot.report.page.markup import NOTHING, Html, joined, sentence, tag
from bot.report.page.script import SCRIPT
from bot.report.page.style import STYLE
from bot.report.page.waterfall import badge, waterfall
from bot.report.parts import Fields, Item, Items, Paragraph, Part, Section, Table, Verbatim
from bot.report.sections import sections
from bot.report.visible import LONGEST_CELL
from bot.report.words import moment, typed

ALSO = ("Raw transcript", "Configuration provenance")
"""What a page has room for when a run passed: it is looked at for more than the proof."""


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


POLICY = "; ".join(
    (
        "default-src 'none'",
        f"style-src 'sha256-{_hash(STYLE)}'",
        f"script-src 'sha256-{_hash(SCRIPT)}'",
        "base-uri 'none'",
        "form-action 'none'",
    )
)
"""The Content-Security-Policy of the page: this style sheet and this script, and nothing else."""


def render_html(report: Report) -> str:
    """Return the report as an HTML document that ends with a newline."""
    lines = lines_of(report)
    parts = [_section(number, section, report, lines) for number, section in _numbered(report)]
    body = tag(
        "body",
        tag("header", *_head(report)),
        _contents(report),
        tag("main", *parts),
        tag("footer", f"stagecheck, run {report.run_id}. Times are in UTC."),
        tag("script", Html(SCRIPT)),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="robots", content="noindex"),
        tag("title", sentence(report.headline)),
        tag("style", Html(STYLE)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _numbered(report: Report) -> Iterator[tuple[int, Section]]:
    return iter(enumerate(sections(report, also=ALSO), start=1))


def _head(report: Report) -> Iterator[Html]:
    when = moment(report.started_at) if report.is_dated else ""
    yield tag("p", badge(report.status), " ", tag("span", when, class_="note"))
    yield tag("h1", sentence(report.headline))
    answers = (
        joined((tag("dt", line.label), tag("dd", sentence(line.text)))) for line in report.answer
    )
    yield tag("dl", *answers, class_=f"answer {report.status}")
    document = base64.b64encode(render_json(report).encode()).decode()
    download = tag(
        "a",
        "Download raw JSON",
        href=f"data:application/json;base64,{document}",
        download=f"stagecheck-{_file_name(report.run_id)}.json",
    )
    unfold = tag(
        "button",
        "Open all evidence",
        type="button",
        data_tool="open",
        aria_pressed="false",
        hidden=True,
    )
    printed = tag("button", "Print", type="button", data_tool="print", hidden=True)
    yield tag("div", download, unfold, printed, class_="tools")


def _file_name(run_id: str) -> str:
    return "".join(char for char in run_id if char.isascii() and (char.isalnum() or char in "-_"))


def _contents(report: Report) -> Html:
    entries = (
        tag("li", tag("a", section.title, href=f"#section-{number}"))
        for number, section in _numbered(report)
    )
    return tag("nav", tag("ol", *entries), aria_label="Sections")


def _section(number: int, section: Section, report: Report, lines: Lines) -> Html:
    special, parts = NOTHING, section.parts
    match section.title:
        case "Summary" if report.executed and report.steps:
            special = waterfall(report)
            parts = tuple(part for part in parts if not isinstance(part, Table))
        case "Raw transcript":
            special, parts = transcript(report), ()
        case "Five whys":
            special, parts = chain(report, lines)
        case "What changed since the last pass":
            special = difference(report, lines)
            parts = () if special else parts
        case _:
            pass
    title = tag("h2", section.title, id=f"section-{number}")
    shown = [_part(part, lines) for part in parts]
    body = [*shown, special] if section.title == "Summary" else [special, *shown]
    return tag("section", title, *body)


def _part(part: Part, lines: Lines) -> Html:
    match part:
        case Paragraph():
            colon = ":" if part.label and part.text else ""
            label = tag("strong", sentence(part.label), colon) if part.label else NOTHING
            return tag("p", label, " " if label else "", sentence(part.text))
        case Fields():
            pairs = (
                joined((tag("dt", sentence(name)), tag("dd", sentence(value))))
                for name, value in part.pairs
            )
            return tag("dl", *pairs)
        case Items():
            entries = (_item(item, lines) for item in part.items)
            return tag("ol" if part.ordered else "ul", *entries)
        case Table():
            return _table(part)
        case Verbatim():
            entries = (tag("li", line_of(line)) for line in part.lines)
            return tag("div", tag("ul", *entries), class_="evidence")


def _item(item: Item, lines: Lines) -> Html:
    shown: list[Html] = []
    opened: list[Html] = []
    if item.label:
        shown.append(tag("strong", sentence(item.label)))
    if item.text:
        text, cited = told(item.text, lines)
        shown.append(tag("p", text) if item.label else text)
        opened.append(cited)
    for note in item.notes:
        text, cited = told(note, lines)
        shown.append(tag("p", text, class_="note"))
        opened.append(cited)
    if item.owner:
        shown.append(tag("p", sentence(f"Owner: {item.owner}")))
    if item.command:
        command = sentence(typed(item.command, slack=False))
        shown.append(tag("p", tag("code", command, class_="command")))
    return tag("li", *shown, *opened)


def _table(table: Table) -> Html:
    head = tag("tr", *(tag("th", sentence(title), scope="col") for title in table.columns))
    rows = (tag("tr", *_cells(table.columns, row)) for row in table.rows)
    whole = tag("table", tag("thead", head), tag("tbody", *rows), class_="stacked")
    return tag("div", whole, class_="wide", tabindex="0")


def _cells(titles: Sequence[str], row: Sequence[str]) -> Iterator[Html]:
    for title, cell in zip(titles, row, strict=True):
        yield tag("td", sentence(cell, LONGEST_CELL), data_label=title)
