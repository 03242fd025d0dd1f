"""A signed webhook, as Standard Webhooks has it (standardwebhooks.com)."""

import base64
import binascii
import hashlib
import hmac
import json
from datetime import UTC, datetime

from bot.alerting import Incident
from bot.config import Owner, Route
from bot.errors import DeliveryError
from bot.receivers.post import Poster
from bot.receivers.words import document
from bot.store import Pending

_PREFIX = "whsec_"


class WebhookReceiver:
    """Posts every notice as JSON; its id stays the same however often it is sent."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    async def deliver(
        self, route: Route | Owner, pending: Pending, incident: Incident | None
    ) -> None:
        """Post one notice, signed."""
        webhook = route.webhook
        secret = webhook.secret.value if webhook and webhook.secret else None
        if webhook is None or not secret:
            raise DeliveryError(f"{route.key} has no secret to sign with.", permanent=True)
        notice = pending.notice
        payload = {
            "type": f"incident.{notice.kind}" if incident else f"stagecheck.{notice.kind}",
            "timestamp": pending.decided_at.isoformat(),
            "data": {
                "target": pending.lane.target,
                "text": notice.text,
                "run_id": notice.run_id,
                "by": notice.by,
                "incident": document(incident) if incident else None,
            },
        }
        sent = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        name, at = f"stagecheck_{pending.id}", str(int(datetime.now(UTC).timestamp()))
        headers = {
            "webhook-id": name,
            "webhook-timestamp": at,
            "webhook-signature": signature(_key(secret, route.key), name, at, sent),
        }
        await self._poster.post(webhook.url, sent, headers, name="The webhook")


def signature(key: bytes, id: str, timestamp: str, body: bytes) -> str:
    """Return ``v1,`` and the base64 of the HMAC-SHA256 of ``id.timestamp.body``."""
    signed = b".".join((id.encode(), timestamp.encode(), body))
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def _key(secret: str, route: str) -> bytes:
    try:
        return base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DeliveryError(
            f"The secret of {route} is not {_PREFIX} and base64.",
            hint="The receiver of the webhook shows it.",
            permanent=True,
        ) from error
