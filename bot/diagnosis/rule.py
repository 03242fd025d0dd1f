"""What a rule is: one link between an effect and its cause, as a value."""

from dataclasses import dataclass

from bot.diagnosis.conditions import Condition
from bot.labels import Label
from bot.model import WhyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """A further condition that moves a rule's confidence, up or down, and what it says."""

    when: Condition
    confidence: float | None = None
    """None: it says something, and leaves the confidence as it is."""
    says: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What the evidence does not tell where a chain ends, and what would tell it."""

    question: str
    experiment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If `when` holds, `cause` explains `effect`.

    Of the rules for one effect the first that holds is taken, so the telling ones stand before
    the general ones. `answer` quotes observations as ``{step.key}``. A chain's label is that of
    its deepest rule that has one; it is as sure as that rule and whatever was inferred before it.
    """

    effect: str
    cause: str
    when: tuple[Condition, ...]
    answer: str
    question: str = ""
    """Empty for the first link, which asks why the run ended as it did."""
    label: Label | None = None
    confidence: float = 0.9
    kind: WhyKind = WhyKind.OBSERVED
    signs: tuple[Sign, ...] = ()
    """Applied in order; the last one that holds sets the confidence."""
    lifts_to: float = 0.0
    """The least confidence of the chain's label where this link lies deeper; 0: no matter."""
    about_token: bool | None = None
    """Whether it concerns only the token that was sent, so that another could be accepted."""
    open: Open | None = None
    """What is left to ask when the chain ends here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A symptom to explain; several can be present in one run, each with its own chain."""

    effect: str
    when: tuple[Condition, ...]
    breaks: str
    """What it takes away: the "exchange", the "token" minted instead, the "path" behind them, or
    only the "proper" way of a run that works all the same."""
    question: str = ""
    """Asked first where this is not why the run ended as it did."""
