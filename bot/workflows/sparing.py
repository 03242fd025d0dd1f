"""Sparing a bypass key: how often it is tried, whoever asks."""

from bot.deps import Deps
from bot.errors import TooOften

# Each tries a few keys: a server may count wrong ones, and a person may not guess with our help.
KEY_BURST, KEY_EACH_S = 4, 20.0


async def spare_the_key(deps: Deps, target: str) -> None:
    """Raise TooOften if the key of `target` was verified too often just now, by anybody."""
    ttl_s = KEY_BURST * KEY_EACH_S
    for number in range(KEY_BURST):
        if await deps.store.claim(f"verify-key:{target}:{number}", ttl_s=ttl_s):
            return
    raise TooOften(
        f"The key of {target} was verified {KEY_BURST} times within {ttl_s:.0f} s.",
        hint=f"Ask again in a while. `history {target}` shows what it came to.",
    )
