"""The store keeps what it was given, exactly once, and says clearly when it cannot."""

import asyncio
import re
import sqlite3
import threading
from collections.abc import Awaitable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import NotFound, StoreError, Unavailable
from bot.labels import Label
from bot.model import (
    Caller,
    Diagnosis,
    Observation,
    Posting,
    Status,
    TranscriptLine,
    Trigger,
)
from bot.store import Store, names
from bot.store.address import read_address
from bot.store.database import REVISIONS, Database
from bot.store.tables import metadata
from bot.store.upgrade import migrations
from tests.storing import DIAGNOSIS, NOON, RUN, change, file_url, run_at, store, url

__all__ = ["file_url", "store", "url"]


async def test_the_runs_of_a_period_come_oldest_first_with_their_steps(store: Store) -> None:
    for minute in (3, 1, 2):
        await store.save_run(run_at(minute), DIAGNOSIS)
    await store.save_run(replace(run_at(4), target="other"), DIAGNOSIS)
    found = await store.past(RUN.target, RUN.check, since=NOON + timedelta(minutes=2))
    assert [one.id for one in found] == ["run-0002", "run-0003"]
    assert found[0].started_at == NOON + timedelta(minutes=2)
    assert found[0].status is RUN.status
    assert found[0].cause is DIAGNOSIS.causes[0].label
    worked = {step.name for step in RUN.steps if step.status.works}
    assert set(found[0].steps) == worked
    assert await store.past(RUN.target, RUN.check, since=NOON + timedelta(days=1)) == ()


def size_of(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


# -- runs and diagnoses


async def test_a_run_comes_back_as_it_was_saved(store: Store) -> None:
    await store.save_run(RUN, DIAGNOSIS)
    assert await store.find_run(RUN.id) == RUN
    assert await store.diagnosis(RUN.id) == DIAGNOSIS


async def test_a_run_survives_the_process(url: str) -> None:
    first = await Store.open(url)
    await first.save_run(RUN, DIAGNOSIS)
    await first.close()
    second = await Store.open(url)
    assert await second.run(RUN.id) == RUN
    await second.close()


async def test_saving_twice_changes_nothing(store: Store) -> None:
    await store.save_run(RUN, DIAGNOSIS)
    await store.save_run(
        replace(RUN, impact="other", observations=()), Diagnosis(causes=(), whys=())
    )
    assert await store.run(RUN.id) == RUN
    assert await store.diagnosis(RUN.id) == DIAGNOSIS


async def test_saving_at_the_same_time_saves_once(store: Store, url: str) -> None:
    other = await Store.open(url)
    await asyncio.gather(*(each.save_run(RUN, DIAGNOSIS) for each in [store, other] * 10))
    await other.close()
    assert [each.id for each in await store.recent()] == [RUN.id]
    assert await store.run(RUN.id) == RUN


async def test_a_run_is_saved_whole_or_not_at_all(store: Store, url: str) -> None:
    change(url, "DROP TABLE contents")
    with pytest.raises(StoreError):
        await store.save_run(RUN, DIAGNOSIS)
    assert await store.recent() == ()


async def test_a_run_that_cannot_be_saved_is_not_silently_dropped(store: Store) -> None:
    with pytest.raises(StoreError, match="its parts conflict"):
        await store.save_run(replace(RUN, duration_s=None), DIAGNOSIS)  # type: ignore[arg-type]


async def test_times_come_back_in_utc_whatever_their_zone(store: Store) -> None:
    moment = NOON.astimezone(timezone(timedelta(hours=-7)))
    await store.save_run(replace(RUN, started_at=moment), DIAGNOSIS)
    (summary,) = await store.recent()
    assert (summary.started_at, summary.started_at.tzinfo) == (NOON, UTC)


async def test_what_no_database_can_hold_is_replaced(store: Store) -> None:
    half = "a\udc80\0b"
    seen = Observation(id="o1", at=NOON, step="events", key="frame", value={half: [half]})
    line = TranscriptLine(at=NOON, step="events", direction="<", text=half)
    await store.save_run(replace(RUN, observations=(seen,), transcript=(line,)), DIAGNOSIS)
    run = await store.run(RUN.id)
    assert run.transcript[0].text == "a?\0b"
    assert run.observations[0].value == {"a?\0b": ["a?\0b"]}


async def test_a_deep_value_is_kept(store: Store) -> None:
    deep: list[object] = []
    for _ in range(300):
        deep = [deep]
    seen = Observation(id="o1", at=NOON, step="events", key="frame", value=deep)
    await store.save_run(replace(RUN, observations=(seen,)), DIAGNOSIS)
    assert (await store.run(RUN.id)).observations[0].value == deep


async def test_a_run_takes_little_room(file_url: str, tmp_path: Path) -> None:
    store = await Store.open(file_url)
    seen = replace(RUN.observations[0], value={"text": "x" * 2_000})
    line = TranscriptLine(at=NOON, step="events", direction="<", text="x" * 2_000)
    run = replace(RUN, transcript=(line,) * 1_000, observations=(seen,) * 1_000)
    await store.save_run(run, DIAGNOSIS)
    await store.close()
    assert size_of(tmp_path) < 500_000


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3)
    ),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=JSON, status=st.sampled_from(Status), moment=st.datetimes(timezones=st.just(UTC)))
