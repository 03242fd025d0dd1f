"""What operators can scrape."""

from bot.metrics.alerts import AlertMetrics
from bot.metrics.metrics import OTHER, Metrics

__all__ = ["OTHER", "AlertMetrics", "Metrics"]
