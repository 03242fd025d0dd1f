"""The post-mortem of an incident, put together from what is stored."""

from datetime import timedelta

from bot.alerting import Incident
from bot.deps import Deps
from bot.errors import NotFound
from bot.labels import Label
from bot.report import STATUS_WORDS, Report, label_words
from bot.report.postmortem import RunLine, render_postmortem
from bot.store import RunSummary
from bot.workflows.check import report_of

_MOST_RUNS = 500
# A run is taken in when it has ended; the one that opened the incident began before it.
_SLACK = timedelta(seconds=1)


async def postmortem_of(deps: Deps, incident: Incident) -> str:
    """Return the post-mortem as Markdown, with what is still stored of its runs."""
    return render_postmortem(
        incident,
        await deps.store.alerts.timeline(incident.id),
        runs=[_line(run) for run in await _runs(deps, incident)],
        report=await _report(deps, incident),
        written_at=deps.clock(),
        page_of=deps.page_of,
    )


async def _runs(deps: Deps, incident: Incident) -> list[RunSummary]:
    """Return the runs of the target from the beginning of the outage to its end, oldest first."""
    newest = await deps.store.recent(incident.target, limit=_MOST_RUNS)
    until = (incident.resolved_at or deps.clock()) + _SLACK
    since = incident.started_at - _SLACK
    return [run for run in reversed(newest) if since <= run.started_at <= until]


async def _report(deps: Deps, incident: Incident) -> Report | None:
    """Return the report of the newest run that failed, else of the first; None if both are gone."""
    for run_id in (incident.last_failure, incident.first_run):
        if run_id:
            try:
                return await report_of(deps, run_id)
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