async def test_any_observation_comes_back(
    store: Store, value: object, status: Status, moment: datetime
) -> None:
    seen = Observation(id="o1", at=moment, step="health", key="auth.body", value=value)
    run = replace(RUN, id=f"{moment.timestamp()}{status}{value!r}", status=status)
    run = replace(run, id=str(abs(hash(run.id))), observations=(seen,), started_at=moment)
    await store.save_run(run, DIAGNOSIS)
    assert await store.run(run.id) == run


# -- finding


async def test_an_unknown_run_is_not_found_with_the_nearest(store: Store) -> None:
    await store.save_run(RUN, DIAGNOSIS)
    assert await store.find_run("3f2a9c4e81d1") is None
    with pytest.raises(NotFound, match=r"no run 3f2a9c4e81d1\. Did you mean 3f2a9c4e81d0\?"):
        await store.run("3f2a9c4e81d1")
    with pytest.raises(NotFound, match=r"The newest is 3f2a9c4e81d0\."):
        await store.diagnosis("zzzzzz")


async def test_six_characters_name_a_run_and_five_do_not(store: Store) -> None:
    await store.save_run(RUN, DIAGNOSIS)
    assert (await store.run(" 3f2a9c ")).id == RUN.id
    assert await store.diagnosis("3f2a9c") == DIAGNOSIS
    with pytest.raises(NotFound) as refused:
        await store.run("3f2a9")
    assert "6 characters" in refused.value.hint


async def test_an_ambiguous_beginning_names_the_runs(store: Store) -> None:
    await store.save_run(replace(RUN, id="abcdef-1"), DIAGNOSIS)
    await store.save_run(replace(RUN, id="abcdef-2"), DIAGNOSIS)
    with pytest.raises(NotFound, match="begins more than one run") as refused:
        await store.run("abcdef")
    assert {"abcdef-1", "abcdef-2"} <= set(refused.value.hint.rstrip(".").replace(",", "").split())


@pytest.mark.parametrize("odd", ["%%%%%%", "______", "", "a\0b\udc80cdef", "' OR 1=1 --"])
async def test_odd_ids_are_simply_not_found(store: Store, odd: str) -> None:
    await store.save_run(RUN, DIAGNOSIS)
    with pytest.raises(NotFound):
        await store.run(odd)


