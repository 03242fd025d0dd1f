"""Looking in Slack for a message of ours, by the tag in its metadata, before it is posted again."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

from bot.model import Json
from bot.slack.answers import Accepted, Answer, Limited, Lost, Refused

EVENT_TYPE = "stagecheck_run"

# A message is looked for within minutes of its first attempt, or after a restart. A day is ample,
# and keeps the answer short in a busy channel.
_BACK_S = 86_400
_PAGE = 200
_PAGES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """What a message is, for us to know it again: ids only, people with an API token can see it."""

    run_id: str
    part: str
    """``announcement``, or ``report-1`` and so on."""

    @property
    def metadata(self) -> Mapping[str, Json]:
        payload = {"run_id": self.run_id, "part": self.part}
        return MappingProxyType({"event_type": EVENT_TYPE, "event_payload": payload})


Found: TypeAlias = str | Limited | Lost | Refused
"""The `ts` of the message, or an empty string if it is not there; or why one cannot tell."""


Ask = Callable[[str, Mapping[str, Json]], Awaitable[Answer]]
"""Call a method that only reads, once, when it is its turn."""


async def find(ask: Ask, channel: str, thread: str, tag: Tag) -> Found:
    """Look for the message with `tag` in `thread`, or in the channel without one."""
    method = "conversations.replies" if thread else "conversations.history"
    query: dict[str, Json] = {
        "channel": channel,
        "oldest": f"{time.time() - _BACK_S:.6f}",
        "include_all_metadata": True,
        "limit": _PAGE,
        **({"ts": thread} if thread else {}),
    }
    for _ in range(_PAGES):
        answer = await ask(method, query)
        if not isinstance(answer, Accepted):
            return answer
        for message in answer.data.get("messages") or ():
            if _is(message, tag):
                return str(message["ts"])
        cursor = (answer.data.get("response_metadata") or {}).get("next_cursor")
        if not cursor:
            break
        query["cursor"] = cursor
    return ""


def _is(message: Json, tag: Tag) -> bool:
    metadata = message.get("metadata") or {}
    payload = metadata.get("event_payload") or {}
    return metadata.get("event_type") == EVENT_TYPE and (
        payload.get("run_id"),
        payload.get("part"),
    ) == (tag.run_id, tag.part)
