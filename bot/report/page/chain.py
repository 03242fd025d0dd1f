"""The five whys as a chain, each answer with its evidence, and the diff against the last pass."""

from bot.diagnosis import Change, ChangeKind
from bot.model import Status, Why
from bot.phrases import count
from bot.report.document import Report
from bot.report.meaning import whys as told_whys
from bot.report.page.citations import Lines, evidence
from bot.report.page.markup import NOTHING, Html, joined, sentence, tag
from bot.report.parts import Items, Part
from bot.report.words import KIND_WORDS, moment

MOST_CHANGES = 40
_HEADS = ("What", "In the last pass", "In this run")


def chain(report: Report, lines: Lines) -> tuple[Html, tuple[Part, ...]]:
    """Return the chain, and what the report says below it."""
    if not report.whys:
        return NOTHING, tuple(told_whys(report))
    links = joined(_link(why, lines) for why in report.whys)
    rest = [part for part in told_whys(report) if not _is_chain(part)]
    return tag("ol", links, class_="chain"), tuple(rest)


def _is_chain(part: Part) -> bool:
    return isinstance(part, Items) and part.ordered


def _link(why: Why, lines: Lines) -> Html:
    kind = KIND_WORDS[why.kind]
    return tag(
        "li",
        tag("p", sentence(why.question), class_="question"),
        tag("p", sentence(why.answer), " ", tag("span", kind, class_=f"kind {kind}")),
        evidence([lines[cited] for cited in why.evidence]),
        class_=kind,
    )


def difference(report: Report, lines: Lines) -> Html:
    """Return what differs from the last run that passed, side by side; nothing if that is told."""
    base = report.last_pass
    if base is None or not report.changes or report.status is Status.ERRORED:
        return NOTHING
    shown = report.changes[:MOST_CHANGES]
    table = tag(
        "table",
        tag("caption", f"Compared with run {base.run_id} of {moment(base.started_at)}."),
        tag("thead", tag("tr", *(tag("th", head, scope="col") for head in _HEADS))),
        tag("tbody", *(_changed(change, lines) for change in shown)),
        class_="difference stacked",
    )
    more = len(report.changes) - len(shown)
    rest = tag("p", f"{count(more, 'change')} more in the JSON report.") if more else NOTHING
    return joined((tag("div", table, class_="wide"), rest))


def _changed(change: Change, lines: Lines) -> Html:
    # Of a latency, `before` is what is usual, in words.
    before = change.before or ("–" if change.kind is ChangeKind.EVENTS else "was not there")
    after = change.after or ("–" if change.kind is ChangeKind.EVENTS else "is gone")
    seen = evidence([lines[cited] for cited in change.evidence if cited in lines])
    return tag(
        "tr",
        tag("th", sentence(change.what), scope="row"),
        tag("td", tag("del", sentence(before)) if change.before else before, data_label=_HEADS[1]),
        tag(
            "td", tag("ins", sentence(after)) if change.after else after, seen, data_label=_HEADS[2]
        ),
    )
