"""How often Slack lets an app call each method, as data, and the buckets that count it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`burst` calls at once, then `per_minute` of them, per method and workspace.

    `per_channel` counts every channel apart.
    """

    per_minute: int
    burst: int
    per_channel: bool = False


# docs.slack.dev, rate limits: "50+ per minute" and so on. Slack does not publish its bursts; a
# tier is taken as a bucket that holds one minute's worth.
TIER_1 = Rate(per_minute=1, burst=5)
TIER_2 = Rate(per_minute=20, burst=20)
TIER_3 = Rate(per_minute=50, burst=50)
TIER_4 = Rate(per_minute=100, burst=100)
SPECIAL = Rate(per_minute=600, burst=600)
POSTING = Rate(per_minute=60, burst=5, per_channel=True)  # one per second, short bursts allowed
POSTING_ALL = Rate(per_minute=300, burst=300)  # "several hundred per minute per workspace"

RATES: Mapping[str, tuple[Rate, ...]] = MappingProxyType(
    {
        "apps.connections.open": (TIER_1,),
        "auth.test": (SPECIAL,),
        "chat.delete": (TIER_3,),
        "chat.getPermalink": (SPECIAL,),
        "chat.postEphemeral": (TIER_4,),
        "chat.postMessage": (POSTING, POSTING_ALL),
        "chat.update": (TIER_3,),
        "conversations.history": (TIER_3,),
        "conversations.info": (TIER_3,),
        "conversations.members": (TIER_4,),
        "conversations.replies": (TIER_3,),
        "files.completeUploadExternal": (TIER_4,),
        "files.getUploadURLExternal": (TIER_4,),
        "files.info": (TIER_4,),
        "pins.add": (TIER_2,),
        "reactions.add": (TIER_3,),
        "users.info": (TIER_4,),
        "views.open": (TIER_4,),
        "views.publish": (TIER_4,),
        "views.push": (TIER_4,),
        "views.update": (TIER_4,),
    }
)


@dataclass(slots=True)
class Limiter:
    """Counts calls in leaky buckets; a refused call does not count."""

    clock: Callable[[], float]
    _levels: dict[tuple[str, int, str], tuple[float, float]] = field(default_factory=dict)

    def wait_s(self, method: str, channel: str) -> int:
        """0 when the call may go on; else the whole seconds to wait, as in Retry-After."""
        now = self.clock()
        found: dict[tuple[str, int, str], float] = {}
        for number, rate in enumerate(RATES.get(method, ())):
            key = (method, number, channel if rate.per_channel else "")
            level, at = self._levels.get(key, (0.0, now))
            level = max(0.0, level - (now - at) * rate.per_minute / 60)
            if level + 1 > rate.burst:
                return max(1, math.ceil((level + 1 - rate.burst) * 60 / rate.per_minute))
            found[key] = level + 1
        self._levels.update({key: (level, now) for key, level in found.items()})
        return 0
