"""Databases to keep runs in, and the runs."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

from bot.labels import Label
from bot.model import (
    Caller,
    Cause,
    Diagnosis,
    Finding,
    NextStep,
    Observation,
    Role,
    RuledOut,
    Run,
    Severity,
    Status,
    StepResult,
    TranscriptLine,
    Trigger,
    Unknown,
    Why,
    WhyKind,
)
from bot.store import Store
from bot.store.address import read_address
from bot.target import Setting
from tests.postgres import Postgres

ROOT = Path(__file__).parent.parent
NOON = datetime(2025, 9, 7, 12, 0, 0, 123456, tzinfo=UTC)

RUN = Run(
    id="3f2a9c4e81d0",
    target="staging",
    check="pipeline",
    status=Status.FAILED,
    executed=True,
    started_at=NOON,
    duration_s=4.25,
    trigger=Trigger.COMMAND,
    caller=Caller(id="U1", team="T1"),
    steps=(StepResult(name="events", title="Events", status=Status.FAILED, duration_s=0.5),),
    experiments=(StepResult(name="ping", title="Ping", status=Status.PASSED, duration_s=0.1),),
    observations=(
        Observation(id="o1", at=NOON, step="events", key="frame", value={"n": 1, "type": "é\0"}),
        Observation(id="o2", at=NOON, step="events", key="close_code", value=1008),
    ),
    transcript=(TranscriptLine(at=NOON, step="events", direction="<", text='{"type": "ping"}'),),
    provenance=(Setting(key="api_url", source="stagecheck.yaml:3", value="https://x"),),
    impact="Blocks every test",
    owners={"bypass_key_mismatch": "@secrets"},
    revision="r1",
    not_checked=("The frontend.",),
)

DIAGNOSIS = Diagnosis(
    causes=(
        Cause(
            label=Label.WS_SERVER_CODE_ERROR, role=Role.SUFFICIENT, confidence=0.9, evidence=("o1",)
        ),
    ),
    whys=(Why(question="Why?", answer="Because.", kind=WhyKind.OBSERVED, evidence=("o2",)),),
    ruled_out=(RuledOut(label=Label.JWT_EXPIRED, evidence=("o1",), reason="fresh"),),
    unknowns=(Unknown(question="Which?", experiment="ping"),),
    findings=(
        Finding(
            title="t", location="l", issue="i", impact="m", severity=Severity.HIGH, evidence=("o1",)
        ),
    ),
    next_steps=(NextStep(title="Re-run", command="run staging"),),
)


@pytest.fixture
def file_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/stagecheck.db"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind: whatever is promised is promised of both."""
    if request.param == "sqlite":
        return str(request.getfixturevalue("file_url"))
    postgres: Postgres = request.getfixturevalue("postgres")
    return postgres.new_database()


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """The store of an empty database of each kind."""
    opened = await Store.open(url)
    yield opened
    await opened.close()


def run_at(minute: int, **changes: object) -> Run:
    moment = NOON + timedelta(minutes=minute)
    return replace(RUN, id=f"run-{minute:04d}", started_at=moment, **changes)  # type: ignore[arg-type]


def change(url: str, statement: str) -> None:
    """Change a database behind the store's back."""
    engine = sa.create_engine(read_address(url))
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that anyone may write to; pytest's own lie in one that only we may enter."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)
