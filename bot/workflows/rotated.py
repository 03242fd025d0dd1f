"""Secrets as they are now: one that was rotated since the start needs no restart."""

import asyncio

from bot.deps import Deps
from bot.target import Target


async def with_secrets_of_now(deps: Deps, name: str) -> Target:
    """Return the target `name` with its secrets read again; from now on they are masked too."""
    target = deps.targets[name]
    fresh = await asyncio.to_thread(deps.reread, target)
    if fresh.secrets != target.secrets:
        deps.masker.learn(*fresh.secrets)
    return fresh
