"""The status page: how targets are and since when, for everybody; as HTML and as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.model import Status
from bot.report.page.markup import NOTHING, Html, sentence, tag
from bot.report.page.page import POLICY
from bot.report.page.style import STYLE
from bot.report.page.waterfall import MARKS, badge
from bot.report.trend import percent
from bot.report.words import STATUS_WORDS, moment

REFRESH_S = 60
_WORDS: Mapping[Status | None, str] = {
    Status.PASSED: "works",
    Status.DEGRADED: "works, but not by the proper way",
    Status.FAILED: "does not work",
    Status.ERRORED: "not known: the check itself had trouble",
    Status.SKIPPED: "not known: it was not checked",
    None: "not checked yet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """One target as everybody may see it; `worked` is period -> percent of runs, None for none.

    `status` is None where nobody knows it: never checked, or so long ago that it says nothing now.
    `note` is what else is to be said; `cause` is empty where it is not told; `recent` are the last
    runs, oldest first.
    """

    target: str
    status: Status | None
    since: datetime | None
    checked_at: datetime | None
    note: str
    cause: str
    worked: Mapping[str, float | None]
    recent: tuple[Status, ...]


def render_status(title: str, rows: Sequence[StatusRow], *, at: datetime) -> str:
    """Return the status page as an HTML document; it asks for itself again every minute."""
    periods = tuple(rows[0].worked) if rows else ()
    worked = (f"Worked, {one}" for one in periods)
    heads = ("Target", "State", "Since", "Last checked", *worked, "Last runs")
    table = tag(
        "table",
        tag("caption", f"As of {moment(at)}."),
        tag("thead", tag("tr", *(tag("th", head, scope="col") for head in heads))),
        tag("tbody", *(_row(row) for row in rows)),
        class_="stacked",
    )
    body = tag(
        "body",
        tag("header", tag("h1", sentence(title)), tag("p", summary(rows), class_="note")),
        tag("main", tag("div", table, class_="wide", tabindex="0")),
        tag("footer", "stagecheck. Times are in UTC."),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("meta", http_equiv="refresh", content=str(REFRESH_S)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", sentence(f"{title}: {summary(rows)}")),
        tag("style", Html(STYLE)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def summary(rows: Sequence[StatusRow]) -> str:
    """Say how all targets are together, the worst first."""
    names = {status: [row.target for row in rows if row.status is status] for status in _WORDS}
    if failed := names[Status.FAILED]:
        return (
            f"{', '.join(failed)} does not work."
            if len(failed) == 1
            else (f"{', '.join(failed)} do not work.")
        )
    if degraded := names[Status.DEGRADED]:
        return f"Everything that is known works; not by the proper way: {', '.join(degraded)}."
    if len(names[Status.PASSED]) == len(rows):
        return "Everything works."
    return "Nothing is known not to work."


def _row(row: StatusRow) -> Html:
    words = tag("p", _words(row), class_="note")
    note = tag("p", sentence(f"{row.note}."), class_="note") if row.note else NOTHING
    state = badge(row.status) if row.status else tag("span", "– unknown", class_="badge skipped")
    cause = tag("p", sentence(row.cause)) if row.cause else NOTHING
    worked = (
        tag("td", "–" if one is None else percent(one), data_label=f"Worked, {period}")
        for period, one in row.worked.items()
    )
    return tag(
        "tr",
        tag("th", sentence(row.target), scope="row"),
        tag("td", state, words, note, cause),
        tag("td", moment(row.since) if row.since else "–", data_label="Since"),
        tag("td", moment(row.checked_at) if row.checked_at else "–", data_label="Last checked"),
        *worked,
        tag("td", *(_mark(status) for status in row.recent), data_label="Last runs"),
    )


def _words(row: StatusRow) -> str:
    if row.status is None and row.checked_at is not None:
        return "not known: the checks that were due since it was last checked did not come"
    return _WORDS[row.status]


def _mark(status: Status) -> Html:
    word = STATUS_WORDS[status]
    return tag("span", MARKS[status], class_=f"mark {status}", title=word, aria_label=word)


def status_document(rows: Sequence[StatusRow], *, at: datetime) -> str:
    """Return what the page says as JSON, schema 1, that ends with a newline."""
    document = {
        "schema": 1,
        "at": _instant(at),
        "summary": summary(rows),
        "targets": [
            {
                "target": row.target,
                "status": row.status.value if row.status else None,
                "since": _instant(row.since),
                "checked_at": _instant(row.checked_at),
                "cause": row.cause or None,
                "worked_percent": {
                    period: None if one is None else round(one, 2)
                    for period, one in row.worked.items()
                },
                "recent": [status.value for status in row.recent],
            }
            for row in rows
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def _instant(at: datetime | None) -> str | None:
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
