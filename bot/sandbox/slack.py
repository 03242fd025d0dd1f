"""A small real Slack to run the bot against: no account, no network beyond this machine."""

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from bot.errors import NotFound, UsageError
from bot.sandbox import slack_payloads
from bot.sandbox.slack_actions import find_action
from bot.sandbox.slack_api import ALL_SCOPES, Call, WebApi
from bot.sandbox.slack_delivery import ACK_S, Courier, Delivery
from bot.sandbox.slack_files import Files
from bot.sandbox.slack_rates import Limiter
from bot.sandbox.slack_responses import respond, slackbot_says
from bot.sandbox.slack_server import Server
from bot.sandbox.slack_socket import Sockets
from bot.sandbox.slack_transcript import NumberedButton, buttons_of, transcript_of
from bot.sandbox.slack_trouble import Troubles
from bot.sandbox.slack_views import Views
from bot.sandbox.slack_workspace import (
    Json,
    Kind,
    Message,
    Refusal,
    ResponseUrl,
    Workspace,
    versions,
)

T = TypeVar("T")


class MiniSlack:
    """One workspace with one app in it. Everything is in memory and ends with `stop`.

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
        self.commands = tuple(commands)
        self.workspace = Workspace(clock=clock)
        for user in users:
            self.workspace.add_user(user)
        for channel in channels:
            self.workspace.add_channel(channel)
        self.sockets = Sockets(self.workspace)
        self.views = Views(self.workspace)
        self.files = Files(self.workspace)
        self._troubles = Troubles()
        self._courier = Courier(self.sockets, self.signing_secret, ack_s=ack_s)
        api = WebApi(
            workspace=self.workspace,
            views=self.views,
            files=self.files,
            sockets=self.sockets,
            bot_token=self.bot_token,
            app_token=self.app_token,
            scopes=frozenset(scopes),
        )
        limiter = Limiter(clock) if limits else None
        self._server = Server(self.workspace, api, self._troubles, limiter)

    async def start(self) -> None:
        """Listen on 127.0.0.1."""
        self.port = await self._server.start(self.port)
        self.workspace.base_url = f"http://127.0.0.1:{self.port}"

    async def stop(self) -> None:
        """Close every connection; nothing is left running."""
        await self.sockets.stop()
        await self._courier.stop()
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
        return self._courier.request_url

    @request_url.setter
    def request_url(self, url: str) -> None:
        self._courier.request_url = url

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
        """Type a slash command. Slack itself answers what it would not deliver."""
        workspace = self.workspace
        person, place = workspace.user(user), workspace.channel(channel)
        name = text.partition(" ")[0]
        workspace.add(
            Message(
                ts=workspace.next_ts(),
                channel=place.id,
                author=person.id,
                kind=Kind.COMMAND,
                only_for=person.id,
                thread_ts=thread_ts,
                versions=versions(workspace.clock(), text),
            )
        )
        refused = ""
        if name not in self.commands:
            refused = f"{name} is not a valid command."
        elif thread_ts:
            refused = f"{name} is not supported in threads. Sorry!"
        payload = slack_payloads.slash_command(workspace, typed=text, user=person, channel=place)
        if refused:
            slackbot_says(
                workspace, user=person.id, channel=place.id, text=refused, thread_ts=thread_ts
            )
            return Delivery(kind="slash_commands", payload=payload, error="not_delivered")
        delivery = await self._courier.deliver("slash_commands", payload)
        return self._acknowledged(delivery, f'{name} failed with the error "{{}}"', person.id)

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
        workspace = self.workspace
        person = workspace.user(user)
        message = workspace.find(message_ts)
        if message is None:
            raise NotFound(f"There is no message {message_ts}.")
        found = find_action(message.blocks, action)
        workspace.add(
            Message(
                ts=workspace.next_ts(),
                channel=message.channel,
                author=person.id,
                kind=Kind.PRESS,
                only_for=message.only_for,
                thread_ts=message.thread_ts,
                versions=versions(workspace.clock(), f"[{found.label}]"),
            )
        )
        payloads = [
            slack_payloads.block_actions(
                workspace, message=message, action=found, user=person, value=value
            )
            for _ in range(repeat)
        ]
        deliveries = await asyncio.gather(
            *(self._courier.deliver("interactive", payload) for payload in payloads)
        )
        told = [
            self._acknowledged(delivery, f'[{found.label}] failed with the error "{{}}"', person.id)
            for delivery in deliveries
        ]
        return replace(told[0], repeats=tuple(told[1:]))

    async def event(self, event: Mapping[str, Json]) -> Delivery:
        """Deliver an event of the Events API once."""
        payload = slack_payloads.event_callback(self.workspace, event)
        return await self._courier.deliver("events_api", payload)

    async def redeliver(
        self, delivery: Delivery, *, attempt: int = 1, reason: str = "http_timeout"
    ) -> Delivery:
        """Deliver the same payload again, marked as a retry as Slack marks it."""
        return await self._courier.deliver(delivery.kind, delivery.payload, retry=(attempt, reason))

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

    def transcript(self, channel: str = "staging") -> str:
        """A channel with its threads as text for a terminal."""
        return transcript_of(self.workspace, self.workspace.channel(channel))

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
            if left_s <= 0 and not self._courier.under_way and not self._server.under_way:
                return
            await asyncio.sleep(max(left_s, 0.01))

    def _acknowledged(self, delivery: Delivery, failed: str, user: str) -> Delivery:
        """Show the person what came of it: an answer in the ack, or that there was none."""
        address = self._address(delivery)
        error = delivery.error
        if delivery.ok and delivery.ack:
            if not isinstance(delivery.ack, dict):
                raise UsageError("The ack's body must be text or an object.")
            try:
                respond(self.workspace, address, delivery.ack)
            except Refusal as refusal:
                error = refusal.code
        if error:
            slackbot_says(
                self.workspace,
                user=user,
                channel=address.channel,
                text=failed.format(error),
                thread_ts=address.thread_ts,
            )
        self.workspace.touch()
        return replace(delivery, ok=not error, error=error)

    def _address(self, delivery: Delivery) -> ResponseUrl:
        path = str(delivery.payload["response_url"]).removeprefix(self.workspace.base_url)
        return self.workspace.response_urls[path]
