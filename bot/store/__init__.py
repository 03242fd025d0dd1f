"""The store: runs, their diagnoses, messages and claims, in SQLite or PostgreSQL."""

from bot.store.retention import retaining
from bot.store.runs import RunSummary
from bot.store.store import Store

__all__ = ["RunSummary", "Store", "retaining"]
