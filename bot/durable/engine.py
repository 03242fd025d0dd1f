"""The Engine on DBOS: what was acknowledged is seen through, however often the process restarts."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context
from functools import partial
from typing import Any, ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from dbos import (
    DBOS,
    DBOSConfig,
    DBOSPortableJSONSerializer,
    SetEnqueueOptions,
    SetWorkflowID,
    WorkflowStatus,
)

from bot.durable.database import sqlite_engine
from bot.durable.rows import error_of, error_row, request_of, request_row
from bot.durable.trust import refuse_pickle
from bot.engine import GiveUp, Workflow
from bot.errors import StagecheckError, StoreError, Unavailable
from bot.model import CheckRequest, Json

P = ParamSpec("P")
T = TypeVar("T")
Entry = Callable[[dict[str, Json]], Coroutine[Any, Any, None]]

log = structlog.get_logger(__name__)

NAME = "stagecheck"
VERSION = "checks-1"
"""Raised when a workflow calls its activities differently: older runs could not be replayed."""
QUEUE = "checks"
POLL_S = 0.1
"""Between two looks at the queue: 5 % of a core, for 60 ms until a run begins."""
AT_ONCE = 100
THREADS = 64
"""With 8, name resolution stopped while the database was away; the ack is no slower with 64."""
MOST_LIVES = 4
"""How often one run is begun. In its last life it is given up: it may be what ends the process."""
LAUNCH_S = 20.0
_UNFINISHED = ["ENQUEUED", "PENDING"]
_IDLE_POLL_S = 0.05


class DurableEngine:
    """Sees runs through over restarts. One per process: DBOS has one instance.

    Made inside the loop in which the runs are to run. After `register`, `launch` begins with what
    an earlier life left unfinished.
    """

    durable = True

    def __init__(self, database: str, *, give_up_after_s: float) -> None:
        self._give_up_after_s = give_up_after_s
        self._executor_id = "only"
        self._entries: dict[str, Entry] = {}
        self._give_up: GiveUp | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._starts: set[asyncio.Task[str]] = set()
        self._launched = False
        self._closing = False
        self._stopped = False
        refuse_pickle()
        _ = DBOS(config=self._config(database))
        # Its handler would write past our masking; ours is that of the root logger.
        logger = logging.getLogger("dbos")
        logger.handlers.clear()
        logger.propagate = True

    def register(self, workflows: Mapping[str, Workflow], *, give_up: GiveUp) -> None:
        self._give_up = give_up
        for name, workflow in workflows.items():
            entry = partial(self._see_through, workflow)
            decorate = DBOS.workflow(name=name, max_recovery_attempts=MOST_LIVES - 1)
            self._entries[name] = decorate(_named(name, entry))

    async def launch(self) -> None:
        """Take the database into use, and go on with the runs that an earlier life began."""
        try:
            # On the loop itself: DBOS adopts the loop that it is launched in.
            DBOS.launch()
            await DBOS.register_queue_async(
                QUEUE,
                polling_interval_sec=POLL_S,
                worker_concurrency=AT_ONCE,
                on_conflict="always_update",
            )
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"The engine cannot use the database: {error}") from error
        await self._until_served()
        self._launched = True
        stranded = [row for row in await self._unfinished() if row.app_version != VERSION]
        if stranded:
            log.warning(
                "runs of another version of stagecheck wait for that version",
                runs=len(stranded),
                versions=sorted({str(row.app_version) for row in stranded}),
                version=VERSION,
            )

    async def start(self, workflow: str, request: CheckRequest, *, id: str, slot: str) -> str:
        await self.check()
        # Shielded: who asks may be cancelled, and then nobody would know whether the run is kept.
        start = asyncio.create_task(self._enqueue(workflow, request, id, slot), name=id)
        self._starts.add(start)
        start.add_done_callback(self._starts.discard)
        return await asyncio.shield(start)

    async def activity(
        self, name: str, do: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        async def attempt() -> dict[str, Json]:
            # An error of ours is a result too: kept as an error it comes back as another type.
            try:
                return {"value": await do(*args, **kwargs)}
            except StagecheckError as error:
                return {"error": error_row(error)}

        kept = await DBOS.run_step_async({"name": name}, attempt)
        if "error" in kept:
            raise error_of(kept["error"])
        value: T = kept["value"]
        return value

    async def check(self) -> None:
        """Raise Unavailable unless a run can be started now."""
        if self._closing:
            raise Unavailable("stagecheck is shutting down.", hint="Ask again in a minute.")
        if not self._launched or not _queue_is_served():
            raise Unavailable("The engine does not take runs.", hint="Ask again in a minute.")

    async def idle(self) -> None:
        """Return once no run of this process is under way or waits."""
        while True:
            if self._tasks:
                await asyncio.wait(self._tasks)
            elif any(self._is_ours(row) for row in await self._unfinished()):
                await asyncio.sleep(_IDLE_POLL_S)
            else:
                return

    async def close(self, *, deadline_s: float) -> None:
        """Take nothing new, and let what runs finish for up to `deadline_s` seconds.

        What has not ended by then is neither given up nor lost: the next life goes on with it.
        """
        self._closing = True
        if self._launched:
            with suppress(TimeoutError):
                async with asyncio.timeout(deadline_s):
                    await self.idle()
        self._stopped = True
        late = tuple(self._tasks)
        for task in late:
            task.cancel()
        if late:
            log.warning("runs interrupted; the next start goes on with them", runs=len(late))
            await asyncio.gather(*late, return_exceptions=True)
        await _destroy()

    def _config(self, database: str) -> DBOSConfig:
        config: DBOSConfig = {
            "name": NAME,
            "application_version": VERSION,
            "executor_id": self._executor_id,
            "max_executor_threads": THREADS,
            "serializer": DBOSPortableJSONSerializer(),
            "log_level": "WARNING",
            # Nothing here waits for such messages; closing waits for the thread that looks.
            "notification_listener_polling_interval_sec": 0.1,
            # Without a key there is nobody it could call; said all the same.
            "conductor_key": None,
            "enable_otlp": False,
        }
        if sa.make_url(database).get_backend_name() == "sqlite":
            config["system_database_engine"] = sqlite_engine(database)
        else:
            config["system_database_url"] = database
        return config

    async def _enqueue(self, workflow: str, request: CheckRequest, id: str, slot: str) -> str:
        # A queue, and no direct start: a start that nobody waits for any more would never run.
        with (
            SetWorkflowID(id),
            SetEnqueueOptions(deduplication_id=slot, duplication_policy="return-existing"),
        ):
            try:
                handle = await DBOS.enqueue_workflow_async(
                    QUEUE, self._entries[workflow], request_row(request)
                )
                row = await handle.get_status()
            except sa.exc.SQLAlchemyError as error:
                raise StoreError("The run cannot be kept, so it was not started.") from error
        return _request_in(row).run_id

    async def _see_through(self, workflow: Workflow, row: dict[str, Json]) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._stopped:  # taken from the queue at the last moment: left to the next life
            raise asyncio.CancelledError
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        request = request_of(row)
        if reason := await self._hopeless(str(DBOS.workflow_id)):
            assert self._give_up is not None
            log.warning("run given up", run_id=request.run_id, reason=reason)
            # No activities: it must not matter which of them an earlier life has done.
            await self._give_up(request, reason)
        else:
            await workflow(request)

    async def _hopeless(self, id: str) -> str:
        """Say why a run cannot be seen through, or return nothing."""
        # Outside of the workflow's context: inside, the answer would be kept and stay the same.
        looking = asyncio.create_task(_status(id), context=Context())
        row = await looking
        assert row.created_at is not None
        age_s = time.time() - row.created_at / 1000
        lives = row.recovery_attempts or 1
        if lives >= MOST_LIVES:
            return f"interrupted {lives - 1} times by a restart of stagecheck, so it was given up"
        if age_s > self._give_up_after_s:
            return (
                f"interrupted: asked for {age_s / 60:.0f} minutes ago, before stagecheck was "
                "restarted, which is too long ago to go on"
            )
        return ""

    async def _until_served(self) -> None:
        # With a new database DBOS looks for its queues once a second.
        for _ in range(round(LAUNCH_S / _IDLE_POLL_S)):
            if _queue_is_served():
                return
            await asyncio.sleep(_IDLE_POLL_S)
        raise Unavailable(
            f"The engine did not begin to take runs within {LAUNCH_S:.0f} s.",
            hint="Its log says why; start stagecheck again.",
        )

    async def _unfinished(self) -> list[WorkflowStatus]:
        return await DBOS.list_workflows_async(
            status=_UNFINISHED, load_input=False, load_output=False
        )

    def _is_ours(self, row: WorkflowStatus) -> bool:
        if row.app_version != VERSION:
            return False
        return row.status == "ENQUEUED" or row.executor_id == self._executor_id


def _named(name: str, entry: Entry) -> Entry:
    async def begin(request: dict[str, Json]) -> None:
        await entry(request)

    begin.__qualname__ = name
    return begin


def _queue_is_served() -> bool:
    return any(thread.name == f"queue-worker-{QUEUE}" for thread in threading.enumerate())


async def _status(id: str) -> WorkflowStatus:
    row = await DBOS.get_workflow_status_async(id)
    assert row is not None
    return row


def _request_in(row: WorkflowStatus) -> CheckRequest:
    assert row.input is not None
    return request_of(row.input["args"][0])


async def _destroy() -> None:
    """End DBOS in a thread of its own: on the loop it would block it, and in one of the loop's
    threads it would wait for itself.
    """
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def destroy() -> None:
        try:
            DBOS.destroy(destroy_registry=True)
        finally:
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=destroy, name="destroy", daemon=True).start()
    await done.wait()
    # The one that DBOS had put there has ended with it.
    loop.set_default_executor(ThreadPoolExecutor())
