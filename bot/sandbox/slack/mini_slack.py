"""A small real Slack to run the bot against: no account, no network beyond this machine."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Self, TypeVar

from bot.sandbox.slack.api import ALL_SCOPES, Call, Tokens, WebApi
from bot.sandbox.slack.delivery import ACK_S, Courier, Delivery
from bot.sandbox.slack.files import HOSTED, Files
from bot.sandbox.slack.page import Page
from bot.sandbox.slack.people import People
from bot.sandbox.slack.rates import Limiter
from bot.sandbox.slack.server import Server
from bot.sandbox.slack.socket_mode import Sockets
from bot.sandbox.slack.transcript import (
    NumberedButton,
    buttons_of,
    threads_of,
    transcript_of,
    view_text,
)
from bot.sandbox.slack.trouble import Troubles
from bot.sandbox.slack.views import View, Views
from bot.sandbox.slack.workspace import (
    Json,
    Kind,
    Message,
    Workspace,
)

T = TypeVar("T")


class MiniSlack:
    """One workspace with one app in it. Everything is in memory and ends with `stop`.

    At the root of its address is a page on which people use it in a browser.

    `channels` and `users` are names, and every method takes a name or an id. `limits` turns
    Slack's rate limits on. `clock` returns seconds since 1970 and rules every expiry.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        signing_secret: str = "",
        bot_token: str = "",
        app_token: str = "",
        channels: Iterable[str] = ("staging",),
        users: Iterable[str] = ("ada", "grace"),
        commands: Iterable[str] = ("/stagecheck",),
        scopes: Iterable[str] = ALL_SCOPES,
        limits: bool = False,
        ack_s: float = ACK_S,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.port = port
        self.signing_secret = signing_secret or secrets.token_hex(16)
        self.bot_token = bot_token or f"xoxb-{secrets.token_hex(16)}"
        self.app_token = app_token or f"xapp-1-{secrets.token_hex(16)}"
        self.workspace = Workspace(clock=clock)
        for user in users:
            self.workspace.add_user(user)
        for channel in channels:
            self.workspace.add_channel(channel)
        self.sockets = Sockets(self.workspace)
        self.views = Views(self.workspace)
        self.files = Files(self.workspace)
        self._troubles = Troubles()
        self.courier = Courier(self.sockets, self.signing_secret, ack_s=ack_s)
        self._people = People(
            *(self.workspace, self.views, self.files, self.courier), tuple(commands)
        )
        self.api = WebApi(
            *(self.workspace, self.views, self.files, self.sockets),
            tokens=Tokens(bot=self.bot_token, app=self.app_token),
            scopes=frozenset(scopes),
        )
        limiter = Limiter(clock) if limits else None
        self.page = Page(self._people)
        self._server = Server(self.workspace, self.api, self._troubles, limiter, self.page)

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        self.port = await self._server.start(self.port)
        self.workspace.base_url = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        """Close every connection; nothing is left running."""
        await self.sockets.stop()
        await self.courier.stop()
        await self._server.stop()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def api_url(self) -> str:
        """What the app uses instead of https://slack.com/api/."""
        return f"{self.workspace.base_url}/api/"

    @property
    def request_url(self) -> str:
        """Where payloads go when no Socket Mode connection is open."""
        return self.courier.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self.courier.request_url = url

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API and of a response_url, oldest first."""
        return self._server.calls

    def fail(self, method: str, *, times: int = 1, how: str = "500", retry_after: int = 1) -> None:
        """Plan trouble for the next calls of a method; `how` is in TROUBLES or an error code.

        `method` may also be `*`, `response_url`, `upload`, or `socket` for the connection.
        """
        self._troubles.order(method, times=times, how=how, retry_after_s=retry_after)

    async def command(
        self, text: str, *, user: str = "ada", channel: str = "staging", thread_ts: str = ""
    ) -> Delivery:
        """Type a slash command, such as `/stagecheck staging`."""
        return await self._people.command(text, user=user, channel=channel, thread_ts=thread_ts)

    async def press(
        self,
        message_ts: str,
        action: str,
        *,
        user: str = "ada",
        value: Json = None,
        repeat: int = 1,
    ) -> Delivery:
        """Press a button, by action_id or label, or choose `value` from a menu.

        `repeat` presses impatiently: several deliveries at once, the others in `repeats`.
        """
        return await self._people.press(message_ts, action, user=user, value=value, repeat=repeat)

    async def press_in_view(
        self, action: str, *, user: str = "ada", value: Json = None
    ) -> Delivery:
        """Press or choose in the modal that is open, else on the Home tab."""
        return await self._people.press_in_view(action, user=user, value=value)

    async def submit(self, values: Mapping[str, Json], *, user: str = "ada") -> Delivery:
        """Fill in and submit the open modal; keys are block_ids, action_ids or labels."""
        return await self._people.submit(values, user=user)

    async def close(self, *, user: str = "ada") -> Delivery | None:
        """Close the open modal; delivered only when the view has notify_on_close."""
        return await self._people.close(user=user)

    async def shortcut(
        self, callback_id: str, *, user: str = "ada", message_ts: str = ""
    ) -> Delivery:
        """Use a global shortcut, or with `message_ts` one of a message."""
        return await self._people.shortcut(callback_id, user=user, message_ts=message_ts)

    def say(
        self, text: str, *, user: str = "ada", channel: str = "staging", **more: Json
    ) -> Message:
        """Post an ordinary message as a person; nothing is delivered.

        `more` is `thread_ts`, `files` (ids that `attach` returned), `blocks` or `attachments`.
        """
        return self._people.say(text, user=user, channel=channel, **more)

    def attach(
        self,
        name: str,
        content: bytes,
        *,
        user: str = "ada",
        mimetype: str = "",
        mode: str = HOSTED,
    ) -> str:
        """Upload a file as a person, for a message or a form; returns its id.

        `mode` is HOSTED, SNIPPET, EXTERNAL or FOREIGN, of `bot.sandbox.slack.files`.
        """
        person = self.workspace.user(user)
        return self.files.attach(name, content, person, mimetype=mimetype, mode=mode).id

    async def mention(
        self, text: str, *, user: str = "ada", channel: str = "staging", thread_ts: str = ""
    ) -> Delivery:
        """Post a message that mentions the app, and deliver `app_mention`."""
        return await self._people.mention(text, user=user, channel=channel, thread_ts=thread_ts)

    async def open_home(self, *, user: str = "ada", tab: str = "home") -> Delivery:
        """Open the app's Home tab, and deliver `app_home_opened`."""
        return await self._people.open_home(user=user, tab=tab)

    async def event(self, event: Mapping[str, Json]) -> Delivery:
        """Deliver any event of the Events API once."""
        return await self._people.event(event)

    async def redeliver(
        self, delivery: Delivery, *, attempt: int = 1, reason: str = "http_timeout"
    ) -> Delivery:
        """Deliver the same payload again, marked as a retry as Slack marks it."""
        return await self.courier.deliver(delivery.kind, delivery.payload, retry=(attempt, reason))

    async def disconnect(self, reason: str = "refresh_requested", *, grace_s: float = 2) -> None:
        """Send every Socket Mode connection away, as Slack does every few hours."""
        await self.sockets.disconnect(reason, grace_s=grace_s)

    def cut(self) -> None:
        """End every Socket Mode connection without a word, as a failing network does."""
        self.sockets.cut()

    def messages(self, channel: str = "staging") -> list[Message]:
        """Every message of a channel that is there for all, threads included, oldest first."""
        found = self.workspace.all_entries(self.workspace.channel(channel).id)
        return [message for message in found if message.kind is Kind.MESSAGE]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies to a message, oldest first, without the message itself."""
        return [
            message
            for message in self.messages(channel)
            if message.is_reply and message.thread_ts == ts
        ]

    def ephemerals(self, channel: str = "staging", user: str = "ada") -> list[Message]:
        """What only this person sees in a channel, oldest first."""
        person = self.workspace.user(user).id
        found = self.workspace.all_entries(self.workspace.channel(channel).id)
        return [
            message
            for message in found
            if message.kind is Kind.EPHEMERAL and message.only_for == person
        ]

    def modal(self, user: str = "ada") -> View | None:
        """The modal on top for this person."""
        return next(reversed(self.views.modals.get(self.workspace.user(user).id, [])), None)

    def modal_text(self, user: str = "ada") -> str:
        """The modal on top as text for a terminal; empty when none is open."""
        view = self.modal(user)
        return view_text(self.workspace, view.body) if view else ""

    def home(self, user: str = "ada") -> View | None:
        """The Home tab as this person sees it."""
        return self.views.homes.get(self.workspace.user(user).id)

    def home_text(self, user: str = "ada") -> str:
        """The Home tab as text for a terminal; empty before the app published one."""
        view = self.home(user)
        return view_text(self.workspace, view.body) if view else ""

    def transcript(self, channel: str = "staging") -> str:
        """A channel with its threads as text for a terminal."""
        return transcript_of(self.workspace, self.workspace.channel(channel))

    def threads(self, channel: str = "staging") -> dict[str, str]:
        """Every message that is no reply, by its ts, as text with its thread below it."""
        return threads_of(self.workspace, self.workspace.channel(channel))

    def numbered_buttons(self, channel: str = "staging") -> list[NumberedButton]:
        """What can be pressed in a channel, newest message first, numbered from 1."""
        return buttons_of(self.workspace, self.workspace.channel(channel))

    async def until(self, condition: Callable[[], T | None], *, timeout_s: float = 5.0) -> T:
        """Wait until `condition` returns something true, and return that."""
        async with asyncio.timeout(timeout_s):
            while True:
                self.workspace.changed.clear()
                if found := condition():
                    return found
                await self.workspace.changed.wait()

    async def settled(self, *, quiet_s: float = 0.5) -> None:
        """Wait until nothing has happened for `quiet_s`: no call, no delivery, none under way."""
        loop = asyncio.get_running_loop()
        while True:
            left_s = self.workspace.changed_at + quiet_s - loop.time()
            if left_s <= 0 and not self.courier.under_way and not self._server.under_way:
                return
            await asyncio.sleep(max(left_s, 0.01))
