"""A database from before is taken over as it is: nothing is rewritten, and all of it is read."""

import json
import zlib
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from bot.model import Status
from bot.store import Store
from bot.store.address import read_address
from bot.store.upgrade import migrations
from tests.storing import DIAGNOSIS, NOON, RUN, file_url, run_at, url

__all__ = ["file_url", "url"]

# What revision 0002 kept of RUN and DIAGNOSIS, as that version wrote it.
DOCUMENT = {
    "id": "3f2a9c4e81d0",
    "target": "staging",
    "check": "pipeline",
    "status": "failed",
    "executed": True,
    "started_at": "2025-09-07T12:00:00.123456Z",
    "duration_s": 4.25,
    "trigger": "command",
    "caller": {"id": "U1", "team": "T1"},
    "steps": [
        {"name": "events", "title": "Events", "status": "failed", "duration_s": 0.5, "detail": ""}
    ],
    "experiments": [
        {"name": "ping", "title": "Ping", "status": "passed", "duration_s": 0.1, "detail": ""}
    ],
    "provenance": [{"key": "api_url", "source": "stagecheck.yaml:3", "value": "https://x"}],
    "impact": "Blocks every test",
    "owners": {"bypass_key_mismatch": "@secrets"},
    "revision": "r1",
    "not_checked": ["The frontend."],
}
LINE = {
    "at": "2025-09-07T12:00:00.123456Z",
    "step": "events",
    "direction": "<",
    "text": '{"type": "ping"}',
}
REPORT = {
    "causes": [
        {
            "label": "ws_server_code_error",
            "role": "sufficient",
            "confidence": 0.9,
            "evidence": ["o1"],
        }
    ],
    "whys": [{"question": "Why?", "answer": "Because.", "kind": "observed", "evidence": ["o2"]}],
    "ruled_out": [{"label": "jwt_expired", "evidence": ["o1"], "reason": "fresh"}],
    "unknowns": [{"question": "Which?", "experiment": "ping"}],
    "findings": [
        {
            "title": "t",
            "location": "l",
            "issue": "i",
            "impact": "m",
            "severity": "high",
            "evidence": ["o1"],
        }
    ],
    "next_steps": [{"title": "Re-run", "command": "run staging"}],
}


@pytest.fixture
def old_url(url: str) -> str:
    """A database of revision 0002 with one run in it."""
    engine = sa.create_engine(read_address(url))
    config = migrations()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
    with engine.begin() as connection:
        # SQLite keeps times in UTC, without saying so.
        moment: Any = NOON.replace(tzinfo=None) if engine.dialect.name == "sqlite" else NOON
        insert(connection, moment)
    engine.dispose()
    return url


def insert(connection: sa.Connection, moment: datetime) -> None:
    tables = sa.MetaData()
    tables.reflect(connection)
    run = {name: DOCUMENT[name] for name in ("id", "target", "check", "status", "executed")}
    more = {"started_at": moment, "duration_s": 4.25, "trigger": "command", "durations": "{}"}
    whose = {"caller": "U1", "team": "T1", "cause": "ws_server_code_error", "confidence": 0.9}
    kept = {
        "document": json.dumps(DOCUMENT),
        "transcript": zlib.compress(json.dumps([LINE]).encode()),
    }
    connection.execute(sa.insert(tables.tables["runs"]), {**run, **more, **whose, **kept})
    values = (("o1", "frame", {"n": 1, "type": "é\0"}), ("o2", "close_code", 1008))
    for position, (name, key, value) in enumerate(values):
        place = {"run_id": DOCUMENT["id"], "position": position}
        seen = {"id": name, "at": moment, "step": "events", "key": key, "value": json.dumps(value)}
        connection.execute(sa.insert(tables.tables["observations"]), {**place, **seen})
    report = {"run_id": DOCUMENT["id"], "diagnosis": json.dumps(REPORT)}
    connection.execute(sa.insert(tables.tables["reports"]), report)


async def test_a_run_from_before_is_read_as_it_was_kept(old_url: str) -> None:
    store = await Store.open(old_url)
    assert await store.run("3f2a9c") == RUN
    assert await store.diagnosis(RUN.id) == DIAGNOSIS
    assert [each.id for each in await store.recent("staging")] == [RUN.id]
    await store.close()


async def test_runs_from_before_and_of_now_stand_side_by_side(old_url: str) -> None:
    store = await Store.open(old_url)
    await store.save_run(RUN, DIAGNOSIS)
    await store.save_run(run_at(1, status=Status.PASSED), DIAGNOSIS)
    assert [each.id for each in await store.recent()] == ["run-0001", RUN.id]
    later = NOON + timedelta(days=1)
    passed = await store.last_passed("staging", "pipeline", before=later)
    assert passed == run_at(1, status=Status.PASSED)
    await store.close()


async def test_a_run_from_before_is_forgotten_with_all_its_rows(old_url: str) -> None:
    store = await Store.open(old_url)
    await store.save_run(run_at(1, status=Status.PASSED), DIAGNOSIS)
    assert await store.prune(NOON + timedelta(minutes=1), runs_per_target=100) == 1
    await store.close()
    engine = sa.create_engine(read_address(old_url))
    with engine.connect() as connection:
        for table in ("observations", "reports"):
            assert connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar() == 0
    engine.dispose()
