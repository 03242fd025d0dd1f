"""Secrets that come in pieces, frame by frame: no piece gives them away, all together do."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.masking import Masker
from bot.model import Json, Observation, TranscriptLine

# A longer piece is recognised by itself; more pieces than that are no secret's.
_LONGEST = 64
_MOST = 2_000
_DEEPEST = 4


class Spelled:
    """What the frames of a run say under each key, and in which line of the transcript."""

    def __init__(self) -> None:
        self._pieces: dict[str, list[tuple[TranscriptLine, str]]] = {}
        self._left = _MOST

    def add(self, body: Json, line: TranscriptLine) -> None:
        """Take the short texts of a frame that `line` shows."""
        for path, text in _short_texts(body, "", _DEEPEST):
            if self._left:
                self._left -= 1
                self._pieces.setdefault(path, []).append((line, text))

    def masked(self, lines: Sequence[TranscriptLine], masker: Masker) -> list[TranscriptLine]:
        """Return `lines` without the pieces that together spell a secret."""
        changed: dict[int, TranscriptLine] = {}
        for pieces in self._pieces.values():
            for at, new in _spelled([text for _, text in pieces], masker):
                line, text = pieces[at]
                known = changed.get(id(line), line)
                changed[id(line)] = replace(known, text=_exchanged(known.text, text, new))
        return [changed.get(id(line), line) for line in lines]


def without_spelled(seen: Sequence[Observation], masker: Masker) -> tuple[Observation, ...]:
    """Return observations without what the same key of several of them spells together."""
    kept = list(seen)
    by_key: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for number, one in enumerate(seen):
        if isinstance(one.value, Mapping):
            for name, text in one.value.items():
                if isinstance(text, str) and 0 < len(text) <= _LONGEST:
                    by_key.setdefault((one.path, name), []).append((number, text))
    for (_, name), pieces in by_key.items():
        for at, new in _spelled([text for _, text in pieces], masker):
            number = pieces[at][0]
            kept[number] = replace(kept[number], value={**kept[number].value, name: new})
    return tuple(kept)


def _spelled(texts: list[str], masker: Masker) -> Iterator[tuple[int, str]]:
    """Yield the positions of the texts that are parts of a secret, and what to show instead."""
    if len(texts) < 2 or not masker.may_hold("".join(texts)):
        return
    for at, new in enumerate(masker.mask_across(texts)):
        if new != texts[at]:
            yield at, new


def _exchanged(line: str, text: str, new: str) -> str:
    """Return a line of JSON with one of its texts exchanged for another."""
    for ascii_only in (True, False):
        old = json.dumps(text, ensure_ascii=ascii_only)
        if old in line:
            return line.replace(old, json.dumps(new))
    return line.replace(text, new)


def _short_texts(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    match value:
        case str() if 0 < len(value) <= _LONGEST:
            yield path, value
        case Mapping() if depth:
            for name, item in value.items():
                yield from _short_texts(item, f"{path}.{name}", depth - 1)
        case list() if depth:
            for item in value:
                yield from _short_texts(item, f"{path}[]", depth - 1)
        case _:
            pass
