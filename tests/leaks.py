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
    "octal": lambda text: "".join(f"\\{ord(char):03o}" for char in text),
    "octal with a zero": lambda text: "".join(f"\\0{ord(char):o}" for char in text),
    "braced escapes": lambda text: "".join(f"\\u{{{ord(char):x}}}" for char in text),
    "long escapes": lambda text: "".join(f"\\U{ord(char):08x}" for char in text),
    "quoted-printable": lambda text: "".join(f"={ord(char):02X}" for char in text),
    "base32": lambda text: base64.b32encode(text.encode()).decode(),
    "base32 after abc": lambda text: base64.b32encode(f"abc{text}".encode()).decode(),
    "base64 three times": lambda text: encoded(encoded(encoded(text))),
    "base64 of hex": lambda text: encoded(text.encode().hex()),
    "hex of base64": lambda text: encoded(text).encode().hex(),
    "hex with colons": lambda text: text.encode().hex(":"),
    "two bytes a letter": lambda text: repr(text.encode("utf-16")),
    "two bytes in hex": lambda text: text.encode("utf-16-le").hex(),
    "two bytes in base64": lambda text: base64.b64encode(text.encode("utf-16-be")).decode(),
    "wide letters": lambda text: text.translate({at: at + 0xFEE0 for at in range(0x21, 0x7F)}),
    "with hyphens": "-".join,
    "with commas": ", ".join,
    "list of letters": lambda text: json.dumps(list(text)),
    "added strings": lambda text: wrapped(text, 5, '" + "'),
    "added long strings": lambda text: wrapped(text, 10, "' +\n  '"),
    "stars": lambda text: wrapped(text, 7, "**"),
    "lines of a diff": lambda text: wrapped(text, 8, "\n+"),
    "coloured": lambda text: wrapped(text, 5, "\x1b[31m"),
    "coloured, as shown": lambda text: wrapped(text, 5, "\\x1b[1;31m"),
    "between tags": lambda text: wrapped(text, 4, "<b>"),
    "between long tags": lambda text: wrapped(text, 9, "</span><span class='x'>"),
    "stream of events": lambda text: "data: " + wrapped(text, 5, "\ndata: "),
    "stream of named events": lambda text: "data: " + wrapped(text, 6, "\n\nevent: x\ndata: "),
    "numbered lines": lambda text: "\n".join(
        f"{at:2d}| {text[at : at + 6]}" for at in range(0, len(text), 6)
    ),
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
    turned = [looked[::way] for looked in {_solid(secret), _bare(secret)} for way in (1, -1)]
    return any(_is_seen(view, looked) for looked in turned for view in views)


def _is_seen(view: str, looked: str) -> bool:
    # Every window has one of the halves in it; most texts have none of those.
    half = WINDOW // 2
    if not any(looked[at : at + half] in view for at in range(0, len(looked) - half + 1, half)):
        return False
    return any(looked[at : at + WINDOW] in view for at in range(len(looked) - WINDOW + 1))


def views_of(output: str) -> Iterator[str]:
    """Yield what a patient reader makes of `output`: undone escapes, encodings, wrapping."""
    plain = output
    for _ in range(3):
        yield from _readings(plain)
        plain = _unescaped(plain)
    yield from _readings(plain)
    together = _solid_of_any_case(plain)
    for _ in range(3):
        decoded = " ".join(_decoded(together))
        yield from _readings(decoded)
        together = decoded


def _readings(text: str) -> Iterator[str]:
    """Yield `text` without what may stand between the letters of a secret."""
    yield _solid(text)
    yield _bare(text)
    text = re.sub(r"\x1b\[[\d;]*m|\^\[\[[\d;]*m", "", text)
    yield _bare(re.sub(r"<[^<>]*>", "", text))
    text = re.sub(r"(?m)^\s*event:.*$", "", text)
    yield _bare(re.sub(r"(?m)^\s*(?:data:|\d+\|)", "", text))


def _solid_of_any_case(text: str) -> str:
    return re.sub(r"[\s\"'\\\0]+", "", text)


def _solid(text: str) -> str:
    return _solid_of_any_case(text).lower()


def _bare(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", text.lower())


def _unescaped(text: str) -> str:
    """Undo one layer of escapes; numbers are hexadecimal but in octal."""
    text = re.sub(r"\\+(?:u|U0000)([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\+u\{([0-9a-fA-F]{2})\}", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\+x([0-9a-fA-F]{2})", lambda found: chr(int(found[1], 16)), text)
    text = re.sub(r"\\+0?(1[0-7]{2}|[4-7][0-7])", lambda found: chr(int(found[1], 8)), text)
    text = re.sub(r"\\+n", "\n", text)
    wide = {at + 0xFEE0: at for at in range(0x21, 0x7F)}
    return html.unescape(unquote(text.translate(wide), errors="replace"))


def _decoded(text: str) -> Iterator[str]:
    """Yield what stands in `text` in base64, base32, hexadecimal, or as a list of numbers."""
    for found in re.findall(r"[A-Za-z0-9+/_-]{12,}", text):
        standard = found.translate(str.maketrans("-_", "+/"))
        for start in range(4):
            whole = standard[start : start + (len(standard) - start) // 4 * 4]
            yield base64.b64decode(whole).decode("latin-1")
    for found in re.findall(r"[A-Z2-7]{16,}", text):
        for start in range(8):
            whole = found[start : start + (len(found) - start) // 8 * 8]
            yield base64.b32decode(whole).decode("latin-1")
    for found in re.findall(r"(?:[0-9a-fA-F]{2}[:=]?){10,}", text):
        digits = re.sub(r"[:=]", "", found)
        for start in range(2):
            even = digits[start : start + (len(digits) - start) // 2 * 2]
            yield bytes.fromhex(even).decode("latin-1")
    for found in re.findall(r"(?:\d{2,3},){8,}\d{2,3}", text):
        yield "".join(chr(int(number)) for number in found.split(","))