async def test_recent_runs_come_newest_first_of_one_target_or_all(store: Store) -> None:
    for minute, target in ((2, "staging"), (1, "other"), (3, "staging")):
        await store.save_run(run_at(minute, target=target), DIAGNOSIS)
    assert [each.id for each in await store.recent()] == ["run-0003", "run-0002", "run-0001"]
    assert [each.id for each in await store.recent("staging", limit=1)] == ["run-0003"]
    assert await store.recent("absent") == ()


async def test_a_summary_says_the_answer(store: Store) -> None:
    await store.save_run(RUN, DIAGNOSIS)
    (summary,) = await store.recent()
    assert (summary.cause, summary.confidence) == (Label.WS_SERVER_CODE_ERROR, 0.9)
    assert (summary.status, summary.caller) == (Status.FAILED, Caller(id="U1", team="T1"))
    assert (summary.trigger, summary.duration_s) == (Trigger.COMMAND, 4.25)


async def test_the_last_pass_is_the_newest_real_one_before_the_run(store: Store) -> None:
    passed = Status.PASSED
    await store.save_run(run_at(1, status=passed), DIAGNOSIS)
    await store.save_run(run_at(2, status=passed), DIAGNOSIS)
    await store.save_run(run_at(3, status=Status.DEGRADED), DIAGNOSIS)
    await store.save_run(run_at(4, status=passed, executed=False), DIAGNOSIS)
    await store.save_run(run_at(5, status=passed, check="key"), DIAGNOSIS)
    await store.save_run(run_at(6, status=passed, target="other"), DIAGNOSIS)
    found = await store.last_passed("staging", "pipeline", before=NOON + timedelta(minutes=9))
    assert found is not None
    assert found.id == "run-0002"
    assert await store.last_passed("staging", "pipeline", before=NOON) is None


# From the newest on, through an index: that ends after a few.
NEWEST = re.compile("FROM runs (WHERE runs.executed IS 1 )?ORDER BY runs.started_at DESC")


async def test_no_question_reads_every_run(file_url: str) -> None:
    """Of a million runs that would take seconds, so whatever is asked goes down an index."""
    asked: list[tuple[str, object]] = []

    def note(_1: object, _2: object, statement: str, parameters: object, *_3: object) -> None:
        if "runs" in statement or "contents" in statement:
            asked.append((statement, parameters))

    store = await Store.open(file_url)
    await store.save_run(RUN, DIAGNOSIS)
    later = NOON + timedelta(days=1)
    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    await store.run(RUN.id[:6])
    await store.diagnosis(RUN.id)
    for narrowed in ({}, {"target": "staging"}, {"target": "staging", "check": "pipeline"}):
        await store.recent(**narrowed)
    await store.last_passed("staging", "pipeline", before=later)
    await store.usual("staging", "pipeline", before=later)
    await store.prune(NOON, runs_per_target=100)
    with pytest.raises(NotFound):
        await store.run("absent")
    sa.event.remove(sa.Engine, "before_cursor_execute", note)
    await store.close()
    with closing(sqlite3.connect(file_url.removeprefix("sqlite:///"))) as connection:
        for statement, parameters in asked:
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)  # type: ignore[call-overload]
            scans = [row[3] for row in plan if re.match("SCAN (runs|contents)", row[3])]
            assert not scans or NEWEST.search(" ".join(statement.split())), statement
    assert len(asked) > 12


# -- messages, claims, pepper


async def test_every_message_of_ours_in_an_incidents_thread_leads_to_the_incident(
    store: Store,
) -> None:
    first, reply = (Posting(channel="C1", ts=ts, thread="1.0") for ts in ("1.0", "2.0"))
    await store.save_posting(names.of_incident("i3", "slack:C1"), first)
    await store.save_posting(names.of_route("slack:C1"), first)
    await store.save_posting(names.of_part("notice-7-1", "line"), reply)
    await store.save_posting("r1", Posting(channel="C1", ts="3.0", thread="3.0"))
    found = [await store.incident_at("C1", ts) for ts in ("1.0", "2.0", "3.0", "4.0")]
    assert found == ["i3", "i3", "", ""]
    assert await store.incident_at("C2", "1.0") == ""


