"""A channel with its threads as text that reads well in a terminal."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.sandbox.slack.actions import actions
from bot.sandbox.slack.block_text import lines_of
from bot.sandbox.slack.chat import edited_at
from bot.sandbox.slack.text import mrkdwn, wrap
from bot.sandbox.slack.workspace import Channel, Json, Kind, Message, Workspace

WIDTH = 96
BAR = "│"
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedButton:
    """One thing to press, as the prompt of the demo offers it."""

    number: int
    label: str
    message_ts: str
    action_id: str


def buttons_of(workspace: Workspace, channel: Channel) -> list[NumberedButton]:
    """What can be pressed, newest message first, numbered from 1."""
    found = [
        (message.ts, action)
        for message in reversed(list(workspace.all_entries(channel.id)))
        for action in actions(message.blocks)
        if action.is_button
    ]
    return [
        NumberedButton(number=number, label=action.label, message_ts=ts, action_id=action.action_id)
        for number, (ts, action) in enumerate(found, start=1)
    ]


def transcript_of(workspace: Workspace, channel: Channel, *, width: int = WIDTH) -> str:
    """Every entry, oldest first, each with its thread below it."""
    title = f"@{channel.name}" if channel.direct else f"#{channel.name}"
    threads = threads_of(workspace, channel, width=width)
    return "\n".join([f"{title}\n", *threads.values()])


def threads_of(workspace: Workspace, channel: Channel, *, width: int = WIDTH) -> dict[str, str]:
    """Every entry that is no reply, by its ts and oldest first, with its thread below it."""
    entries = list(workspace.all_entries(channel.id))
    parents = {entry.ts for entry in entries}
    threads = {}
    for entry in entries:
        if entry.is_reply and entry.thread_ts in parents:
            continue
        lines = list(_entry(workspace, entry, width))
        for reply in (one for one in entries if one.is_reply and one.thread_ts == entry.ts):
            drawn = ["", *_entry(workspace, reply, width - 4)]
            lines += [f"  {BAR} {line}".rstrip() for line in drawn]
        threads[entry.ts] = _printable(lines)
    return threads


def view_text(workspace: Workspace, body: Json, *, width: int = WIDTH) -> str:
    """A modal or Home tab as text: title, blocks, and the buttons at its foot."""
    lines = lines_of(body["blocks"], workspace.name_of, width=width)
    foot = [f"[{body[key]['text']}]" for key in ("submit", "close") if body.get(key)]
    title = [body["title"]["text"], ""] if body.get("title") else []
    return _printable([*title, *lines, *(["  ".join(foot)] if foot else [])])


def _printable(lines: Iterable[str]) -> str:
    """The lines as one text in which nothing can move the cursor or colour the screen."""
    return "".join(f"{CONTROL.sub('�', line).rstrip()}\n" for line in lines)


def _entry(workspace: Workspace, entry: Message, width: int) -> Iterator[str]:
    """`name  text` on one line when it fits, else the name and then the text below it."""
    name = workspace.name_of(entry.author)
    marks = "  ".join(_marks(workspace, entry))
    if entry.kind is Kind.PRESS:
        yield f"{name}  presses {entry.text}"
        return
    lines = list(_content(workspace, entry, width - 2))
    if len(lines) == 1 and len(name) + len(lines[0]) + len(marks) + 4 <= width:
        yield f"{name}  {lines[0]}  {marks}".rstrip()
        return
    yield f"{name}  {marks}".rstrip()
    yield from (f"  {line}".rstrip() for line in lines)


def _content(workspace: Workspace, entry: Message, width: int) -> Iterator[str]:
    if entry.blocks:
        yield from lines_of(entry.blocks, workspace.name_of, width=width)
    elif entry.text:
        # What a person typed stands as typed; only an app's text is mrkdwn to be read.
        text = mrkdwn(entry.text, workspace.name_of) if entry.by_app else entry.text
        yield from _wrapped(text.split("\n"), width)
    for file in entry.files:
        yield f"({file['title']})"


def _wrapped(lines: Iterable[str], width: int) -> Iterator[str]:
    for line in lines:
        yield from wrap(line, width)


def _marks(workspace: Workspace, entry: Message) -> Iterator[str]:
    """What a reader should know of a message besides its content."""
    if edited_at(entry) is not None:
        yield "(edited)"
    if entry.kind is Kind.EPHEMERAL:
        yield f"(only {workspace.name_of(entry.only_for)} sees this)"
    if entry.broadcast:
        yield "(also sent to the channel)"
    if entry.pinned:
        yield "(pinned)"
    if entry.reactions:
        yield " ".join(f":{name}:" for name in entry.reactions)
