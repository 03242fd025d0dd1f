"""Secrets in every dress, and somebody who looks for them without knowing how they are masked."""

import base64
import html
import json
import random
import re
import string
from collections.abc import Callable, Iterator, Mapping
from urllib.parse import quote, unquote

Dress = Callable[[str], str]

WINDOW = 12
"""So many letters of a random secret in a row are a leak."""


def wrapped(text: str, width: int, by: str) -> str:
    return by.join(text[at : at + width] for at in range(0, len(text), width))


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


DRESSES: Mapping[str, Dress] = {
    "plain": str,
    "capitals": str.upper,
    "small letters": str.lower,
    "other case": str.swapcase,
    "backwards": lambda text: text[::-1],
    "JSON": json.dumps,
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "repr of bytes": lambda text: repr(text.encode()),
    "percent": lambda text: quote(text, safe=""),
    "percent twice": lambda text: quote(quote(text, safe=""), safe=""),
    "percent, every byte": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "HTML": html.escape,
    "entities": lambda text: "".join(f"&#{ord(char)};" for char in text),
    "unicode escapes": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
    "hex": lambda text: text.encode().hex(),
    "hex in capitals": lambda text: text.encode().hex().upper(),
    "hex with blanks": lambda text: text.encode().hex(" "),
    "list of bytes": lambda text: str(list(text.encode())),
    "base64": encoded,
    "base64, no padding": lambda text: encoded(text).rstrip("="),
    "base64 for addresses": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 after a": lambda text: encoded(f"a{text}"),
    "basic authorization": lambda text: f"Authorization: Basic {encoded(f'us:{text}')}",
    "base64 of base64": lambda text: encoded(encoded(text)),
    "base64, wrapped": lambda text: wrapped(encoded(text), 16, "\n"),
    "wrapped at 5": lambda text: wrapped(text, 5, "\n"),
    "wrapped at 9 and indented": lambda text: wrapped(text, 9, "\r\n    "),
    "two strings": lambda text: f"'{text[:8]}' '{text[8:]}'",
    "letter by letter": " ".join,
    "bearer": lambda text: f"Authorization: Bearer {text}",
    "its beginning": lambda text: text[: 2 * len(text) // 3],
    "its end": lambda text: text[len(text) // 3 :],
    "its middle": lambda text: text[4:-4],
    "middle in base64": lambda text: encoded(text[3:-3]),
    "end in hex": lambda text: text[5:].encode().hex(),
}

CONTEXTS = (
    "{}",
    "bad key {}!",
    "key={}&env=staging",
    '{{"detail": "Invalid key", "got": "{}"}}',
    "Traceback (most recent call last):\n  File 'x.py', line 3\nValueError: {}",
    "2026-01-02T03:04:05Z ERROR auth: {} refused",
    "https://api.example.test/ws?t={}#x",
    "<td>{}</td>",
    "…{}…",
)


def random_secret(dice: random.Random) -> str:
    """Return a secret as they are made: hexadecimal, base64, or of all that can be typed."""
    alphabets = (
        string.hexdigits.lower()[:16],
        string.ascii_letters + string.digits,
        string.ascii_letters + string.digits + "-_",
        string.ascii_letters + string.digits + "+/",
        string.ascii_letters + string.digits + "!$%&()*,.;<>?@^~",
    )
    return "".join(dice.choices(dice.choice(alphabets), k=dice.randint(28, 48)))


def leaks_in(output: str, secrets: list[str]) -> list[str]:
    """Return the secrets that can be read out of `output`, even in part."""
    views = list(views_of(output))
    return [secret for secret in secrets if _is_in(views, secret)]


def _is_in(views: list[str], secret: str) -> bool:
    pieces = [_bare(secret[at : at + WINDOW]) for at in range(len(secret) - WINDOW + 1)]
    return any(piece in view or piece[::-1] in view for view in views for piece in pieces)


def views_of(output: str) -> Iterator[str]:
    """Yield what a patient reader makes of `output`: undone escapes, encodings, wrapping."""
    plain = output
    for _ in range(3):
        yield _bare(plain)
        plain = _unescaped(plain)
    yield _bare(plain)
    together = re.sub(r"[\s\"'\\]+", "", plain)
    for _ in range(2):
        decoded = " ".join(_decoded(together))
        yield _bare(decoded)
        together = decoded


def _bare(text: str) -> str:
    return re.sub(r"[\s\"'\\]+", "", text).lower()


def _unescaped(text: str) -> str:
    text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\+x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
    return html.unescape(unquote(text, errors="replace"))


def _decoded(text: str) -> Iterator[str]:
    """Yield what stands in `text` in base64, in hexadecimal, or as a list of numbers."""
    for found in re.findall(r"[A-Za-z0-9+/_-]{12,}", text):
        standard = found.translate(str.maketrans("-_", "+/"))
        for start in range(4):
            whole = standard[start : start + (len(standard) - start) // 4 * 4]
            yield base64.b64decode(whole).decode("latin-1")
    for found in re.findall(r"[0-9a-fA-F]{20,}", text):
        for start in range(2):
            even = found[start : start + (len(found) - start) // 2 * 2]
            yield bytes.fromhex(even).decode("latin-1")
    for found in re.findall(r"(?:\d{2,3},){8,}\d{2,3}", text):
        yield "".join(chr(int(number)) for number in found.split(","))
