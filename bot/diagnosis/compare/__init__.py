"""What is different from the last run that passed."""

from bot.diagnosis.compare.change import Change, ChangeKind
from bot.diagnosis.compare.changes import changes

__all__ = ["Change", "ChangeKind", "changes"]
