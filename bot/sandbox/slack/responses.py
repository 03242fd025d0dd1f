"""What an app answers to an interaction: in the body of its ack, or at the response_url."""

import json
from collections.abc import Mapping
from dataclasses import replace

from bot.sandbox.slack.args import Args
from bot.sandbox.slack.chat import POST_TEXT_MOST, content, with_block_ids
from bot.sandbox.slack.workspace import (
    RESPONSE_URL_USES,
    SLACKBOT,
    Json,
    Kind,
    Message,
    Refusal,
    ResponseUrl,
    Workspace,
    versions,
)

KEYS = frozenset(
    {
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "metadata",
        "mrkdwn",
        "unfurl_links",
        "unfurl_media",
    }
)


def body_of(text: str, content_type: str) -> Json:
    """The answer in a request's or response's body: JSON, or text that is the whole message."""
    if not text.strip():
        return None
    if content_type.startswith("application/json"):
        try:
            return checked_body(json.loads(text))
        except json.JSONDecodeError:
            raise Refusal("invalid_json") from None
    return {"text": text}


def checked_body(body: Json) -> Json:
    """An answer is an object, or there is none."""
    if body is not None and not isinstance(body, dict):
        raise Refusal("invalid_payload")
    return body


def use_response_url(workspace: Workspace, path: str, body: Json) -> None:
    """Spend one use of a response_url and do what `body` says."""
    address = workspace.response_urls.get(path)
    if address is None:
        raise Refusal("no_such_url")
    if workspace.clock() > address.expires_at:
        raise Refusal("expired_url")
    if address.uses >= RESPONSE_URL_USES:
        raise Refusal("used_url")
    workspace.response_urls[path] = replace(address, uses=address.uses + 1)
    if body is None:
        raise Refusal("no_text")
    respond(workspace, address, body)


def respond(workspace: Workspace, address: ResponseUrl, body: Mapping[str, Json]) -> None:
    """Post, replace or delete, as the answer to the interaction of `address`."""
    unknown = sorted(set(body) - KEYS)
    if unknown:
        raise Refusal("invalid_arguments", errors=[f"/{name}: is unknown" for name in unknown])
    args = Args(body)
    source = workspace.find(address.source_ts) if address.source_ts else None
    if args.flag("delete_original"):
        if source is None:
            raise Refusal("message_not_found")
        workspace.remove(source)
        return
    text, blocks = content(args, most=POST_TEXT_MOST)
    if args.flag("replace_original"):
        if source is None:
            raise Refusal("message_not_found")
        workspace.edit(source, text=text, blocks=with_block_ids(blocks))
        return
    kind = args.text("response_type", "ephemeral")
    if kind not in ("ephemeral", "in_channel"):
        raise Refusal("invalid_arguments", errors=["/response_type: ephemeral or in_channel"])
    workspace.add(
        Message(
            ts=workspace.next_ts(),
            channel=address.channel,
            author=workspace.bot.id,
            kind=Kind.MESSAGE if kind == "in_channel" else Kind.EPHEMERAL,
            only_for="" if kind == "in_channel" else address.user,
            versions=versions(workspace.clock(), text, with_block_ids(blocks)),
            thread_ts=args.text("thread_ts"),
            by_app=True,
            metadata=args.json("metadata"),
        )
    )


def slackbot_says(
    workspace: Workspace, *, user: str, channel: str, text: str, thread_ts: str = ""
) -> Message:
    """A note of Slack's own that only one person sees, such as that an app did not answer."""
    return workspace.add(
        Message(
            ts=workspace.next_ts(),
            channel=channel,
            author=SLACKBOT,
            kind=Kind.EPHEMERAL,
            only_for=user,
            thread_ts=thread_ts,
            versions=versions(workspace.clock(), text),
        )
    )
