"""What operators can scrape."""

from bot.metrics.metrics import Metrics

__all__ = ["Metrics"]
