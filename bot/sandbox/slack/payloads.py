"""The payloads Slack sends to an app, built from the state of the workspace."""

import re
import secrets
from collections.abc import Mapping

from bot.sandbox.slack.actions import Action, chosen
from bot.sandbox.slack.chat import message_json
from bot.sandbox.slack.reads import with_thread
from bot.sandbox.slack.views import View, view_json
from bot.sandbox.slack.workspace import Channel, Json, Kind, Message, User, Workspace

VERIFICATION_TOKEN = "minislack-verification"  # deprecated by Slack, still in every payload


def slash_command(workspace: Workspace, *, typed: str, user: User, channel: Channel) -> Json:
    """The flat form of a slash command; `typed` begins with the command itself."""
    command, _, text = typed.partition(" ")
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "team_domain": "minislack",
        "channel_id": channel.id,
        "channel_name": "directmessage" if channel.direct else channel.name,
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": escape(workspace, text.strip()),
        "api_app_id": workspace.app_id,
        **_enterprise(workspace),
        "is_enterprise_install": str(workspace.is_org_wide).lower(),
        "response_url": workspace.open_response_url(
            kind="commands", channel=channel.id, user=user.id
        ),
        "trigger_id": workspace.open_trigger(user.id),
    }


def block_actions(
    workspace: Workspace, *, message: Message, action: Action, user: User, value: Json
) -> Json:
    """Someone pressed or chose something in a message."""
    ephemeral = message.kind is Kind.EPHEMERAL
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    shown = with_thread(workspace, message, message_json(workspace, message))
    if ephemeral:
        shown = {key: shown[key] for key in ("type", "ts", "text", "app_id", "bot_id")}
    return _interaction(workspace, "block_actions", user) | {
        "container": container,
        "trigger_id": workspace.open_trigger(user.id),
        "channel": _channel(workspace, message.channel),
        "message": shown,
        "state": {"values": {}},
        "response_url": workspace.open_response_url(
            kind="actions",
            channel=message.channel,
            user=user.id,
            source_ts=message.ts,
            thread_ts=message.thread_ts,
        ),
        "actions": [_action(workspace, action, value)],
    }


def view_actions(
    workspace: Workspace, *, view: View, action: Action, user: User, value: Json
) -> Json:
    """Someone pressed or chose something in a modal or on the Home tab."""
    return _interaction(workspace, "block_actions", user) | {
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": workspace.open_trigger(user.id),
        "view": view_json(workspace, view),
        "actions": [_action(workspace, action, value)],
    }


def view_event(
    workspace: Workspace, type: str, *, view: View, user: User, values: Json = None
) -> Json:
    """`view_submission` with what was entered, or `view_closed`."""
    payload = _interaction(workspace, type, user) | {"view": view_json(workspace, view, values)}
    if type == "view_closed":
        return payload | {"is_cleared": False}
    return payload | {"trigger_id": workspace.open_trigger(user.id), "response_urls": []}


def shortcut(
    workspace: Workspace, callback_id: str, *, user: User, message: Message | None
) -> Json:
    """A global shortcut, or a message shortcut when there is a message."""
    common = {
        "callback_id": callback_id,
        "trigger_id": workspace.open_trigger(user.id),
        "action_ts": workspace.next_ts(),
    }
    if message is None:
        return _interaction(workspace, "shortcut", user) | common
    return (
        _interaction(workspace, "message_action", user)
        | common
        | {
            "channel": _channel(workspace, message.channel),
            "message": _as_sent(workspace, message),
            "message_ts": message.ts,
            "response_url": workspace.open_response_url(
                kind="actions", channel=message.channel, user=user.id, source_ts=message.ts
            ),
        }
    )


def _as_sent(workspace: Workspace, message: Message) -> Json:
    """A message with its text as Slack keeps it: what people typed is escaped there."""
    shown = with_thread(workspace, message, message_json(workspace, message))
    if message.by_app:
        return shown
    # Of a person a message keeps the id only; a channel keeps its name beside it.
    text = re.sub(r"<@(\w+)\|[^>]*>", r"<@\1>", escape(workspace, message.text))
    return {**shown, "text": text}


def event_callback(workspace: Workspace, event: Mapping[str, Json]) -> Json:
    """An event in the envelope of the Events API."""
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "api_app_id": workspace.app_id,
        "event": {"event_ts": workspace.next_ts(), **event},
        "type": "event_callback",
        **_enterprise(workspace),
        "event_id": f"Ev{secrets.token_hex(5).upper()}",
        "event_time": int(workspace.clock()),
        "authorizations": [
            {
                "enterprise_id": workspace.enterprise_id or None,
                "team_id": None if workspace.is_org_wide else workspace.team_id,
                "user_id": workspace.bot.id,
                "is_bot": True,
                "is_enterprise_install": workspace.is_org_wide,
            }
        ],
        "is_ext_shared_channel": False,
    }


def escape(workspace: Workspace, text: str) -> str:
    """Text as `should_escape` sends it: people and channels as ids, &, < and > as entities."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    people = {user.name: user.id for user in workspace.users.values()}
    people[workspace.bot.name] = workspace.bot.id
    places = {place.name: place.id for place in workspace.channels.values() if not place.direct}

    def named(found: re.Match[str]) -> str:
        sign, name = found[1], found[2]
        known = (people if sign == "@" else places).get(name)
        return f"<{sign}{known}|{name}>" if known else found[0]

    return re.sub(r"(?<![\w<])([@#])([\w.-]*\w)", named, text)


def _interaction(workspace: Workspace, type: str, user: User) -> dict[str, Json]:
    return {
        "type": type,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": workspace.team_id,
        },
        "api_app_id": workspace.app_id,
        "token": VERIFICATION_TOKEN,
        "team": {"id": workspace.team_id, "domain": "minislack"},
        "enterprise": {"id": workspace.enterprise_id, "name": "Mini Org"}
        if workspace.enterprise_id
        else None,
        "is_enterprise_install": workspace.is_org_wide,
    }


def _enterprise(workspace: Workspace) -> dict[str, Json]:
    if not workspace.enterprise_id:
        return {}
    return {"enterprise_id": workspace.enterprise_id}


def _channel(workspace: Workspace, id: str) -> Json:
    channel = workspace.channels[id]
    return {"id": id, "name": "directmessage" if channel.direct else channel.name}


def _action(workspace: Workspace, action: Action, value: Json) -> Json:
    element = action.element
    reported = {
        "action_id": action.action_id,
        "block_id": action.block_id,
        **chosen(element, value),
        "action_ts": workspace.next_ts(),
    }
    kept = ("text", "style", "placeholder", "url")
    return reported | {key: element[key] for key in kept if key in element}
