"""`stagecheck explain` hides what this machine knows to be secret, and hashes nothing of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.config import secrets_at_hand

KEY = "Zq8vK3nT7wXp2LmR9sYd4Bq1"
PASSWORD = "pw77Kz99xQ-a"
CONFIG = """
slack: {bot_token: "${env:NOT_SET}"}
targets:
  staging:
    api_url: https://${env:HOST}
    bypass_key: ["${file:key.txt}", "${gsm:project/key}"]
    nothing_we_know: 1
database: postgresql+asyncpg://bot:${env:PASSWORD}@db/x
"""
LOG = 'E  AssertionError: {detail}\n{{"detail": "Invalid E2E bypass key: got {key}"}} HTTP 401\n'


def configured(folder: Path) -> dict[str, str]:
    """Write a configuration with a mistake in it, and return the environment that it needs."""
    folder.joinpath("stagecheck.yaml").write_text(CONFIG)
    folder.joinpath("key.txt").write_text(f"{KEY}\n")
    return {"PASSWORD": PASSWORD, "HOST": "staging.example.test"}


def explained(folder: Path, text: str, *, env: dict[str, str]) -> str:
    log = folder / "pasted.log"
    log.write_text(text)
    root = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-m", "bot", "explain", str(log), "--format", "json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(root), **env},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("there", ["in the folder", "named by the environment"])
def test_what_the_configuration_leads_to_is_hidden_in_a_log(tmp_path: Path, there: str) -> None:
    env = configured(tmp_path)
    folder = tmp_path
    if there != "in the folder":
        env["STAGECHECK_CONFIG"] = str(tmp_path / "stagecheck.yaml")
        folder = tmp_path / "elsewhere"
        folder.mkdir()
    text = LOG.format(detail=f"{PASSWORD} at staging.example.test", key=KEY)
    told = explained(folder, text, env=env)
    assert KEY not in told
    assert PASSWORD not in told
    assert "[redacted bypass_key]" in told
    assert "[redacted database] at staging.example.test" in told


def test_the_id_of_a_log_tells_nothing_of_a_secret_in_it(tmp_path: Path) -> None:
    env = configured(tmp_path)
    ids = set()
    for key in (KEY, "another-4Tz8Kd2Wm9"):
        tmp_path.joinpath("key.txt").write_text(key)
        told = explained(tmp_path, LOG.format(detail="", key=key), env=env)
        ids.add(json.loads(told)["run_id"])
    assert len(ids) == 1


def test_without_a_configuration_a_log_is_explained_all_the_same(tmp_path: Path) -> None:
    told = explained(tmp_path, LOG.format(detail="", key="abc"), env={})
    assert "bypass_key" in told


def test_only_secrets_that_are_set_here_are_at_hand(tmp_path: Path) -> None:
    env = configured(tmp_path)
    found = secrets_at_hand(tmp_path / "stagecheck.yaml", env=env)
    assert [(one.name, one.value) for one in found] == [
        ("bypass_key", f"{KEY}\n"),
        ("database", PASSWORD),
    ]


def test_of_a_whole_address_of_a_database_the_password_is_at_hand(tmp_path: Path) -> None:
    path = tmp_path / "stagecheck.yaml"
    path.write_text("database: ${env:URL}\n")
    [found] = secrets_at_hand(path, env={"URL": f"postgresql://bot:{PASSWORD}@db/x"})
    assert found.value == PASSWORD


@pytest.mark.parametrize("text", ["", "a: [", "- 1", "\x00", "targets: {staging: {bypass_key: 7}}"])
def test_a_configuration_that_is_none_has_no_secrets(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stagecheck.yaml"
    path.write_text(text)
    assert secrets_at_hand(path, env={}) == ()
    assert secrets_at_hand(tmp_path / "absent.yaml", env={}) == ()
