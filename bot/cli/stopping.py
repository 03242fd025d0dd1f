"""Waiting for the signal to stop."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping() -> Iterator[asyncio.Event]:
    """Yield an event that is set by SIGINT or SIGTERM, instead of dying in the middle of something.

    A second signal ends the process at once. That loses nothing: what was promised is kept, and
    the next start goes on with it.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def told(wanted: signal.Signals) -> None:
        if stop.is_set():
            sys.stderr.write("stagecheck: told twice to stop; ending at once\n")
            sys.stderr.flush()
            os._exit(128 + wanted)
        stop.set()

    for wanted in _SIGNALS:
        loop.add_signal_handler(wanted, told, wanted)
    try:
        yield stop
    finally:
        for wanted in _SIGNALS:
            loop.remove_signal_handler(wanted)


async def until_stopped() -> None:
    """Return on SIGINT or SIGTERM."""
    with stopping() as stop:
        await stop.wait()
