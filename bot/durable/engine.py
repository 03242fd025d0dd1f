"""The Engine on DBOS: what was acknowledged is seen through, however often the process restarts."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import ParamSpec, TypeVar

import sqlalchemy as sa
import structlog
from dbos import DBOS, WorkflowStatus

from bot.durable import wiring
from bot.durable.appetite import Appetite
from bot.durable.database import address_of
from bot.durable.hopeless import MOST_LIVES, hopeless
from bot.durable.leftovers import end_leftovers, tell_of_others, why_left
from bot.durable.presence import Presence
from bot.durable.rows import error_of, error_row, request_of
from bot.durable.starting import Entry, enqueue
from bot.durable.states import WAITING
from bot.durable.status import StatusTable
from bot.durable.underway import LOOK_S, UnderWay, keep_in_step
from bot.durable.unfinished import backlog, unfinished
from bot.durable.wiring import Version
from bot.engine import Backlog, GiveUp, Workflow
from bot.errors import StagecheckError, StoreError, Unavailable
from bot.model import CheckRequest, Json

P = ParamSpec("P")
T = TypeVar("T")

log = structlog.get_logger(__name__)

_MOST_ENDS = 5
"""How often a run is given up again, if the process is killed meanwhile."""
_END = "end"
_BATCH = 100
_IDLE_POLL_S = 0.05


class DurableEngine:
    """Sees runs through over restarts. One per process: DBOS has one instance.

    Made inside the loop in which the runs are to run. After `register`, `launch` begins with what
    an earlier life left unfinished.
    """

    durable = True

    def __init__(
        self,
        database: str,
        *,
        give_up_after_s: float,
        concurrency: int | None = None,
        per_target: int | None = None,
        version: Version = wiring.VERSION,
        look_s: float = LOOK_S,
    ) -> None:
        """Take as many runs at once as DBOS can, over all processes, unless told how many."""
        self._look_s = look_s
        self._give_up_after_s = give_up_after_s
        self._concurrency = concurrency
        self._per_target = per_target
        self._version = version
        address = address_of(database)
        # One process at a time holds a SQLite file (`alone`), and goes on with what it finds.
        is_sqlite = address.get_backend_name() == "sqlite"
        self._presence = None if is_sqlite else Presence(address)
        self._executor_id = self._presence.name if self._presence else "only"
        self._entries: dict[str, Entry] = {}
        self._give_up: GiveUp | None = None
        self._here = UnderWay()
        self._starts: set[asyncio.Task[CheckRequest]] = set()
        self._rounds: tuple[asyncio.Task[None], ...] = ()
        self._credited: frozenset[str] = frozenset()
        self._launched = False
        self._closing = False
        self._stopped = False
        self._table = StatusTable(address)
        self._appetite = Appetite()
        self._engine = wiring.make(address, executor_id=self._executor_id, version=version)

    def register(self, workflows: Mapping[str, Workflow], *, give_up: GiveUp) -> None:
        self._give_up = give_up
        entries = {name: partial(self._begin, work) for name, work in workflows.items()}
        for name, entry in (entries | {_END: self._end}).items():
            # What is still not ended by then is taken up at the next start, by a run of its own.
            lives = _MOST_ENDS if name == _END else MOST_LIVES + _MOST_ENDS
            decorate = DBOS.workflow(name=name, max_recovery_attempts=lives)
            self._entries[name] = decorate(_named(name, partial(self._see_through, entry)))

    async def launch(self) -> None:
        """Take the database into use, and go on with the runs that an earlier life began."""
        try:
            if self._presence:
                await self._presence.begin()
            # A name that is for ever has what an earlier life had under way.
            await asyncio.to_thread(self._take_over, self._executor_id)
            is_shared = self._presence is not None
            await wiring.launch(
                concurrency=self._concurrency, is_shared=is_shared, appetite=self._appetite
            )
        except sa.exc.SQLAlchemyError as error:
            raise StoreError(f"The engine cannot use the database: {_first_line(error)}") from error
        self._launched = True
        if self._presence:
            self._presence.watch(self._busy, self._take_over)
        end, older_than_s = self._entries[_END], self._give_up_after_s
        ending = end_leftovers(self._table, self._version.taken, end, older_than_s=older_than_s)
        keeping = keep_in_step(self._here, self._table, self._executor_id, every_s=self._look_s)
        self._rounds = tuple(map(asyncio.create_task, (ending, keeping)))
        await tell_of_others(self._version)

    async def start(
        self, workflow: str, request: CheckRequest, *, id: str, slot: str
    ) -> CheckRequest:
        await self.check()
        self._appetite.asked()
        # Shielded: who asks may be cancelled, and then nobody would know whether the run is kept.
        entry = self._entries[workflow]
        start = asyncio.create_task(enqueue(entry, request, id=id, slot=slot), name=id)
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
        if not self._launched or not wiring.is_serving():
            raise Unavailable("The engine does not take runs.", hint="Ask again in a minute.")

    async def backlog(self) -> Backlog:
        return await backlog()

    async def idle(self) -> None:
        """Return once no run of this process is under way or waits."""
        while True:
            if tasks := self._here.tasks:
                await asyncio.wait(tasks)
            elif any(self._is_ours(row) for row in await unfinished()):
                await asyncio.sleep(_IDLE_POLL_S)
            else:
                return

    async def prune(self, before: datetime) -> None:
        """Forget the runs that ended before a moment; what they found is the store's."""
        while rows := await DBOS.list_workflows_async(
            completed_before=before.isoformat(),
            limit=_BATCH,
            load_input=False,
            load_output=False,
        ):
            await DBOS.delete_workflows_async([row.workflow_id for row in rows])

    async def close(self, *, deadline_s: float) -> None:
        """Take nothing new, and let what runs finish for up to `deadline_s` seconds.

        What has not ended by then is neither given up nor lost: the next life goes on with it.
        """
        self._closing = True
        if self._launched:
            if self._presence:  # what waits is not for us: others are there, or will be
                self._appetite.lose()
            await asyncio.to_thread(self._credit)
            with suppress(TimeoutError):
                async with asyncio.timeout(deadline_s):
                    await self.idle()
        self._stopped = True
        late = self._here.tasks
        for task in late:
            task.cancel()
        if late:
            log.warning("runs interrupted; the next start goes on with them", runs=len(late))
            await asyncio.gather(*late, return_exceptions=True)
        self._appetite.stop()
        for each in self._rounds:
            each.cancel()
        await asyncio.gather(*self._rounds, return_exceptions=True)
        if self._presence:
            await self._presence.end()
        await wiring.destroy(self._engine)
        if self._launched:
            await asyncio.to_thread(self._hand_over)
        self._table.close()
        if self._presence:
            await self._presence.leave()

    async def _see_through(self, entry: Workflow, row: dict[str, Json]) -> None:
        if self._stopped:  # taken from the queue at the last moment: left to the next life
            raise asyncio.CancelledError
        self._here.add(str(DBOS.workflow_id))
        request = request_of(row)
        # For as long as the task lives, so in every line of the log about this run.
        structlog.contextvars.bind_contextvars(run_id=request.run_id, target=request.target)
        try:
            await entry(request)
        except StagecheckError as error:
            # It has been told as well as it could be; DBOS would log where in the code it arose.
            log.warning("a run could not be told of", error=str(error))

    async def _begin(self, workflow: Workflow, request: CheckRequest) -> None:
        run = str(DBOS.workflow_id)
        if reason := await hopeless(run, give_up_after_s=self._give_up_after_s):
            assert self._give_up is not None
            log.warning("run given up", reason=reason)
            # No activities: it must not matter which of them an earlier life has done.
            await self._give_up(request, reason)
            return
        if self._per_target:
            await self._table.has_room(run, target=request.target, most=self._per_target)
        await workflow(request)

    async def _end(self, request: CheckRequest) -> None:
        assert self._give_up is not None
        if reason := await why_left(self._table, str(DBOS.workflow_id)):
            await self._give_up(request, reason)

    def _adopt(self) -> None:
        self._table.adopt(self._version.goes_on_with, into=self._version.name)

    def _busy(self) -> set[str]:
        self._adopt()
        return self._table.executors()

    def _take_over(self, executor_id: str) -> None:
        self._table.take_from(executor_id)
        self._adopt()

    def _credit(self) -> None:
        try:
            self._credited = self._table.credit(self._executor_id)
        except sa.exc.SQLAlchemyError as error:
            log.warning("this life counts for the runs under way", error=_first_line(error))

    def _hand_over(self) -> None:
        try:
            self._table.hand_over(self._executor_id, credited=self._credited)
        except sa.exc.SQLAlchemyError as error:
            # Then they are taken over as from a process that was killed.
            log.warning("runs under way could not be handed over", error=_first_line(error))

    def _is_ours(self, row: WorkflowStatus) -> bool:
        if row.app_version != self._version.name:
            return False
        if row.status == WAITING:
            # With a database that is shared, who is about to end leaves it to others.
            return not (self._closing and self._presence)
        return row.executor_id == self._executor_id


def _named(name: str, entry: Entry) -> Entry:
    async def begin(request: dict[str, Json]) -> None:
        await entry(request)

    begin.__qualname__ = name
    return begin


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
