"""Who answered: the address and the certificate of the other side, as proof of a real run."""

import hashlib
import ssl
from dataclasses import dataclass
from typing import Any

from bot.model import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """The other end of a connection."""

    address: str = ""
    certificate: Json = None
    """fingerprint (SHA-256), issuer, not_after and names; None without TLS."""


NOBODY = Peer()


def peer_of(address: object, tls: ssl.SSLObject | None) -> Peer:
    """Return the peer at `address`, a socket address as the socket module gives it."""
    host = str(address[0]) if isinstance(address, tuple) and address else ""
    return Peer(address=host, certificate=None if tls is None else _certificate(tls))


def _certificate(tls: ssl.SSLObject) -> Json:
    raw = tls.getpeercert(binary_form=True)
    said: dict[str, Any] = dict(tls.getpeercert() or {})
    if not raw or not said:
        return None
    issuer = {key: value for part in said.get("issuer", ()) for key, value in part}
    return {
        "fingerprint": hashlib.sha256(raw).hexdigest(),
        "issuer": issuer.get("organizationName") or issuer.get("commonName") or "",
        "not_after": str(said.get("notAfter", "")),
        "names": [str(name) for _, name in said.get("subjectAltName", ())][:20],
    }
