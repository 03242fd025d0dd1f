"""Doing what needs our database, for as long as that is away: what a run found is not lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from bot.deps import Deps
from bot.errors import StoreError
from bot.model import CheckRequest
from bot.store import may_pass

T = TypeVar("T")

log = structlog.get_logger(__name__)


async def outlast(
    act: Callable[[Deps, CheckRequest], Awaitable[T]], deps: Deps, request: CheckRequest
) -> T:
    """Do what may be done twice, until our database lets us; StoreError if it never will.

    Only a durable engine waits, and no longer than a run is gone on with.
    """
    patience, now = deps.persistence, asyncio.get_running_loop().time
    ends_at, wait_s = now() + deps.settings.engine.give_up_after_s, patience.first_s
    while True:
        try:
            return await act(deps, request)
        except StoreError as error:
            if not deps.engine.durable or not may_pass(error) or now() > ends_at:
                raise
            log.warning("a run waits for the database", error=error.message, again_in_s=wait_s)
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, patience.longest_s)