async def test_a_posting_is_kept_and_a_later_one_takes_its_place(store: Store) -> None:
    assert await store.posting("run-1") is None
    await store.save_posting("run-1", Posting(channel="C1", ts="1.0", thread="1.0"))
    await store.save_posting("run-1", Posting(channel="C1", ts="2.0", thread="1.0"))
    assert await store.posting("run-1") == Posting(channel="C1", ts="2.0", thread="1.0")


async def test_a_key_is_claimed_exactly_once(store: Store, url: str) -> None:
    other = await Store.open(url)
    claimed = await asyncio.gather(*(each.claim("Ev1", ttl_s=60) for each in [store, other] * 10))
    await other.close()
    assert claimed.count(True) == 1


async def test_a_claim_can_be_made_again_when_its_time_is_over(store: Store) -> None:
    assert await store.claim("Ev1", ttl_s=0)
    assert await store.claim("Ev1", ttl_s=60)
    assert not await store.claim("Ev1", ttl_s=60)


async def test_a_claim_lasts_from_when_its_holder_made_it_last(store: Store) -> None:
    assert await store.claim("lane", ttl_s=60, holder="a")
    assert await store.claim("lane", ttl_s=0, holder="a")
    assert await store.claim("lane", ttl_s=60, holder="b")


async def test_who_comes_late_does_not_release_what_another_has_claimed_since(store: Store) -> None:
    assert await store.claim("lane", ttl_s=0, holder="a")
    assert await store.claim("lane", ttl_s=60, holder="b")
    await store.release("lane", holder="a")
    assert not await store.claim("lane", ttl_s=60, holder="c")
    await store.release("lane", holder="b")
    assert await store.claim("lane", ttl_s=60, holder="c")


async def test_claims_with_one_beginning_are_made_shorter_never_longer(store: Store) -> None:
    for key in ("route:a_b:1", "route:a_b:2", "route:aXb:1"):
        assert await store.claim(key, ttl_s=60)
    await store.shorten("route:a_b:1", ttl_s=0)
    await store.shorten("route:a_b:", ttl_s=30)
    assert await store.claim("route:a_b:1", ttl_s=60)
    assert not await store.claim("route:a_b:2", ttl_s=60)
    await store.shorten("route:a_b:", ttl_s=0)
    assert await store.claim("route:a_b:2", ttl_s=60)
    assert not await store.claim("route:aXb:1", ttl_s=60)


async def test_the_pepper_is_made_once_and_kept(store: Store, url: str) -> None:
    other = await Store.open(url)
    peppers = await asyncio.gather(*(each.pepper() for each in [store, other] * 4))
    await other.close()
    assert len(set(peppers)) == 1
    assert len(peppers[0]) >= 32


async def test_installations_have_different_peppers(store: Store, tmp_path: Path) -> None:
    other = await Store.open(f"sqlite:///{tmp_path}/other.db")
    assert await store.pepper() != await other.pepper()
    await other.close()


# -- the process around it


