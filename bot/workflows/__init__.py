"""What is seen through to the end however often the process restarts."""

from functools import partial

from bot.deps import Deps
from bot.engine import Workflow
from bot.workflows.alerts import past_event, settle, tick
from bot.workflows.check import check
from bot.workflows.policy import policy_of
from bot.workflows.postmortem import postmortem_of
from bot.workflows.sparing import KEY_EACH_S, spare_the_key
from bot.workflows.start import CHECK, start_run
from bot.workflows.stored import report_of
from bot.workflows.unfinished import end_given_up

__all__ = [
    "KEY_EACH_S",
    "check",
    "end_given_up",
    "past_event",
    "policy_of",
    "postmortem_of",
    "report_of",
    "settle",
    "spare_the_key",
    "start_run",
    "tick",
    "workflows",
]


def workflows(deps: Deps) -> dict[str, Workflow]:
    """Return the workflows by name, bound to `deps`, ready for `Engine.register`."""
    return {CHECK: partial(check, deps)}
