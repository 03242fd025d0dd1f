"""Who is in which user group or channel, asked of Slack and remembered for a few minutes."""

from collections.abc import Awaitable, Callable, Mapping
from time import monotonic

from bot.errors import Unavailable
from bot.model import Json
from bot.slack.answers import Accepted, Answer

Ask = Callable[[str, Mapping[str, Json]], Awaitable[Answer]]
"""Call a method that only reads, once, when it is its turn."""

GOOD_S = 300.0
_KEPT = 200
_PAGES = 10
"""Of a channel: with a thousand members each, more than a room in which staging is looked after."""


class Groups:
    """The members of groups and channels; where Slack does not answer, as they were last known."""

    def __init__(self, ask: Ask, clock: Callable[[], float] = monotonic) -> None:
        self._ask = ask
        self._clock = clock
        self._known: dict[str, tuple[float, frozenset[str]]] = {}

    async def members(self, group: str) -> frozenset[str]:
        """Return the ids of the users in a user group (S…) or a channel (C…, G…).

        Unavailable if Slack never told them.
        """
        asked_at, known = self._known.get(group, (float("-inf"), None))
        if known is not None and self._clock() < asked_at + GOOD_S:
            return known
        told = await (self._in_channel(group) if group[:1] in "CG" else self._in_group(group))
        if told is not None:
            known = told
            self._known[group] = (self._clock(), known)
            if len(self._known) > _KEPT:
                del self._known[next(iter(self._known))]
        if known is None:
            raise Unavailable(
                f"Slack does not tell me who is in {group}, so I cannot let you.",
                hint="The app needs the scope usergroups:read, or channels:read and groups:read; "
                "`permissions` may name people too.",
            )
        return known

    async def _in_group(self, group: str) -> frozenset[str] | None:
        answer = await self._ask("usergroups.users.list", {"usergroup": group})
        if not isinstance(answer, Accepted):
            return None
        return frozenset(str(user) for user in answer.data.get("users") or ())

    async def _in_channel(self, channel: str) -> frozenset[str] | None:
        found: set[str] = set()
        cursor = ""
        for _ in range(_PAGES):
            page = {"channel": channel, "limit": 1000, **({"cursor": cursor} if cursor else {})}
            answer = await self._ask("conversations.members", page)
            if not isinstance(answer, Accepted):
                return None
            found.update(str(user) for user in answer.data.get("members") or ())
            cursor = str((answer.data.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return frozenset(found)
