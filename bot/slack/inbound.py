"""What Slack delivers, taken apart once: a line of text, who asks, and where the answer belongs."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.model import Caller, Json, Place, Trigger
from bot.report.controls import BLOCK, PICK
from bot.report.home import HOME


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A line that somebody typed or a button held."""

    line: str
    caller: Caller
    place: Place
    trigger: Trigger
    delivery: str
    """The same when Slack delivers one thing twice."""
    response_url: str = field(repr=False)
    reading: str = ""
    """The thread the caller has open; a whisper elsewhere would go unseen."""
    form_trigger: str = field(default="", repr=False)
    """What lets us open one form, within three seconds."""
    name: str = ""
    """What Slack calls the caller, where it tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button that was pressed, and the message it stands in as Slack knows it."""

    inbound: Inbound
    channel: str
    ts: str
    action_id: str
    block_id: str
    label: str
    text: str
    blocks: Sequence[Json]
    ephemeral: bool

    @property
    def stays(self) -> bool:
        """Whether it may be pressed again and again: on an incident that is open, or at home."""
        return self.block_id.startswith((BLOCK, HOME))

    @property
    def still_there(self) -> bool:
        """Whether the message has this button: a screen that is not up to date may show it."""
        return self.ephemeral or any(
            element.get("action_id") == self.action_id
            and element.get("value", "") == self.inbound.line
            for block in self.blocks
            for element in block.get("elements", ())
        )


def command_from(body: Mapping[str, Json]) -> Inbound:
    """Take a slash command's payload apart."""
    return Inbound(
        line=str(body.get("text") or ""),
        caller=Caller(id=str(body.get("user_id", "")), team=str(body.get("team_id", ""))),
        place=Place(channel=str(body.get("channel_id", ""))),
        trigger=Trigger.COMMAND,
        delivery=_delivery(body),
        response_url=str(body.get("response_url", "")),
        form_trigger=str(body.get("trigger_id") or ""),
        name=str(body.get("user_name") or ""),
    )


def shortcut_from(body: Mapping[str, Json]) -> Inbound:
    """Take a message shortcut's payload apart: what is asked, but not the message."""
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or "")
    ts = str(message.get("ts") or body.get("message_ts") or "")
    thread = str(message.get("thread_ts") or "")
    return Inbound(
        line="explain",
        caller=_caller(body),
        place=Place(channel=channel, thread=thread or ts),
        trigger=Trigger.PASTE,
        delivery=_delivery(body),
        response_url=str(body.get("response_url", "")),
        reading=thread if thread != ts else "",
        form_trigger=str(body.get("trigger_id") or ""),
        name=_name(body),
    )


_MENTION = re.compile(r"<@[UW][A-Z0-9]*(?:\|[^>]*)?>")


def mention_from(body: Mapping[str, Json]) -> Inbound | None:
    """Take an `app_mention` event apart; None for what an app said, us among them."""
    event = body.get("event") or {}
    if event.get("bot_id") or not event.get("user"):
        return None
    _, _, said = _MENTION.sub("\0", str(event.get("text") or ""), count=1).partition("\0")
    ts, thread = str(event.get("ts") or ""), str(event.get("thread_ts") or "")
    team = event.get("user_team") or event.get("team") or body.get("team_id")
    return Inbound(
        line=said.strip() or "help",
        caller=Caller(id=str(event["user"]), team=str(team or "")),
        place=Place(channel=str(event.get("channel") or ""), thread=thread or ts),
        trigger=Trigger.MENTION,
        delivery=f"delivery:{body.get('event_id') or secrets.token_hex(16)}",
        response_url="",
        reading=thread,
    )


def submitted(body: Mapping[str, Json], *, view: str, place: Place, response_url: str) -> Inbound:
    """Return what the submitted form with the id `view` asks; once, however often it arrives."""
    return Inbound(
        line="explain",
        caller=_caller(body),
        place=place,
        trigger=Trigger.PASTE,
        delivery=f"delivery:{view}",
        response_url=response_url,
        reading=place.thread,
        name=_name(body),
    )


def filled(body: Mapping[str, Json], *, view: str, place: Place, line: str) -> Inbound:
    """Return the `line` that the form with the id `view` made; once, however often it arrives."""
    asked = submitted(body, view=view, place=place, response_url="")
    return replace(
        asked, line=line, trigger=Trigger.COMMAND, form_trigger=str(body.get("trigger_id") or "")
    )


def opening_from(body: Mapping[str, Json]) -> Inbound:
    """Take the message shortcut's payload apart that opens an incident."""
    asked = shortcut_from(body)
    return replace(asked, line="incident open", trigger=Trigger.COMMAND)


def press_from(body: Mapping[str, Json]) -> Press:
    """Take the `block_actions` payload of one pressed button apart."""
    action, message = body["actions"][0], body.get("message") or {}
    container = body.get("container") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")
    if container.get("type") == "view":  # the Home tab is in no channel: answers go to its viewer
        channel = _caller(body).id
    ephemeral = bool(container.get("is_ephemeral"))
    ts = str(message.get("ts") or container.get("message_ts") or "")
    thread = str(message.get("thread_ts") or container.get("thread_ts") or "")
    # An answer belongs below the message, but nothing can stand below what one person sees.
    place = Place(channel=channel, thread=thread or ("" if ephemeral else ts))
    return Press(
        inbound=Inbound(
            line=_line_of(action),
            caller=_caller(body),
            place=place,
            trigger=Trigger.BUTTON,
            delivery=_delivery(body),
            response_url=str(body.get("response_url", "")),
            reading=thread if thread != ts else "",
            form_trigger=str(body.get("trigger_id") or ""),
            name=_name(body),
        ),
        channel=channel,
        ts=ts,
        action_id=str(action.get("action_id", "")),
        block_id=str(action.get("block_id", "")),
        label=str((action.get("text") or {}).get("text") or "Button"),
        text=str(message.get("text") or ""),
        blocks=tuple(message.get("blocks") or ()),
        ephemeral=ephemeral,
    )


def _line_of(action: Mapping[str, Json]) -> str:
    """Return the line that a press or a choice stands for."""
    if user := action.get("selected_user"):  # whom the line is about, behind the rest of it
        return f"{str(action.get('action_id', '')).removeprefix(PICK)} @{user}"
    chosen = action.get("selected_option") or {}
    return str(action.get("value") or chosen.get("value") or "")


def _caller(body: Mapping[str, Json]) -> Caller:
    user = body.get("user") or {}
    team = str(user.get("team_id") or (body.get("team") or {}).get("id") or "")
    return Caller(id=str(user.get("id", "")), team=team)


def _name(body: Mapping[str, Json]) -> str:
    user = body.get("user") or {}
    return str(user.get("username") or user.get("name") or "")


def _delivery(body: Mapping[str, Json]) -> str:
    return f"delivery:{body.get('trigger_id') or secrets.token_hex(16)}"
