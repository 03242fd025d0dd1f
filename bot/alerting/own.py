"""Our own trouble: runs that fail on our side, told to the bot's owner and to nobody else."""

from dataclasses import replace

from bot.alerting.draft import Draft
from bot.alerting.events import RunEnded
from bot.alerting.model import Action, Decision, Notice, NoticeKind, OwnTrouble
from bot.alerting.wording import clock, said
from bot.labels import Label
from bot.phrases import count, span


def trouble(draft: Draft, run: RunEnded) -> Decision:
    """Decide about a run that errored: nothing about the target, and once a word to the owner."""
    own, policy = draft.watch.own, draft.policy
    own = replace(own, count=own.count + 1, since=own.since or run.started_at)
    target = draft.watch.target
    if own.count == 1 and draft.incident:
        text = f"{run.check} errored on our side, which says nothing about {target}."
        draft.enter_run(Action.HOLD, text, run)
    is_due = own.count >= policy.errored_threshold and not own.told
    if is_due and policy.owner_route:
        text = (
            f"{count(own.count, 'run')} of {target} in a row failed on our side, "
            f"since {clock(own.since or run.at)}. {target} itself is not known to be down."
        )
        # What else such a run saw is of the target, which it is no witness of.
        detail = said(run.summary) if run.cause is Label.RUNNER_ENVIRONMENT else ""
        draft.notices.append(
            Notice(
                route=policy.owner_route,
                kind=NoticeKind.OWN,
                text=f"{text} {detail}".rstrip(),
                run_id=run.key,
            )
        )
        draft.aside = f"{count(own.count, 'run')} in a row failed on our side"
        own = replace(own, told=True)
    draft.watch = replace(draft.watch, own=own)
    if draft.aside:
        return draft.decision(
            Action.OWN_TROUBLE, f"the owner hears of it; nothing is said about {target}"
        )
    told = "the owner was told"
    if is_due:
        told = "no owner route is configured to hear of it"
    elif not own.told:
        told = f"the owner is told of {policy.errored_threshold} in a row"
    row = f"{count(own.count, 'run')} in a row failed on our side"
    return draft.decision(Action.HOLD, f"{row}, which says nothing about {target}; {told}")


def recovery(draft: Draft, run: RunEnded) -> None:
    """Forget our own trouble after a run that did not error; say its end where it was told."""
    own, owner = draft.watch.own, draft.policy.owner_route
    if own.since and run.at < own.since <= (run.heard_at or run.at):
        return  # it ended before that began, and is heard of only now
    draft.watch = replace(draft.watch, own=OwnTrouble())
    if not own.told or not owner:
        return
    lasted = span(run.at - (own.since or run.at))
    text = (
        f"{draft.watch.target} is checked again: {count(own.count, 'run')} in a row had failed "
        f"on our side, for {lasted}."
    )
    notice = Notice(route=owner, kind=NoticeKind.OWN, text=text, run_id=run.key, over=True)
    draft.notices.append(notice)
    draft.aside = "our own trouble is over"
