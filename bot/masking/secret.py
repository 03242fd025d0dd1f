"""A secret by reference, and the fingerprint that may be shown of it."""

import hashlib
import hmac
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A secret by reference: where it comes from, and its value if it could be read.

    `source` is the reference as written, such as ``env:JWT_SECRET_STAGING`` or ``file:/run/key``.
    `value` is exactly what the source holds, white space included: a stray newline is evidence.
    `problem` says why there is no value; it is empty when there is one. `unreadable` tells that
    the source is there and cannot be used, which is our own side's fault, as opposed to unset.
    `notes` say how the value stands in its source, and hold no part of it.
    """

    name: str
    source: str
    value: str | None = field(default=None, repr=False)
    problem: str = ""
    unreadable: bool = False
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"[secret {self.name} from {self.source}]"


def fingerprint(value: str, pepper: bytes) -> str:
    """Return the only form in which a secret is shown: 12 hex digits of a keyed hash.

    Keyed with the installation's pepper, so that it cannot be looked up in a table of hashed
    guesses. The same value and pepper always give the same fingerprint.
    """
    # An environment variable may hold bytes that are no text; Python keeps them as surrogates.
    return hmac.new(pepper, value.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]
