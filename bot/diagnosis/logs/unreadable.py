"""What is no log, said in words: nothing at all, something packed, or something that is no text."""

from enum import StrEnum
from typing import NamedTuple

MOST_BYTES = 10 * 1024 * 1024
"""A larger log is refused: cut by us, its line numbers would be wrong."""

_HEAD = 4096
_PACKED = (
    (b"\x1f\x8b", "gzip", "gunzip -c"),
    (b"PK\x03\x04", "zip", "unzip -p"),
    (b"\xfd7zXZ\x00", "xz", "xz -dc"),
    (b"\x28\xb5\x2f\xfd", "zstd", "zstd -dc"),
    (b"BZh", "bzip2", "bunzip2 -c"),
)
# Bytes that text has none of; NUL is left out, because UTF-16 and broken logs have it.
_CONTROLS = bytes({*range(1, 32), 127} - {*b"\t\n\r\x0b\x0c\x1b\x07\x08"})
_MOST_CONTROLS = 0.05
_MOST_NULS = 0.6


class Flaw(StrEnum):
    """What keeps something from being read as a log."""

    EMPTY = "empty"
    TOO_LARGE = "too large"
    NO_TEXT = "no text"


class Unreadable(NamedTuple):
    """Why something cannot be read as a log, and what to do about it in a shell."""

    flaw: Flaw
    problem: str
    hint: str


def unreadable(data: bytes) -> Unreadable | None:
    """Return why `data` cannot be read as a log, or None if it can."""
    if not data.strip(b" \t\r\n\0\xff\xfe\xef\xbb\xbf"):
        return Unreadable(
            Flaw.EMPTY,
            "The log is empty.",
            "Send what the run printed: pytest 2>&1 | stagecheck explain",
        )
    if len(data) > MOST_BYTES:
        return Unreadable(
            Flaw.TOO_LARGE,
            f"The log is larger than {MOST_BYTES // 1024 // 1024} MB.",
            "Its end tells most: tail -c 10M FILE | stagecheck explain",
        )
    for mark, name, command in _PACKED:
        if data.startswith(mark):
            return Unreadable(
                Flaw.NO_TEXT,
                f"The log is packed with {name}.",
                f"Unpack it: {command} FILE | stagecheck explain",
            )
    if _is_binary(data[:_HEAD]):
        return Unreadable(
            Flaw.NO_TEXT, "This is no text.", "Send the log itself, as text in any encoding."
        )
    return None


def _is_binary(head: bytes) -> bool:
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return controls > _MOST_CONTROLS * len(head) or head.count(0) > _MOST_NULS * len(head)
