"""Pasted text to observations: what can be recognised in a log, and nothing about what it means."""

from bot.diagnosis.logs.lines import decoded
from bot.diagnosis.logs.reading import read_log
from bot.diagnosis.logs.unreadable import MOST_BYTES, Flaw, Unreadable, unreadable

__all__ = ["MOST_BYTES", "Flaw", "Unreadable", "decoded", "read_log", "unreadable"]
