"""The forms in which a known secret may turn up in a text."""

import base64
import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

# A shorter value would be found inside ordinary words and turn a report into noise.
MIN_LENGTH = 4
# A line of a key, or a part of a token, that gives the whole away.
MIN_PART = 12
# A piece of base64 shorter than this is found by chance.
MIN_BASE64 = 6

# A shorter one in capitals, or backwards, may be a word.
MIN_TURNED = 8
# A longer secret is a token or a key file: of those the rarer disguises are not worth the time.
LONG = 200

_PERCENT = re.compile(r"%[0-9A-F]{2}")


@dataclass(frozen=True, slots=True)
class Disguise:
    """A form of a secret of which a piece gives some of it away."""

    text: str
    each: float = 1.0
    """How many characters stand for one of the secret's."""
    is_plain: bool = False
    """Whether its pieces read as they do in the secret, ordinary words included."""


def disguises(value: str) -> frozenset[str]:
    """Return the forms of `value` in plain text: trimmed, quoted, escaped, in parts."""
    core = value.strip()
    found = {form for plain in {value, core} for form in _forms(plain)}
    found |= set(_parts(core))
    if len(core) >= MIN_TURNED:
        found |= {core[::-1], core.lower(), core.upper(), core.swapcase()}
    return frozenset(form for form in found if len(form.strip()) >= MIN_LENGTH)


def encodings(value: str) -> frozenset[str]:
    """Return what base64 of anything that contains `value` contains, in both alphabets.

    Base64 turns three bytes into four characters, so a value looks different at each of three
    offsets. The characters at its edges also depend on the neighbours; they are left out.
    """
    return _in_base64(value.strip().encode("utf-8", "surrogatepass"))


def _in_base64(raw: bytes) -> frozenset[str]:
    found = set()
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + raw).rstrip(b"=").decode()
        first = (0, 2, 3)[offset]
        last = len(text) if (offset + len(raw)) % 3 == 0 else len(text) - 1
        found |= {text[first:last], text[first:last].translate(_URL_SAFE)}
    return frozenset(form for form in found if len(form) >= MIN_BASE64)


def pieces_of(value: str) -> Iterator[Disguise]:
    """Yield the forms of `value` of which no piece may be shown either."""
    core = core_of(value)
    yield Disguise(core, is_plain=True)
    for form in sorted(encodings(core)):
        yield Disguise(form, 4 / 3)
    if len(core) > LONG:
        return
    yield Disguise(core[::-1], is_plain=True)
    raw = core.encode("utf-8", "surrogatepass")
    yield from _twice_encoded(raw)
    yield Disguise(raw.hex(), 2)
    for before, form, after in _ESCAPES:
        yield Disguise("".join(f"{before}{byte:{form}}{after}" for byte in raw), _EACH)
    # Each letter in two bytes, as on Windows.
    wide = core.encode("utf-16-le", "surrogatepass")
    yield Disguise(wide.hex(), 4)
    yield from (Disguise(form, 8 / 3) for form in sorted(_in_base64(wide)))
    yield from (Disguise(form, 8 / 5) for form in sorted(_in_base32(raw)))


def core_of(value: str) -> str:
    """Return what is secret of `value`: of a name and a password, only the password."""
    core = value.strip()
    return core.partition(":")[2] if _CREDENTIALS.fullmatch(core) else core


def end_of(value: str) -> str:
    """Return that of `value` whose beginning and end tell it from others; nothing if it is short.

    Of a token that is the signature: the rest is much the same in all of them.
    """
    core = core_of(value)
    told = core.rpartition(".")[2] if core.startswith("eyJ") else core
    return told if len(told) >= MIN_TURNED else ""


def _twice_encoded(raw: bytes) -> Iterator[Disguise]:
    once = base64.b64encode(raw)
    for each, inner in ((16 / 9, once), (64 / 27, base64.b64encode(once)), (8 / 3, raw.hex())):
        packed = inner.encode() if isinstance(inner, str) else inner
        yield from (Disguise(form, each) for form in sorted(_in_base64(packed)))
    for form in sorted(_in_base64(raw)):
        yield Disguise(form.encode().hex(), 8 / 3)


def _in_base32(raw: bytes) -> frozenset[str]:
    """Return what base32 of anything that contains `raw` contains: five bytes, eight letters."""
    found = set()
    for offset in range(5):
        text = base64.b32encode(b"\0" * offset + raw).rstrip(b"=").decode()
        first = -(-8 * offset // 5)
        last = len(text) if (offset + len(raw)) % 5 == 0 else len(text) - 1
        found.add(text[first:last])
    return frozenset(found)


_CREDENTIALS = re.compile(r"[^:\s]{1,64}:[^:\s]{4,}")
# Its bytes in a list.
_ESCAPES = (("", "d", ","), ("0x", "02x", ","))
_EACH = 3.0
_URL_SAFE = str.maketrans("+/", "-_")


def _forms(plain: str) -> Iterator[str]:
    raw = plain.encode("utf-8", "surrogatepass")
    yield plain
    yield from _percent_cases("".join(map(_PERCENTED.__getitem__, raw)))
    for safe in ("", "/"):
        yield from _percent_cases(quote(raw, safe=safe))
    yield from _percent_cases(quote_plus(raw))
    yield from _percent_cases(quote(quote(raw, safe=""), safe=""))
    for ascii_only in (True, False):
        once = json.dumps(plain, ensure_ascii=ascii_only)[1:-1]
        yield once
        yield once.replace("/", r"\/")
        yield json.dumps(once, ensure_ascii=ascii_only)[1:-1]
    yield repr(plain)[1:-1]
    yield repr(raw)[2:-1]
    yield html.escape(plain, quote=True)
    yield html.escape(plain, quote=False)
    yield raw.hex()
    yield raw.hex().upper()


_PERCENTED = tuple(
    chr(byte) if byte < 128 and chr(byte).isalnum() else f"%{byte:02X}" for byte in range(256)
)


def _percent_cases(quoted: str) -> Iterator[str]:
    yield quoted
    yield _PERCENT.sub(lambda found: found[0].lower(), quoted)


def _parts(core: str) -> Iterator[str]:
    if core.count(".") == 2:  # a JWT: its payload and its signature each give it away
        yield from (part for part in core.split(".")[1:] if len(part) >= MIN_PART)
    if "\n" in core:  # a PEM file: an error message may show any line of it
        lines = (line.strip() for line in core.splitlines())
        yield from (line for line in lines if len(line) >= MIN_PART and line[:5] != "-----")
