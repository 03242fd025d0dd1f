"""An event loop whose name resolution nobody else can starve."""

import asyncio
import socket
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")

RESOLVERS = 8
"""Names that are looked up at once; a resolver that hangs holds a thread for some 30 seconds."""


class Loop(asyncio.SelectorEventLoop):
    """The loop of a process with a durable engine.

    DBOS takes over the loop's default executor, and holds its threads while the database is away.
    A name that is looked up there waits for the database, although it has nothing to do with it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._resolvers = ThreadPoolExecutor(RESOLVERS, thread_name_prefix="resolver")

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,
        proto: int = 0,
        flags: int = 0,
    ) -> list[Any]:
        """Resolve a name like any loop, in a thread of our own."""
        lookup = (host, port, family, type, proto, flags)
        return await self.run_in_executor(self._resolvers, socket.getaddrinfo, *lookup)

    def close(self) -> None:
        super().close()
        self._resolvers.shutdown(wait=False, cancel_futures=True)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` to its end, like `asyncio.run`, in such a loop."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(main)
