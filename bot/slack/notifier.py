"""Tells people about a run in Slack: one message that turns into the outcome, the report below."""

import structlog

from bot.deps import PageOf, no_page
from bot.errors import DeliveryError
from bot.model import Caller, CheckRequest, Place, Posting, Progress
from bot.report import (
    Card,
    Message,
    Report,
    card_message,
    outcome_message,
    progress_message,
    thread_messages,
)
from bot.slack.once import post_once
from bot.slack.outbox import Outbox
from bot.slack.search import Tag
from bot.slack.steps import end_steps, fail_steps
from bot.slack.urls import ResponseUrls
from bot.store import Store

log = structlog.get_logger(__name__)

# The message was deleted by somebody, or became one that cannot be changed.
_GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed"})


class SlackNotifier:
    """The Notifier in Slack; what it posted it finds again after a restart."""

    def __init__(
        self, outbox: Outbox, *, store: Store, urls: ResponseUrls, page_of: PageOf = no_page
    ) -> None:
        self._outbox = outbox
        self._store = store
        self._urls = urls
        self._page_of = page_of

    async def announce(self, request: CheckRequest, progress: Progress) -> Posting:
        """Post the message of the run; if Slack will not have it there, tell the caller how."""
        tag = Tag(run_id=request.run_id, part="announcement")
        try:
            return await self._post_once(request.place, progress_message(progress), tag)
        except DeliveryError as error:
            if error.permanent:  # anything else may pass, and is tried again
                await self._tell(request, error)
                await fail_steps(self._store, self._outbox, request.run_id, str(error))
            raise

    def progress(self, posting: Posting, progress: Progress) -> None:
        """Show how far the run is, at most once in a few seconds."""
        self._outbox.progress(posting.channel, posting.ts, progress_message(progress))

    async def hush(self, posting: Posting) -> None:
        """Drop what was not shown yet."""
        await self._outbox.hush(posting.channel, posting.ts)

    async def report(self, posting: Posting, report: Report) -> None:
        """Post the report below the announcement; what is there already is not posted again."""
        place = Place(channel=posting.channel, thread=posting.thread)
        for number, message in enumerate(thread_messages(report, answered=True), start=1):
            tag = Tag(run_id=report.run_id, part=f"report-{number}")
            try:
                _ = await self._post_once(place, message, tag)
            except DeliveryError as error:
                if error.code != "thread_not_found":
                    raise
                log.warning("the thread of a run was deleted", run_id=report.run_id)
                return

    async def conclude(self, posting: Posting, report: Report) -> None:
        """Turn the announcement into the outcome; if it was deleted, post the outcome anew."""
        message = outcome_message(report, page=self._page_of(report.run_id))
        try:
            await self._outbox.update(posting.channel, posting.ts, message)
        except DeliveryError as error:
            if error.code not in _GONE:
                raise
            log.warning("the message of a run was deleted", run_id=report.run_id)
            thread = posting.thread if posting.thread != posting.ts else ""
            tag = Tag(run_id=report.run_id, part="outcome")
            place = Place(channel=posting.channel, thread=thread)
            _ = await self._post_once(place, message, tag)
        await end_steps(self._store, self._outbox, report)

    async def answer(self, place: Place, report: Report) -> Posting:
        """Post the outcome with the report below it; where that cannot be, to the caller alone."""
        message = outcome_message(report, page=self._page_of(report.run_id))
        try:
            tag = Tag(run_id=report.run_id, part="outcome")
            posting = await self._post_once(place, message, tag)
        except DeliveryError as error:
            if not error.permanent:
                raise
            posting = await self._answer_alone(place, report, message, error)
        if posting.ts:
            await self.report(posting, report)
        return posting

    async def _answer_alone(
        self, place: Place, report: Report, message: Message, error: DeliveryError
    ) -> Posting:
        """Send the caller the outcome directly; if Slack has no way for that, whisper it."""
        why = (error.message, error.hint) if error.hint else (error.message,)
        try:
            direct = Place(channel=report.caller.id)
            tag = Tag(run_id=report.run_id, part="direct")
            posting = await self._post_once(direct, message, tag)
        except DeliveryError as again:
            if not again.permanent or not await self._whisper(report.caller, place, message):
                raise
            posting = Posting(channel=place.channel, ts="", thread="")
            why = (*why, f"`/stagecheck show {report.run_id}` tells more, where I am a member.")
        else:
            why = (*why, "I have sent the answer to you directly.")
        _ = await self._whisper(
            report.caller, place, card_message(Card(title="I could not answer here", lines=why))
        )
        return posting

    async def _whisper(self, caller: Caller, place: Place, message: Message) -> bool:
        """Tell the caller, alone, as well as that can be done; return whether it was."""
        url = self._urls.find(caller, place)
        if not url:
            return False
        try:
            await self._outbox.respond(url, message)
        except DeliveryError as silence:
            log.warning("a caller could not be told", error=str(silence))
            return False
        return True

    async def _post_once(self, place: Place, message: Message, tag: Tag) -> Posting:
        """Post `message`, unless this or an earlier life of the process did so."""
        return await post_once(self._outbox, self._store, place, message, tag)

    async def _tell(self, request: CheckRequest, error: DeliveryError) -> None:
        """Tell the caller, alone, why there is no message; as well as that can be done."""
        lines = (error.message, error.hint) if error.hint else (error.message,)
        card = Card(title=f"I could not post the check of {request.target} here", lines=lines)
        _ = await self._whisper(request.caller, request.place, card_message(card))
