"""Everything a person can ask: one grammar, one dispatcher, one file per command."""

from bot.commands.command import Command, Reply
from bot.commands.dispatch import COMMANDS, dispatch, refusal, understand

__all__ = ["COMMANDS", "Command", "Reply", "dispatch", "refusal", "understand"]
