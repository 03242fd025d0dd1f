"""How texts are compared: in small letters, and without what may stand between two of them."""

from dataclasses import dataclass

_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


@dataclass(frozen=True, slots=True)
class Folding:
    """What is left out of a text before it is compared."""

    dropped: bytes

    def fold(self, text: str) -> bytes:
        """Return `text` in small letters, without what is dropped."""
        return text.encode("utf-8", "surrogatepass").lower().translate(None, self.dropped)

    def unfolded(self, text: str) -> list[int]:
        """Return for each byte of the folded `text` the position in `text` of its character."""
        dropped = frozenset(self.dropped)
        if text.isascii():
            return [at for at, byte in enumerate(text.encode()) if byte not in dropped]
        return [
            at
            for at, char in enumerate(text)
            for byte in char.encode("utf-8", "surrogatepass")
            if byte not in dropped
        ]


# Wrapped over lines, put together from several strings, in two bytes each.
SOLID = Folding(b" \t\r\n\v\f\"'\\\0")
# Letter by letter, in the items of a list, with hyphens, colons, plus signs or stars.
BARE = Folding(bytes(byte for byte in range(256) if byte not in _LETTERS))
