"""The durable engine keeps its promises: once per id, one at a time, and on where it stopped."""

import asyncio
import base64
import logging
import os
import pickle
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.durable import DurableEngine, alone
from bot.durable.database import sqlite_engine
from bot.durable.private import connections
from bot.durable.wiring import POLL_S, Version
from bot.engine import Backlog, Workflow, slot_of, slots_of
from bot.errors import ConfigError, DeliveryError, Unavailable
from bot.model import Caller, CheckRequest, Place, Trigger

PATIENCE_S = 30.0


def request(run_id: str) -> CheckRequest:
    return CheckRequest(
        run_id=run_id,
        target="staging",
        check="pipeline",
        trigger=Trigger.COMMAND,
        caller=Caller(id="U1", team="T1"),
        place=Place(channel="C1", thread="1.2"),
    )


@dataclass(slots=True)
class Told:
    """What the workflows of a test did, over all lives of the engine."""

    begun: list[CheckRequest] = field(default_factory=list)
    done: list[str] = field(default_factory=list)
    given_up: list[tuple[str, str]] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def give_up(self, request: CheckRequest, reason: str) -> None:
        self.given_up.append((request.run_id, reason))

    async def waits(self, request: CheckRequest) -> None:
        """A workflow that takes until it is told to go on."""
        self.begun.append(request)
        await self.go_on.wait()
        self.done.append(request.run_id)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def life(
    path: Path,
    told: Told,
    workflows: Mapping[str, Workflow] | None = None,
    *,
    give_up_after_s: float = 3600.0,
    drain_s: float = 0.0,
    **options: Any,
) -> AsyncIterator[DurableEngine]:
    """Yield an engine on the database at `path`; the next life finds what this one leaves."""
    engine = DurableEngine(f"sqlite:///{path}", give_up_after_s=give_up_after_s, **options)
    engine.register(workflows or {"waits": told.waits}, give_up=told.give_up)
    try:
        await engine.launch()
        yield engine
    finally:
        await engine.close(deadline_s=drain_s)


def change(path: Path, statement: str, *values: object) -> int:
    """Change the rows of the engine while it is not running; return how many."""
    with closing(sqlite3.connect(path)) as connection, connection:
        return connection.execute(statement, values).rowcount


