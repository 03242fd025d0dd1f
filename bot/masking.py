"""Secrets: how they are held, shown (only as fingerprints) and kept out of every text."""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus

# A shorter value would be found inside ordinary words and turn a report into noise.
MIN_MASKED_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret by reference: where it comes from, and its value if it could be read.

    `source` is the reference as written, such as ``env:JWT_SECRET_STAGING`` or ``file:/run/key``.
    `value` is exactly what the source holds, white space included: a stray newline is evidence.
    `problem` says why there is no value; it is empty when there is one.
    """

    name: str
    source: str
    value: str | None = field(default=None, repr=False)
    problem: str = ""

    def __str__(self) -> str:
        return f"[secret {self.name} from {self.source}]"


def fingerprint(value: str, pepper: bytes) -> str:
    """Return the only form in which a secret is shown: 12 hex digits of a keyed hash.

    Keyed with the installation's pepper, so that it cannot be looked up in a table of hashed
    guesses. The same value and pepper always give the same fingerprint.
    """
    return hmac.new(pepper, value.encode(), hashlib.sha256).hexdigest()[:12]


class Masker:
    """Replaces every known secret, in its usual disguises, and anything shaped like a token."""

    def __init__(self, secrets: Iterable[Secret] = (), *, pepper: bytes) -> None:
        self._pepper = pepper
        self._marks: dict[str, str] = {}
        self._known: re.Pattern[str] | None = None
        self.learn(*secrets)

    def learn(self, *secrets: Secret) -> None:
        """Mask these too from now on, such as a token issued during the run."""
        for secret in secrets:
            value = secret.value or ""
            if len(value.strip()) < MIN_MASKED_LENGTH:
                continue
            mark = f"[redacted {secret.name} #{self.fingerprint(value)}]"
            for disguise in _disguises(value):
                self._marks.setdefault(disguise, mark)
        # Longest first: a token must not stay half visible because a part of it matched.
        longest_first = sorted(self._marks, key=len, reverse=True)
        if longest_first:
            self._known = re.compile("|".join(map(re.escape, longest_first)))

    def child(self, *secrets: Secret) -> "Masker":
        """Return a masker that also knows `secrets`, leaving this one as it is."""
        copy = Masker(pepper=self._pepper)
        copy._marks = dict(self._marks)
        copy._known = self._known
        copy.learn(*secrets)
        return copy

    def fingerprint(self, value: str) -> str:
        """Return the fingerprint of `value` under this installation's pepper."""
        return fingerprint(value, self._pepper)

    def mask(self, text: str) -> str:
        """Return `text` with every secret replaced by a mark that says it was."""
        if self._known is not None:
            text = self._known.sub(lambda found: self._marks[found[0]], text)
        for shape, mark in _SHAPES:
            text = shape.sub(mark, text)
        return text

    def mask_json(self, value: Any) -> Any:
        """Return JSON-like `value` with every string in it masked, keys included."""
        match value:
            case str():
                return self.mask(value)
            case Mapping():
                return {self.mask(str(key)): self.mask_json(item) for key, item in value.items()}
            case list() | tuple():
                return [self.mask_json(item) for item in value]
            case _:
                return value


# Shapes of secrets nobody told us about: in a target's output or in a pasted log.
_SHAPES: Sequence[tuple[re.Pattern[str], str]] = (
    (
        re.compile(r"eyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"),
        "[redacted token]",
    ),
    (re.compile(r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}"), "[redacted Slack token]"),
    (re.compile(r"xapp-[A-Za-z0-9-]{8,}"), "[redacted Slack token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+(?!\[redacted)[A-Za-z0-9._~+/=-]{12,}"), r"\1 [redacted]"),
    (
        re.compile(
            r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|\Z)",
            re.DOTALL,
        ),
        "[redacted private key]",
    ),
    (re.compile(r"(?<=://)([^/\s:@]{1,100}):(?!\[redacted)[^/\s@]{1,200}(?=@)"), r"\1:[redacted]"),
)


def _disguises(value: str) -> Iterator[str]:
    """Yield the forms in which `value` may turn up: as is, trimmed, encoded, escaped, in parts."""
    for plain in {value, value.strip()}:
        raw = plain.encode()
        yield plain
        for encoded in (base64.b64encode(raw), base64.urlsafe_b64encode(raw)):
            yield encoded.decode()
            if len(encoded.rstrip(b"=")) >= MIN_MASKED_LENGTH:
                yield encoded.rstrip(b"=").decode()
        yield quote(plain, safe="")
        yield quote_plus(plain)
        yield json.dumps(plain)[1:-1]
        yield json.dumps(plain, ensure_ascii=False)[1:-1]
        if plain.count(".") == 2:  # a JWT: its payload and its signature each give it away
            yield from (part for part in plain.split(".")[1:] if len(part) >= 8)
