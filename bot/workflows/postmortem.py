"""The post-mortem of an incident, put together from what is stored."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from bot.alerting import Entry, Incident
from bot.deps import PageOf, no_page
from bot.errors import NotFound
from bot.labels import Label
from bot.report import STATUS_WORDS, Report, label_words
from bot.report.blocks import people_in
from bot.report.postmortem import RunLine, render_postmortem
from bot.store import RunSummary, Store
from bot.workflows.stored import stored_report

_MOST_RUNS = 500
# A run is taken in when it has ended; the one that opened the incident began before it.
_MARGIN = timedelta(seconds=1)


async def postmortem_of(
    store: Store, incident: Incident, *, now: datetime, page_of: PageOf = no_page
) -> str:
    """Return the post-mortem as Markdown, with what is still stored of its runs."""
    runs = await _runs(store, incident, now)
    timeline = await store.alerts.timeline(incident.id)
    return render_postmortem(
        incident,
        timeline,
        runs=[_line(run) for run in runs[-_MOST_RUNS:]],
        are_more=len(runs) > _MOST_RUNS,
        report=await _report(store, incident),
        written_at=now,
        page_of=page_of,
        people=await store.people.names(_people(incident, timeline)),
    )


def _people(incident: Incident, timeline: Sequence[Entry]) -> Iterator[str]:
    """Yield the ids of all who had to do with an incident."""
    yield from (incident.opened_by, incident.acknowledged_by, incident.assigned_to)
    yield from (incident.severity_by, incident.resolved_by)
    for entry in timeline:
        yield from (entry.by, *people_in(entry.text))


async def _runs(store: Store, incident: Incident, now: datetime) -> list[RunSummary]:
    """Return the runs of the target from the beginning of the outage to its end, oldest first."""
    until = (incident.resolved_at or now) + _MARGIN
    since = incident.started_at - _MARGIN
    newest = await store.between(incident.target, since, until, limit=_MOST_RUNS + 1)
    return list(reversed(newest))


async def _report(store: Store, incident: Incident) -> Report | None:
    """Return the report of the newest run that failed, else of the first; None if both are gone."""
    for run_id in (incident.last_failure, incident.first_run):
        if run_id:
            try:
                return await stored_report(store, run_id)
            except NotFound:
                continue
    return None


def _line(run: RunSummary) -> RunLine:
    named = run.cause and run.cause is not Label.HEALTHY
    return RunLine(
        id=run.id,
        check=run.check,
        outcome=STATUS_WORDS[run.status].lower(),
        started_at=run.started_at,
        duration_s=run.duration_s,
        cause=label_words(run.cause) if run.cause and named else "",
    )