def ask(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stagecheck.db"


async def test_a_run_gets_its_request_back_as_it_was(path: Path) -> None:
    told = Told()
    told.go_on.set()
    async with life(path, told) as engine:
        assert (await engine.start("waits", request("r1"), id="a", slot="staging")).run_id == "r1"
        await engine.idle()
    assert told.begun == [request("r1")]


async def test_the_same_id_starts_nothing_twice_not_even_in_another_life(path: Path) -> None:
    told = Told()
    told.go_on.set()
    async with life(path, told) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await engine.idle()
        assert (await engine.start("waits", request("r2"), id="a", slot="staging")).run_id == "r1"
    async with life(path, told) as engine:
        assert (await engine.start("waits", request("r3"), id="a", slot="other")).run_id == "r1"
        await engine.idle()
    assert told.done == ["r1"]


async def test_a_second_start_of_a_slot_attaches_even_after_a_restart(path: Path) -> None:
    told = Told()
    async with life(path, told) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        assert (await engine.start("waits", request("r2"), id="b", slot="staging")).run_id == "r1"
        assert (await engine.start("waits", request("r3"), id="c", slot="other")).run_id == "r3"
    async with life(path, told) as engine:
        assert (await engine.start("waits", request("r4"), id="d", slot="staging")).run_id == "r1"
        told.go_on.set()
        await engine.idle()
        assert (await engine.start("waits", request("r5"), id="e", slot="staging")).run_id == "r5"
        await engine.idle()
    assert sorted(told.done) == ["r1", "r3", "r5"]


async def test_who_comes_second_to_a_slot_has_nothing_written(path: Path) -> None:
    told, asked = Told(), []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    async with life(path, told) as engine:
        _ = await engine.start("waits", request("r1"), id="a", slot="staging")
        await told.until(lambda: bool(told.begun))
        sa.event.listen(connections(), "before_cursor_execute", note)
        answering = await engine.start("waits", request("r2"), id="b", slot="staging")
    assert answering == request("r1")
    # DBOS by itself inserts, and looks for what was in the way when that fails.
    assert asked
    assert not [statement for statement in asked if statement.startswith("INSERT")]


async def test_what_does_not_end_in_time_is_left_to_the_next_life(path: Path) -> None:
    told = Told()
    async with life(path, told) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await told.until(lambda: bool(told.begun))
    assert told.done == []
    told.go_on.set()
    async with life(path, told) as engine:
        await engine.idle()
    assert (told.done, told.given_up) == (["r1"], [])


async def test_what_runs_may_finish_when_the_engine_is_closed(path: Path) -> None:
    told = Told()
    async with life(path, told, drain_s=PATIENCE_S) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        asyncio.get_running_loop().call_later(0.2, told.go_on.set)
    assert told.done == ["r1"]


async def test_a_start_whose_asker_is_gone_is_run_all_the_same(path: Path) -> None:
    told = Told()
    told.go_on.set()
    async with life(path, told) as engine:
        asking = asyncio.create_task(engine.start("waits", request("r1"), id="a", slot="staging"))
        await asyncio.sleep(0)
        asking.cancel()
        await told.until(lambda: told.done == ["r1"])


async def test_an_activity_that_was_done_is_not_done_again(path: Path) -> None:
    told = Told()

    async def effect() -> dict[str, int]:
        told.done.append("effect")
        return {"answer": 42}

    async def workflow(_: CheckRequest) -> None:
        found = await engine.activity("effect", effect)
        told.begun.append(request(str(found["answer"])))
        await told.go_on.wait()

    async with life(path, told, {"waits": workflow}) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await told.until(lambda: bool(told.begun))
    told.go_on.set()
    async with life(path, told, {"waits": workflow}) as engine:
        await engine.idle()
    assert told.done == ["effect"]
    assert [one.run_id for one in told.begun] == ["42", "42"]


async def test_an_error_of_ours_comes_back_as_what_it_was_in_the_next_life(path: Path) -> None:
    told = Told()
    seen: list[DeliveryError] = []

    async def refused() -> None:
        raise DeliveryError("No.", hint="Invite me.", permanent=True, code="not_in_channel")

    async def workflow(_: CheckRequest) -> None:
        try:
            await engine.activity("refused", refused)
        except DeliveryError as error:
            seen.append(error)
            await told.go_on.wait()

    for last in (False, True):
        async with life(path, told, {"waits": workflow}) as engine:
            await engine.start("waits", request("r1"), id="a", slot="staging")
            if last:
                told.go_on.set()
                await engine.idle()
            await told.until(lambda: len(seen) == 1 + last)  # noqa: B023  # awaited here
    for error in seen:
        assert (error.message, error.hint, error.permanent, error.code) == (
            "No.",
            "Invite me.",
            True,
            "not_in_channel",
        )


async def interrupted(path: Path, told: Told) -> None:
    """Begin a run and stop in the middle of it."""
    async with life(path, told) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await told.until(lambda: bool(told.begun))
    told.begun.clear()


async def test_a_run_whose_end_could_not_be_kept_is_begun_again_without_a_restart(
    path: Path,
) -> None:
    told, full = Told(), "CREATE TRIGGER full BEFORE UPDATE OF status ON workflow_status"
    told.go_on.set()
    async with life(path, told, look_s=0.5) as engine:
        change(path, f"{full} BEGIN SELECT RAISE(FAIL, 'full') WHERE new.status <> 'PENDING'; END")
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await told.until(lambda: told.done == ["r1"])
        await asyncio.sleep(0.5)  # it cannot be said that it ended
        change(path, "DROP TRIGGER full")
        assert await engine.backlog() != Backlog()
        await engine.idle()
        assert (told.done, told.given_up) == (["r1", "r1"], [])
        assert await engine.backlog() == Backlog()


async def test_a_run_that_others_go_on_with_ends_here(path: Path) -> None:
    told = Told()
    async with life(path, told, look_s=0.5) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await told.until(lambda: bool(told.begun))
        change(path, "UPDATE workflow_status SET executor_id = 'another'")
        await engine.idle()
        assert told.done == []


async def test_a_run_that_was_interrupted_too_often_is_given_up(path: Path) -> None:
    told = Told()
    await interrupted(path, told)
    # What a process that is killed leaves behind, the third time.
    killed = "UPDATE workflow_status SET status = 'PENDING', recovery_attempts = 3"
    assert change(path, killed) == 1
    async with life(path, told) as engine:
        await engine.idle()
    [(run_id, reason)] = told.given_up
    assert run_id == "r1"
    assert reason.startswith("interrupted 3 times")
    assert (told.begun, told.done) == ([], [])


async def test_a_process_that_ends_as_it_is_told_to_costs_no_run_a_life(path: Path) -> None:
    told = Told()
    for _ in range(5):
        await interrupted(path, told)
    assert ask(path, "SELECT status, recovery_attempts FROM workflow_status") == [("ENQUEUED", 0)]
    told.go_on.set()
    async with life(path, told) as engine:
        await engine.idle()
    assert (told.done, told.given_up) == (["r1"], [])


async def test_a_process_that_is_killed_while_it_ends_costs_no_run_a_life(path: Path) -> None:
    told, lives = Told(), "SELECT status, recovery_attempts FROM workflow_status"

    async def while_it_ends() -> None:
        # This is what the next life finds if it is killed now.
        await told.until(lambda: ask(path, lives) == [("PENDING", 0)])
        told.go_on.set()

    async with life(path, told, drain_s=PATIENCE_S) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await told.until(lambda: bool(told.begun))
        assert ask(path, lives) == [("PENDING", 1)]
        watching = asyncio.create_task(while_it_ends())
    await watching
    assert told.done == ["r1"]


async def test_a_run_that_ends_the_process_even_when_given_up_is_ended_by_who_lives(
    path: Path,
) -> None:
    told = Told()
    await interrupted(path, told)
    assert change(path, "UPDATE workflow_status SET recovery_attempts = 20") == 1
    async with life(path, told) as engine:
        await told.until(lambda: bool(told.given_up))
        await engine.idle()
    async with life(path, told) as engine:
        await engine.idle()
    [(run_id, reason)] = told.given_up
    assert (run_id, told.begun) == ("r1", [])
    assert reason.startswith("interrupted again and again")
    async with life(path, told) as engine:
        await engine.prune(datetime.now(UTC) + timedelta(hours=1))
    assert ask(path, STATES) == []


async def test_a_run_that_waits_for_a_version_that_does_not_come_back_is_ended(path: Path) -> None:
    told = Told()
    async with life(path, told, version=OLD) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await told.until(lambda: bool(told.begun))
    # As a kill leaves it: nobody handed it over.
    change(path, "UPDATE workflow_status SET status = 'PENDING'")
    other = Version(name="checks-3")
    async with life(path, told, version=other, give_up_after_s=0.0) as engine:
        await told.until(lambda: bool(told.given_up))
        assert (await engine.start("waits", request("r2"), id="b", slot="staging")).run_id == "r2"
        await engine.idle()
    [(run_id, reason), _] = told.given_up
    assert run_id == "r1"
    assert "upgrade" in reason
    assert ("a", "CANCELLED") in ask(path, STATES)


async def test_what_a_run_could_not_tell_anybody_is_one_line_of_the_log(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refused(request: CheckRequest) -> None:
        raise DeliveryError("Slack refused it.", permanent=True)

    async with life(path, Told(), {"refused": refused}) as engine:
        await engine.start("refused", request("r1"), id="a", slot="staging")
        await engine.idle()
    [line] = [each for each in capsys.readouterr().out.splitlines() if "refused it" in each]
    assert "a run could not be told of" in line
    assert "Traceback" not in line


STATES = "SELECT workflow_uuid, status FROM workflow_status"
OLD = Version(name="checks-1")
NEW = Version(name="checks-2", goes_on_with=("checks-1",))


async def test_a_newer_version_goes_on_with_what_it_can_replay(path: Path) -> None:
    told = Told()
    async with life(path, told, version=OLD) as engine:
        await engine.start("waits", request("r1"), id="a", slot="one/c")
        await engine.start("waits", request("r2"), id="b", slot="two/c")
        await told.until(lambda: len(told.begun) == 2)
    # As if it had been killed while it was at one of them.
    change(path, "UPDATE workflow_status SET status = 'PENDING' WHERE workflow_uuid = 'a'")
    told.go_on.set()
    async with life(path, told, version=NEW) as engine:
        await engine.idle()
    assert sorted(told.done) == ["r1", "r2"]


async def test_an_older_version_leaves_the_runs_of_a_newer_one_alone(path: Path) -> None:
    told = Told()
    async with life(path, told, version=NEW) as engine:
        await engine.start("waits", request("r1"), id="a", slot="one/c")
        await told.until(lambda: bool(told.begun))
    told.go_on.set()
    async with life(path, told, version=OLD) as engine:
        await engine.idle()
    assert told.done == []
    async with life(path, told, version=NEW) as engine:
        await engine.idle()
    assert told.done == ["r1"]


async def test_no_more_runs_are_under_way_than_is_configured(path: Path) -> None:
    told = Told()
    async with life(path, told, concurrency=2) as engine:
        for number in range(5):
            slot = f"{number}/c"
            await engine.start("waits", request(f"r{number}"), id=slot, slot=slot)
        await told.until(lambda: len(told.begun) == 2)
        # Several looks at the queue later.
        await asyncio.sleep(5 * POLL_S)
        assert len(told.begun) == 2
        told.go_on.set()
        await engine.idle()
    assert len(told.done) == 5


async def test_no_more_runs_of_a_target_are_under_way_than_is_configured(path: Path) -> None:
    told = Told()
    async with life(path, told, per_target=1) as engine:
        slots = {"one": slot_of("staging", "c"), "two": slot_of("staging", "c", revision="3f9")}
        # Another would never be let in.
        assert all(slot.startswith(slots_of("staging")) for slot in slots.values())
        for name, slot in slots.items():
            await engine.start("waits", request(name), id=name, slot=slot)
        other = replace(request("other"), target="staging2")
        await engine.start("waits", other, id="other", slot=slot_of("staging2", "c"))
        await told.until(lambda: len(told.begun) == 2)
        await asyncio.sleep(5 * POLL_S)
        assert sorted(one.target for one in told.begun) == ["staging", "staging2"]
        told.go_on.set()
        await engine.idle()
    assert sorted(told.done) == ["one", "other", "two"]


async def test_a_run_that_was_let_in_stays_when_one_is_seen_that_began_before(path: Path) -> None:
    told = Told()
    async with life(path, told, per_target=1) as engine:
        await engine.start("waits", request("one"), id="one", slot="staging/one")
        await told.until(lambda: len(told.begun) == 1)
        await engine.start("waits", request("two"), id="two", slot="staging/two")
        running = "SELECT count(*) FROM workflow_status WHERE status = 'PENDING'"
        await told.until(lambda: ask(path, running) == [(2,)])
        # What another machine began earlier may be seen later.
        change(
            path,
            "UPDATE workflow_status SET started_at_epoch_ms = 1 WHERE deduplication_id"
            " = 'staging/two'",
        )
        await asyncio.sleep(5 * POLL_S)
        assert len(told.begun) == 1
        told.go_on.set()
        await engine.idle()
    assert told.done == ["one", "two"]


async def test_a_run_that_was_let_in_and_interrupted_is_let_in_anew(path: Path) -> None:
    told = Told()
    for _ in range(2):
        async with life(path, told, per_target=1) as engine:
            for check in ("one", "two"):
                await engine.start("waits", request(check), id=check, slot=f"staging/{check}")
            await told.until(lambda: bool(told.begun))
            await asyncio.sleep(5 * POLL_S)
            assert len(told.begun) == 1
        told.begun.clear()
    told.go_on.set()
    async with life(path, told, per_target=1) as engine:
        await engine.idle()
    assert sorted(told.done) == ["one", "two"]


async def test_people_come_before_the_clock_and_among_equals_who_came_first(path: Path) -> None:
    told = Told()
    triggers = {
        "clock": Trigger.SCHEDULE,
        "deploy": Trigger.DEPLOY,
        "ada": Trigger.COMMAND,
        "bob": Trigger.BUTTON,
    }
    async with life(path, told, concurrency=1) as engine:
        await engine.start("waits", request("first"), id="first", slot="first/c")
        await told.until(lambda: bool(told.begun))
        for name, trigger in triggers.items():
            asked = replace(request(name), trigger=trigger)
            await engine.start("waits", asked, id=name, slot=f"{name}/c")
        told.go_on.set()
        await engine.idle()
    assert told.done == ["first", "ada", "bob", "clock", "deploy"]


async def test_a_run_that_was_asked_for_too_long_ago_is_given_up(path: Path) -> None:
    told = Told()
    await interrupted(path, told)
    assert change(path, "UPDATE workflow_status SET created_at = created_at - 7200000") == 1
    async with life(path, told) as engine:
        await engine.idle()
    [(run_id, reason)] = told.given_up
    assert (run_id, told.begun) == ("r1", [])
    assert reason.startswith("interrupted: asked for 120 minutes ago")


async def test_how_long_ago_is_too_long_can_be_set(path: Path) -> None:
    told = Told()
    await interrupted(path, told)
    change(path, "UPDATE workflow_status SET created_at = created_at - 7200000")
    told.go_on.set()
    async with life(path, told, give_up_after_s=86_400.0) as engine:
        await engine.idle()
    assert (told.done, told.given_up) == (["r1"], [])


async def test_runs_of_another_version_are_left_alone_and_told_of(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = Told()
    await interrupted(path, told)
    change(path, "UPDATE workflow_status SET application_version = 'checks-0'")
    capsys.readouterr()
    async with life(path, told) as engine:
        await engine.idle()
    assert (told.begun, told.given_up) == ([], [])
    said = capsys.readouterr().out
    assert "runs of another version" in said
    assert "checks-0" in said


class Bomb:
    """What a pickle can do to whoever reads it."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


async def test_a_row_with_a_pickled_object_is_refused_unread(path: Path, tmp_path: Path) -> None:
    told = Told()
    await interrupted(path, told)
    bomb = base64.b64encode(pickle.dumps(Bomb(tmp_path / "mark"))).decode()
    change(path, "UPDATE workflow_input SET inputs = ?", bomb)
    change(path, "UPDATE workflow_status SET serialization = 'py_pickle', inputs = ?", bomb)
    async with life(path, told) as engine:
        await told.until(lambda: ask(path, "SELECT status FROM workflow_status") == [("ERROR",)])
        await engine.idle()
    assert not (tmp_path / "mark").exists()
    assert told.begun == []


async def test_a_result_with_a_pickled_object_is_refused_unread(path: Path, tmp_path: Path) -> None:
    told = Told()

    async def effect() -> str:
        return "done"

    async def workflow(asked: CheckRequest) -> None:
        await engine.activity("effect", effect)
        told.begun.append(asked)
        await told.go_on.wait()

    async with life(path, told, {"waits": workflow}) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await told.until(lambda: bool(told.begun))
    bomb = base64.b64encode(pickle.dumps(Bomb(tmp_path / "mark"))).decode()
    assert change(
        path, "UPDATE operation_outputs SET serialization = 'py_pickle', output = ?", bomb
    )
    async with life(path, told, {"waits": workflow}) as engine:
        await engine.idle()
    assert not (tmp_path / "mark").exists()
    assert len(told.begun) == 1


async def test_what_is_not_json_is_refused_on_write(path: Path) -> None:
    told = Told()
    refused: list[BaseException] = []

    async def object_of_ours() -> object:
        return told

    async def workflow(_: CheckRequest) -> None:
        try:
            await engine.activity("object", object_of_ours)
        except TypeError as error:
            refused.append(error)

    async with life(path, told, {"waits": workflow}) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await engine.idle()
    assert "JSON" in str(refused[0])
    assert ask(path, "SELECT DISTINCT serialization FROM workflow_status") == [("portable_json",)]


async def test_a_closed_engine_starts_nothing_and_says_so(path: Path) -> None:
    told = Told()
    async with life(path, told) as engine:
        await engine.check()
    with pytest.raises(Unavailable, match="shutting down"):
        await engine.check()
    with pytest.raises(Unavailable, match="shutting down"):
        await engine.start("waits", request("r1"), id="a", slot="staging")


async def test_an_engine_that_was_not_launched_starts_nothing(path: Path) -> None:
    engine = DurableEngine(f"sqlite:///{path}", give_up_after_s=60.0)
    with pytest.raises(Unavailable, match="does not take runs"):
        await engine.start("waits", request("r1"), id="a", slot="staging")
    await engine.close(deadline_s=0.0)


async def test_the_loop_can_be_used_after_the_engine_was_closed(path: Path) -> None:
    async with life(path, Told()):
        pass
    assert await asyncio.to_thread(lambda: "done") == "done"


async def test_the_engine_logs_through_our_log_only(path: Path) -> None:
    async with life(path, Told()):
        logger = logging.getLogger("dbos")
        assert (logger.handlers, logger.propagate) == ([], True)
        assert logger.getEffectiveLevel() == logging.WARNING


async def test_what_ended_long_ago_is_forgotten_and_what_runs_is_not(path: Path) -> None:
    told = Told()
    told.go_on.set()
    async with life(path, told) as engine:
        await engine.start("waits", request("r1"), id="a", slot="staging")
        await engine.idle()
        await engine.prune(datetime.now(UTC) - timedelta(hours=1))
        assert ask(path, "SELECT workflow_uuid FROM workflow_status") == [("a",)]
        told.go_on.clear()
        await engine.start("waits", request("r2"), id="b", slot="staging")
        await told.until(lambda: len(told.begun) == 2)
        await engine.prune(datetime.now(UTC) + timedelta(hours=1))
    assert ask(path, "SELECT workflow_uuid FROM workflow_status") == [("b",)]


def test_connections_wait_for_a_lock_and_keep_what_they_write(path: Path) -> None:
    engine = sqlite_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = {
            name: connection.execute(sa.text(f"PRAGMA {name}")).scalar()
            for name in ("busy_timeout", "foreign_keys", "journal_mode", "synchronous")
        }
        fraction = connection.execute(sa.text("SELECT unixepoch('subsec')")).scalar()
    engine.dispose()
    # 2 is FULL
    assert found == {
        "busy_timeout": 30_000,
        "foreign_keys": 1,
        "journal_mode": "wal",
        "synchronous": 2,
    }
    assert isinstance(fraction, float)


def test_one_process_at_a_time_serves_from_a_file(path: Path) -> None:
    with (
        alone(f"sqlite:///{path}"),
        pytest.raises(Unavailable, match=rf"process {os.getpid()}\) serves from {path}"),
        alone(f"sqlite:///{path}"),
    ):
        pass
    with alone(f"sqlite:///{path}"):
        pass


def test_a_database_in_memory_is_refused() -> None:
    with pytest.raises(ConfigError, match="in memory keeps no runs"), alone("sqlite://"):
        pass
