"""What a run means: rules as data turn observations into causes, whys, findings, next steps."""

from bot.diagnosis.catalogue import CATALOGUE, Entry
from bot.diagnosis.compare import Change, ChangeKind, changes
from bot.diagnosis.diagnose import diagnose
from bot.diagnosis.index import NOTHING_USUAL
from bot.diagnosis.program_errors import Mistake, ProgramError, program_error
from bot.diagnosis.rule import Root, Rule
from bot.diagnosis.rules import ROOTS, RULES

__all__ = [
    "CATALOGUE",
    "NOTHING_USUAL",
    "ROOTS",
    "RULES",
    "Change",
    "ChangeKind",
    "Entry",
    "Mistake",
    "ProgramError",
    "Root",
    "Rule",
    "changes",
    "diagnose",
    "program_error",
]
