"""A stored run is diagnosed again by today's rules, and what they tell otherwise is said."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.cli.replay import replay
from bot.diagnosis import diagnose
from bot.errors import NotFound, UsageError
from bot.labels import Label
from bot.model import Diagnosis, Role, Run, Status
from bot.store import Store
from tests.evidence import KEY_REFUSED, asked, refused, run

FAILED = replace(
    refused(KEY_REFUSED, "AUTH_REQUIRED", "Invalid token", "context is None"), id="failed-0001"
)
DONE = ["agent_started", "agent_completed"]
SEEN = asked(KEY_REFUSED, names=DONE, terminal="agent_completed", terminal_count=1)
PASSED = replace(
    run({**SEEN, "exchange.key_fingerprint": "0a0b"}, status="passed"),
    id="passed-0001",
    started_at=FAILED.started_at - timedelta(hours=1),
)


def config(folder: Path) -> Path:
    """Write a configuration whose database is in `folder`."""
    path = folder / "stagecheck.yaml"
    path.write_text(
        f"database: sqlite:///{folder}/runs.db\n"
        "targets: {staging: {api_url: 'http://a.test', auth_url: 'http://a.test',"
        " ws_url: 'ws://a.test/ws'}}\n"
    )
    return path


def keep(folder: Path, *runs: tuple[Run, Diagnosis]) -> Path:
    """Save `runs` with what they were found to mean; return the configuration."""

    async def save() -> None:
        store = await Store.open(f"sqlite:///{folder}/runs.db")
        for each, meaning in runs:
            await store.save_run(each, meaning)
        await store.close()

    asyncio.run(save())
    return config(folder)


def again(name: str, path: Path, format: str = "json") -> int:
    return replay(name, format=format, output=None, config=path)


def test_a_stored_run_is_reported_again_and_ends_by_its_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = keep(tmp_path, (FAILED, diagnose(FAILED)))
    assert again("failed-0001", path) == 1
    out, err = capsys.readouterr()
    report = json.loads(out)
    assert report["run_id"] == "failed-0001"
    assert [one["label"] for one in report["causes"]] == [
        one.label for one in diagnose(FAILED).causes
    ]
    assert err == ""


@pytest.mark.parametrize(("status", "code"), [("passed", 0), ("degraded", 0), ("errored", 4)])
def test_the_exit_code_is_that_of_the_status(tmp_path: Path, status: str, code: int) -> None:
    each = replace(FAILED, status=Status(status))
    assert again("failed-0001", keep(tmp_path, (each, diagnose(each)))) == code


def test_what_the_rules_tell_otherwise_by_now_is_said_beside_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = diagnose(FAILED)
    first, second = found.causes
    stale = replace(
        found,
        causes=(
            replace(second, role=Role.INCIDENTAL, confidence=0.5),
            replace(first, label=Label.STARTUP_RACE),
        ),
    )
    again("failed-0001", keep(tmp_path, (FAILED, stale)))
    assert capsys.readouterr().err.splitlines() == [
        "stagecheck: today's rules tell this run otherwise than when it was saved:",
        f"  The first cause is {first.label}; it was {second.label}.",
        f"  {first.label} is new: {first.role}, {first.confidence:.2f}.",
        f"  {second.label} is {second.role}; it was incidental.",
        f"  {second.label} has confidence {second.confidence:.2f}; it had 0.50.",
        f"  startup_race is gone; it was {first.role}, {first.confidence:.2f}.",
    ]


def test_the_run_is_compared_with_the_pass_before_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = keep(tmp_path, (PASSED, diagnose(PASSED)), (FAILED, diagnose(FAILED, previous=PASSED)))
    again("failed", path)
    out, err = capsys.readouterr()
    assert (
        "The bypass key's fingerprint is 9f2c1ab04d77; it was 0a0b."
        in (json.loads(out)["changed_since_last_pass"])
    )
    assert err == ""


def test_a_beginning_that_fits_several_runs_is_refused(tmp_path: Path) -> None:
    other = replace(FAILED, id="failed-0002")
    path = keep(tmp_path, (FAILED, diagnose(FAILED)), (other, diagnose(other)))
    with pytest.raises(NotFound, match="begins more than one run") as refusal:
        again("failed-000", path)
    assert "failed-0001" in refusal.value.hint
    assert "failed-0002" in refusal.value.hint


def test_a_wrong_format_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no format jsn"):
        again("failed-0001", tmp_path / "none.yaml", format="jsn")


def test_an_unknown_run_ends_with_3_and_names_the_nearest(tmp_path: Path) -> None:
    path = keep(tmp_path, (FAILED, diagnose(FAILED)))
    done = subprocess.run(
        [sys.executable, "-m", "bot", "replay", "failed-0003", "--config", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert "There is no run failed-0003" in done.stderr
    assert "failed-0001" in done.stderr
