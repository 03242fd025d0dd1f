"""What the product is tried on: a small Slack and a simulated staging, on real sockets."""

from bot.sandbox.faults import FAULTS, Expectation, Expected, Fault, expected
from bot.sandbox.slack import MiniSlack
from bot.sandbox.staging import Staging

__all__ = ["FAULTS", "Expectation", "Expected", "Fault", "MiniSlack", "Staging", "expected"]
