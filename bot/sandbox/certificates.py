"""Certificates of the TLS listener: one to trust, and several not to."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


class Certificates:
    """Makes certificates in `folder`; `ca_file` is there once any was loaded."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def load(self, kind: str) -> None:
        """Present this certificate to every connection from now on."""
        self._authority.cert_pem.write_to_path(self.ca_file)
        path = self._folder / "server.pem"
        path.write_bytes(self._pem(kind))
        self.context.load_cert_chain(path)

    def _pem(self, kind: str) -> bytes:
        match kind:
            case "self-signed":
                itself = trustme.CA()
                return itself.private_key_pem.bytes() + itself.cert_pem.bytes()
            case "other-host":
                issued = self._authority.issue_cert("other-host.staging.test")
            case "not-yet-valid":
                begins_at = datetime.now(UTC) + timedelta(days=1)
                issued = self._authority.issue_cert(
                    "127.0.0.1", not_before=begins_at, not_after=begins_at + timedelta(days=90)
                )
            case "expired":
                ended_at = datetime.now(UTC) - timedelta(days=1)
                issued = self._authority.issue_cert("127.0.0.1", not_after=ended_at)
            case _:
                issued = self._authority.issue_cert("127.0.0.1", "localhost")
        return issued.private_key_and_cert_chain_pem.bytes()
