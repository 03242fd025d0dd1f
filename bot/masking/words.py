"""Telling words from what is random: part of a secret may be an ordinary word."""

import re
from itertools import pairwise

_PIECE = re.compile(r"[A-Za-z0-9]+")
# What joins words in a name; any other sign is as good as three random letters.
_JOINT = re.compile(r"[\s\w.:/@,'\"-]")
_SIGN = 3
# Of what looks random: that much may be a number, a version or an abbreviation.
_MOST_ODD = 4
_SHORTEST_WORD = 4
_VOWELS = frozenset("aeiouy")
# The pairs of letters that most words are made of: a fifth of all pairs there are.
_COMMON = """
    th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve
    co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no
    ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie ee em ad ol rt po we na ul ni ts mo ow
    pa im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ke ag od bo op au by ck ex ok ba da
    do du gi gr cr ub up sa pi ug ue oc uc ep pp ry ty
"""
_PAIRS = frozenset(re.findall(r"\w\w", _COMMON))


def is_wordy(text: str) -> bool:
    """Tell whether `text` is made of words and short numbers, such as ``staging-e2e-user-001``."""
    pieces = _PIECE.findall(text.lower())
    if odd_letters(text) + _SIGN * len(_JOINT.sub("", text)) > _MOST_ODD:
        return False
    # Where every piece is short, nothing says that they are words.
    words = sum(
        len(piece) for piece in pieces if len(piece) >= _SHORTEST_WORD and _is_ordinary(piece)
    )
    return 2 * words >= len("".join(pieces))


def odd_letters(text: str) -> int:
    """Return how many letters and digits of `text` are neither of a word nor of a short number."""
    pieces = _PIECE.findall(text.lower())
    return sum(len(piece) for piece in pieces if not _is_ordinary(piece))


def _is_ordinary(piece: str) -> bool:
    if piece.isdigit():
        return len(piece) <= 4
    letters = piece.rstrip("0123456789")
    if not letters.isalpha() or len(piece) - len(letters) > 3:
        return False
    if len(letters) <= _SHORTEST_WORD:
        return len(letters) < _SHORTEST_WORD or not _VOWELS.isdisjoint(letters)
    known = sum(first + second in _PAIRS for first, second in pairwise(letters))
    return 2 * known >= len(letters) - 1
