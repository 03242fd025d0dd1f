"""The chat methods of the Web API: post, update, delete, permalink."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from bot.errors import NotFound
from bot.sandbox import blockkit
from bot.sandbox.slack.args import Args
from bot.sandbox.slack.workspace import Channel, Json, Kind, Message, Refusal, Workspace, versions

POST_TEXT_MOST = 40_000  # docs.slack.dev, chat.postMessage: longer text is cut; we refuse it
UPDATE_TEXT_MOST = 4_000  # bytes once &, < and > are escaped; chat.update is stricter than post


def post_message(workspace: Workspace, args: Args) -> Json:
    """chat.postMessage."""
    channel = writable_channel(workspace, args)
    text, blocks = content(args, most=POST_TEXT_MOST)
    thread_ts = args.text("thread_ts")
    if thread_ts:
        _check_thread(workspace, channel, thread_ts)
    message = workspace.add(
        Message(
            ts=workspace.next_ts(),
            channel=channel.id,
            author=workspace.bot.id,
            versions=versions(workspace.clock(), text, with_block_ids(blocks)),
            thread_ts=thread_ts,
            by_app=True,
            broadcast=bool(thread_ts) and args.flag("reply_broadcast"),
            metadata=_metadata(args),
        )
    )
    shown = message_json(workspace, message)
    answer = {"channel": channel.id, "ts": message.ts, "message": shown}
    return answer | _warning(text, blocks)


def post_ephemeral(workspace: Workspace, args: Args) -> Json:
    """chat.postEphemeral: one person sees it, nobody can change it by `ts`."""
    channel = writable_channel(workspace, args)
    user = args.needed("user")
    if user not in channel.members:
        raise Refusal("user_not_in_channel")
    text, blocks = content(args, most=POST_TEXT_MOST)
    message = workspace.add(
        Message(
            ts=workspace.next_ts(),
            channel=channel.id,
            author=workspace.bot.id,
            kind=Kind.EPHEMERAL,
            only_for=user,
            versions=versions(workspace.clock(), text, with_block_ids(blocks)),
            thread_ts=args.text("thread_ts"),
            by_app=True,
        )
    )
    return {"message_ts": message.ts}


def update(workspace: Workspace, args: Args) -> Json:
    """chat.update. Text without blocks takes the blocks away, as in Slack."""
    channel = known_channel(workspace, args)
    message = _own(workspace, channel, args, refused="cant_update_message")
    if args.has("text") or args.has("blocks"):
        text, blocks = content(args, most=UPDATE_TEXT_MOST)
    else:
        raise Refusal("no_text")
    metadata = _metadata(args) if args.has("metadata") else message.metadata
    message = workspace.edit(
        replace(message, metadata=metadata),
        text=text if args.has("text") else message.text,
        blocks=with_block_ids(blocks),
    )
    shown = message_json(workspace, message)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown}


def delete(workspace: Workspace, args: Args) -> Json:
    """chat.delete."""
    channel = known_channel(workspace, args)
    message = _own(workspace, channel, args, refused="cant_delete_message")
    workspace.remove(message)
    return {"channel": channel.id, "ts": message.ts}


def permalink(workspace: Workspace, args: Args) -> Json:
    """chat.getPermalink."""
    channel = known_channel(workspace, args)
    message = message_at(workspace, channel, args.needed("message_ts"))
    link = f"https://minislack.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def known_channel(workspace: Workspace, args: Args) -> Channel:
    """The channel an id names. Names are not accepted here, as in Slack."""
    channel = workspace.channels.get(args.needed("channel"))
    if channel is None:
        raise Refusal("channel_not_found")
    return channel


def writable_channel(workspace: Workspace, args: Args) -> Channel:
    """The channel to post in: an id, a #name, or a person, which opens the direct messages."""
    wanted = args.needed("channel")
    if wanted in workspace.users:
        return workspace.direct_channel(workspace.users[wanted])
    try:
        channel = workspace.channel(wanted)
    except NotFound:
        raise Refusal("channel_not_found") from None
    if workspace.bot.id not in channel.members:
        # A private channel the app is not in does not exist for it.
        raise Refusal("channel_not_found" if channel.private else "not_in_channel")
    if channel.archived:
        raise Refusal("is_archived")
    return channel


def message_at(workspace: Workspace, channel: Channel, ts: str) -> Message:
    """The message with this time stamp, in this channel and not ephemeral."""
    message = workspace.entries[channel.id].get(ts)
    if message is None or message.kind is not Kind.MESSAGE:
        raise Refusal("message_not_found")
    return message


