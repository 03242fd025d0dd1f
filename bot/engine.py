"""Seeing a workflow through to its end: the Engine protocol, and the in-process engine."""

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import ParamSpec, Protocol, TypeVar

import structlog

from bot.errors import Unavailable
from bot.model import CheckRequest

P = ParamSpec("P")
T = TypeVar("T")

Workflow = Callable[[CheckRequest], Awaitable[None]]
GiveUp = Callable[[CheckRequest, str], Awaitable[None]]
"""Ends a run that cannot be seen through, and tells people why."""

log = structlog.get_logger(__name__)


def new_run_id() -> str:
    """Return a fresh run id: ``r`` and 16 random hex digits."""
    return f"r{secrets.token_hex(8)}"


def run_id_of(key: str, *, kind: str = "r") -> str:
    """Return the run id of what is started by `key`: the same one each time that it is asked.

    It begins with `kind`: ``r`` for a run, ``p`` for a log that was pasted.
    """
    return f"{kind}{hashlib.blake2b(key.encode(), digest_size=8).hexdigest()}"


def slot_of(target: str, check: str, *, revision: str = "", is_beside: bool = False) -> str:
    """Return the slot in which there is one run at once: a check of a target.

    A run of a `revision` has a slot of its own: one that began before says nothing about it. So has
    a run that may go `is_beside` the one in the slot of all.
    """
    beside = "+" if is_beside else ""
    return f"{slots_of(target)}{check}{beside}" + (f"@{revision}" if revision else "")


def slots_of(target: str) -> str:
    """Return what the slots of all runs of `target` begin with, and those of no other."""
    return f"{target}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """The runs that have not ended; `oldest_s` is how long ago the oldest was asked for."""

    waiting: int = 0
    running: int = 0
    oldest_s: float = 0.0


class Engine(Protocol):
    """Runs workflows by name; each is started once per id and seen through to its end.

    A workflow only decides and calls activities. Activities may happen twice after a restart
    of a durable engine, so they are idempotent by id and their results are JSON values.
    """

    @property
    def durable(self) -> bool:
        """Whether what is under way goes on in the next life of the process."""
        ...

    def register(self, workflows: Mapping[str, Workflow], *, give_up: GiveUp) -> None:
        """Make `workflows` startable by name; before the first start.

        `give_up` is called instead of a workflow that was interrupted too often or too long ago.
        """
        ...

    async def start(
        self, workflow: str, request: CheckRequest, *, id: str, slot: str
    ) -> CheckRequest:
        """Start `workflow` and return what the run that answers was asked for.

        The same `id` starts nothing twice. While a run of the same `slot` is under way, nothing
        is started and that run's `request` is returned instead of this one.
        """
        ...

    async def activity(
        self, name: str, do: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do one thing that has an effect, reads a clock or counts; from inside a workflow."""
        ...

    async def check(self) -> None:
        """Raise Unavailable unless a run can be started now."""
        ...

    async def backlog(self) -> Backlog:
        """Return what has not ended, of all processes; StoreError if that cannot be told."""
        ...

    async def idle(self) -> None:
        """Return once no run of this process is under way or waits."""
        ...

    async def close(self, *, deadline_s: float) -> None:
        """Take nothing new, let what runs finish for up to `deadline_s` seconds, then stop."""
        ...


class LocalEngine:
    """The engine without durability: workflows are tasks of this process."""

    durable = False

    def __init__(self) -> None:
        self._workflows: dict[str, Workflow] = {}
        self._begun: dict[str, CheckRequest] = {}
        self._slots: dict[str, CheckRequest] = {}
        self._tasks: dict[asyncio.Task[None], float] = {}
        self._closing = False

    def register(self, workflows: Mapping[str, Workflow], *, give_up: GiveUp) -> None:
        self._workflows.update(workflows)

    async def start(
        self, workflow: str, request: CheckRequest, *, id: str, slot: str
    ) -> CheckRequest:
        await self.check()
        if answering := self._begun.get(id) or self._slots.get(slot):
            return answering
        self._remember(id, request)
        self._slots[slot] = request
        task = asyncio.create_task(self._see_through(workflow, request, slot), name=id)
        self._tasks[task] = asyncio.get_running_loop().time()
        task.add_done_callback(partial(self._ended, request.run_id, slot))
        return request

    async def activity(
        self, name: str, do: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        return await do(*args, **kwargs)

    async def check(self) -> None:
        if self._closing:
            raise Unavailable("stagecheck is shutting down.", hint="Ask again in a minute.")

    async def backlog(self) -> Backlog:
        if not self._tasks:
            return Backlog()
        oldest_s = asyncio.get_running_loop().time() - min(self._tasks.values())
        return Backlog(running=len(self._tasks), oldest_s=oldest_s)

    async def close(self, *, deadline_s: float) -> None:
        self._closing = True
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=deadline_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def idle(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _remember(self, id: str, request: CheckRequest) -> None:
        self._begun[id] = request
        # 10,000 ids are hours of traffic, far beyond any redelivery by Slack (about 5 minutes).
        if len(self._begun) > 10_000:
            del self._begun[next(iter(self._begun))]

    async def _see_through(self, workflow: str, request: CheckRequest, slot: str) -> None:
        # For as long as the task lives, so in every line of the log about this run.
        structlog.contextvars.bind_contextvars(run_id=request.run_id, target=request.target)
        try:
            await self._workflows[workflow](request)
        finally:
            del self._slots[slot]

    def _ended(self, run_id: str, slot: str, task: asyncio.Task[None]) -> None:
        del self._tasks[task]
        if task.cancelled():
            log.warning("workflow interrupted", run_id=run_id, slot=slot, id=task.get_name())
        elif broken := task.exception():
            log.error(
                "workflow broke", run_id=run_id, slot=slot, id=task.get_name(), exc_info=broken
            )
