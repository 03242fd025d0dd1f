"""What is usual for a step is known from the runs of its check that passed, and from no other."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from slack_house import house

from bot.diagnosis import ChangeKind
from bot.model import Diagnosis, Run, Status, Usual
from bot.store import Store
from bot.workflows import report_of
from tests.evidence import STARTED_AT, run

MEANING = Diagnosis(causes=(), whys=())


def passed(minute: int, took_s: float, **changes: object) -> Run:
    """Return a run that passed, each of whose steps took `took_s` seconds."""
    whole = run({}, status="passed", steps=("health", "events"))
    steps = tuple(replace(step, duration_s=took_s) for step in whole.steps)
    at = STARTED_AT + timedelta(minutes=minute)
    return replace(whole, id=f"run-{minute:04d}", steps=steps, started_at=at, **changes)  # type: ignore[arg-type]


AFTER = STARTED_AT + timedelta(days=1)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await Store.open(f"sqlite:///{tmp_path}/stagecheck.db")
    yield opened
    await opened.close()


async def test_what_is_usual_are_the_middle_and_the_95th_percentile(store: Store) -> None:
    for minute in range(20):
        await store.save_run(passed(minute, (minute + 1) / 10), MEANING)
    assert (await store.usual("staging", "pipeline", before=AFTER))["events"] == Usual(
        count=20, median_s=1.05, p95_s=1.9
    )


async def test_of_a_long_history_the_last_fifty_passes_count(store: Store) -> None:
    for minute in range(60):
        await store.save_run(passed(minute, 9.0 if minute < 10 else 0.5), MEANING)
    usual = await store.usual("staging", "pipeline", before=AFTER)
    assert usual["events"] == Usual(count=50, median_s=0.5, p95_s=0.5)


@pytest.mark.parametrize(
    "other",
    [
        {"status": Status.FAILED},
        {"status": Status.DEGRADED},
        {"target": "other"},
        {"check": "key"},
        {"executed": False},
        {"started_at": AFTER},
    ],
    ids=lambda other: "-".join(map(str, *other.items())),
)
async def test_runs_of_another_kind_do_not_count(store: Store, other: dict[str, object]) -> None:
    await store.save_run(passed(1, 0.5), MEANING)
    await store.save_run(replace(passed(2, 9.0), **other), MEANING)  # type: ignore[arg-type]
    usual = await store.usual("staging", "pipeline", before=AFTER)
    assert usual["events"] == Usual(count=1, median_s=0.5, p95_s=0.5)


async def test_a_step_that_was_not_taken_has_no_latency(store: Store) -> None:
    whole = passed(1, 0.5)
    skipped = replace(whole.steps[0], status=Status.SKIPPED, duration_s=0.0)
    await store.save_run(replace(whole, steps=(skipped, whole.steps[1])), MEANING)
    assert list(await store.usual("staging", "pipeline", before=AFTER)) == ["events"]


async def test_runs_that_were_kept_before_latencies_were_count_as_not_measured(
    store: Store, tmp_path: Path
) -> None:
    await store.save_run(passed(1, 0.5), MEANING)
    engine = sa.create_engine(f"sqlite:///{tmp_path}/stagecheck.db")
    with engine.begin() as connection:
        connection.execute(sa.text("UPDATE runs SET durations = '{}'"))
    engine.dispose()
    assert await store.usual("staging", "pipeline", before=AFTER) == {}


async def test_a_slow_step_is_reported_beside_what_is_usual_for_it() -> None:
    async with house() as home:
        for minute in range(12):
            await home.deps.store.save_run(passed(minute, 0.4), MEANING)
        await home.deps.store.save_run(passed(13, 3.1), MEANING)
        report = await report_of(home.deps, "run-0013")
    assert {change.kind for change in report.changes} == {ChangeKind.LATENCY}
    assert report.changed_since_last_pass[0] == (
        "“Health” took 3.1 s, usually 0.4 s (p95 0.4 s of 12 passes)."
    )
