"""The Web API methods that read, and the two small marks: reactions and pins."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace

from bot.sandbox.slack.args import Args
from bot.sandbox.slack.chat import known_channel, message_at, message_json
from bot.sandbox.slack.workspace import Channel, Json, Kind, Message, Refusal, User, Workspace

FOR_EVER = 9_999_999_999.0
PAGE_MOST = 999  # docs.slack.dev, conversations.history: limit is at most 999


def auth_test(workspace: Workspace, args: Args) -> Json:
    """auth.test."""
    del args
    return {
        "url": "https://minislack.slack.com/",
        "team": workspace.name,
        "team_id": workspace.team_id,
        "user": workspace.bot.name,
        "user_id": workspace.bot.id,
        "bot_id": workspace.bot_id,
        "is_enterprise_install": False,
    }


def users_info(workspace: Workspace, args: Args) -> Json:
    """users.info."""
    user = {**workspace.users, workspace.bot.id: workspace.bot}.get(args.needed("user"))
    if user is None:
        raise Refusal("user_not_found")
    return {"user": user_json(workspace, user)}


def usergroup_users(workspace: Workspace, args: Args) -> Json:
    """usergroups.users.list."""
    members = workspace.groups.get(args.needed("usergroup"))
    if members is None:
        raise Refusal("no_such_subteam")
    return {"users": list(members)}


def conversations_members(workspace: Workspace, args: Args) -> Json:
    """conversations.members, a page at a time."""
    members = sorted(known_channel(workspace, args).members)
    start = _offset(args.text("cursor"))
    end = start + max(1, min(args.number("limit", 100), PAGE_MOST))
    following = base64.b64encode(f"next:{end}".encode()).decode()
    cursor = following if len(members) > end else ""
    return {"members": members[start:end], "response_metadata": {"next_cursor": cursor}}


def conversations_info(workspace: Workspace, args: Args) -> Json:
    """conversations.info."""
    return {"channel": channel_json(workspace, known_channel(workspace, args))}


def history(workspace: Workspace, args: Args) -> Json:
    """conversations.history: the channel, newest first, without what is only in threads."""
    channel = _readable(workspace, args)
    shown = [
        message
        for message in workspace.all_entries(channel.id)
        if message.kind is Kind.MESSAGE and (not message.is_reply or message.broadcast)
    ]
    return _page(workspace, args, shown[::-1])


def replies(workspace: Workspace, args: Args) -> Json:
    """conversations.replies: the parent first, then its replies, oldest first."""
    channel = _readable(workspace, args)
    wanted = args.needed("ts")
    parent = workspace.entries[channel.id].get(wanted)
    if parent is None or parent.kind is not Kind.MESSAGE:
        raise Refusal("thread_not_found")
    thread = parent.thread_ts or parent.ts
    shown = [
        message
        for message in workspace.all_entries(channel.id)
        if message.kind is Kind.MESSAGE and thread in (message.ts, message.thread_ts)
    ]
    return _page(workspace, args, shown)


def add_reaction(workspace: Workspace, args: Args) -> Json:
    """reactions.add."""
    channel = known_channel(workspace, args)
    name = args.needed("name").strip(":")
    message = message_at(workspace, channel, args.needed("timestamp"))
    if name in message.reactions:
        raise Refusal("already_reacted")
    workspace.add(replace(message, reactions=(*message.reactions, name)))
    return {}


def add_pin(workspace: Workspace, args: Args) -> Json:
    """pins.add."""
    channel = known_channel(workspace, args)
    message = message_at(workspace, channel, args.needed("timestamp"))
    if message.pinned:
        raise Refusal("already_pinned")
    workspace.add(replace(message, pinned=True))
    return {}


def user_json(workspace: Workspace, user: User) -> Json:
    """Return a user as ``users.info`` has it."""
    return {
        "id": user.id,
        "team_id": workspace.team_id,
        "name": user.name,
        "deleted": False,
        "real_name": user.name.title(),
        "tz": "Etc/UTC",
        "tz_offset": 0,
        "is_bot": user.is_bot,
        "profile": {"real_name": user.name.title(), "display_name": user.name},
    }


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """Return a channel as ``conversations.info`` has it."""
    if channel.direct:
        return {"id": channel.id, "is_im": True, "is_channel": False, "is_archived": False}
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": not channel.private,
        "is_group": channel.private,
        "is_im": False,
        "is_private": channel.private,
        "is_archived": channel.archived,
        "is_member": workspace.bot.id in channel.members,
        "num_members": len(channel.members),
        "context_team_id": workspace.team_id,
    }


def _readable(workspace: Workspace, args: Args) -> Channel:
    channel = known_channel(workspace, args)
    if workspace.bot.id not in channel.members:
        raise Refusal("channel_not_found" if channel.private else "not_in_channel")
    return channel


def _page(workspace: Workspace, args: Args, messages: Sequence[Message]) -> Json:
    oldest, latest = args.seconds("oldest", 0.0), args.seconds("latest", FOR_EVER)
    inclusive = args.flag("inclusive")

    def asked_for(ts: str) -> bool:
        at = float(ts)
        if inclusive:
            return oldest <= at <= latest
        return oldest < at < latest

    found = [message for message in messages if asked_for(message.ts)]
    start = _offset(args.text("cursor"))
    end = start + max(1, min(args.number("limit", 100), PAGE_MOST))
    with_metadata = args.flag("include_all_metadata")
    answer: dict[str, Json] = {
        "messages": [
            with_thread(
                workspace, message, message_json(workspace, message, metadata=with_metadata)
            )
            for message in found[start:end]
        ],
        "has_more": len(found) > end,
    }
    if answer["has_more"]:
        cursor = base64.b64encode(f"next:{end}".encode()).decode()
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _offset(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.b64decode(cursor, validate=True).decode().removeprefix("next:"))
    except (binascii.Error, ValueError):
        raise Refusal("invalid_cursor") from None


def with_thread(workspace: Workspace, message: Message, shown: dict[str, Json]) -> dict[str, Json]:
    """A parent also says who answered and when."""
    answers = [
        reply
        for reply in workspace.all_entries(message.channel)
        if reply.kind is Kind.MESSAGE and reply.is_reply and reply.thread_ts == message.ts
    ]
    if not answers:
        return shown
    authors = list(dict.fromkeys(reply.author for reply in answers))
    return shown | {
        "thread_ts": message.ts,
        "reply_count": len(answers),
        "reply_users_count": len(authors),
        "reply_users": authors,
        "latest_reply": answers[-1].ts,
    }
