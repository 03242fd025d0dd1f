"""What is looked for in a text: every form of every known secret, and the pieces of each.

Most texts hold no secret, and every text is looked at, so that must be told at once. A text is
*folded*, once without white space and quotes, once to its letters and digits alone. Of the folded
forms every eight bytes are kept as a number; of the folded text every fourth eight bytes are looked
up, which no form, and no piece, of `LEAST` bytes or more gets past. Only where one is found is it
worth knowing which form it is of, and how far it reaches.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from bot.masking.cuts import Ends
from bot.masking.disguises import (
    LONG,
    Disguise,
    core_of,
    disguises,
    encodings,
    end_of,
    pieces_of,
)
from bot.masking.folding import BARE, SOLID, Folding
from bot.masking.words import is_wordy

_GRAM = 8
_STRIDE = 4
LEAST = _GRAM + _STRIDE - 1
"""The shortest piece of a secret, in bytes of its folded form, that is sure to be noticed."""

_MOST_LAYERS = 6
LEAST_OF_LONG = _GRAM + 4 * _STRIDE - 1
"""The same of a token, or of another secret of hundreds of letters."""
# A piece that occurs in a form more often than that is of one that repeats itself.
_MOST_PLACES = 4
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
# Around a piece of base64: what also holds bits of the secret.
_EDGE = 4

Span = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Form:
    """A folded form of a secret, and the marks for all of it and for a piece of it."""

    folded: bytes
    mark: str
    part_mark: str
    least: int
    """The shortest piece that is hidden."""
    words: str
    """The form as it reads, if what it has of ordinary words may stand in a text; else nothing."""
    at: tuple[int, ...]
    """For each byte of `folded` its place in `words`."""
    is_all_words: bool

    def judged(self, first: int, last: int) -> str:
        """Return the mark for a piece, or nothing for one that is too short or just words."""
        if last - first == len(self.folded):
            return self.mark
        if last - first < self.least:
            return ""
        if not self.words or not is_wordy(self.words[self.at[first] : self.at[last - 1] + 1]):
            return self.part_mark
        # Of a passphrase, half is too much; elsewhere it is the rest that nobody can guess.
        is_half = self.is_all_words and 2 * (last - first) >= len(self.folded)
        return self.part_mark if is_half else ""


@dataclass(frozen=True, slots=True)
class Index:
    """The forms of the known secrets, folded in one way."""

    folding: Folding
    forms: tuple[Form, ...] = ()
    layers: tuple[frozenset[int], ...] = ()
    """The eight bytes that are looked up, of what was learned together; others share them."""

    def joined(
        self, forms: Iterable[Form], wholes: Iterable[bytes] = (), *, are_long: bool = False
    ) -> "Index":
        """Return an index that has `forms` too, and notices `wholes`."""
        fresh = {form.folded: form for form in forms}
        pieces = _some_grams if are_long else _every_gram
        # Of a whole, one of its first beginnings is looked up wherever it stands.
        grams = chain(*map(pieces, fresh), *(_every_gram(one[:LEAST]) for one in wholes))
        layer = frozenset(chain.from_iterable(grams))
        return Index(self.folding, (*self.forms, *fresh.values()), (*self.layers, layer))

    def settled(self) -> "Index":
        """Return the same in one layer, which is looked up faster."""
        return Index(self.folding, self.forms, (frozenset().union(*self.layers),))

    def may_stand_in(self, folded: bytes) -> bool:
        """Tell whether there may be any of it in a folded text; if not, there is not."""
        if len(folded) < _GRAM:
            return False
        first, second = _grams(folded, 0), _grams(folded, _STRIDE)
        return not all(one.isdisjoint(first) and one.isdisjoint(second) for one in self.layers)

    def spans_in(self, text: str, folded: bytes) -> Iterator[Span]:
        """Yield where in `text` forms and long pieces of them stand."""
        if pieces := list(self._pieces_in(folded)):
            at = self.folding.unfolded(text)
            for start, end, mark in pieces:
                yield at[start], at[end - 1] + 1, mark

    def _pieces_in(self, folded: bytes) -> Iterator[Span]:
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
                shift = offset - start
                if mark := form.judged(first + shift, last + shift):
                    reached = max(reached, last)
                    yield first, last, mark

    def _hits(self, folded: bytes) -> list[int]:
        hits: list[int] = []
        for start in (0, _STRIDE):
            grams = _grams(folded, start)
            if known := set().union(*(layer.intersection(grams) for layer in self.layers)):
                hits += (start + _GRAM * at for at, gram in enumerate(grams) if gram in known)
        return sorted(hits)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The forms of the known secrets; never changed, since other threads may be reading it."""

    plain: Mapping[str, str] = field(default_factory=dict)
    """Forms that stand for themselves -> mark."""
    encoded: Mapping[str, str] = field(default_factory=dict)
    """Forms in base64, whose edges depend on what stands beside them -> mark."""
    brief: frozenset[str] = frozenset()
    """Those of `plain` and `encoded` that are too short to be noticed by their eight bytes."""
    solid: Index = field(default_factory=lambda: Index(SOLID))
    bare: Index = field(default_factory=lambda: Index(BARE))
    ends: Ends = field(default_factory=Ends)
    marks: frozenset[str] = frozenset()

    def with_value(self, value: str, *, mark: str, part_mark: str) -> "Lexicon":
        """Return a lexicon that knows `value` too."""
        found, wrapped = disguises(value), encodings(value)
        if mark in self.marks and found <= self.plain.keys():
            return self
        wholes = {form: SOLID.fold(form) for form in (*found, *wrapped)}
        pieces, is_long = list(pieces_of(value)), len(core_of(value)) > LONG
        solid = (_form(each, SOLID, mark, part_mark) for each in pieces)
        bare = (_form(each, BARE, mark, part_mark) for each in pieces)
        return Lexicon(
            # Of two secrets in one form, the one that was known first gives the name.
            plain={**self.plain, **dict.fromkeys(found - self.plain.keys(), mark)},
            encoded={**self.encoded, **dict.fromkeys(wrapped - self.encoded.keys(), mark)},
            brief=self.brief | {form for form, folded in wholes.items() if len(folded) < LEAST},
            solid=self.solid.joined(solid, wholes.values(), are_long=is_long),
            # Words with other signs between them are just words.
            bare=self.bare.joined(
                (one for one in bare if not one.is_all_words and len(one.folded) >= LEAST),
                are_long=is_long,
            ),
            ends=self.ends.joined(end_of(value), part_mark),
            marks=self.marks | {mark, part_mark},
        )

    @property
    def is_scattered(self) -> bool:
        return len(self.solid.layers) > _MOST_LAYERS

    def settled(self) -> "Lexicon":
        """Return the same, faster to look through; for what others are to begin with."""
        return replace(self, solid=self.solid.settled(), bare=self.bare.settled())

    def may_stand_in(self, text: str) -> bool:
        """Tell whether there may be any of it in `text`; if not, there is not."""
        return bool(self.plain) and (
            self._is_noticed(text, SOLID.fold(text))
            or self.bare.may_stand_in(BARE.fold(text))
            or any(True for _ in self.ends.spans_in(text))
        )

    def spans_in(self, text: str) -> Iterator[Span]:
        """Yield where in `text` it stands."""
        if not self.plain:
            return
        folded = SOLID.fold(text)
        if self._is_noticed(text, folded):
            for form, mark in self.plain.items():
                for start, end in _occurrences(text, form):
                    yield start, end, mark
            for form, mark in self.encoded.items():
                for start, end in _occurrences(text, form):
                    yield (*_widened(text, start, end), mark)
            yield from self.solid.spans_in(text, folded)
        folded = BARE.fold(text)
        if self.bare.may_stand_in(folded):
            yield from self.bare.spans_in(text, folded)
        yield from self.ends.spans_in(text)

    def _is_noticed(self, text: str, folded: bytes) -> bool:
        return self.solid.may_stand_in(folded) or any(form in text for form in self.brief)


