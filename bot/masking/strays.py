"""Secrets that were put where a name or a number belongs: in a setting, in a reference."""

import re

from bot.masking.shape import HIDDEN
from bot.masking.words import odd_letters

# In a path such letters name a folder that somebody else made up.
_WORD = re.compile(r"(?<![/\w+=-])[\w+=-]{16,8192}")
# Names have words in them, and numbers, and perhaps the id of a revision; keys have more.
_LEAST_ODD = 16


def strays(text: str) -> tuple[str, ...]:
    """Return the pieces of `text` that are too random for a name of anything."""
    return tuple(word for word in _WORD.findall(text) if odd_letters(word) >= _LEAST_ODD)


def without_strays(text: str, *, among: str = "") -> str:
    """Return `text` with what is stray in it hidden, or what is stray in `among`."""
    for stray in strays(among or text):
        text = text.replace(stray, HIDDEN)
    return text
