"""What is wrong with a configuration: every problem with its place, told all at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import NoReturn

from bot.errors import ConfigError
from bot.masking import Masker, without_strays

# A key or a value we quote may itself be a token that was pasted into the wrong place.
_SHAPES = Masker(pepper=b"")


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a file; `line` and `column` count from 1."""

    source: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}"


class Problems:
    """Collects problems, so that a person fixes a file once and not once per mistake."""

    def __init__(self) -> None:
        self._found: set[tuple[Position, str]] = set()

    def add(self, at: Position, text: str) -> None:
        """Note that `text` is wrong at `at`; the same problem twice counts once."""
        self._found.add((at, without_strays(_SHAPES.mask(text))))

    def check(self) -> None:
        """Raise ConfigError with every problem so far, in the order of the file."""
        if self._found:
            raise self._error()

    def stop(self, at: Position, text: str) -> NoReturn:
        """Note a problem after which the file cannot be read on, and raise."""
        self.add(at, text)
        raise self._error()

    def _error(self) -> ConfigError:
        return ConfigError("\n".join(f"{at}: {text}" for at, text in sorted(self._found)))


def dotted(path: Iterable[str | int]) -> str:
    """Return a path as people write it: ``schedules[0].cron``."""
    parts = (f"[{name}]" if isinstance(name, int) else f".{name}" for name in path)
    return "".join(parts).removeprefix(".")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a sentence naming the entry of `known` that `word` most resembles, or all of them."""
    names = sorted(known)
    if close := get_close_matches(word.lower(), names, n=1, cutoff=0.6):
        return f"Did you mean {close[0]}?"
    return f"Known: {', '.join(names)}." if names else ""
