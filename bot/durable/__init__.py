"""Durable runs: the Engine on DBOS, which goes on where an earlier life of the process stopped."""

from bot.durable.alone import alone
from bot.durable.engine import DurableEngine
from bot.durable.loop import run
from bot.durable.wiring import VERSION, Version

__all__ = ["VERSION", "DurableEngine", "Version", "alone", "run"]
