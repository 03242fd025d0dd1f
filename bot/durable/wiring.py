"""DBOS as stagecheck uses it: made, launched, looked after and ended, with every known trap closed.

DBOS is one instance per process, reached through its class.
"""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer

from bot.durable.appetite import Appetite
from bot.durable.database import engine_of
from bot.durable.private import connections, is_served, restrain
from bot.durable.trust import refuse_pickle
from bot.errors import Unavailable

NAME = "stagecheck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Which runs a process takes: its own, and those of older versions that it can replay."""

    name: str
    goes_on_with: tuple[str, ...] = ()

    @property
    def taken(self) -> list[str]:
        return [self.name, *self.goes_on_with]


VERSION = Version(name="checks-1")
"""Raised when a workflow calls its activities differently. While runs of the older version can
still be replayed, that goes into `goes_on_with`; where they cannot, an older process ends them."""
QUEUE = "checks"
POLL_S = 0.1
"""Between two looks at the queue: 5 % of a core, for 60 ms until a run begins."""
AT_ONCE = 500
"""Runs under way in one process; nearly all of a run is waiting. A crowd is kept small by appetite.
"""
THREADS = 64
"""With 8, name resolution stopped while the database was away; the ack is no slower with 64."""
LAUNCH_S = 20.0
_LOOK_S = 0.05


def make(address: sa.URL, *, executor_id: str, version: Version) -> sa.Engine:
    """Make the instance, and return its connections, which `destroy` closes.

    Workflows are to be registered before it is launched.
    """
    refuse_pickle()
    config: DBOSConfig = {
        "name": NAME,
        # By itself it makes a version from the sources, and leaves older runs lying without a word.
        "application_version": version.name,
        "executor_id": executor_id,
        "max_executor_threads": THREADS,
        "serializer": DBOSPortableJSONSerializer(),
        "log_level": "WARNING",
        # Nothing here waits for such messages; closing waits for the thread that looks.
        "notification_listener_polling_interval_sec": 0.1,
        # Without a key there is nobody it could call; said all the same.
        "conductor_key": None,
        "enable_otlp": False,
    }
    config["system_database_engine"] = engine = engine_of(address)
    if address.get_backend_name() != "sqlite":  # by this it tells what kind of database it has
        config["system_database_url"] = address.render_as_string(hide_password=False)
    _ = DBOS(config=config)
    # Its handler would write past our masking; ours is that of the root logger.
    logger = logging.getLogger("dbos")
    logger.handlers.clear()
    logger.propagate = True
    return engine


async def launch(*, concurrency: int | None, is_shared: bool, appetite: Appetite) -> None:
    """Migrate the database, recover what this executor had under way, and serve the queue.

    `concurrency` is how many runs are under way at once, over all processes. Raises what
    SQLAlchemy raises.
    """
    # On the loop itself: DBOS adopts the loop that it is launched in.
    DBOS.launch()
    restrain(QUEUE, appetite)
    sa.event.listen(connections(), "handle_error", _note_if_away)
    appetite.start()
    await DBOS.register_queue_async(
        QUEUE,
        polling_interval_sec=POLL_S,
        worker_concurrency=min(AT_ONCE, concurrency or AT_ONCE),
        # Only where it is needed: to keep it, processes wait for each other.
        global_concurrency=concurrency if is_shared else None,
        on_conflict="always_update",
    )
    # With a new database DBOS looks for its queues once a second.
    for _ in range(round(LAUNCH_S / _LOOK_S)):
        if is_serving():
            return
        await asyncio.sleep(_LOOK_S)
    raise Unavailable(
        f"The engine did not begin to take runs within {LAUNCH_S:.0f} s.",
        hint="Its log says why; start stagecheck again.",
    )


def _note_if_away(context: sa.engine.ExceptionContext) -> None:
    """Have DBOS wait for a server that is away: by itself it knows some of the words for it only.

    What has no code does not come from the server.
    """
    if isinstance(context.sqlalchemy_exception, sa.exc.OperationalError):
        context.is_disconnect |= getattr(context.original_exception, "sqlstate", "") is None


def _close(_connection: object, record: sa.pool.ConnectionPoolEntry) -> None:
    record.invalidate()


def is_serving() -> bool:
    """Tell whether runs are taken from the queue."""
    return is_served(QUEUE)


async def destroy(engine: sa.Engine) -> None:
    """End DBOS, and close its connections, in a thread of its own.

    On the loop it would block it, and in one of the loop's threads it would wait for itself.
    """
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def end() -> None:
        try:
            # A thread that is late gives its connection back when nobody closes any more.
            sa.event.listen(engine, "checkin", _close)
            DBOS.destroy(destroy_registry=True)
            engine.dispose()
        finally:
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=end, name="destroy", daemon=True).start()
    await done.wait()
    # The one that DBOS had put there has ended with it.
    loop.set_default_executor(ThreadPoolExecutor())