def content(args: Args, *, most: int) -> tuple[str, Sequence[Json]]:
    """Text and blocks of a message, refused in Slack's words when they cannot be shown."""
    text = args.text("text")
    blocks = args.json("blocks", code="invalid_blocks_format") or []
    if not isinstance(blocks, list):
        raise Refusal("invalid_blocks_format")
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    if len(text) > most or (most == UPDATE_TEXT_MOST and len(escaped.encode()) > most):
        raise Refusal("msg_too_long")
    if not text.strip() and not blocks:
        raise Refusal("no_text")
    check_blocks(blocks)
    return text, blocks


def check_blocks(blocks: Sequence[Json]) -> None:
    """Refuse blocks that Slack would not show, saying every reason and its place."""
    found = blockkit.problems(blocks)
    if found:
        messages = [f"[ERROR] {problem}" for problem in found]
        raise Refusal("invalid_blocks", errors=found, response_metadata={"messages": messages})
    if blockkit.too_long(blocks):
        raise Refusal("msg_blocks_too_long")


def with_block_ids(blocks: Sequence[Json]) -> tuple[Json, ...]:
    """Blocks as Slack stores them: every one has an id, made up where the app gave none."""
    stored = []
    for block in blocks:
        given = block.get("block_id")
        kept = given and block["type"] != "markdown"  # Slack makes up a markdown block's id
        stored.append({**block, "block_id": given if kept else secrets.token_urlsafe(4)[:5]})
    return tuple(stored)


def message_json(workspace: Workspace, message: Message, *, metadata: bool = False) -> Json:
    """A message as the Web API and the interaction payloads show it."""
    shown: dict[str, Json] = {
        "type": "message",
        "user": message.author,
        "ts": message.ts,
        "team": workspace.team_id,
        "text": message.text,
    }
    if message.by_app:
        shown |= {"bot_id": workspace.bot_id, "app_id": workspace.app_id}
    if message.blocks:
        shown["blocks"] = list(message.blocks)
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.broadcast:
        shown["subtype"] = "thread_broadcast"
    if message.is_reply:
        shown["parent_user_id"] = _author_of(workspace, message)
    if (at := edited_at(message)) is not None:
        shown["edited"] = {"user": message.author, "ts": f"{at:.6f}"}
    if message.files:
        shown["files"] = list(message.files)
    if message.attachments:
        shown["attachments"] = list(message.attachments)
    if reactions := reactions_json(workspace, message):
        shown["reactions"] = reactions
    if metadata and message.metadata is not None:
        shown["metadata"] = message.metadata
    return shown


def edited_at(message: Message) -> float | None:
    """When what Slack marks "(edited)" was last done to a message; None if it never was.

    That is another text to read. Blocks change unmarked, and so does the text that comes with
    them: it is what a notification says, and stands nowhere.
    """
    pairs = reversed(tuple(pairwise(message.versions)))
    return next((new.at for old, new in pairs if new.text != old.text and not new.blocks), None)


def reactions_json(workspace: Workspace, message: Message) -> list[Json]:
    """Every reaction at a message with who put it there, the app's own first."""
    users: dict[str, list[str]] = {name: [workspace.bot.id] for name in message.reactions}
    for name, user in message.reacted:
        users.setdefault(name, []).append(user)
    return [{"name": name, "users": who, "count": len(who)} for name, who in users.items()]


def _warning(text: str, blocks: Sequence[Json]) -> dict[str, Json]:
    """Slack takes blocks without a text, and says that it should not be so."""
    if text or not blocks:
        return {}
    word = "missing_text_in_message"
    return {"warning": word, "response_metadata": {"warnings": [word]}}


def _author_of(workspace: Workspace, reply: Message) -> str:
    parent = workspace.entries[reply.channel].get(reply.thread_ts)
    return parent.author if parent else ""


def _own(workspace: Workspace, channel: Channel, args: Args, *, refused: str) -> Message:
    message = message_at(workspace, channel, args.needed("ts"))
    if channel.archived:
        raise Refusal("is_archived")
    if not message.by_app:
        raise Refusal(refused)
    return message


def _check_thread(workspace: Workspace, channel: Channel, thread_ts: str) -> None:
    parent = workspace.entries[channel.id].get(thread_ts)
    if parent is None or parent.kind is not Kind.MESSAGE:
        raise Refusal("thread_not_found")
    if parent.is_reply:
        raise Refusal("cannot_reply_to_message")


def _metadata(args: Args) -> Json:
    metadata = args.json("metadata", code="invalid_metadata_format")
    if metadata is None:
        return None
    kind = metadata.get("event_type") if isinstance(metadata, dict) else None
    if not kind or not isinstance(metadata.get("event_payload"), dict):
        raise Refusal("invalid_metadata_format")
    if set(metadata) - {"event_type", "event_payload", "entities"}:
        raise Refusal("invalid_metadata_schema")
    return metadata
