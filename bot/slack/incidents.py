"""The receiver of alerts in Slack: one message per incident, and everything else in its thread."""

from dataclasses import replace

import structlog

from bot.alerting import Incident, NoticeKind
from bot.config import Owner, Route
from bot.deps import Deps
from bot.errors import DeliveryError, NotFound
from bot.model import Place, Posting
from bot.report import Message, thread_messages
from bot.report.incident import incident_message
from bot.report.notices import hushed, notice_message
from bot.slack.once import post_anew, post_once
from bot.slack.outbox import Outbox
from bot.slack.search import Tag
from bot.store import Pending, names
from bot.workflows import report_of

log = structlog.get_logger(__name__)

# The message was deleted by somebody, or became one that cannot be changed or answered.
_GONE = frozenset(
    {
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "thread_not_found",
        "cannot_reply_to_message",
    }
)
_BROADCAST = frozenset({NoticeKind.ESCALATION, NoticeKind.RECOVERY})


class SlackReceiver:
    """The Receiver of routes with a channel; what it posted it finds again after a restart."""

    def __init__(self, deps: Deps, outbox: Outbox) -> None:
        self._deps = deps
        self._outbox = outbox

    async def deliver(
        self, route: Route | Owner, pending: Pending, incident: Incident | None
    ) -> None:
        """Deliver one notice, exactly once however often it is called with the same id."""
        if incident is None or pending.notice.kind is NoticeKind.OWN:
            place = Place(channel=route.channel)
            _ = await self._post(pending, "own", place, notice_message(pending.notice))
            return
        try:
            await self._deliver(route, pending, incident)
        except DeliveryError as error:
            if error.code not in _GONE:
                raise
            log.warning("the message of an incident was deleted", incident=incident.id)
            await self._begin_anew(route, incident)
            await self._deliver(route, pending, incident)

    async def _deliver(self, route: Route | Owner, pending: Pending, incident: Incident) -> None:
        parent = await self._parent(route, incident)
        place = Place(channel=parent.channel, thread=parent.ts)
        match pending.notice.kind:
            case NoticeKind.PARENT:
                message = await self._message(incident)
                await self._outbox.update(parent.channel, parent.ts, message)
            case NoticeKind.REPORT:
                await self._report(pending, incident, place)
            case NoticeKind.LINE:
                await self._line(pending, incident, place)
            case _:
                await self._line(pending, incident, place)
                await self._second(route, pending, incident, place)

    async def _parent(self, route: Route | Owner, incident: Incident) -> Posting:
        """Return the incident's one message on this route, which is posted if it is not there."""
        name = names.of_incident(incident.id, route.key)
        if posted := await self._deps.store.posting(name):
            return posted
        posting = await post_once(
            self._outbox,
            self._deps.store,
            Place(channel=route.channel),
            await self._message(incident),
            _tag(incident, f"parent-{route.key}"),
            name=name,
        )
        # Only now it is known which channel a name stands for.
        await self._deps.store.save_posting(names.of_route(route.key), posting)
        return posting

    async def _begin_anew(self, route: Route | Owner, incident: Incident) -> None:
        """Post the incident's message again: the one there was cannot be used any more."""
        name = names.of_incident(incident.id, route.key)
        before = await self._deps.store.posting(name)
        after = before.ts if before else ""
        _ = await post_anew(
            self._outbox,
            self._deps.store,
            Place(channel=route.channel),
            await self._message(incident),
            _tag(incident, f"parent-{route.key}-after-{after}"),
            name=name,
        )

    async def _message(self, incident: Incident) -> Message:
        watch = await self._deps.store.alerts.watch(incident.target)
        mute = watch.mute if watch.mute and watch.mute.until > self._deps.clock() else None
        page = self._deps.page_of(incident.last_run) if incident.last_run else ""
        return incident_message(incident, mute=mute, page=page)

    async def _report(self, pending: Pending, incident: Incident, place: Place) -> None:
        """Post why it fails in full, unless the run told that in this very thread."""
        notice = replace(pending.notice, run_id="")
        await self._say(pending, "line", place, notice_message(notice, incident))
        run_id = pending.notice.run_id
        if not run_id or await self._is_told_here(run_id, place):
            return
        try:
            report = await report_of(self._deps, run_id)
        except NotFound:
            return  # pruned while nobody took it; the line says what counts
        pages = thread_messages(report, page=self._deps.page_of(run_id))
        for number, message in enumerate(pages, start=1):
            _ = await self._post(pending, f"report-{number}", place, message)

    async def _line(self, pending: Pending, incident: Incident, place: Place) -> None:
        notice = pending.notice
        aside = notice.kind is NoticeKind.LINE and notice.run_id and not notice.mention
        if aside and await self._is_told_here(notice.run_id, place):
            return
        page = self._deps.page_of(notice.run_id) if notice.run_id else ""
        message = notice_message(notice, incident, page=page)
        if notice.kind in _BROADCAST:
            message = replace(message, broadcast=True)
        await self._say(pending, "line", place, message)

    async def _second(
        self, route: Route | Owner, pending: Pending, incident: Incident, place: Place
    ) -> None:
        """Tell the second channel of a route that nobody reacts, and the end if it was told."""
        escalation = route.escalation if isinstance(route, Route) else None
        if escalation is None or not escalation.channel:
            return
        told = incident.told.get(route.key)
        was_escalated = told is not None and told.escalated_at is not None
        kind = pending.notice.kind
        if kind is NoticeKind.ESCALATION or (kind is NoticeKind.RECOVERY and was_escalated):
            message = notice_message(pending.notice, incident, where=place.channel)
            try:
                await self._say(pending, "second", Place(channel=escalation.channel), message)
            except DeliveryError as error:
                # Of the escalation the owner hears; the end must not wait for this channel.
                if not error.permanent or kind is NoticeKind.ESCALATION:
                    raise
                log.warning("a second channel takes nothing", channel=escalation.channel)

    async def _is_told_here(self, run_id: str, place: Place) -> bool:
        """Tell whether the run was announced in this very thread, and so tells of itself."""
        posted = await self._deps.store.posting(run_id)
        return posted is not None and (posted.channel, posted.thread) == (
            place.channel,
            place.thread,
        )

    async def _say(self, pending: Pending, part: str, place: Place, message: Message) -> None:
        """Post a notice; who is only named in it is filled in by an edit, which notifies nobody."""
        quiet = hushed(message, but=pending.notice.mention)
        posting = await self._post(pending, part, place, quiet)
        if quiet == message:
            return
        try:
            await self._outbox.update(posting.channel, posting.ts, message)
        except DeliveryError as error:
            if not error.permanent:
                raise
            log.warning("a name was not filled in", channel=posting.channel, error=str(error))

    async def _post(self, pending: Pending, part: str, place: Place, message: Message) -> Posting:
        # The time beside the number: a database that was begun anew counts from one again.
        at = int(pending.decided_at.timestamp())
        tag = Tag(run_id=f"notice-{pending.id}-{at}", part=part)
        return await post_once(self._outbox, self._deps.store, place, message, tag)


def _tag(incident: Incident, part: str) -> Tag:
    at = int(incident.triggered_at.timestamp())
    return Tag(run_id=f"{incident.id}-{at}", part=part)
