"""What people do in the small Slack: type commands, press, fill in forms, mention the app."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.errors import NotFound
from bot.sandbox.slack import payloads
from bot.sandbox.slack.actions import find_action
from bot.sandbox.slack.chat import message_json
from bot.sandbox.slack.delivery import Courier, Delivery
from bot.sandbox.slack.files import Files
from bot.sandbox.slack.forms import check_errors, entered
from bot.sandbox.slack.responses import respond, slackbot_says
from bot.sandbox.slack.views import View, Views, check_view, view_json
from bot.sandbox.slack.workspace import (
    Json,
    Kind,
    Message,
    Refusal,
    User,
    Workspace,
    versions,
)


@dataclass(slots=True)
class People:
    """Each method is one gesture of one person and returns how its delivery went."""

    workspace: Workspace
    views: Views
    files: Files
    courier: Courier
    commands: tuple[str, ...]

    async def command(self, typed: str, *, user: str, channel: str, thread_ts: str) -> Delivery:
        """Type a slash command. Slack itself answers what it would not deliver."""
        place = self.workspace.channel(channel)
        entry = self._note(Kind.COMMAND, user, place.id, typed, thread_ts=thread_ts, private=True)
        person = self.workspace.user(user)
        payload = payloads.slash_command(self.workspace, typed=typed, user=person, channel=place)
        name = payload["command"]
        if name not in self.commands:
            refused = f"{name} is not a valid command."
        elif thread_ts:
            refused = f"{name} is not supported in threads. Sorry!"
        else:
            return self._answered(
                await self.courier.deliver("slash_commands", payload), entry, f"{name} failed"
            )
        self._slackbot(entry, refused)
        return Delivery(kind="slash_commands", payload=payload, error="not_delivered")

    async def press(
        self,
        message_ts: str,
        wanted: str,
        *,
        user: str,
        value: Json,
        repeat: int,
        block_id: str = "",
    ) -> Delivery:
        """Press or choose in a message, `repeat` times at once from the same state of it."""
        person, message = self.workspace.user(user), self._message(message_ts)
        if message.only_for not in ("", person.id):
            raise NotFound(f"{person.name} does not see the message {message_ts}.")
        action = find_action(message.blocks, wanted, block_id)
        entry = self._note(
            Kind.PRESS,
            user,
            message.channel,
            f"[{action.label}]",
            thread_ts=message.thread_ts or ("" if message.only_for else message.ts),
            private=bool(message.only_for),
        )
        presses = [
            payloads.block_actions(
                self.workspace, message=message, action=action, user=person, value=value
            )
            for _ in range(repeat)
        ]
        deliveries = await asyncio.gather(
            *(self.courier.deliver("interactive", payload) for payload in presses)
        )
        for delivery in deliveries:
            self._told(delivery, entry, f"[{action.label}] failed")
        return replace(deliveries[0], repeats=tuple(deliveries[1:]))

    async def press_in_view(
        self, wanted: str, *, user: str, value: Json, block_id: str = ""
    ) -> Delivery:
        """Press or choose in the modal that is open, else on the Home tab."""
        person = self.workspace.user(user)
        view = self._shown(person)
        action = find_action(view.body["blocks"], wanted, block_id)
        return await self.courier.deliver(
            "interactive",
            payloads.view_actions(
                self.workspace, view=view, action=action, user=person, value=value
            ),
        )

    async def submit(self, values: Mapping[str, Json], *, user: str) -> Delivery:
        """Fill in and submit the open modal; keys are block_ids, action_ids or labels."""
        person = self.workspace.user(user)
        view = self._modal(person)
        payload = payloads.view_event(
            self.workspace,
            "view_submission",
            view=view,
            user=person,
            values=entered(view.body["blocks"], values, self.files),
        )
        delivery = await self.courier.deliver("interactive", payload)
        return self._submitted(delivery, view) if delivery.ok else delivery

    async def close(self, *, user: str) -> Delivery | None:
        """Close the open modal; the app hears of it only when it asked to."""
        person = self.workspace.user(user)
        view = self._modal(person)
        self.views.modals[person.id].pop()
        self.workspace.touch()
        if not view.body.get("notify_on_close"):
            return None
        payload = payloads.view_event(self.workspace, "view_closed", view=view, user=person)
        return await self.courier.deliver("interactive", payload)

    async def shortcut(self, callback_id: str, *, user: str, message_ts: str) -> Delivery:
        """Use a global shortcut, or one of a message."""
        message = self._message(message_ts) if message_ts else None
        if message is not None and message.kind is not Kind.MESSAGE:
            raise NotFound(f"{message_ts} is no message: it has no menu.")
        payload = payloads.shortcut(
            self.workspace, callback_id, user=self.workspace.user(user), message=message
        )
        return await self.courier.deliver("interactive", payload)

    def say(
        self,
        text: str,
        *,
        user: str,
        channel: str,
        thread_ts: str = "",
        files: Iterable[str] = (),
        blocks: Iterable[Json] = (),
        attachments: Iterable[Json] = (),
    ) -> Message:
        """Post an ordinary message; the app hears of it only when it is mentioned."""
        place = self.workspace.channel(channel).id
        message = self._note(Kind.MESSAGE, user, place, text, thread_ts=thread_ts)
        return self.workspace.add(
            replace(
                message,
                versions=versions(self.workspace.clock(), text, blocks),
                files=self.files.share(files, place),
                attachments=tuple(attachments),
            )
        )

    async def mention(self, text: str, *, user: str, channel: str, thread_ts: str) -> Delivery:
        """Post a message that begins with @ and the app's name."""
        bot = self.workspace.bot
        message = self.say(f"@{bot.name} {text}", user=user, channel=channel, thread_ts=thread_ts)
        shown = message_json(self.workspace, message)
        event = {
            **shown,
            "type": "app_mention",
            "text": f"<@{bot.id}> {payloads.escape(self.workspace, text)}",
            "channel": message.channel,
            "event_ts": message.ts,
        }
        return await self.event(event)

    async def open_home(self, *, user: str, tab: str) -> Delivery:
        """Open the app's Home tab or its messages."""
        person = self.workspace.user(user)
        event: dict[str, Json] = {
            "type": "app_home_opened",
            "user": person.id,
            "channel": self.workspace.direct_channel(person).id,
            "tab": tab,
        }
        if person.id in self.views.homes:
            event["view"] = view_json(self.workspace, self.views.homes[person.id])
        return await self.event(event)

    async def event(self, event: Mapping[str, Json]) -> Delivery:
        payload = payloads.event_callback(self.workspace, event)
        return await self.courier.deliver("events_api", payload)

    def _answered(self, delivery: Delivery, entry: Message, failed: str) -> Delivery:
        """Show what the ack's body says. Slack reads it for commands, not for buttons."""
        if delivery.ok and delivery.ack:
            address = self.workspace.response_url(str(delivery.payload["response_url"]))
            try:
                respond(self.workspace, address, delivery.ack)
            except Refusal as refusal:
                delivery = replace(delivery, ok=False, error=refusal.code)
        self._told(delivery, entry, failed)
        return delivery

    def _told(self, delivery: Delivery, entry: Message, failed: str) -> None:
        """Tell the person, and only them, that the app did not take it."""
        if delivery.error:
            self._slackbot(entry, f'{failed} with the error "{delivery.error}"')
        self.workspace.touch()

    def _submitted(self, delivery: Delivery, view: View) -> Delivery:
        """Do what the ack of a submission says; without a word the modal closes."""
        stack = self.views.modals[view.user]
        ack = delivery.ack or {}
        try:
            match ack.get("response_action", "close"):
                case "close":
                    stack.remove(self.views.find(view.id))
                case "clear":
                    stack.clear()
                case "update":
                    self.views.replace(view, check_view(ack.get("view"), "modal"))
                case "push":
                    self.views.push_on(view.user, check_view(ack.get("view"), "modal"))
                case "errors":
                    check_errors(ack.get("errors"), view)
                case other:
                    raise Refusal("invalid_response_action", action=other)
        except Refusal as refusal:
            return replace(delivery, ok=False, error=refusal.code)
        finally:
            self.workspace.touch()
        return delivery

    def _note(
        self,
        kind: Kind,
        user: str,
        channel: str,
        text: str,
        *,
        thread_ts: str = "",
        private: bool = False,
    ) -> Message:
        person = self.workspace.user(user)
        return self.workspace.add(
            Message(
                ts=self.workspace.next_ts(),
                channel=channel,
                author=person.id,
                kind=kind,
                only_for=person.id if private else "",
                thread_ts=thread_ts,
                versions=versions(self.workspace.clock(), text),
            )
        )

    def _slackbot(self, entry: Message, text: str) -> None:
        slackbot_says(
            self.workspace,
            user=entry.author,
            channel=entry.channel,
            text=text,
            thread_ts=entry.thread_ts,
        )

    def _message(self, ts: str) -> Message:
        message = self.workspace.find(ts)
        if message is None:
            raise NotFound(f"There is no message {ts}.")
        return message

    def _modal(self, person: User) -> View:
        stack = self.views.modals.get(person.id)
        if not stack:
            raise NotFound(f"{person.name} has no modal open.")
        return stack[-1]

    def _shown(self, person: User) -> View:
        home = self.views.homes.get(person.id)
        if not self.views.modals.get(person.id) and home:
            return home
        return self._modal(person)
