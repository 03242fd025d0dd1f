"""Who is in which user group, asked of Slack and remembered for a few minutes."""

from collections.abc import Awaitable, Callable, Mapping
from time import monotonic

from bot.errors import Unavailable
from bot.model import Json
from bot.slack.answers import Accepted, Answer

Ask = Callable[[str, Mapping[str, Json]], Awaitable[Answer]]
"""Call a method that only reads, once, when it is its turn."""

GOOD_S = 300.0
_KEPT = 200


class Groups:
    """The members of user groups; where Slack does not answer, as they were last known."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._known: dict[str, tuple[float, frozenset[str]]] = {}

    async def members(self, group: str) -> frozenset[str]:
        """Return the ids of the users in `group`; Unavailable if Slack never told them."""
        asked_at, known = self._known.get(group, (float("-inf"), None))
        if known is not None and self._clock() < asked_at + GOOD_S:
            return known
        answer = await self._ask("usergroups.users.list", {"usergroup": group})
        if isinstance(answer, Accepted):
            known = frozenset(str(user) for user in answer.data.get("users") or ())
            self._known[group] = (self._clock(), known)
            if len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]
        if known is None:
            raise Unavailable(
                f"Slack does not tell me who is in the user group {group}, so I cannot let you.",
                hint="The app needs the scope usergroups:read; `permissions` may name people too.",
            )
        return known
