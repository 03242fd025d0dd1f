"""What the product is tried on: a small Slack and a simulated staging, on real sockets."""

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.faults import (
    FAULTS,
    LOOKALIKES,
    Expectation,
    Expected,
    Fault,
    Lookalikes,
    expected,
)
from bot.sandbox.nuisances import NUISANCES, Nuisance
from bot.sandbox.slack import MiniSlack
from bot.sandbox.staging import Staging

__all__ = [
    "FAULTS",
    "LOOKALIKES",
    "NUISANCES",
    "Behaviour",
    "Expectation",
    "Expected",
    "Fault",
    "Lookalikes",
    "MiniSlack",
    "Nuisance",
    "Staging",
    "expected",
]
