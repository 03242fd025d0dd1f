"""The masker: what every text passes through before anyone may see or keep it."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from bot.masking.derived import derived
from bot.masking.disguises import MIN_LENGTH
from bot.masking.lexicon import Lexicon, Span
from bot.masking.secret import Secret, fingerprint
from bot.masking.shape import HIDDEN
from bot.masking.shapes import SHAPES, is_credible, names_a_secret, shaped
from bot.masking.views import views

MAX_DEPTH = 100
"""Of JSON; what is nested deeper is replaced, for it is nothing a person could read."""
TOO_DEEP = "[nested too deeply]"

# One pass does nearly always; another follows only where a replacement laid something bare.
_MAX_PASSES = 20
_MARK = re.compile(r"\[redacted[^\[\]]{0,80}\]")
_LOWER = {ord(letter): letter.lower() for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
_SHAPE_MARKS = frozenset(shape.mark for shape in SHAPES)

# The names in JSON and the words of a report come again and again: looked through once, they are
# known to hold nothing. A masker remembers at most half a megabyte of them.
_SHORT = 100
_MOST_HARMLESS = 2_000


class Masker:
    """Replaces every known secret, in its usual disguises, and anything shaped like a token.

    Masking twice gives the same as masking once. Mask before cutting a text: half a secret is not
    recognised. Without a pepper, marks have no fingerprint.
    """

    def __init__(self, secrets: Iterable[Secret] = (), *, pepper: bytes) -> None:
        self._pepper = pepper
        # Replaced as a whole, never changed: other threads may be masking meanwhile.
        self._lexicon = Lexicon(marks=_SHAPE_MARKS)
        self._harmless: set[str] = set()
        self.learn(*secrets)
        self._lexicon = self._lexicon.settled()

    def learn(self, *secrets: Secret) -> None:
        """Mask these too from now on, such as a token issued during the run.

        What a secret is only a wrapping of, such as its text in base64, is as secret as it is.
        """
        lexicon = self._lexicon
        held = [(secret.name, secret.value or "") for secret in secrets]
        inner = [(name, each) for name, value in held for each in derived(value)]
        for called, value in (*held, *inner):
            if len(value.strip()) < MIN_LENGTH:
                continue
            name = re.sub(r"[^\w .-]", "_", called)[:40]
            # A fingerprint that is keyed with nothing could be looked up.
            said = f"{name} #{self.fingerprint(value)}" if self._pepper else name
            lexicon = lexicon.with_value(
                value, mark=f"[redacted {said}]", part_mark=f"[redacted part of {said}]"
            )
        self._lexicon = lexicon.settled() if lexicon.is_scattered else lexicon
        # Last: what another thread still finds harmless by less knowledge goes into the old one.
        self._harmless = set()

    def child(self, *secrets: Secret) -> "Masker":
        """Return a masker that also knows `secrets`, leaving this one as it is."""
        copy = Masker(pepper=self._pepper)
        copy._lexicon = self._lexicon
        copy.learn(*secrets)
        return copy

    def fingerprint(self, value: str) -> str:
        """Return the fingerprint of `value` under this installation's pepper."""
        return fingerprint(value, self._pepper)

    def mask(self, text: str) -> str:
        """Return `text` with every secret replaced by a mark that says it was."""
        harmless = self._harmless
        if text in harmless:
            return text
        for _ in range(_MAX_PASSES):
            spans = self._outside_marks(text, [*_known(text, self._lexicon), *_shaped(text)])
            if not spans:
                _remember(text, harmless)
                break
            text = _replaced(text, _joined(spans))
        return text

    def may_hold(self, text: str) -> bool:
        """Tell whether a known secret may stand in `text`; much faster than masking it."""
        lexicon = self._lexicon
        return lexicon.may_stand_in(text) or (
            bool(lexicon.plain) and any(lexicon.may_stand_in(plain) for plain, _ in views(text))
        )

    def mask_named(self, name: str, text: str) -> str:
        """Return `text` masked; as a whole if `name` says that it is a secret and it may be one."""
        masked = self.mask(text)
        if masked == text and names_a_secret(name) and is_credible(text):
            return HIDDEN
        return masked

    def mask_across(self, texts: Sequence[str]) -> list[str]:
        """Return `texts` masked, also what only all of them together spell: frames, records."""
        whole = "".join(texts)
        if self.may_hold(whole):
            spans = self._outside_marks(whole, list(_known(whole, self._lexicon)))
            texts = _split(whole, _joined(spans), [len(text) for text in texts])
        return [self.mask(text) for text in texts]

    def mask_json(self, value: Any) -> Any:
        """Return JSON-like `value` with every string in it masked, keys included.

        A number that contains a secret becomes a mark too. What is no JSON, however deep it lies,
        becomes the text that shows it: nobody after this can show more of it.
        """
        return self._mask_json(_as_json(value), 0)

    def _mask_json(self, value: Any, depth: int) -> Any:
        match value:
            case str():
                return self.mask(value)
            case bool() | None:
                return value
            case int() | float():
                text = str(value)
                masked = self.mask(text)
                return value if masked == text else masked
            case Mapping() | list() | tuple() if depth >= MAX_DEPTH:
                return TOO_DEEP
            case Mapping():
                masked_items: dict[str, Any] = {}
                for key, held in value.items():
                    item = _as_json(held)
                    name = self.mask(str(key))
                    while name in masked_items:  # two secrets may have got the same mark
                        name += "'"
                    masked_items[name] = (
                        self.mask_named(name, item)
                        if isinstance(item, str)
                        else self._mask_json(item, depth + 1)
                    )
                return masked_items
            case _:
                items = [_as_json(item) for item in value]
                if items and all(isinstance(item, str) for item in items):
                    return self.mask_across(items)
                return [self._mask_json(item, depth + 1) for item in items]

    def _outside_marks(self, text: str, spans: list[Span]) -> list[Span]:
        """Leave out what lies in marks of ours: they are not to be masked again."""
        if not spans or "[redacted" not in text:
            return spans
        marks = [found.span() for found in _MARK.finditer(text) if found[0] in self._lexicon.marks]
        ends = [end for _, end in marks]
        outside = []
        for start, end, mark in spans:
            for mark_start, mark_end in islice(marks, bisect_right(ends, start), None):
                if mark_start >= end:
                    break
                if start < mark_start:
                    outside.append((start, mark_start, mark))
                start = mark_end
            if start < end:
                outside.append((start, end, mark))
        return outside


