"""The checks: which steps, in which order."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from bot.errors import NotFound
from bot.probe.step import Step
from bot.probe.steps.connect import connect
from bot.probe.steps.events import events
from bot.probe.steps.exchange import exchange, key_accepted
from bot.probe.steps.health import auth_health, health
from bot.probe.steps.other_keys import other_keys
from bot.probe.steps.request import request
from bot.probe.steps.token import token
from bot.target import DEFAULT_CHECK, KEY_CHECK


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A list of steps."""

    name: str
    title: str
    steps: tuple[Step, ...]
    worked_around: tuple[str, ...] = ()
    """Steps whose failure alone does not fail the run: what they are for came about anyway."""


CHECKS: Mapping[str, Check] = {
    check.name: check
    for check in (
        Check(
            name=DEFAULT_CHECK,
            title="The pipeline, end to end",
            steps=(health, exchange, token, connect, request, events),
            worked_around=("health", "exchange"),
        ),
        Check(
            name=KEY_CHECK,
            title="The bypass key alone",
            steps=(auth_health, key_accepted, other_keys),
            worked_around=("health", "other_keys"),
        ),
    )
}


def check_called(name: str) -> Check:
    """Return the check called `name`; NotFound says which is meant, or which there are."""
    if name not in CHECKS:
        near = get_close_matches(name, CHECKS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Known checks: {', '.join(CHECKS)}."
        raise NotFound(f"There is no check {name}.", hint=hint)
    return CHECKS[name]
