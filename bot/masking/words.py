"""Telling words from what is random: part of a secret may be an ordinary word."""

import re

_PIECE = re.compile(r"[A-Za-z0-9]+")
# What joins words in a name; any other sign is as good as random.
_JOINT = re.compile(r"[\s\w.:/@,'\"-]")
_VOWELS = frozenset("aeiouyAEIOUY")
_CONSONANTS = re.compile(r"[b-df-hj-np-tv-xz]{5,}", re.IGNORECASE)
# Of what looks random: that much may be a number, a version or an abbreviation.
_MOST_ODD = 4
_SHORTEST_WORD = 4


def is_wordy(text: str) -> bool:
    """Tell whether `text` is made of words and short numbers, such as ``staging-e2e-user-001``."""
    pieces = _PIECE.findall(text)
    odd = sum(len(piece) for piece in pieces if not _is_ordinary(piece))
    if odd + len(_JOINT.sub("", text)) > _MOST_ODD:
        return False
    # Where every piece is short, nothing says that they are words.
    words = sum(len(piece) for piece in pieces if len(piece) >= _SHORTEST_WORD) - odd
    return 2 * words >= len("".join(pieces))


def _is_ordinary(piece: str) -> bool:
    if piece.isdigit():
        return len(piece) <= 4
    letters = piece.rstrip("0123456789")
    if not letters.isalpha() or len(piece) - len(letters) > 3:
        return False
    if len(letters) <= 3:
        return True
    vowels = sum(letter in _VOWELS for letter in letters)
    return 0.2 <= vowels / len(letters) <= 0.7 and not _CONSONANTS.search(letters)
