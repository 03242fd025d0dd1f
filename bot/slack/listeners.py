"""What Slack delivers is answered here: acknowledge, then start or read; never wait for a run."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

import structlog
from slack_bolt.async_app import AsyncAck

from bot.commands import Pasted, Reply, dispatch, refusal, understand
from bot.deps import Deps
from bot.errors import DeliveryError, StagecheckError
from bot.model import Json, Trigger
from bot.report import card_message
from bot.report.controls import MENU, PICK
from bot.slack.files import Files, SlackFile, trouble_with
from bot.slack.form import submission_from
from bot.slack.forms import filled_from
from bot.slack.inbound import (
    Inbound,
    Press,
    command_from,
    filled,
    mention_from,
    opening_from,
    press_from,
    shortcut_from,
    submitted,
)
from bot.slack.outbox import Outbox
from bot.slack.quoted import files_of, subject_of, text_of
from bot.slack.reactions import note_reaction
from bot.slack.saying import OUTDATED, OWN, apology, note_name, open_wanted, say
from bot.slack.spent import SpentButtons
from bot.slack.steps import begin_step, execution_from
from bot.slack.tasks import Tasks
from bot.slack.urls import ResponseUrls

log = structlog.get_logger(__name__)

COMMAND = "/stagecheck"
BUTTONS = re.compile(rf"^(do:|{PICK}|{MENU})")
SHORTCUT = "explain_failure"
OPEN_INCIDENT = "open_incident"

# Slack waits 3 seconds. What starts nothing is acknowledged in time, however slow our store is.
# What starts something is acknowledged once that is durable and not before: where the store takes
# too long, Slack's own time-out is the honest answer, and an ack a promise we may not keep.
ACK_AFTER_S = 2.0
# Slack repeats a delivery for some five minutes.
_DELIVERED_S = 3_600.0
# From a press until its button is gone from everybody's screen.
_PRESSED_S = 60.0
_DOUBLE_CLICK_S = 2.0

Body: TypeAlias = dict[str, Any]
Ack: TypeAlias = Callable[..., Awaitable[object]]
Decide: TypeAlias = Callable[[], Awaitable[Reply]]


@dataclass(slots=True)
class _Decision:
    """What a delivery comes to, while that is found out."""

    made: asyncio.Event = field(default_factory=asyncio.Event)
    is_promise: bool = False
    """Whether an ack says that something was started."""
    said: Mapping[str, Json] = field(default_factory=dict)
    """What the ack tells the caller alone. A process that ends right after it has told it."""


class Listeners:
    """The handlers of commands, buttons, the shortcut of messages and the form."""

    def __init__(self, deps: Deps, *, outbox: Outbox, urls: ResponseUrls, files: Files) -> None:
        self._deps = deps
        self._outbox = outbox
        self._urls = urls
        self._files = files
        self._spent = SpentButtons(outbox)
        self._tasks = Tasks()
        self._deciding: dict[str, _Decision] = {}

    async def on_command(self, ack: AsyncAck, body: Body) -> None:
        inbound = command_from(body)
        await self._serve(ack, inbound, partial(self._dispatched, inbound))

    async def on_press(self, ack: AsyncAck, body: Body) -> None:
        press = press_from(body)
        await self._serve(ack, press.inbound, partial(self._pressed, press), press=press)

    async def on_shortcut(self, ack: AsyncAck, body: Body) -> None:
        """Explain the message that somebody picked, in its thread."""
        inbound, message = shortcut_from(body), body.get("message") or {}
        if "app_id" in message and message["app_id"] == body.get("api_app_id"):
            await self._serve(ack, inbound, _own_message)
            return
        pasted = Pasted(read=partial(self._read_message, message), picked=True)
        await self._serve(ack, inbound, partial(self._dispatched, inbound, pasted))

    async def on_submission(self, ack: AsyncAck, body: Body) -> None:
        """Explain what was pasted or attached in the form, unless a field is filled in wrongly."""
        form = submission_from(body)
        if form.errors:
            await ack(response_action="errors", errors=dict(form.errors))
            return
        inbound = submitted(body, view=form.view, place=form.place, response_url="")
        inbound = replace(inbound, response_url=self._urls.find(inbound.caller, inbound.place))
        names = ", ".join(file.name for file in form.files)
        read = partial(self._read, form.text, form.files)
        pasted = Pasted(read=read, origin=form.origin or names)
        await self._serve(ack, inbound, partial(self._dispatched, inbound, pasted))

    async def on_open(self, ack: AsyncAck, body: Body) -> None:
        """Open an incident about the message that somebody picked."""
        inbound, message = opening_from(body), subject_of(body)
        await self._serve(ack, inbound, partial(self._dispatched, inbound, about=message))

    async def on_filled(self, ack: AsyncAck, body: Body) -> None:
        """Do the line that a submitted form makes, unless a field is filled in wrongly."""
        form = filled_from(body, now=self._deps.clock())
        if form.errors:
            await ack(response_action="errors", errors=dict(form.errors))
            return
        inbound = filled(body, view=form.view, place=form.place, line=form.line)
        inbound = replace(inbound, response_url=self._urls.find(inbound.caller, inbound.place))
        await self._serve(ack, inbound, partial(self._dispatched, inbound, about=form.about))

    async def on_reaction(self, body: Body) -> None:
        """Note an emoji in the timeline of the incident whose thread it was set in."""
        await note_reaction(self._deps, body)

    async def on_mention(self, body: Body) -> None:
        """Do what somebody wrote behind our name, as if it were a command."""
        if inbound := mention_from(body):
            await self._serve(_nothing, inbound, partial(self._dispatched, inbound))

    async def on_step(self, body: Body) -> None:
        """Start what a step of a workflow asks for; returns once that is durable."""
        await begin_step(self._deps, self._outbox, execution_from(body))

    async def on_other(self, ack: AsyncAck, body: Body) -> None:
        """Acknowledge what nobody handles: Slack takes anything else for a failure of ours."""
        await ack()
        event = body.get("event") or {}
        log.info("not handled", type=body.get("type"), inner_type=event.get("type"))

    async def idle(self) -> None:
        """Return once everything that was delivered is answered."""
        await self._tasks.idle()

    async def close(self, *, deadline_s: float) -> None:
        """Finish what was acknowledged, for up to `deadline_s` seconds."""
        await self._tasks.close(deadline_s=deadline_s)

    async def _serve(
        self, ack: Ack, inbound: Inbound, decide: Decide, *, press: Press | None = None
    ) -> None:
        decision = self._deciding.get(inbound.delivery)
        if decision is None:
            self._urls.remember(inbound.caller, inbound.place, inbound.response_url)
            decision = self._deciding[inbound.delivery] = _Decision()
            _ = self._tasks.start(
                self._answer(inbound, decide, decision, press),
                name=inbound.delivery,
                regret=partial(self._apologise, inbound),
            )
        else:  # Slack has given up on the first delivery, which is still at it
            self._deps.metrics.slack_delivery(repeated=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(ACK_AFTER_S):
                await decision.made.wait()
        if decision.is_promise:
            await decision.made.wait()
        # Bolt takes what is empty for a message without a word.
        await (ack(dict(decision.said)) if decision.said else ack())

    async def _answer(
        self, inbound: Inbound, decide: Decide, decision: _Decision, press: Press | None
    ) -> None:
        try:
            command, _ = understand(self._deps, inbound.line)
            decision.is_promise = command.starts
            reply = await self._settled(inbound, decide, decision)
        except StagecheckError as error:
            reply = refusal(error, line=inbound.line, targets=self._deps.targets)
        finally:
            del self._deciding[inbound.delivery]
            decision.made.set()
        is_all = inbound.trigger is Trigger.COMMAND and press is None and reply.is_silent
        try:
            # Claimed when it is decided, and not before: a process that ended in between would
            # have claimed what it did not start. To decide twice starts nothing twice.
            if not await self._fresh(inbound, is_all=is_all):
                return
            if press is not None and reply.started and not press.stays:
                await self._spend(press)
            reply = await open_wanted(self._outbox, inbound, reply)
            if reply.afterwards is not None:
                reply = await reply.afterwards()
        except StagecheckError as error:
            reply = refusal(error)
        await self._say(inbound, reply)

    async def _settled(self, inbound: Inbound, decide: Decide, decision: _Decision) -> Reply:
        """Decide; what a command that starts something comes to instead is said by the ack."""
        try:
            reply = await decide()
        except StagecheckError as error:
            reply = refusal(error, line=inbound.line, targets=self._deps.targets)
        # Slack shows what the ack of a command says, and of nothing else.
        if decision.is_promise and inbound.trigger is Trigger.COMMAND and reply.card:
            decision.said = self._outbox.whispered(card_message(reply.card))
            return Reply()
        return reply

    async def _pressed(self, press: Press) -> Reply:
        inbound = press.inbound
        command, _ = understand(self._deps, inbound.line)
        spends = command.starts and not press.stays
        if spends and not press.still_there:
            return OUTDATED
        key = f"press:{press.channel}:{press.ts}:{press.action_id}"
        if not spends:
            mine = f"{key}:{inbound.caller.id}:{inbound.line}"  # a menu has several
            first = await self._first(mine, _DOUBLE_CLICK_S, inbound.delivery)
            return await self._dispatched(inbound) if first else Reply()
        if not await self._first(key, _PRESSED_S, inbound.delivery):
            return OUTDATED
        started = ""
        try:
            reply = await self._dispatched(inbound)
            started = reply.started
            return reply
        finally:
            if not started:  # the button stays, and may be pressed again at once
                await self._deps.store.release(key, holder=inbound.delivery)

    async def _read_message(self, message: Body) -> bytes:
        """Return what a message says, and what stands in the files attached to it."""
        # In a thread: what somebody else's app posted may be as long and as deep as it likes.
        text, files = await asyncio.to_thread(text_of, message), files_of(message)
        fit = [file for file in files if not trouble_with(file)]
        # Of files alone that are no logs, it is said what is wrong with them.
        return await self._read(text, fit if fit or text else files)

    async def _read(self, text: str, files: Sequence[SlackFile]) -> bytes:
        # Half of a character, which JSON allows, is nothing that could be kept.
        said = text.encode(errors="replace")
        return b"\n".join(filter(None, (said, await self._files.read(files))))

    async def _dispatched(
        self, inbound: Inbound, pasted: Pasted | None = None, about: str = ""
    ) -> Reply:
        return await dispatch(
            self._deps,
            inbound.line,
            inbound.caller,
            inbound.place,
            trigger=inbound.trigger,
            # Not the button: one that stays on a screen may be pressed again another day.
            key=inbound.delivery,
            pasted=pasted,
            about=about,
        )

    async def _fresh(self, inbound: Inbound, *, is_all: bool) -> bool:
        # If that was all, nothing is left to be done twice: one write less for a crowd that asks.
        first = is_all or await self._deps.store.claim(inbound.delivery, ttl_s=_DELIVERED_S)
        self._deps.metrics.slack_delivery(repeated=not first)
        return first

    async def _first(self, key: str, ttl_s: float, delivery: str) -> bool:
        """Tell whether this delivery is the one that may press; after a restart it still is."""
        return await self._deps.store.claim(key, ttl_s=ttl_s, holder=delivery)

    async def _spend(self, press: Press) -> None:
        try:
            await self._spent.spend(press, at=self._deps.clock())
        except DeliveryError as error:  # the run is what was asked for; the button can stay
            log.warning("a button could not be replaced", ts=press.ts, error=str(error))

    async def _say(self, inbound: Inbound, reply: Reply) -> None:
        await say(self._outbox, inbound, reply)
        await note_name(self._deps, inbound)

    async def _apologise(self, inbound: Inbound, broken: BaseException) -> None:
        await self._say(inbound, apology(inbound, broken))


async def _nothing(*_: object) -> None:
    """Acknowledge nothing: that our listener returns is what Slack is told of an event."""


async def _own_message() -> Reply:
    return OWN
