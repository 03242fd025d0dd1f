"""What a secret is only a wrapping of: in base64, in hexadecimal, in quotes, behind a name."""

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from urllib.parse import unquote_to_bytes

# What is decoded again, as base64 of base64; more wrappings than that nobody makes.
_MOST_LAYERS = 3
_MOST_FORMS = 12
# Shorter text comes out of what was never encoded, by chance.
_LEAST_DECODED = 8
_LONGEST = 65_536

_AROUND = " \t\r\n\f\v\ufeff\"'`\u2018\u2019\u201c\u201d,;"
_BEFORE = re.compile(
    r"(?:export[ \t]+)?[A-Za-z_][\w.-]{1,60}(?:=|:[ \t]+)(?=[^=\s])|(?:bearer|basic)[ \t]+",
    re.IGNORECASE,
)
_UNSEEN = re.compile("[\u00a0\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff\x00]")
_ESCAPE = re.compile(r"(?:\\[nrt])+$")
_STANDARD = str.maketrans("-_", "+/")


def derived(value: str) -> tuple[str, ...]:
    """Return what `value` may stand for, other than itself; nothing for most secrets.

    Whoever is sent the wrapping can send back what is in it.
    """
    found = [value.strip()]
    for _ in range(_MOST_LAYERS):
        fresh = [each for one in found for each in _unwrapped(one) if each not in found]
        if not fresh:
            break
        found += dict.fromkeys(fresh)
    return tuple(found[1 : _MOST_FORMS + 1])


def _unwrapped(value: str) -> Iterator[str]:
    if len(value) > _LONGEST:
        return
    bare = _UNSEEN.sub("", _ESCAPE.sub("", value)).strip(_AROUND)
    yield bare
    if name := _BEFORE.match(bare):
        yield bare[name.end() :]
    for decode in _DECODERS:
        try:
            text = decode(bare).decode().strip()
        except (binascii.Error, ValueError):
            continue
        if len(text) >= _LEAST_DECODED and all(map(_is_readable, text)):
            yield text


def _is_readable(char: str) -> bool:
    return char.isprintable() or char in "\r\n\t"


def _base64(text: str) -> bytes:
    packed = "".join(text.split()).translate(_STANDARD).rstrip("=")
    return base64.b64decode(packed + "=" * (-len(packed) % 4), validate=True)


_DECODERS: tuple[Callable[[str], bytes], ...] = (_base64, bytes.fromhex, unquote_to_bytes)
