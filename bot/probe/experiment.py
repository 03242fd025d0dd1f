"""What an experiment is, as a value, and whether the target's owner allows it."""

from collections.abc import Callable
from dataclasses import dataclass

from bot.probe.handshake_probes import HANDSHAKE_KEYS
from bot.probe.session import Session
from bot.probe.step import Act
from bot.target import Experiments

# With less time an experiment says nothing but that it ran out.
_LEAST_S = 0.25


def _never(_: Session) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A differential probe. `run` carries it out; `when` says whether it can tell anything."""

    name: str
    title: str
    """A question, which names the one thing that is different."""
    explains: tuple[str, ...]
    """Steps whose failure it can explain."""
    when: Callable[[Session], bool]
    run: Act
    moot: Callable[[Session], str] = _never
    """Why it would tell nothing any more, given the experiments before it; empty if it would."""
    observes: tuple[str, ...] = HANDSHAKE_KEYS
    most_s: float = 6.0
    """It repeats a small part of a run; a server that hangs is not waited for as long."""
    on_open_socket: bool = False
    """Whether it needs the run's own socket, which is closed before any other."""
    side_effects: str = ""
    """What it leaves behind at the target; empty for nothing. The check itself does as much."""


def forbidden(experiment: Experiment, rules: Experiments, *, done: int, left_s: float) -> str:
    """Say why an experiment may not run, `done` others having been run; empty if it may."""
    if not rules.enabled:
        return "experiments are switched off for this target"
    if experiment.name in rules.forbidden:
        return f"the target's configuration forbids {experiment.name}"
    if experiment.side_effects and not rules.side_effects:
        return f"experiments.side_effects does not allow it. {experiment.side_effects[:-1]}"
    if done >= rules.most:
        return f"at most {rules.most} experiments are allowed, and those before it tell more"
    if left_s <= _LEAST_S:
        return f"the {rules.budget_s:g} s for experiments were used up"
    return ""
