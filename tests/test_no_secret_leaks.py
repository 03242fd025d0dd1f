"""No secret of the configuration, in any form, in anything that a run leaves behind."""

import base64
import sqlite3
import zlib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from bot.sandbox import Staging
from tests.shell import stagecheck

FORMATS = ("text", "json", "markdown", "junit", "blocks")


def forms(secret: str) -> set[str]:
    """Return the forms in which `secret` may turn up."""
    raw = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        base64.b64encode(raw).decode().rstrip("="),
        base64.urlsafe_b64encode(raw).decode().rstrip("="),
    }


def kept_in(database: Path) -> Iterator[str]:
    """Yield every value of every table, unpacked, and the raw file."""
    yield database.read_bytes().decode("latin-1")
    with sqlite3.connect(database) as connection:
        tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        for (table,) in tables.fetchall():
            for row in connection.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    yield zlib.decompress(value).decode() if packed(value) else str(value)


def packed(value: object) -> bool:
    return isinstance(value, bytes) and value[:1] == b"\x78"


@pytest.mark.parametrize("fault", ["", "seed", "bypass-key-trailing-newline", "jwt-secret-drift"])
async def test_run_leaves_no_secret_behind(tmp_path: Path, fault: str) -> None:
    config = tmp_path / "stagecheck.yaml"
    left = []
    async with Staging([fault] if fault else []) as staging:
        staging.write_config(config)
        for form in FORMATS:
            _, out, err = await stagecheck(
                "run", "staging", "--config", str(config), "--format", form
            )
            left += [out, err]
        secrets = {secret.strip() for secret in staging.secrets.values()}
    left += kept_in(tmp_path / "stagecheck.db")
    assert secrets
    assert "redacted" in "".join(left)
    for form in set().union(*map(forms, secrets)):
        assert not [text for text in left if form in text]
    # Three parts of base64 with dots between: a token, whoever issued it.
    assert not [text for text in left if "eyJhbGciOi" in text]