def _as_json(value: Any) -> Any:
    """Return what JSON has a place for as it is, and anything else as the text that shows it."""
    is_json = value is None or isinstance(value, str | int | float | Mapping | list | tuple)
    return value if is_json else repr(value)


def _known(text: str, lexicon: Lexicon) -> Iterator[Span]:
    if not lexicon.plain:
        return
    yield from lexicon.spans_in(text)
    for plain, locate in views(text):
        if spans := list(lexicon.spans_in(plain)):
            begins, ends = locate()
            yield from ((begins[start], ends[end - 1], mark) for start, end, mark in spans)


def _remember(text: str, harmless: set[str]) -> None:
    if len(text) <= _SHORT:
        if len(harmless) >= _MOST_HARMLESS:
            harmless.clear()
        harmless.add(text)


def _shaped(text: str) -> Iterator[Span]:
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter such as İ is two in lower case
        lowered = text.translate(_LOWER)
    yield from shaped(text, lowered)


def _joined(spans: list[Span]) -> list[Span]:
    """Join what overlaps, so that no end of a secret stays because another one began in it.

    The first of `spans` names the mark: known secrets come before mere shapes.
    """
    rank = {span: number for number, span in reversed(list(enumerate(spans)))}
    joined: list[Span] = []
    best: list[int] = []
    for span in sorted(rank):
        start, end, mark = span
        if joined and start < joined[-1][1]:
            last_start, last_end, last_mark = joined[-1]
            if rank[span] < best[-1]:
                last_mark, best[-1] = mark, rank[span]
            joined[-1] = (last_start, max(last_end, end), last_mark)
        else:
            joined.append(span)
            best.append(rank[span])
    return joined


def _split(text: str, spans: list[Span], lengths: list[int]) -> list[str]:
    """Return the parts of `text` that have these lengths, with a mark in each that a span cuts."""
    parts, start = [], 0
    for length in lengths:
        end = start + length
        inside = [
            (max(first, start) - start, min(last, end) - start, mark)
            for first, last, mark in spans
            if first < end and last > start
        ]
        parts.append(_replaced(text[start:end], inside))
        start = end
    return parts


def _replaced(text: str, spans: list[Span]) -> str:
    pieces = []
    done = 0
    for start, end, mark in spans:
        pieces += [text[done:start], mark]
        done = end
    pieces.append(text[done:])
    return "".join(pieces)
