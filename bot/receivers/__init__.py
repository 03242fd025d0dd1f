"""Receivers of alerts outside Slack: signed webhooks, PagerDuty, and whatever apprise reaches."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from bot.deps import Receiver
from bot.receivers.apprise import AppriseReceiver
from bot.receivers.pagerduty import PagerDutyReceiver
from bot.receivers.post import opened
from bot.receivers.webhook import WebhookReceiver
from bot.store import Store

__all__ = ["receiving"]


@asynccontextmanager
async def receiving(store: Store) -> AsyncIterator[Mapping[str, Receiver]]:
    """Yield the receivers by kind, as routes name them."""
    async with opened() as poster:
        yield {
            "webhook": WebhookReceiver(poster),
            "pagerduty": PagerDutyReceiver(poster),
            "apprise": AppriseReceiver(store),
        }
