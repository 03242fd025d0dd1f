"""How rules speak about a pasted log: its facts by name, on whatever line they stand."""

from bot.diagnosis.combined import AnyOf
from bot.diagnosis.conditions import Has, Is, Matches
from bot.diagnosis.rule import Sign


def path(key: str) -> str:
    """Return the path of the facts called `key`, on any line."""
    return f"log.{key}.*"


def seen(*keys: str) -> AnyOf:
    """Any of `keys` was recognised in the log."""
    return AnyOf(*(Has(path(key)) for key in keys))


ASKS_TO_WAIT = Sign(
    when=Has(path("asks_to_wait")),
    says='It asks to wait: "{cited:log.asks_to_wait.*}".',
)
"""What an answer says of when to come back; it is no cause."""


def equals(key: str, *values: object) -> Is:
    """A fact `key` has one of `values`."""
    return Is(path(key), *values)


def reads(key: str, pattern: str) -> Matches:
    """A fact `key` reads like `pattern`."""
    return Matches(path(key), pattern)


def quoted(*keys: str) -> str:
    """Return the slot of a sentence that quotes the first fact of `keys` that it rests on."""
    return "{cited:" + "|".join(path(key) for key in keys) + "}"
