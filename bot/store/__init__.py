"""The store: runs, their diagnoses, messages and claims, in SQLite or PostgreSQL."""

from bot.store import names
from bot.store.address import postgresql_engine
from bot.store.alerts import Alerts, Applied
from bot.store.installations import Installed
from bot.store.outgoing import Lane, Pending
from bot.store.retention import retaining
from bot.store.runs import RunSummary
from bot.store.store import Store
from bot.store.trouble import may_pass
from bot.store.writers import OneByOne

__all__ = [
    "Alerts",
    "Applied",
    "Installed",
    "Lane",
    "OneByOne",
    "Pending",
    "RunSummary",
    "Store",
    "may_pass",
    "names",
    "postgresql_engine",
    "retaining",
]
