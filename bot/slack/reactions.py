"""Emoji under the messages of an incident: each becomes a line of its timeline."""

from collections.abc import Mapping

from bot.alerting import Act, Acted
from bot.deps import Deps
from bot.model import Json
from bot.workflows import settle


async def note_reaction(deps: Deps, body: Mapping[str, Json]) -> None:
    """Take in a `reaction_added` event if it is about a message of ours in an incident's thread.

    The same event changes nothing twice.
    """
    event = body.get("event") or {}
    item = event.get("item") or {}
    channel, ts = str(item.get("channel") or ""), str(item.get("ts") or "")
    user, emoji = str(event.get("user") or ""), str(event.get("reaction") or "")
    if not (channel and ts and user and emoji):
        return
    found = await deps.store.incident_at(channel, ts)
    if not found:
        return
    incident = await deps.store.alerts.incident(found)
    if incident.target not in deps.targets:
        return
    key = f"act:reaction:{body.get('event_id') or f'{user}:{channel}:{ts}:{emoji}'}"
    acted = Acted(
        key=key,
        at=deps.clock(),
        act=Act.REACTION,
        by=user,
        incident=incident.id,
        text=deps.masker.mask(emoji),
    )
    _ = await settle(deps, incident.target, acted)
