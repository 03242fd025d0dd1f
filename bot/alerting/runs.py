"""What a run that ended comes to."""

from dataclasses import replace

from bot.alerting import own
from bot.alerting.draft import Draft
from bot.alerting.events import RunEnded
from bot.alerting.model import Action, Decision, Incident, Outcome
from bot.alerting.outage import (
    began_before,
    changes_cause,
    failed_again,
    is_failure,
    joins,
    opened,
    reopened,
)
from bot.alerting.outcomes import (
    Outcomes,
    changes,
    fails_steadily,
    failures,
    outdated_by,
    remembered,
    starts_to_flap,
)
from bot.alerting.recovery import forget_what_is_over, passed
from bot.alerting.telling import change_words, flap_words, waits_words, with_newest
from bot.alerting.wording import clock, label_words, person, said, status_words
from bot.labels import Label
from bot.model import Status, Trigger
from bot.phrases import count, listed


def run_ended(draft: Draft, run: RunEnded, new_id: str) -> Decision:
    """Decide about a run: it counts unless it errored or was skipped."""
    if run.status is Status.SKIPPED:
        return draft.decision(Action.HOLD, "the run was skipped, which says nothing")
    if run.status is Status.ERRORED:
        return own.trouble(draft, run)
    if any(one.run_id == run.key for one in draft.watch.outcomes.get(run.check, ())):
        return draft.decision(Action.HOLD, f"{run.key} was counted already")
    own.recovery(draft, run)
    failed = is_failure(run, draft.policy)
    outcome = Outcome(run_id=run.key, at=run.at, failed=failed, started_at=run.started_at)
    before = draft.watch.outcomes.get(run.check, ())
    newer = outdated_by(before, run)
    row = remembered(before, outcome, draft.policy, is_late=newer is not None)
    draft.watch = replace(draft.watch, outcomes={**draft.watch.outcomes, run.check: row})
    if newer:
        return _late(draft, run, row, newer, new_id)
    incident, did = draft.incident, status_words(run.status)
    if incident and run.at < incident.started_at <= (run.heard_at or run.at):
        text = f"{run.check} {did} in {run.key}, which ended before {incident.id} began"
        return draft.decision(Action.HOLD, text)
    return _failed(draft, run, row, new_id) if failed else passed(draft, run)


def _late(draft: Draft, run: RunEnded, row: Outcomes, newer: Outcome, new_id: str) -> Decision:
    """Decide about a run that was heard of after a newer one: it does not say how it is now."""
    fails_on = newer.failed and is_failure(run, draft.policy)
    is_new = draft.incident is None and not draft.watch.reopens
    if fails_on and is_new and failures(row, draft.policy) >= draft.policy.failure_threshold:
        return _trigger(draft, run, row, new_id)
    did = status_words(run.status)
    if draft.incident:
        newer_did = "failed" if newer.failed else "worked"
        text = f"{did.capitalize()} in a run that ended before {newer.run_id}, which {newer_did}"
        draft.enter_run(Action.HOLD, f"{text}: it says nothing newer.", run)
    text = f"{run.check} {did} in {run.key}, which ended before {newer.run_id}, counted already"
    return draft.decision(Action.HOLD, text)


def _failed(draft: Draft, run: RunEnded, row: Outcomes, new_id: str) -> Decision:
    forget_what_is_over(draft, run)
    incident, closed = draft.incident, draft.watch.closed
    waits = waits_words(run.check, row, draft.policy)
    enough = failures(row, draft.policy) >= draft.policy.failure_threshold
    # What fails right after a deploy needs no second look: whoever deployed is still there.
    enough = enough or run.trigger is Trigger.DEPLOY
    if incident:
        if joins(incident, run) or enough:
            return _goes_on(draft, run, row, incident)
        text = f"{waits}; {incident.id} is about {listed(incident.checks)}"
        draft.enter_run(Action.HOLD, f"{text}: {_why(run)}", run)
        return draft.decision(Action.HOLD, text)
    if closed and draft.watch.reopens and closed.checks and joins(closed, run):
        if began_before(run, closed.resolved_at):
            return _too_early(draft, run, row, closed)
        return _opens_again(draft, run, closed)
    if enough or starts_to_flap(row, draft.policy):
        return _trigger(draft, run, row, new_id)
    return draft.decision(Action.HOLD, f"{waits}; {_why(run)}")


