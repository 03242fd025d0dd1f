"""Block Kit's limits as data, and the judge that says what Slack would refuse."""

from bot.sandbox.blockkit.judge import problems, too_long
from bot.sandbox.blockkit.rules import Surface

__all__ = ["Surface", "problems", "too_long"]
