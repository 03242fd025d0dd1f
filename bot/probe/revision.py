"""Which revision a target says it runs, asked for without a whole check."""

from datetime import UTC, datetime

from bot.masking import Masker
from bot.probe.network import Network
from bot.probe.runner import take
from bot.probe.session import Session
from bot.probe.steps.health import HEALTH_KEYS, health
from bot.target import DEFAULT_CHECK, Target

_LIMIT_S = 10.0
_SHORTEST = 7
"""Digits of a commit that tell it from any other, as git itself shows them."""


async def revision_of(target: Target, *, network: Network, masker: Masker) -> str:
    """Return what the target says it runs; empty if it does not say so, or does not answer."""
    session = Session(
        target, check=DEFAULT_CHECK, network=network, masker=masker, started_at=datetime.now(UTC)
    )
    try:
        await take(session, "health", health.act, HEALTH_KEYS, _LIMIT_S)
        return str(session.fact("health.revision") or "")
    finally:
        await session.close()


def is_same_revision(one: str, other: str) -> bool:
    """Tell whether two names mean one revision: the same, or one the short form of the other."""
    one, other = one.strip().casefold(), other.strip().casefold()
    if one == other:
        return bool(one)
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST and long.startswith(short)
