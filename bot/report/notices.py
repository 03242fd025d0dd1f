"""What is told in an incident's thread: one line each, reminders, escalations and the end."""

import re
from dataclasses import replace

from bot.alerting.model import Incident, IncidentState, Notice, NoticeKind
from bot.model import Json
from bot.report.blocks import Message, line, mention, named, rich, said, spoken
from bot.report.controls import acknowledge_control
from bot.report.incident import GREEN, WHITE, look_of
from bot.report.visible import clip

MOST_TEXT = 600

_GROUP = re.compile(r"S[A-Z0-9]{2,20}")
_PERSON = re.compile(r"<@[UW][A-Z0-9]{1,20}>")
_BEGINNING = re.compile(rf"^{_PERSON.pattern}")
_ROOMS = frozenset({"here", "channel", "everyone"})

_MARKS = {
    NoticeKind.REMINDER: "bell",
    NoticeKind.ESCALATION: "rotating_light",
    NoticeKind.OWN: "warning",
}
_WORDS = {
    NoticeKind.REMINDER: "Reminder: ",
    NoticeKind.ESCALATION: "Nobody has acknowledged this: ",
    NoticeKind.OWN: "Our own trouble: ",
}


def notice_message(
    notice: Notice, incident: Incident | None = None, *, where: str = "", page: str = ""
) -> Message:
    """Return what `notice` says as a message; people in its text stand as ``<@U123>``.

    `where` is the channel in which there is more of it, `page` that of the run it names.
    """
    elements: list[Json] = []
    if mark := _mark(notice, incident):
        elements += [{"type": "emoji", "name": mark}, said(" ")]
    # Whom the sentence names is notified by that; once is enough.
    if notice.mention and f"<@{notice.mention}>" not in notice.text:
        elements += [pinged(notice.mention), said(" ")]
    elements += spoken(clip(notice.text, MOST_TEXT) or _otherwise(incident))
    if notice.run_id:
        run = {"type": "link", "url": page, "text": notice.run_id} if page else None
        elements += [said(" Run "), run or said(notice.run_id, style="code", most=80)]
    if where:
        elements += [said(" More in "), {"type": "channel", "channel_id": where}]
    blocks: list[Json] = [rich(line(*elements))]
    if _wants_acknowledgement(notice, incident):
        assert incident is not None
        blocks.append(acknowledge_control(incident))
    return Message(text=_fallback(notice, incident), blocks=tuple(blocks))


def _mark(notice: Notice, incident: Incident | None) -> str:
    """Return the colour or sign of a notice; the end has that of how the target is then."""
    if notice.kind is not NoticeKind.RECOVERY:
        return _MARKS.get(notice.kind, "")
    if incident is not None and incident.state is IncidentState.RESOLVED:
        return look_of(incident).mark
    return WHITE if notice.by else GREEN  # it is open again by the time it is told


def pinged(name: str) -> Json:
    """Return whoever is to be notified as a rich_text element: a person, a group, or a room."""
    bare = name.removeprefix("@")
    if bare in _ROOMS:
        return {"type": "broadcast", "range": bare}
    if _GROUP.fullmatch(bare):
        return {"type": "usergroup", "usergroup_id": bare}
    return mention(name)


def hushed(message: Message, *, but: str) -> Message:
    """Return a notice with ``somebody`` for each person who is named; `but` is pinged by it."""
    blocks = tuple(_hushed(block, pinged(but)) for block in message.blocks)
    text = _BEGINNING.sub("Somebody", message.text, count=1)
    return replace(message, text=_PERSON.sub("somebody", text), blocks=blocks)


def _hushed(part: Json, but: Json) -> Json:
    if isinstance(part, list):
        hushed_parts = [_hushed(one, but) for one in part]
        # The first one is the ping itself; the same person may be named again further on.
        first = next((n for n, one in enumerate(part) if one == but), None)
        if first is not None:
            hushed_parts[first] = but
        return hushed_parts
    if not isinstance(part, dict):
        return part
    if part.get("type") == "user":
        return said("somebody")
    return {key: _hushed(value, but) for key, value in part.items()}


def _wants_acknowledgement(notice: Notice, incident: Incident | None) -> bool:
    return (
        incident is not None
        and incident.state is IncidentState.TRIGGERED
        and notice.kind in (NoticeKind.REMINDER, NoticeKind.ESCALATION)
    )


def _otherwise(incident: Incident | None) -> str:
    return f"{look_of(incident).sentence}." if incident else "No more is known."


def _fallback(notice: Notice, incident: Incident | None) -> str:
    about = f" ({incident.id})" if incident else ""
    told = notice.text or _otherwise(incident)
    return named(f"{_WORDS.get(notice.kind, '')}{told}{about}")
