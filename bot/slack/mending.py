"""Rules that mend a value so that Slack takes it, from which its limits are put together.

A rule returns None for what cannot be mended; then the whole it is part of does without it.
"""

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

from bot.model import Json
from bot.slack.shorten import clean, shorten

Rule: TypeAlias = Callable[[Json], Json]


def chars(most: int, *, blank: bool = False) -> Rule:
    """Text for people: too long, its middle goes."""

    def mend(value: Json) -> Json:
        text = clean(value) if isinstance(value, str) else ""
        return shorten(text, most) if (text if blank else text.strip()) else None

    return mend


def exactly(most: int, *starts: str) -> Rule:
    """An id, a command or an address: of no use when shortened."""

    def mend(value: Json) -> Json:
        fits = isinstance(value, str) and value.strip() and len(value) <= most
        return value if fits and value.startswith(starts or "") else None

    return mend


def choice(*words: str) -> Rule:
    """One of these words."""
    return lambda value: value if isinstance(value, str) and value in words else None


def flag(value: Json) -> Json:
    """True or false."""
    return value if isinstance(value, bool) else None


def number(least: int, most: int) -> Rule:
    """A whole number in a range, its ends included."""

    def mend(value: Json) -> Json:
        whole = isinstance(value, int) and not isinstance(value, bool)
        return value if whole and least <= value <= most else None

    return mend


def figure(value: Json) -> Json:
    """A number that can be drawn."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) else None


def items(each: Rule, most: int, *, least: int = 1) -> Rule:
    """A list: what cannot be mended is left out, what is too much is taken from its middle."""

    def mend(value: Json) -> Json:
        if not isinstance(value, list | tuple):
            return None
        kept = [fitted for item in value if (fitted := each(item)) is not None]
        if len(kept) > most:
            kept = kept[: most - most // 3] + kept[len(kept) - most // 3 :]
        return kept if len(kept) >= least else None

    return mend


def shape(
    fields: Mapping[str, Rule], *needs: str, either: tuple[str, ...] = (), type: str = ""
) -> Rule:
    """An object: unknown keys are left out; without one of `needs` it cannot be mended."""

    def mend(value: Json) -> Json:
        if not isinstance(value, dict) or (type and value.get("type") != type):
            return None
        kept = {"type": type} if type else {}
        for name, rule in fields.items():
            if name in value and (fitted := rule(value[name])) is not None:
                kept[name] = fitted
        whole = all(name in kept for name in needs)
        return kept if whole and (not either or any(name in kept for name in either)) else None

    return mend


def first_of(*rules: Rule) -> Rule:
    """The first of `rules` that can mend the value."""
    return lambda value: next(
        (fitted for rule in rules if (fitted := rule(value)) is not None), None
    )


def text(most: int, *kinds: str) -> Rule:
    """A text object."""
    switches = {"plain_text": {"emoji": flag}, "mrkdwn": {"verbatim": flag}}
    return first_of(
        *(
            shape({"text": chars(most), **switches[kind]}, "text", type=kind)
            for kind in kinds or ("plain_text", "mrkdwn")
        )
    )