def _trigger(draft: Draft, run: RunEnded, row: Outcomes, new_id: str) -> Decision:
    draft.incident = incident = opened(draft.watch.target, new_id, run, row, draft.policy)
    how_often = count(incident.failures, "failure")
    if incident.flapping:
        how_often = f"it flaps, with {count(changes(row, draft.policy), 'change')}"
    text = f"{how_often} of {run.check} since {clock(incident.started_at)}: {_why(run)}"
    draft.enter_run(Action.TRIGGER, text, run)
    draft.spread()
    return draft.decision(Action.TRIGGER, text)


def _opens_again(draft: Draft, run: RunEnded, closed: Incident) -> Decision:
    draft.incident = reopened(closed, run, draft.policy)
    by = person(closed.resolved_by)
    text = f"{closed.id} is open again: {by} resolved it, and {run.check} fails on: {_why(run)}"
    draft.enter_run(Action.REOPEN, text, run)
    draft.spread()
    return draft.decision(Action.REOPEN, text)


def _too_early(draft: Draft, run: RunEnded, row: Outcomes, closed: Incident) -> Decision:
    """Have the incident that was resolved meanwhile account for the failure."""
    row = (*row[:-1], replace(row[-1], settled=True))
    draft.watch = replace(draft.watch, outcomes={**draft.watch.outcomes, run.check: row})
    text = f"{run.check} failed in a run that began before {person(closed.resolved_by)} resolved"
    return draft.decision(Action.HOLD, f"{text} {closed.id}: {_why(run)}")


def _goes_on(draft: Draft, run: RunEnded, row: Outcomes, before: Incident) -> Decision:
    is_other = changes_cause(before, run)
    now = failed_again(before, run, draft.policy)
    line = _line(run, now, before)
    flaps = starts_to_flap(row, draft.policy)
    if flaps and not before.flapping:
        now = replace(now, flapping=True)
        line = flap_words(row, draft.policy)
    elif before.flapping and fails_steadily(row, draft.policy):
        now = replace(now, flapping=False)
        line = f"It does not flap any more: it fails steadily. {line}"
    draft.incident = now
    starts = now.flapping and not before.flapping
    is_needless = is_other or (before.flapping and now.flapping)
    # Who said that it is fixed waits for an answer, whatever else there is to say.
    if starts or before.verifying_by or not is_needless:
        draft.line(line, run_id=run.key)
    action = Action.CHANGE if is_other else Action.CONTINUE
    text = change_words(with_newest(before.cause, before.causes), now) if is_other else line
    draft.enter_run(action, text, run)
    draft.spread()
    if draft.announced and not is_other:
        action = Action.ANNOUNCE
    return draft.decision(action, _reason(before, now))


def _line(run: RunEnded, now: Incident, before: Incident) -> str:
    so_far = f"{count(now.failures, 'failure')} so far."
    # Which check it was is news only where several fail.
    what = f" ({run.check})" if len(now.checks) > 1 else ""
    if before.verifying_by and now.verifying_by:
        who = person(before.verifying_by)
        return f"Failed{what} in a run that began before {who} said it is fixed. {so_far}"
    if before.verifying_by:
        other = "" if before.cause is now.cause else ", for another cause"
        who = person(before.verifying_by)
        return f"Still failing{what}{other}, although {who} said it is fixed. {so_far}"
    if run.cause in (None, Label.INSUFFICIENT_EVIDENCE):
        return f"Failed again{what}; this run does not tell why. {so_far}"
    if run.cause is now.cause:
        return f"Failed again{what}, same cause. {so_far}"
    return f"Failed{what}: {label_words(run.cause)}. {so_far}"


def _reason(before: Incident, now: Incident) -> str:
    if before.cause is now.cause:
        return f"the same outage, {count(now.failures, 'failure')}"
    return f"cause changed from {label_words(before.cause)} to {label_words(now.cause)}"


def _why(run: RunEnded) -> str:
    return said(run.summary) or label_words(run.cause)
