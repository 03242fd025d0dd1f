"""Pasted text to observations: what can be recognised in a log, and nothing about what it means."""

from bot.diagnosis.logs.lines import decoded
from bot.diagnosis.logs.reading import read_log

__all__ = ["decoded", "read_log"]
