"""Everything a person can ask: one grammar, one dispatcher, one file per command."""

from bot.commands.checking import wrong
from bot.commands.command import Ask, Command, File, Pasted, Reply
from bot.commands.dispatch import COMMANDS, dispatch, refusal, understand
from bot.commands.form import Field, FieldKind, Form, line_of
from bot.commands.permissions import may, permit
from bot.commands.right import Right
from bot.commands.standing import Standing, standing_of, summed_up
from bot.commands.words import unescaped
from bot.diagnosis.logs import MOST_BYTES

__all__ = [
    "COMMANDS",
    "MOST_BYTES",
    "Ask",
    "Command",
    "Field",
    "FieldKind",
    "File",
    "Form",
    "Pasted",
    "Reply",
    "Right",
    "Standing",
    "dispatch",
    "line_of",
    "may",
    "permit",
    "refusal",
    "standing_of",
    "summed_up",
    "understand",
    "unescaped",
    "wrong",
]
