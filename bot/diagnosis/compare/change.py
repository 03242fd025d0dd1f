"""A difference between two runs, as a value and as a sentence."""

from dataclasses import dataclass
from enum import StrEnum


class ChangeKind(StrEnum):
    """What a change is about; the most telling kinds stand first."""

    KEY = "key"
    SECRET = "secret"  # noqa: S105  # a kind of change
    SETTING = "setting"
    REVISION = "revision"
    CERTIFICATE = "certificate"
    ADDRESS = "address"
    PROGRAM = "program"
    """Which program answers, by its headers and versions."""
    TOKEN = "token"  # noqa: S105  # a kind of change
    WELCOME = "welcome"
    OUTCOME = "outcome"
    STATE = "state"
    """What a service says of itself."""
    EVENTS = "events"
    LATENCY = "latency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`what` is now `after`, and was `before` in the last run that passed.

    One of the two is empty where something came or went. `evidence` holds ids of this run's
    observations; it is empty for what a run keeps beside them, such as settings.
    """

    kind: ChangeKind
    what: str
    before: str
    after: str
    evidence: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        match self.kind:
            case ChangeKind.LATENCY:
                return f"{self.what} took {self.after}, {self.before}."
            case ChangeKind.EVENTS if not (self.before and self.after):
                return f"{self.what}: {self.before or self.after}."
        if not self.before:
            return f"{self.what} is new: {self.after}."
        if not self.after:
            return f"{self.what} is gone; it was {self.before}."
        return f"{self.what} is {self.after}; it was {self.before}."
