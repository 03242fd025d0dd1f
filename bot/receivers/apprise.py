"""Whatever the apprise library reaches; it is an optional extra, imported when it is needed."""

import asyncio
import warnings

from bot.alerting import Incident, IncidentState, NoticeKind
from bot.config import Owner, Route
from bot.errors import DeliveryError
from bot.receivers.words import body, title
from bot.store import Pending, Store

# From a message to what changes about it; a state is told once.
_ONCE_S = 90 * 86_400.0
_SENT = frozenset({NoticeKind.PARENT, NoticeKind.REMINDER, NoticeKind.ESCALATION, NoticeKind.OWN})


class AppriseReceiver:
    """Sends a text for every state of an incident, for reminders, and for our own trouble.

    What is sent there cannot be changed or looked up, so after a crash it may come twice.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def deliver(
        self, route: Route | Owner, pending: Pending, incident: Incident | None
    ) -> None:
        """Send what the notice says, if it is new."""
        held = route.apprise.url if route.apprise else None
        if held is None or not held.value:
            raise DeliveryError(f"{route.key} has no address.", permanent=True)
        notice = pending.notice
        if notice.kind not in _SENT:
            return
        state = str(incident.state) if incident else ""
        since = _since(incident) if incident else ""
        once = f"apprise:{pending.lane.name}:{since}:{state}"
        is_state = notice.kind is NoticeKind.PARENT
        if notice.quiet and incident and incident.state is IncidentState.TRIGGERED:
            return
        if is_state and not await self._store.claim(once, ttl_s=_ONCE_S, holder=str(pending.id)):
            return
        head = title(incident) if incident else f"stagecheck: {pending.lane.target}"
        text = body(incident) if incident and is_state else notice.text
        await asyncio.to_thread(_send, held.value.strip(), head, text, route.key)


def _since(incident: Incident) -> str:
    """Return what tells this outage from one that had the same number in an older database."""
    return f"{incident.triggered_at.timestamp():.0f}:{incident.reopened}"


def _send(url: str, head: str, text: str, route: str) -> None:
    with warnings.catch_warnings():
        # Of what the library imports, when it is imported and when it first loads a receiver.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            import apprise
        except ImportError as error:
            raise DeliveryError(
                f"{route} needs the apprise library.",
                hint="Install `stagecheck[apprise]`.",
                permanent=True,
            ) from error
        sender = apprise.Apprise()
        if not sender.add(url):
            raise DeliveryError(
                f"{route} has an address that apprise does not know.", permanent=True
            )
        if not sender.notify(body=text, title=head):
            raise DeliveryError(f"What {route} leads to did not take it.")
