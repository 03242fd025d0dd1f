"""Everything a person can ask: one grammar, one dispatcher, one file per command."""

from bot.commands.command import Command, Pasted, Reply
from bot.commands.dispatch import COMMANDS, dispatch, refusal, understand
from bot.commands.grammar import unescaped
from bot.diagnosis.logs import MOST_BYTES

__all__ = [
    "COMMANDS",
    "MOST_BYTES",
    "Command",
    "Pasted",
    "Reply",
    "dispatch",
    "refusal",
    "understand",
    "unescaped",
]