def _occurrences(text: str, form: str) -> Iterator[tuple[int, int]]:
    """Yield where `form` stands; where it overlaps itself, all of that at once."""
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        following = text.find(form, start + 1)
        while 0 <= following < end:
            end = following + len(form)
            following = text.find(form, following + 1)
        yield start, end
        start = following


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    first, last = max(0, start - _EDGE), min(len(text), end + _EDGE)
    while start > first and text[start - 1] in _BASE64:
        start -= 1
    while end < last and text[end] in _BASE64:
        end += 1
    return start, end


def _form(disguise: Disguise, folding: Folding, mark: str, part_mark: str) -> Form:
    return Form(
        folded=folding.fold(disguise.text),
        mark=mark,
        part_mark=part_mark,
        least=max(LEAST, round(8 * disguise.each)),
        words=disguise.text if disguise.is_plain else "",
        at=tuple(folding.unfolded(disguise.text)) if disguise.is_plain else (),
        is_all_words=disguise.is_plain and is_wordy(disguise.text),
    )


def _extent(folded: bytes, start: int, form: bytes, offset: int) -> tuple[int, int]:
    """Return how far the text and the form agree around a place where they do."""
    if folded.startswith(form, max(0, start - offset)) and start >= offset:  # nearly always
        return start - offset, start - offset + len(form)
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


def _some_grams(folded: bytes) -> list[memoryview]:
    """Return as many of a token's as notice a piece of `LEAST_OF_LONG`: every run learns some."""
    return [_grams(folded, start)[::2] for start in range(_STRIDE)]


def _grams(folded: bytes, start: int) -> memoryview:
    """Return the eight bytes from `start` on, those after them, and so on, as numbers."""
    end = start + max(0, len(folded) - start) // _GRAM * _GRAM
    return memoryview(folded[start:end]).cast("Q")
