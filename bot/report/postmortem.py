"""The post-mortem of an incident as Markdown: its timeline, and the report's own sections.

Every number names the run or the observation that it comes from.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.alerting.model import Entry, Incident, IncidentState
from bot.report.blocks import unmarked
from bot.report.document import Report
from bot.report.incident import SEVERITY_WORDS, cause_line, outage_words
from bot.report.markdown import code, escaped, render_section
from bot.report.parts import Fields, Item, Items, Paragraph, Section
from bot.report.sections import sections
from bot.report.words import NOBODY, STATUS_WORDS, called, label_words, moment, seconds

MOST_ENTRIES = 300
"""Half of them from the beginning, and half from the end, which tells how it was resolved."""
_REPLACED = ("Summary", "Impact")
"""Sections of a run's report that an incident has of its own."""

PageOf = Callable[[str], str]
"""Return the address of a run's page, or nothing where people cannot reach one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLine:
    """A run of the incident in one line."""

    id: str
    check: str
    outcome: str
    started_at: datetime
    duration_s: float
    cause: str = ""


def render_postmortem(
    incident: Incident,
    timeline: Sequence[Entry],
    *,
    runs: Sequence[RunLine] = (),
    are_more: bool = False,
    report: Report | None = None,
    written_at: datetime,
    page_of: PageOf,
    people: Mapping[str, str] = NOBODY,
) -> str:
    """Return the post-mortem as Markdown that ends with a newline.

    `report` is of the run that tells the cause; without one, as after its run was pruned, what
    only it could tell is said to be missing. `are_more` tells that runs before `runs` are left out.
    `people` is the id of a person in Slack -> their name: of whom it is not known, the id is said.
    """
    pages = _Pages(page_of)
    lines = [f"# {escaped(_headline(incident))}", "", *_answer(incident, pages, people)]
    lines += ["", *render_section(_summary(incident, written_at, people))]
    lines += ["", *_runs(runs, pages, are_more=are_more)]
    lines += ["", *_timeline(timeline, pages, people)]
    lines += ["", *_of_the_run(incident, report, pages)]
    return "\n".join(lines).rstrip("\n") + "\n"


class _Pages:
    """Names of runs, as links where people can follow them."""

    def __init__(self, page_of: PageOf) -> None:
        self._page_of = page_of

    def run(self, id: str) -> str:
        if not id:
            return ""
        url = self._page_of(id)
        return f"[{code(id)}]({url})" if url else code(id)

    def cited(self, *ids: str) -> str:
        """Return the runs as a citation with a space before it; empty for none."""
        named = [self.run(one) for one in dict.fromkeys(ids) if one]
        return f" ({', '.join(named)})" if named else ""


def _headline(incident: Incident) -> str:
    what = incident.title or cause_line(incident) or "cause not known"
    return f"Post-mortem of {incident.id}: {incident.target}, {what}"


def _answer(incident: Incident, pages: _Pages, people: Mapping[str, str]) -> Iterator[str]:
    lasted = outage_words(incident)
    over = incident.state is IncidentState.RESOLVED
    cited = pages.cited(incident.first_run, incident.last_run)
    if over:
        by = called(incident.resolved_by, people) or "runs that passed"
        yield f"- **Outage:** {escaped(lasted)}{cited}; resolved by {escaped(by)}"
    else:
        yield f"- **Outage:** it lasts; this is not its last word{cited}"
    if cause := cause_line(incident):
        told = f"{cause}. {incident.summary}" if incident.summary else cause
        yield f"- **Cause:** {escaped(told)}{pages.cited(incident.last_failure)}"
    if incident.resolution:
        yield f"- **Resolution:** {escaped(incident.resolution)}"
    if incident.impact:
        yield f"- **Impact:** {escaped(incident.impact)}"


def _summary(incident: Incident, written_at: datetime, people: Mapping[str, str]) -> Section:
    pairs = [
        ("Incident", incident.id),
        ("Target", incident.target),
        ("State", incident.state.value),
        ("Severity", SEVERITY_WORDS[incident.severity].lower()),
        ("Severity set by", called(incident.severity_by, people)),
        ("Began", moment(incident.started_at)),
        ("Announced", moment(incident.triggered_at)),
        ("Ended", moment(incident.ended_at) if incident.ended_at else ""),
        ("Resolved", moment(incident.resolved_at) if incident.resolved_at else ""),
        ("Opened by", called(incident.opened_by, people) or "policy"),
        ("Acknowledged by", called(incident.acknowledged_by, people)),
        ("Assigned to", called(incident.assigned_to, people)),
        ("Checks that failed", ", ".join(incident.checks)),
        ("Causes in order", ", ".join(label_words(one) for one in incident.causes)),
        ("Opened again", f"{incident.reopened} times" if incident.reopened else ""),
        ("Written", moment(written_at)),
    ]
    return Section(title="Summary", parts=(Fields(pairs=tuple((a, b) for a, b in pairs if b)),))


def _runs(runs: Sequence[RunLine], pages: _Pages, *, are_more: bool) -> Iterator[str]:
    yield "## Runs"
    yield ""
    if are_more:
        yield f"These are the newest {len(runs)} of this outage; those before them are left out."
        yield ""
    if not runs:
        yield "No run of this outage is stored any more."
        return
    yield "| Run | When | Check | Outcome | Took | Cause |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for run in runs:
        cells = (
            pages.run(run.id),
            moment(run.started_at),
            escaped(run.check),
            escaped(run.outcome),
            seconds(run.duration_s),
            escaped(run.cause) if run.cause else "–",
        )
        yield f"| {' | '.join(cells)} |"


def _timeline(timeline: Sequence[Entry], pages: _Pages, people: Mapping[str, str]) -> Iterator[str]:
    yield "## Timeline"
    yield ""
    if not timeline:
        yield "Nothing was written down."
        return
    left = len(timeline) - MOST_ENTRIES
    ends = MOST_ENTRIES // 2
    for number, entry in enumerate(timeline):
        if left > 0 and number == ends:
            yield f"- … {left} entries in between are left out; `incident show` has them"
        if left > 0 and ends <= number < len(timeline) - ends:
            continue
        told = unmarked(entry.text, people)
        # A sentence about what somebody did names them; what nobody did, policy decided.
        is_named = entry.by and entry.by in entry.text
        source = "" if is_named else f" · {escaped(called(entry.by, people) or 'policy')}"
        yield f"- {moment(entry.at)}{source}: {escaped(told)}{pages.cited(entry.run_id)}"


def _of_the_run(incident: Incident, report: Report | None, pages: _Pages) -> Iterator[str]:
    """Yield the sections of the run that tells the cause, in the report's own order."""
    if report is None:
        missing = Paragraph(text="The run that told the cause is no longer stored.")
        yield from render_section(Section(title="Causes", parts=(missing,)))
    else:
        outcome = STATUS_WORDS[report.status].lower()
        yield "---"
        yield ""
        yield (
            f"What follows is of run {pages.run(report.run_id)}, which {outcome}; "
            "ids such as `o1` are its observations, listed under Evidence."
        )
        for section in sections(report):
            if section.title not in _REPLACED:
                yield ""
                yield from render_section(section)
            elif section.title == "Impact":
                yield ""
                yield from render_section(_impact(incident))
    if report is None:
        yield ""
        yield from render_section(_impact(incident))


def _impact(incident: Incident) -> Section:
    text = incident.impact or "The target's configuration states none."
    items = (Item(text=f"Severity: {SEVERITY_WORDS[incident.severity].lower()}"),)
    return Section(title="Impact", parts=(Paragraph(text=text), Items(items=items)))
