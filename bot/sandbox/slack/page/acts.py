"""What a person does on the page, as a table: each gesture with the function that does it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from bot.errors import NotFound, UsageError
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.page.hints import Panel
from bot.sandbox.slack.page.state import seen_by
from bot.sandbox.slack.people import People
from bot.sandbox.slack.workspace import Json, Kind, Message, User


@dataclass(slots=True)
class Gestures:
    """Does what people do; what the app makes of it shows in the workspace."""

    people: People
    panel: Panel | None = None
    read: dict[str, dict[str, str]] = field(default_factory=dict)
    """User id -> channel id or thread -> time stamp of the last entry that was looked at."""

    async def do(self, user: User, wanted: Mapping[str, Json]) -> dict[str, Json]:
        """Do one gesture; returns what came of its delivery. UsageError for an unknown one."""
        name = text_of(wanted, "do")
        if name not in GESTURES:
            known = ", ".join(GESTURES)
            raise UsageError(f"There is no gesture {name}.", hint=f"Known gestures: {known}.")
        if self.panel is not None:
            await self.panel.ready()
        delivery = await GESTURES[name](self, user, wanted)
        self.people.workspace.touch()
        return told(delivery)

    async def command(self, user: User, wanted: Mapping[str, Json]) -> Delivery:
        return await self.people.command(
            text_of(wanted, "text"),
            user=user.id,
            channel=text_of(wanted, "channel"),
            thread_ts=text_of(wanted, "thread_ts", ""),
        )

    async def say(self, user: User, wanted: Mapping[str, Json]) -> Delivery | None:
        """Post a message; the app hears of it when it begins with the app's name."""
        text, channel = text_of(wanted, "text", ""), text_of(wanted, "channel")
        thread_ts = text_of(wanted, "thread_ts", "")
        mentioned = f"@{self.people.workspace.bot.name}"
        first, _, rest = text.partition(" ")
        files = [str(one) for one in wanted.get("files") or ()]
        if first == mentioned and not files:
            return await self.people.mention(
                rest, user=user.id, channel=channel, thread_ts=thread_ts
            )
        if not text.strip() and not files:
            raise UsageError("There is nothing to post.")
        self.people.say(text, user=user.id, channel=channel, thread_ts=thread_ts, files=files)
        return None

    async def press(self, user: User, wanted: Mapping[str, Json]) -> Delivery:
        return await self.people.press(
            text_of(wanted, "ts"),
            text_of(wanted, "action_id"),
            user=user.id,
            value=wanted.get("value"),
            repeat=1,
            block_id=text_of(wanted, "block_id", ""),
        )

    async def press_in_view(self, user: User, wanted: Mapping[str, Json]) -> Delivery:
        return await self.people.press_in_view(
            text_of(wanted, "action_id"),
            user=user.id,
            value=wanted.get("value"),
            block_id=text_of(wanted, "block_id", ""),
        )

    async def submit(self, user: User, wanted: Mapping[str, Json]) -> Delivery:
        values = wanted.get("values")
        if not isinstance(values, dict):
            raise UsageError("A form is submitted with values.")
        return await self.people.submit(values, user=user.id)

    async def close(self, user: User, wanted: Mapping[str, Json]) -> Delivery | None:
        return await self.people.close(user=user.id)

    async def shortcut(self, user: User, wanted: Mapping[str, Json]) -> Delivery:
        return await self.people.shortcut(
            text_of(wanted, "callback_id"), user=user.id, message_ts=text_of(wanted, "ts", "")
        )

    async def open_home(self, user: User, wanted: Mapping[str, Json]) -> Delivery:
        return await self.people.open_home(user=user.id, tab=text_of(wanted, "tab", "home"))

    async def react(self, user: User, wanted: Mapping[str, Json]) -> None:
        """Put a reaction at a message, or take one's own away again."""
        entry = self._entry(user, wanted)
        mine = (text_of(wanted, "name"), user.id)
        kept = tuple(one for one in entry.reacted if one != mine)
        reacted = kept if mine in entry.reacted else (*kept, mine)
        self.people.workspace.add(replace(entry, reacted=reacted))

    async def dismiss(self, user: User, wanted: Mapping[str, Json]) -> None:
        """Put away a message that only this person sees."""
        entry = self._entry(user, wanted)
        if entry.kind is not Kind.EPHEMERAL:
            raise UsageError("Only a message that nobody else sees can be dismissed.")
        self.people.workspace.remove(entry)

    async def look(self, user: User, wanted: Mapping[str, Json]) -> None:
        """Note up to where a channel or a thread was read."""
        place, ts = text_of(wanted, "place"), text_of(wanted, "ts")
        marks = self.read.setdefault(user.id, {})
        # A new mapping, so that whoever compares with the one they were told sees the change.
        self.read[user.id] = {**marks, place: max(marks.get(place, ""), ts)}

    async def change_panel(self, user: User, wanted: Mapping[str, Json]) -> None:
        if self.panel is None:
            raise NotFound("This workspace has no side panel.")
        await self.panel.change(wanted)

    def _entry(self, user: User, wanted: Mapping[str, Json]) -> Message:
        ts = text_of(wanted, "ts")
        entries = seen_by(self.people.workspace, user)
        found = next((entry for entry in entries if entry.ts == ts), None)
        if found is None:
            raise NotFound(f"There is no message {ts}.")
        return found


GESTURES: Mapping[
    str, Callable[[Gestures, User, Mapping[str, Json]], Awaitable[Delivery | None]]
] = MappingProxyType(
    {
        "change_panel": Gestures.change_panel,
        "close": Gestures.close,
        "command": Gestures.command,
        "dismiss": Gestures.dismiss,
        "look": Gestures.look,
        "open_home": Gestures.open_home,
        "press": Gestures.press,
        "press_in_view": Gestures.press_in_view,
        "react": Gestures.react,
        "say": Gestures.say,
        "shortcut": Gestures.shortcut,
        "submit": Gestures.submit,
    }
)


def text_of(wanted: Mapping[str, Json], key: str, default: str | None = None) -> str:
    """A text of a gesture; UsageError when it is missing or something else."""
    value = wanted.get(key, default)
    if not isinstance(value, str):
        raise UsageError(f"{key} is missing, or no text.")
    return value


def told(delivery: Delivery | None) -> dict[str, Json]:
    """What the page is told of a delivery: whether the app took it, and errors for a form."""
    if delivery is None:
        return {"ok": True}
    ack = delivery.ack if isinstance(delivery.ack, dict) else {}
    errors = ack.get("errors") if ack.get("response_action") == "errors" else None
    if delivery.ok:
        return {"ok": True, **({"errors": errors} if errors else {})}
    return {"ok": False, "error": delivery.error}
