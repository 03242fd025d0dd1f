"""What an entry of the catalogue holds."""

from dataclasses import dataclass

from bot.model import NextStep, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a label means to a person, and what to do about it."""

    title: str
    meaning: str
    where: str
    """Where to look for it."""
    severity: Severity
    """When it is why a run failed; a cause that is not counts for less."""
    owner: str
    """Who can usually fix it, where the target's `owners` name nobody."""
    impact: str
    """What it does, where the target does not say."""
    remedies: tuple[NextStep, ...]
    """In the order in which to try them; ``{target}`` in a command is filled in."""


def by_hand(title: str) -> NextStep:
    """Return something a person does without a command."""
    return NextStep(title=title)


def by_command(title: str, command: str) -> NextStep:
    """Return something that a line of the command grammar does."""
    return NextStep(title=title, command=command)


RUN_AGAIN = by_command("Run the check again", "run {target}")
VERIFY_KEY = by_command("Verify the bypass key", "verify-key {target}")
HISTORY = by_command("Compare with earlier runs", "history {target}")
