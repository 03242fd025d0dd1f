"""The runs that this process sees through, beside those that the database says it does.

Both part when the database is away or full at the wrong moment: a run that could not say that it
ended holds its slot, and nobody goes on with it; and one that another process took over goes on
here too.
"""

import asyncio
from functools import partial

import sqlalchemy as sa
import structlog

from bot.durable.status import StatusTable

LOOK_S = 5.0

log = structlog.get_logger(__name__)


class UnderWay:
    """The tasks of runs, by run; of one that was begun again there may be two for a moment."""

    def __init__(self) -> None:
        self._runs: dict[asyncio.Task[None], str] = {}

    def add(self, run: str) -> None:
        """Note that the current task sees `run` through."""
        task = asyncio.current_task()
        assert task is not None
        self._runs[task] = run
        task.add_done_callback(self._runs.pop)

    @property
    def tasks(self) -> tuple[asyncio.Task[None], ...]:
        return tuple(self._runs)

    @property
    def runs(self) -> frozenset[str]:
        return frozenset(self._runs.values())

    def cancel(self, runs: frozenset[str]) -> None:
        """End the tasks of `runs`; each is told once, and may tidy up."""
        for task, run in tuple(self._runs.items()):
            if run in runs and not task.cancelling():
                task.cancel()


async def keep_in_step(
    here: UnderWay, table: StatusTable, executor_id: str, *, every_s: float
) -> None:
    """Look every few seconds: what broke off here is begun again, and what is others' ends here.

    A run is seen twice without a task before it counts as broken off: it may have been taken from
    the queue just now.
    """
    suspects: frozenset[str] = frozenset()
    while True:
        await asyncio.sleep(every_s)
        known = here.runs
        try:
            held, others = await asyncio.to_thread(partial(table.held, executor_id, among=known))
            lost = (held & suspects) - here.runs
            if lost:
                log.warning("runs that broke off are begun again", runs=len(lost))
                await asyncio.to_thread(partial(table.take_from, executor_id, only=lost))
        except sa.exc.SQLAlchemyError as error:
            log.warning("cannot tell which runs broke off", error=type(error).__name__)
            suspects = frozenset()
            continue
        suspects = held - known - here.runs - lost
        if others:
            log.warning("another process goes on with runs of this one", runs=len(others))
            here.cancel(others)
