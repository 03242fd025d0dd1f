"""What an event comes to: the one entry to policy."""

from dataclasses import replace
from typing import assert_never

from bot.alerting.acts import act
from bot.alerting.draft import Draft
from bot.alerting.events import Act, Acted, Event, RunEnded, Ticked
from bot.alerting.model import Decision, Watch
from bot.alerting.policy import Policy
from bot.alerting.runs import run_ended
from bot.alerting.ticks import tick
from bot.alerting.wording import person


def decide(watch: Watch, event: Event, policy: Policy, *, new_id: str) -> Decision:
    """Decide what is known, told and kept after an event; reads no clock and never raises.

    `new_id` is the id an incident gets if this event opens one. The same tick taken in again
    changes nothing; of runs and acts the caller sees to it, by their keys, that each comes once.
    """
    draft = Draft(policy=policy, before=watch, at=event.at, watch=watch, incident=watch.incident)
    if watch.mute and watch.mute.until <= event.at:
        draft.watch = replace(watch, mute=None)
        if not isinstance(event, Acted):  # an act may be refused, which leaves no trace
            draft.enter(Act.UNMUTE, f"The mute by {person(watch.mute.by)} ended.")
    match event:
        case RunEnded():
            return run_ended(draft, event, new_id)
        case Acted():
            return act(draft, event, new_id)
        case Ticked():
            return tick(draft)
        case _:
            assert_never(event)
