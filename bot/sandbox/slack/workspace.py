"""The state of the small Slack: its people, channels, messages, triggers and reply addresses."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeAlias

from bot.errors import NotFound, StagecheckError

Json: TypeAlias = Any
"""A JSON value; blocks and payloads are Slack's, so they stay plain dicts and lists."""

TRIGGER_LIFE_S = 3.0  # docs.slack.dev: a trigger_id opens one view, within three seconds
RESPONSE_URL_LIFE_S = 30 * 60.0  # docs.slack.dev: five uses within thirty minutes
RESPONSE_URL_USES = 5
SLACKBOT = "USLACKBOT"
HOME = "T0MINISLACK"


class Refusal(StagecheckError):
    """Slack's answer is `{"ok": false, "error": code}`, with `extra` beside it."""

    def __init__(self, code: str, **extra: Json) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra


class Kind(StrEnum):
    """What one entry of a channel is."""

    MESSAGE = "message"
    EPHEMERAL = "ephemeral"
    """Seen by one person only, and gone when their client reloads."""
    COMMAND = "command"
    """A slash command as it was typed; only the person who typed it knows."""
    PRESS = "press"
    """Someone pressed a button; no part of Slack shows it, the transcript does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person, or a bot, of the workspace."""

    id: str
    name: str
    is_bot: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel, or a direct conversation with the bot."""

    id: str
    name: str
    members: frozenset[str] = frozenset()
    private: bool = False
    archived: bool = False
    direct: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """How a message read from `at` (seconds since 1970) until the next version."""

    at: float
    text: str
    blocks: tuple[Json, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One entry of a channel. `versions` has every state it was in, the present one last."""

    ts: str
    channel: str
    author: str
    versions: tuple[Version, ...]
    kind: Kind = Kind.MESSAGE
    thread_ts: str = ""
    only_for: str = ""
    by_app: bool = False
    broadcast: bool = False
    metadata: Json = None
    files: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    reactions: tuple[str, ...] = ()
    """The app's own."""
    reacted: tuple[tuple[str, str], ...] = ()
    """People's reactions: the name, and who."""
    pinned: bool = False

    @property
    def text(self) -> str:
        return self.versions[-1].text

    @property
    def blocks(self) -> tuple[Json, ...]:
        return self.versions[-1].blocks

    @property
    def edits(self) -> int:
        return len(self.versions) - 1

    @property
    def is_reply(self) -> bool:
        return self.thread_ts not in ("", self.ts)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseUrl:
    """Where an app may answer one interaction; `source_ts` is the message it came from."""

    path: str
    channel: str
    user: str
    expires_at: float
    source_ts: str = ""
    thread_ts: str = ""
    uses: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What lets a bot open one modal for a person, for three seconds."""

    id: str
    user: str
    expires_at: float


@dataclass(slots=True)
class Workspace:
    """Everything a small Slack remembers. Plain data changed in place, on one event loop."""

    clock: Callable[[], float]
    base_url: str = ""
    name: str = "Mini Slack"
    team_id: str = HOME
    enterprise_id: str = ""
    is_org_wide: bool = False
    """Whether the app was installed for the whole organisation at once."""
    app_id: str = "A0STAGECHECK"
    bot_id: str = "B0STAGECHECK"
    bot: User = field(
        default_factory=lambda: User(id="U0STAGECHECK", name="stagecheck", is_bot=True)
    )
    channels: dict[str, Channel] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    entries: dict[str, dict[str, Message]] = field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """User group -> the ids of who is in it."""
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict)
    triggers: dict[str, Trigger] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    changed_at: float = 0.0
    changes: int = 0
    """Counts up, for whoever must not miss a change while doing something else."""
    _last_ts: int = 0

    def next_ts(self) -> str:
        """A time stamp in Slack's form, unique in the workspace and later than the one before."""
        self._last_ts = max(int(self.clock() * 1_000_000), self._last_ts + 100)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add_user(self, name: str) -> User:
        user = User(id=self._id("U", name), name=name)
        self.users[user.id] = user
        return user

    def add_channel(
        self, name: str, *, bot_is_member: bool = True, private: bool = False
    ) -> Channel:
        members = frozenset(self.users) | ({self.bot.id} if bot_is_member else frozenset())
        channel = Channel(id=self._id("C", name), name=name, members=members, private=private)
        self.channels[channel.id] = channel
        self.entries[channel.id] = {}
        return channel

    def archive(self, channel: str) -> None:
        """Close a channel: it can be read, and nobody can post in it."""
        found = self.channel(channel)
        self.channels[found.id] = replace(found, archived=True)

    def direct_channel(self, user: User) -> Channel:
        """The conversation of the bot with one person, opened at first use."""
        direct_id = self._id("D", user.name)
        if direct_id not in self.channels:
            members = frozenset((user.id, self.bot.id))
            channel = Channel(id=direct_id, name=user.name, members=members, direct=True)
            self.channels[direct_id] = channel
            self.entries[direct_id] = {}
        return self.channels[direct_id]

    def channel(self, name_or_id: str) -> Channel:
        wanted = name_or_id.removeprefix("#")
        for channel in self.channels.values():
            if wanted in (channel.id, channel.name):
                return channel
        known = ", ".join(sorted(f"#{channel.name}" for channel in self.channels.values()))
        raise NotFound(f"There is no channel {name_or_id}.", hint=f"Known channels: {known}.")

    def user(self, name_or_id: str) -> User:
        wanted = name_or_id.removeprefix("@")
        for user in (*self.users.values(), self.bot):
            if wanted in (user.id, user.name):
                return user
        known = ", ".join(sorted(user.name for user in self.users.values()))
        raise NotFound(f"There is no user {name_or_id}.", hint=f"Known users: {known}.")

    def name_of(self, id: str) -> str:
        """A person's or channel's name, without the @ or #; the id itself when unknown."""
        if id == SLACKBOT:
            return "slackbot"
        if id == self.bot.id:
            return self.bot.name
        known = self.users.get(id) or self.channels.get(id)
        return known.name if known else id

    def add(self, message: Message) -> Message:
        self.entries[message.channel][message.ts] = message
        self.touch()
        return message

    def edit(self, message: Message, *, text: str, blocks: tuple[Json, ...]) -> Message:
        version = Version(at=self.clock(), text=text, blocks=blocks)
        return self.add(replace(message, versions=(*message.versions, version)))

    def remove(self, message: Message) -> None:
        del self.entries[message.channel][message.ts]
        self.touch()

    def find(self, ts: str) -> Message | None:
        """The entry with this time stamp, in whatever channel it is."""
        return next((entry[ts] for entry in self.entries.values() if ts in entry), None)

    def all_entries(self, channel: str) -> Iterator[Message]:
        """Every entry of a channel, oldest first."""
        yield from sorted(self.entries[channel].values(), key=lambda entry: float(entry.ts))

    def open_trigger(self, user: str) -> str:
        key = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        self.triggers[key] = Trigger(id=key, user=user, expires_at=self.clock() + TRIGGER_LIFE_S)
        return key

    def use_trigger(self, id: str) -> Trigger:
        """Spend a trigger. Once only, and not after three seconds."""
        trigger = self.triggers.get(id)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.expires_at == 0:
            raise Refusal("exchanged_trigger_id")
        self.triggers[id] = replace(trigger, expires_at=0)
        if self.clock() > trigger.expires_at:
            raise Refusal("expired_trigger_id")
        return trigger

    def open_response_url(
        self, *, kind: str, channel: str, user: str, source_ts: str = "", thread_ts: str = ""
    ) -> str:
        path = f"/{kind}/{self.team_id}/{secrets.randbelow(10**13)}/{secrets.token_hex(12)}"
        self.response_urls[path] = ResponseUrl(
            path=path,
            channel=channel,
            user=user,
            source_ts=source_ts,
            thread_ts=thread_ts,
            expires_at=self.clock() + RESPONSE_URL_LIFE_S,
        )
        return f"{self.base_url}{path}"

    def response_url(self, url: str) -> ResponseUrl:
        """What is known of a response_url, by its whole address."""
        return self.response_urls[url.removeprefix(self.base_url)]

    def _id(self, kind: str, name: str) -> str:
        # The same name in another workspace is somebody else.
        return stable_id(kind, name if self.team_id == HOME else f"{self.team_id}/{name}")

    def touch(self) -> None:
        """Tell whoever waits in `MiniSlack.until` that something happened."""
        self.changed_at = asyncio.get_running_loop().time()
        self.changes += 1
        self.changed.set()


def stable_id(kind: str, name: str) -> str:
    """An id in Slack's form that is the same for the same name in every run."""
    digest = hashlib.sha256(f"{kind}{name}".encode()).hexdigest().upper()
    return f"{kind}0{digest[:9]}"


def versions(at: float, text: str, blocks: Iterable[Json] = ()) -> tuple[Version, ...]:
    """The versions of a message that is new."""
    return (Version(at=at, text=text, blocks=tuple(blocks)),)
