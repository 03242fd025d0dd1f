"""What is looked for in a text: every form of every known secret, and the pieces of each.

Most texts hold no secret, and every text is looked at, so that must be told at once. A text is
*folded*: small letters, without white space, quotes and backslashes. Of the folded forms every
eight bytes are kept as a number; of the folded text every fourth eight bytes are looked up, which
no form, and no piece, of `LEAST` bytes or more gets past. Only where one is found is it worth
knowing which form it is of, and how far it reaches.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.masking.disguises import Disguise, disguises, encodings, pieces_of
from bot.masking.words import is_wordy

_GRAM = 8
_STRIDE = 4
LEAST = _GRAM + _STRIDE - 1
"""The shortest piece of a secret, in bytes of its folded form, that is sure to be noticed."""

_DROPPED = b" \t\r\n\v\f\"'\\"
# A piece that occurs in a form more often than that is of one that repeats itself.
_MOST_PLACES = 4

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A folded form of a secret, and the marks for all of it and for a piece of it."""

    folded: bytes
    mark: str
    part_mark: str
    least: int
    """The shortest piece that is hidden."""
    may_hold_words: bool
    """Whether what it has of ordinary words may stand in a text, since they are not all of it."""
    is_all_words: bool


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The forms of the known secrets; never changed, since other threads may be reading it."""

    plain: Mapping[str, str] = field(default_factory=dict)
    """Forms that stand for themselves -> mark."""
    encoded: Mapping[str, str] = field(default_factory=dict)
    """Forms in base64, whose edges depend on what stands beside them -> mark."""
    brief: frozenset[str] = frozenset()
    """Those of `plain` and `encoded` that are too short to be noticed by their eight bytes."""
    forms: tuple[Form, ...] = ()
    grams: frozenset[int] = frozenset()
    marks: frozenset[str] = frozenset()

    def with_value(self, value: str, *, mark: str, part_mark: str) -> "Lexicon":
        """Return a lexicon that knows `value` too."""
        found, wrapped = disguises(value), encodings(value)
        wholes = {form: fold(form) for form in (*found, *wrapped)}
        fresh = {
            one.folded: one for one in (_form(each, mark, part_mark) for each in pieces_of(value))
        }
        if mark in self.marks:  # known already
            fresh = {}
        grams = (gram for folded in {*wholes.values(), *fresh} for gram in _every_gram(folded))
        return Lexicon(
            # Of two secrets in one form, the one that was known first gives the name.
            plain={**self.plain, **dict.fromkeys(found - self.plain.keys(), mark)},
            encoded={**self.encoded, **dict.fromkeys(wrapped - self.encoded.keys(), mark)},
            brief=self.brief | {form for form, folded in wholes.items() if len(folded) < LEAST},
            forms=(*self.forms, *fresh.values()),
            grams=self.grams.union(*grams),
            marks=self.marks | {mark, part_mark},
        )

    def may_stand_in(self, text: str, folded: bytes) -> bool:
        """Tell whether there may be any of it in `text`; if not, there is not."""
        there = not (
            self.grams.isdisjoint(_grams(folded, 0))
            and self.grams.isdisjoint(_grams(folded, _STRIDE))
        )
        return there or any(form in text for form in self.brief)

    def pieces_in(self, folded: bytes) -> Iterator[Span]:
        """Yield where in a folded text forms and long pieces of them stand."""
        places: dict[bytes, list[tuple[Form, int]]] = {}
        reached = 0
        for start in self._hits(folded):
            gram = folded[start : start + _GRAM]
            if start + _GRAM <= reached:
                continue
            if gram not in places:
                places[gram] = list(_places(gram, self.forms))
            for form, offset in places[gram]:
                first, last = _extent(folded, start, form.folded, offset)
                if mark := _judged(form, folded[first:last]):
                    reached = max(reached, last)
                    yield first, last, mark

    def _hits(self, folded: bytes) -> list[int]:
        return sorted(
            start + _GRAM * number
            for start in (0, _STRIDE)
            for number, gram in enumerate(_grams(folded, start))
            if gram in self.grams
        )


def fold(text: str) -> bytes:
    """Return `text` as it is compared: small letters, no white space, quotes or backslashes."""
    return text.encode("utf-8", "surrogatepass").lower().translate(None, _DROPPED)


def unfolded(text: str) -> list[int]:
    """Return for each byte of the folded `text` the position in `text` of its character."""
    if text.isascii():
        return [at for at, byte in enumerate(text.encode()) if byte not in _DROPPED]
    return [
        at
        for at, char in enumerate(text)
        for byte in char.encode("utf-8", "surrogatepass")
        if byte not in _DROPPED
    ]


def _form(disguise: Disguise, mark: str, part_mark: str) -> Form:
    return Form(
        folded=fold(disguise.text),
        mark=mark,
        part_mark=part_mark,
        least=max(LEAST, round(8 * disguise.each)),
        may_hold_words=disguise.is_plain,
        is_all_words=disguise.is_plain and is_wordy(disguise.text),
    )


def _judged(form: Form, piece: bytes) -> str:
    """Return the mark for a piece, or nothing for one that is too short or just ordinary words."""
    if len(piece) == len(form.folded):
        return form.mark
    if len(piece) < form.least:
        return ""
    if not form.may_hold_words or not is_wordy(piece.decode("latin-1")):
        return form.part_mark
    # Of a passphrase, half is too much; elsewhere it is the rest that nobody can guess.
    return form.part_mark if form.is_all_words and 2 * len(piece) >= len(form.folded) else ""


def _extent(folded: bytes, start: int, form: bytes, offset: int) -> tuple[int, int]:
    """Return how far the text and the form agree around a place where they do."""
    first, end = start, start + _GRAM
    shift = offset - start
    while first > 0 and first + shift > 0 and folded[first - 1] == form[first + shift - 1]:
        first -= 1
    while end < len(folded) and end + shift < len(form) and folded[end] == form[end + shift]:
        end += 1
    return first, end


def _places(gram: bytes, forms: Iterable[Form]) -> Iterator[tuple[Form, int]]:
    for form in forms:
        at, found = form.folded.find(gram), 0
        while at >= 0 and found < _MOST_PLACES:
            yield form, at
            at, found = form.folded.find(gram, at + 1), found + 1


def _every_gram(folded: bytes) -> list[memoryview]:
    return [_grams(folded, start) for start in range(min(_GRAM, len(folded)))]


def _grams(folded: bytes, start: int) -> memoryview:
    """Return the eight bytes from `start` on, those after them, and so on, as numbers."""
    end = start + max(0, len(folded) - start) // _GRAM * _GRAM
    return memoryview(folded[start:end]).cast("Q")
