"""Finds signatures in records: cheap words first, patterns only where a word was found."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.needles import Needles
from bot.diagnosis.logs.records import Record
from bot.diagnosis.logs.result_lines import is_good_result
from bot.diagnosis.logs.signatures import SIGNATURES, Signature
from bot.diagnosis.quotes import closed

_DIGITS = b"0123456789"
# A sentence is readable at this length; the whole line is in the transcript.
_LONGEST = 240
_NAME = re.compile(r"^\w{1,30}[\"']\s*:\s*[\"']")
_STRING_END = re.compile(r'(?<!\\)"')
# What stands right before a string of an object.
_OPENS = re.compile(r"[:,\[{]\s{0,4}$")
_EXPLAINS = re.compile(
    r'"(?:message|detail|details|msg|error|err|reason|description|error_description|title|cause)"'
    r'\s{0,3}:\s{0,3}"((?:[^"\\]|\\.){8,300})"'
)
# What pytest puts before each line of an error.
_PYTEST = "E   "
_EDGES = " \t\"'`{},;|"
# A program's own source, as tracebacks quote it: what it says is not what happened.
_SOURCE = re.compile(
    r"\s*(?:>\s+)?(?:\d+:?\s+)?(?:raise|except|def|class|assert|return|async|await"
    r"|from \S+ import|import|with|elif|if|for|while|self\.\w+\s*[=(]|#(?!#?\[|#vso)|\"\"\"|@\w"
    r"|logger\."
    r"|print\()(?![\w:])"
)


class Placed(NamedTuple):
    """A line, and where it is in its record."""

    number: int
    text: str
    low: str
    """The text in lower case."""
    shape: str
    """The text without its digits: what it says, whatever its numbers are."""
    record: Record
    position: int


def place(records: Sequence[Record]) -> list[Placed]:
    """Return the lines of `records`, each with where it is."""
    where = [
        (line, record, position) for record in records for position, line in enumerate(record.lines)
    ]
    if not where:
        return []
    # At once for all of them: a call for each line costs more than what it does.
    whole = "\n".join(line.text for line, _, _ in where)
    lows = whole.lower().split("\n")
    shapes = without_numbers(whole).split("\n")
    return [
        Placed(line.number, line.text, low, shape, record, position)
        for (line, record, position), low, shape in zip(where, lows, shapes, strict=True)
    ]


class Text:
    """Some lines as one lower-case text in which words are found quickly."""

    def __init__(self, lines: Sequence[Placed], needles: Needles | None = None) -> None:
        """Take `lines`; the words of `needles` are looked for now, all at once."""
        self.lines = lines
        self.low = "\n".join(line.low for line in lines) + "\n"
        self._starts = [0, *accumulate(len(line.low) + 1 for line in lines)]
        self._looked_for = needles.words if needles else frozenset()
        self._found: dict[str, list[int]] = {}
        for at, word in needles.find(self.low) if needles else ():
            self._found.setdefault(word, []).append(self.position(at))

    def position(self, at: int) -> int:
        """Return the position of the line that has character `at` of the whole text."""
        return bisect_right(self._starts, at) - 1

    def with_word(self, word: str) -> Iterator[int]:
        """Yield the positions of the lines that have `word`, which is in lower case."""
        at = self.low.find(word)
        while at >= 0:
            position = self.position(at)
            yield position
            at = self.low.find(word, self._starts[position + 1])

    def with_any(self, words: Sequence[str]) -> list[int]:
        """Return the positions of the lines that have one of `words`, in order."""
        found: set[int] = set()
        for word in words:
            found.update(
                self._found.get(word, ()) if word in self._looked_for else self.with_word(word)
            )
        return sorted(found)


class Repetition:
    """Tells lines apart from those that say the same with other numbers.

    A long log says few different things; each is looked at closely only the first few times.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def fresh(self, lines: Iterable[Placed]) -> list[Placed]:
        """Return those of `lines` that were not said `_OFTEN` times before."""
        return [line for line in lines if self._is_fresh(line.low, line.shape)]

    def _is_fresh(self, low: str, shape_of: str) -> bool:
        # A status is not one number among others: 503 and 200 say different things.
        status = low[at : at + _STATUS_LENGTH] if (at := low.find("status")) >= 0 else ""
        shape = hash((shape_of, status))
        times = self._seen.get(shape, 0)
        if times < _OFTEN and len(self._seen) < _MOST_SHAPES:
            self._seen[shape] = times + 1
        return times < _OFTEN


_OFTEN = 2
_OWN_DOING = ("mock_used", "swallowed_timeout", "truncated")
_STATUS_LENGTH = 20
_MOST_SHAPES = 50_000


def match_signatures(text: Text, signatures: Sequence[Signature] = SIGNATURES) -> Iterator[Fact]:
    """Yield a fact for every line that matches a signature."""
    for signature in signatures:
        for position in text.with_any(signature.hints):
            line = text.lines[position]
            found = signature.pattern.search(line.text if signature.case else line.low)
            if found and not _SOURCE.match(line.text) and not _is_provoked(signature, line.text):
                yield Fact(signature.key, line.number, sentence(line.text, found))


def _is_provoked(signature: Signature, text: str) -> bool:
    """Whether a test that passed provoked what its title names; that it used a mock is its own."""
    return signature.key not in _OWN_DOING and is_good_result(text)


def without_numbers(text: str) -> str:
    """Return `text` without its digits: what it says, whatever its numbers are."""
    raw = text.encode("utf-8", "surrogatepass")
    return raw.translate(None, _DIGITS).decode("utf-8", "surrogatepass")


def is_source(text: str) -> bool:
    """Whether `text` is a line of a program rather than something it said."""
    return bool(_SOURCE.match(text))


def sentence(text: str, found: re.Match[str]) -> str:
    """Return the part of `text` around `found` that a person would quote."""
    if '"' in text and (value := _value_around(text, found)):
        return value
    start = max(0, min(found.start() - _LONGEST // 4, len(text) - _LONGEST))
    return quotable(text[start : start + _LONGEST])


def _value_around(text: str, found: re.Match[str]) -> str:
    """Return the string of an object that `found` lies in; a code with what explains it."""
    before, after = text[: found.start()], text[found.end() :]
    if '":' not in text or '"' in found[0] or '"' not in before:
        return ""
    start = before.rfind('"') + 1
    end = _STRING_END.search(after)
    if end is None or before[:start].rstrip()[-2:-1] == "\\":
        return ""
    value = text[start : found.end() + end.start()]
    if not _OPENS.search(before[: start - 1]) or len(value) > _LONGEST:
        return ""
    said = None if " " in value else _EXPLAINS.search(text)
    return quotable(f"{value}: {said[1][:_LONGEST]}" if said and said[1] != value else value)


def quotable(text: str) -> str:
    """Return `text` without what only belongs to the JSON around it."""
    text = text.removeprefix(_PYTEST).replace('\\"', '"')
    said = _NAME.sub("", text.strip(_EDGES)).strip(_EDGES)
    return closed(said, text)
