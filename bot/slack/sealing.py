"""Tokens as they are kept: encrypted with what the database does not hold.

The key is made from the app's client secret, so a stolen database or backup gives no token away,
and a token without that secret could not be renewed either. Each is bound to its workspace: put
into another row it does not open.
"""

import json
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_PURPOSE = b"stagecheck slack tokens 1"
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """What proves to Slack that we are the app, in one workspace."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    """Empty where tokens do not expire."""


class Sealer:
    """Seals tokens, and opens what it sealed."""

    def __init__(self, client_secret: str) -> None:
        derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=_PURPOSE)
        self._cipher = AESGCM(derive.derive(client_secret.encode()))

    def seal(self, tokens: Tokens, *, key: str) -> bytes:
        """Return `tokens` in a form that only the same secret and the same `key` open."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        content = json.dumps({"access": tokens.access, "refresh": tokens.refresh}).encode()
        return nonce + self._cipher.encrypt(nonce, content, key.encode())

    def open(self, sealed: bytes, *, key: str) -> Tokens | None:
        """Return what was sealed; None if that was with another secret, or of another key."""
        nonce, content = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            opened = json.loads(self._cipher.decrypt(nonce, content, key.encode()))
        except (InvalidTag, ValueError):
            return None
        return Tokens(access=opened["access"], refresh=opened["refresh"])
