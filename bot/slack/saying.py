"""Answers to what people asked: who sees them, and where."""

import structlog

from bot.commands import File, Reply, refusal
from bot.deps import Deps
from bot.errors import DeliveryError, StoreError
from bot.model import Trigger
from bot.report import Card, Message, card_message
from bot.report.notices import hushed
from bot.slack.form import explain_form
from bot.slack.forms import form_view
from bot.slack.inbound import Inbound
from bot.slack.outbox import Outbox
from bot.slack.pictures import post_charts
from bot.slack.uploads import Upload

log = structlog.get_logger(__name__)

OUTDATED = Reply(
    card=Card(
        title="This button was used already",
        lines=("What it started is in this thread. Type `/stagecheck help` for what else to ask.",),
    )
)
NO_FORM = Reply(
    card=Card(
        title="A message opens no form",
        lines=("Type `/stagecheck explain`, or write the log behind `explain`.",),
    )
)
_NO_LINE_FORM = Reply(
    card=Card(
        title="Something is missing in this line",
        lines=("A message opens no form: write the whole line. `help COMMAND` tells how.",),
    )
)
OWN = Reply(
    card=Card(
        title="I wrote this message myself",
        lines=("A report explains itself: its five whys say what was seen, and what it means.",),
    )
)


async def note_name(deps: Deps, inbound: Inbound) -> None:
    """Remember what Slack calls the caller; where that cannot be kept, the id has to do."""
    caller = inbound.caller
    try:
        await deps.store.people.remember(caller.id, inbound.name, team=caller.team, at=deps.clock())
    except StoreError as error:
        log.info("a name was not kept", error=error.message)


async def open_wanted(outbox: Outbox, inbound: Inbound, reply: Reply) -> Reply:
    """Open the form that `reply` wants; where none can be opened, return what is said instead."""
    if not (reply.wants_log or reply.form):
        return reply
    if not inbound.form_trigger:
        return NO_FORM if reply.wants_log else _NO_LINE_FORM
    place = inbound.place
    view = form_view(reply.form, place) if reply.form else explain_form(place)
    await outbox.open_form(inbound.form_trigger, view)
    return reply


async def say(outbox: Outbox, inbound: Inbound, reply: Reply) -> None:
    """Deliver `reply` where it was asked for: to everybody if it is public, else to the caller."""
    if reply.file is not None:
        reply = await _shared(outbox, reply.file, reply)
    for card in filter(None, (reply.card, *reply.more)):
        await _say(outbox, inbound, card, public=reply.public)


async def _say(outbox: Outbox, inbound: Inbound, card: Card, *, public: bool) -> None:
    message, place = card_message(card), inbound.place
    try:
        if public and card.charts:
            at = {"channel": place.channel, "thread": place.thread}
            if await post_charts(outbox, card, **at):
                return
        if public and await _post(outbox, inbound, message):
            return
        if inbound.trigger is Trigger.MENTION:
            await outbox.whisper(place.channel, inbound.caller.id, message, thread=inbound.reading)
        elif not inbound.response_url:  # of a form that was open when this process started
            _ = await outbox.post(inbound.caller.id, message)
        else:
            await outbox.respond(
                inbound.response_url, message, public=public, thread=inbound.reading
            )
    except DeliveryError as error:
        log.warning("an answer was not delivered", channel=place.channel, error=str(error))


async def _post(outbox: Outbox, inbound: Inbound, message: Message) -> bool:
    """Post what all may see, where only that shows it to them, or would ping nobody by it.

    Who is only named in it is filled in by an edit, which notifies nobody. False if it is to be
    said at the response_url: without a thread, where I am no member or nobody is named.
    """
    place, quiet = inbound.place, hushed(message, but="")
    if not place.thread and quiet == message:
        return False
    try:
        sent = await outbox.post(place.channel, quiet, thread=place.thread)
    except DeliveryError as error:
        if place.thread or not error.permanent or not inbound.response_url:
            raise
        return False
    if quiet != message:
        await outbox.update(sent.channel, sent.ts, message)
    return True


async def _shared(outbox: Outbox, file: File, reply: Reply) -> Reply:
    """Post `file`; return what else is said, or why it could not be posted."""
    upload = Upload(name=file.name, title=file.title, content=file.text.encode(errors="replace"))
    try:
        await outbox.share(upload, file.place.channel, file.place.thread)
    except DeliveryError as error:
        log.warning("a file was not delivered", name=file.name, error=str(error))
        return refusal(error)
    return reply


def apology(inbound: Inbound, broken: BaseException) -> Reply:
    """Say that a part of ours broke; the log has the details, under the same name."""
    return Reply(
        card=Card(
            title="A part of stagecheck broke",
            lines=(
                "This is our own doing, not the target's; it is in our log as "
                f"`{inbound.delivery}` ({type(broken).__name__}).",
            ),
        )
    )
