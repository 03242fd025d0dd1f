"""Waiting for the signal to stop."""

import asyncio
import signal


async def until_stopped() -> None:
    """Return on SIGINT or SIGTERM, instead of dying in the middle of something.

    A second signal does nothing: what was promised is finished first, which takes seconds.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for wanted in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(wanted, stop.set)
    await stop.wait()
