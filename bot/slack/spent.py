"""Buttons that did what they were for: each makes way for a line that says who pressed it."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.model import Json
from bot.report import Message
from bot.slack.inbound import Press
from bot.slack.outbox import Outbox

_MESSAGES_KEPT = 500


@dataclass(frozen=True, slots=True)
class _Spent:
    action_id: str
    line: Json


@dataclass(slots=True)
class _Pressed:
    spent: list[_Spent] = field(default_factory=list)
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)


class SpentButtons:
    """Replaces spent buttons in their messages, also when several are pressed at once."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._messages: dict[tuple[str, str], _Pressed] = {}

    async def spend(self, press: Press, *, at: datetime) -> None:
        """Put who pressed the button, and when, in its place; DeliveryError if Slack refuses."""
        if press.ephemeral:  # Slack tells nothing of what such a message holds
            return
        message = self._messages.setdefault((press.channel, press.ts), _Pressed())
        if len(self._messages) > _MESSAGES_KEPT:
            del self._messages[next(iter(self._messages))]
        message.spent.append(_Spent(press.action_id, who_pressed(press, at=at)))
        async with message.writing:
            # What Slack delivered may be older than another press of the same message.
            blocks = without(press.blocks, message.spent)
            content = Message(text=press.text, blocks=tuple(blocks))
            await self._outbox.update(press.channel, press.ts, content)


def without(blocks: Sequence[Json], spent: Iterable[_Spent]) -> list[Json]:
    """Return `blocks` in which the lines of `spent` stand where its buttons stood."""
    done = list(blocks)
    for one in spent:
        done = [replaced for block in done for replaced in _replaced(block, one)]
    return done


def who_pressed(press: Press, *, at: datetime) -> Json:
    """Return the line: what was pressed, by whom, and when in the reader's own time."""
    label = press.label.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    time = f"<!date^{int(at.timestamp())}^{{time}}|{at:%H:%M} UTC>"
    text = f"{label} · asked by <@{press.inbound.caller.id}> · {time}"
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text}]}


def _replaced(block: Json, spent: _Spent) -> list[Json]:
    elements = block.get("elements") or []
    if block.get("type") != "actions" or not any(
        element.get("action_id") == spent.action_id for element in elements
    ):
        return [block]
    rest = [element for element in elements if element.get("action_id") != spent.action_id]
    # Without its id Slack takes the block for a new one, and draws what is left of it anew.
    kept = {key: value for key, value in block.items() if key != "block_id"} | {"elements": rest}
    return [kept, spent.line] if rest else [spent.line]
