"""The response_urls of interactions: in memory only, since each lets anybody post as the app."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from bot.model import Caller, Place

# docs.slack.dev: an address is good for 30 minutes; we stop a little earlier.
_GOOD_S = 29 * 60
_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class _Address:
    url: str
    until: float


class ResponseUrls:
    """The last address at which each caller can be answered, channel by channel."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str], _Address] = {}

    def remember(self, caller: Caller, place: Place, url: str) -> None:
        """Answer `caller` in the channel of `place` at `url` from now on."""
        key = (caller.id, place.channel)
        self._known.pop(key, None)
        self._known[key] = _Address(url, self._clock() + _GOOD_S)
        if len(self._known) > _KEPT:
            del self._known[next(iter(self._known))]

    def find(self, caller: Caller, place: Place) -> str:
        """Return where `caller` can be answered, or an empty string."""
        address = self._known.get((caller.id, place.channel))
        return address.url if address and self._clock() < address.until else ""
