"""What stagecheck relies on inside of DBOS is there, in the version that is installed.

Each test fails with the one thing that an upgrade took away, instead of a queue that hangs.
"""

import inspect
import re
from pathlib import Path

import pytest
from dbos import _queue, _serialization
from dbos._dbos import DBOS
from dbos._schemas.system_database import SystemSchema
from dbos._sys_db import SystemDatabase

import bot.durable
from bot.durable.private import COLUMNS, INPUTS, RUNS

FOLDER = Path(bot.durable.__file__).parent
# An attribute that begins with "_" of anything but ourselves, or a module of DBOS that does.
PRIVATE = re.compile(r"\bdbos\._|from dbos import .*\b_[a-z]|(?<!\bself)(?<=[\w)\]])\._[a-z]")


def test_a_queue_takes_runs_by_the_call_that_we_stand_before() -> None:
    parameters = inspect.signature(SystemDatabase.start_queued_workflows).parameters
    assert list(parameters)[1:6] == [
        "queue",
        "executor_id",
        "app_version",
        "queue_partition_key",
        "local_running_count",
    ]
    # Looked up at each call, so that what was put in its place is what is called.
    assert "dbos._sys_db.start_queued_workflows(" in inspect.getsource(_queue)
    assert isinstance(inspect.getattr_static(DBOS, "_sys_db"), property)


@pytest.mark.parametrize(
    "written",
    ['name=f"queue-worker-{queue_name}"', "self._worker_concurrency = worker_concurrency"],
    ids=["the name of its thread", "how many runs it may have here"],
)
def test_a_queue_has(written: str) -> None:
    assert written in inspect.getsource(_queue)


@pytest.mark.parametrize("column", COLUMNS)
def test_the_table_of_runs_has(column: str) -> None:
    assert SystemSchema.workflow_status.name == RUNS
    assert column in SystemSchema.workflow_status.columns


def test_what_a_run_was_asked_is_kept_beside() -> None:
    assert SystemSchema.workflow_input.name == INPUTS
    assert {"workflow_uuid", "inputs"} <= set(SystemSchema.workflow_input.columns.keys())


def test_what_pickles_is_looked_up_where_we_replace_it() -> None:
    assert isinstance(_serialization.DBOSDefaultSerializer, _serialization.DefaultSerializer)
    for reads in (_serialization.deserialize_value, _serialization.deserialize_args):
        assert "DBOSDefaultSerializer.deserialize(" in inspect.getsource(reads)


def test_no_other_module_reaches_into_dbos() -> None:
    reaching = {path.name for path in FOLDER.glob("*.py") if PRIVATE.search(path.read_text())}
    assert reaching == {"private.py"}
