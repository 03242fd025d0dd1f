"""What the product is tried on: a small Slack and a simulated staging, on real sockets."""

from bot.sandbox.slack import MiniSlack

__all__ = ["MiniSlack"]
