"""Touching a target: checks, experiments, and the network they share."""

from collections.abc import Mapping

from bot.probe.checks import CHECKS, Check, check_called
from bot.probe.experiment import Experiment
from bot.probe.experiments import EXPERIMENTS
from bot.probe.key_places import accepted_key
from bot.probe.network import Network
from bot.probe.ours import OWN_KEYS, OwnCheck
from bot.probe.proof import PROOF_KEYS
from bot.probe.reach import Reached, reach
from bot.probe.revision import is_same_revision, revision_of
from bot.probe.runner import BROKE, plan, run_check

OBSERVABLE: Mapping[str, tuple[str, ...]] = {
    **{step.name: (*step.observes, BROKE) for check in CHECKS.values() for step in check.steps},
    **{name: (*experiment.observes, BROKE) for name, experiment in EXPERIMENTS.items()},
    "proof": PROOF_KEYS,
    "ours": (*OWN_KEYS, BROKE),
}
"""Step or experiment -> the keys it may record; ``*`` stands for any one part of a key."""

__all__ = [
    "CHECKS",
    "EXPERIMENTS",
    "OBSERVABLE",
    "Check",
    "Experiment",
    "Network",
    "OwnCheck",
    "Reached",
    "accepted_key",
    "check_called",
    "is_same_revision",
    "plan",
    "reach",
    "revision_of",
    "run_check",
]
