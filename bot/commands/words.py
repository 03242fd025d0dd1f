"""The words of a line as people type them: quotes, typography, and what Slack makes of it all."""

import html
import re
import unicodedata
from collections.abc import Iterator

from bot.errors import UsageError

# What clients and phones make of straight quotes, and of two hyphens, while one types. Any quote
# of a family closes one that another of it opened: languages disagree on which goes where.
_QUOTES = {char: family for family in ('"“”„', "'‘’‚", "«»") for char in family}
_DASHES = "—–―−‒"
# <@U123|ada>, <#C123|staging>, <https://example.test|example.test>
_ESCAPED = re.compile(r"<([@#!]?)([^<>|\s]*)(?:\|([^<>]*))?>")
_ECHO_LENGTH = 60


def split(line: str) -> Iterator[str]:
    """Yield the words of `line`: quotes keep spaces, Slack's escapes and typography are undone."""
    text = seen(unescaped(line))
    word, at = next_word(text, 0)
    while word is not None:
        yield word
        word, at = next_word(text, at)


def next_word(text: str, at: int, *, strict: bool = True) -> tuple[str | None, int]:
    """Return the word that begins at `at` or after it, and where it ends; None if there is none.

    A quote that is never closed is refused only if `strict`.
    """
    while at < len(text) and text[at].isspace():
        at += 1
    if at == len(text):
        return None, at
    return _quoted(text, at, strict) if text[at] in _QUOTES else _plain(text, at)


def unescaped(text: str) -> str:
    """Return `text` as it was typed, before Slack escaped it and made links of what looks so."""
    return html.unescape(_ESCAPED.sub(_unescape, text))


def seen(text: str) -> str:
    """Return `text` without zero-width characters: they come with what is pasted, unseen."""
    return "".join(c for c in text if c.isspace() or not unicodedata.category(c).startswith("C"))


def echo(word: str) -> str:
    """Return what was typed as it may stand between backticks in a sentence of ours."""
    shown = word.replace("`", "'")
    return shown if len(shown) <= _ECHO_LENGTH else f"{shown[:_ECHO_LENGTH]}…"


def _quoted(text: str, at: int, strict: bool) -> tuple[str, int]:
    family = _QUOTES[text[at]]
    for end in range(at + 1, len(text)):
        if text[end] in family and not text[end + 1 : end + 2].strip():
            return text[at + 1 : end], end + 1
    if "'" in family or not strict:  # an apostrophe, as in 'tis
        return _plain(text, at)
    raise UsageError("A quote is opened and never closed.", hint='Quote like this: "two words".')


def _plain(text: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(text) and not text[end].isspace():
        end += 1
    word = text[at:end]
    if word[0] in _DASHES and len(word) > 1:
        word = "--" + word.lstrip(_DASHES + "-")
    return (word.strip("`") or word), end


def _unescape(found: re.Match[str]) -> str:
    sigil, reference, label = found.groups()
    if sigil == "@":  # a person stays an id, which is what Slack's API takes
        return f"@{reference}"
    # A channel is typed for its name: `#staging` may well mean the target.
    return label or reference
