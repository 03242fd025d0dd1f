"""The workspace as one person sees it, as JSON, and what of it changed since they last looked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath

from bot.sandbox.slack.chat import edited_at, reactions_json
from bot.sandbox.slack.people import People
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import SLACKBOT, Channel, Json, Kind, Message, User, Workspace

SHOWN = (Kind.MESSAGE, Kind.EPHEMERAL)
"""The kinds of entries that Slack shows; a command as typed and a press are not among them."""

ROUTES = "/page"
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})


@dataclass(slots=True)
class Sight:
    """What one open page has been told; `news` says what is new, and remembers it as told."""

    people: People
    user: User
    entries: dict[str, Message] = field(default_factory=dict)
    told: dict[str, Json] = field(default_factory=dict)
    _views: dict[str, View] = field(default_factory=dict)

    def news(self, rest: Mapping[str, Json]) -> dict[str, Json]:
        """Everything that differs from what was told; empty when nothing does.

        `rest` is what the page knows beside the workspace: read marks and the side panel.
        """
        news: dict[str, Json] = {}
        seen = {entry.ts: entry for entry in seen_by(self.people.workspace, self.user)}
        changed = [entry for ts, entry in seen.items() if self.entries.get(ts) is not entry]
        removed = [ts for ts in self.entries if ts not in seen]
        if changed:
            news["entries"] = [entry_json(self.people.workspace, entry) for entry in changed]
        if removed:
            news["removed"] = removed
        self.entries = seen
        for key, value in {**self._places(), **rest}.items():
            if key not in self.told or self.told[key] != value:
                news[key] = self.told[key] = value
        return news

    def _places(self) -> dict[str, Json]:
        views = self.people.views
        home = views.homes.get(self.user.id)
        return {
            "channels": [
                channel_json(self.people.workspace, channel)
                for channel in seen_channels(self.people.workspace, self.user)
            ],
            "modals": [view_json(view) for view in views.modals.get(self.user.id, ())],
            "home": view_json(home) if home else None,
        }


def seen_channels(workspace: Workspace, user: User) -> Iterator[Channel]:
    """The channels that a person is in, direct messages with the app last."""
    mine = [channel for channel in workspace.channels.values() if user.id in channel.members]
    yield from sorted(mine, key=lambda channel: channel.direct)


def seen_by(workspace: Workspace, user: User) -> Iterator[Message]:
    """Every entry that a person sees, in whatever channel."""
    for channel in seen_channels(workspace, user):
        for entry in workspace.all_entries(channel.id):
            if entry.kind in SHOWN and entry.only_for in ("", user.id):
                yield entry


def entry_json(workspace: Workspace, entry: Message) -> Json:
    """One entry of a channel. What a person typed stands as typed; an app's text is mrkdwn."""
    return {
        "ts": entry.ts,
        "channel": entry.channel,
        "author": entry.author,
        "text": entry.text,
        "blocks": list(entry.blocks),
        "thread_ts": entry.thread_ts if entry.is_reply else "",
        "private": bool(entry.only_for),
        "by_app": entry.by_app or entry.author == SLACKBOT,
        "broadcast": entry.broadcast,
        "edited": edited_at(entry) is not None,
        "files": [_file_json(file) for file in entry.files],
        "attachments": list(entry.attachments),
        "reactions": reactions_json(workspace, entry),
        "pinned": entry.pinned,
    }


def _file_json(file: Mapping[str, Json]) -> Json:
    name = str(file.get("name", file["id"]))
    picture = PurePath(name).suffix.lower() in PICTURES
    return {
        "id": file["id"],
        "name": name,
        "title": str(file.get("title", name)),
        "size": file.get("size", 0),
        "picture": picture,
        "url": f"{ROUTES}/files/{file['id']}",
    }


def channel_json(workspace: Workspace, channel: Channel) -> Json:
    """Return a channel as the page lists it."""
    return {
        "id": channel.id,
        "name": workspace.bot.name if channel.direct else channel.name,
        "direct": channel.direct,
        "private": channel.private,
        "archived": channel.archived,
        "members": len(channel.members),
    }


def view_json(view: View) -> Json:
    """Return a modal or Home tab as the page shows it."""
    return {"id": view.id, "hash": view.hash, **view.body}
