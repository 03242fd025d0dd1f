"""Everything a person can ask: one grammar, one dispatcher, one file per command."""

from bot.commands.checking import wrong
from bot.commands.command import Command, File, Pasted, Reply
from bot.commands.dispatch import COMMANDS, dispatch, refusal, understand
from bot.commands.form import Field, FieldKind, Form, line_of
from bot.commands.grammar import unescaped
from bot.diagnosis.logs import MOST_BYTES

__all__ = [
    "COMMANDS",
    "MOST_BYTES",
    "Command",
    "Field",
    "FieldKind",
    "File",
    "Form",
    "Pasted",
    "Reply",
    "dispatch",
    "line_of",
    "refusal",
    "understand",
    "unescaped",
    "wrong",
]