async def test_the_loop_never_waits_for_the_database(store: Store) -> None:
    """Whatever is asked of the store, it is one of the store's own threads that waits."""
    used: set[str] = set()

    def note(*_: object) -> None:
        used.add(threading.current_thread().name.partition("_")[0])

    later = NOON + timedelta(days=1)
    asked: dict[str, Awaitable[object]] = {
        "save_run": store.save_run(RUN, DIAGNOSIS),
        "find_run": store.find_run(RUN.id),
        "run": store.run(RUN.id),
        "diagnosis": store.diagnosis(RUN.id),
        "recent": store.recent(),
        "last_passed": store.last_passed("staging", "pipeline", before=later),
        "usual": store.usual("staging", "pipeline", before=later),
        "history": store.history(RUN),
        "past": store.past("staging", "pipeline", since=NOON),
        "between": store.between("staging", NOON, later, limit=5),
        "incident_at": store.incident_at("C", "1"),
        "posting": store.posting(RUN.id),
        "save_posting": store.save_posting(RUN.id, Posting(channel="C", ts="1", thread="1")),
        "claim": store.claim("Ev1", ttl_s=60),
        "release": store.release("Ev1"),
        "shorten": store.shorten("Ev", ttl_s=1),
        "pepper": store.pepper(),
        "prune": store.prune(NOON, runs_per_target=100),
        "check": store.check(),
    }
    shared = {"take_turn", "hold_turns"}
    if store.is_shared:  # only there is something to share
        asked["take_turn"] = store.take_turn("chat.postMessage", burst=1, each_s=1.0)
        asked["hold_turns"] = store.hold_turns("chat.postMessage", 1.0)
    public = {name for name in vars(Store) if not name.startswith("_")}
    assert asked.keys() | shared == public - {"open", "close", "is_shared", "mask_with"}
    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        for name, question in asked.items():
            used.clear()
            await question
            assert used == {"store"}, name
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)


async def test_no_other_thread_is_used(store: Store) -> None:
    await asyncio.gather(*(store.recent() for _ in range(20)))
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith("asyncio")]
    assert 1 <= len([name for name in names if name.startswith("store")]) <= 4


@pytest.mark.parametrize("cancelled", [False, True])
async def test_closing_waits_for_what_is_under_way(
    file_url: str, tmp_path: Path, cancelled: bool
) -> None:
    store = await Store.open(file_url)
    with closing(sqlite3.connect(tmp_path / "stagecheck.db", isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        saving = asyncio.create_task(store.save_run(RUN, DIAGNOSIS))
        await asyncio.sleep(0)
        if cancelled:
            saving.cancel()
        closing_store = asyncio.create_task(store.close())
        done, _ = await asyncio.wait([closing_store], timeout=0.2)
        assert not done
        holder.execute("COMMIT")
    await closing_store
    await asyncio.gather(saving, return_exceptions=True)
    again = await Store.open(file_url)
    assert await again.find_run(RUN.id) == RUN
    await again.close()


async def test_a_cancelled_caller_leaves_the_store_usable(store: Store) -> None:
    saving = asyncio.create_task(store.save_run(RUN, DIAGNOSIS))
    await asyncio.sleep(0)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    await store.save_run(RUN, DIAGNOSIS)
    assert await store.run(RUN.id) == RUN


async def test_a_store_in_memory_works_the_same_and_forgets(tmp_path: Path) -> None:
    store = await Store.open("sqlite://")
    await asyncio.gather(*(store.save_run(run_at(minute), DIAGNOSIS) for minute in range(5)))
    assert len(await store.recent()) == 5
    assert await store.pepper() == await store.pepper()
    await store.check()
    await store.close()
    again = await Store.open("sqlite://")
    assert await again.recent() == ()
    await again.close()


async def test_a_closed_store_says_so(url: str) -> None:
    store = await Store.open(url)
    await store.close()
    await store.close()
    with pytest.raises(Unavailable, match="The store is closed"):
        await store.recent()


async def test_migrations_lead_to_the_tables_in_the_code(store: Store, url: str) -> None:
    engine = sa.create_engine(read_address(url))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), metadata)
    engine.dispose()
    assert differences == []


async def test_a_connection_is_set_up_to_lose_nothing(file_url: str) -> None:
    def pragmas(connection: sa.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    database = await Database.open(file_url)
    found = await database.read(pragmas)
    await database.close()
    assert found == ["wal", 2, 1, 10_000]  # 2: FULL


def test_revisions_are_the_ones_alembic_finds() -> None:
    """The names of the files stand in for Alembic, so that a start need not import it."""
    scripts = ScriptDirectory.from_config(migrations())
    assert tuple(sorted(script.revision for script in scripts.walk_revisions())) == REVISIONS
    assert scripts.get_current_head() == REVISIONS[-1]
