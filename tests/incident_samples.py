"""Incidents in every state, for those who show them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.alerting import Incident, IncidentState
from bot.labels import Label
from bot.model import Severity, Status
from bot.report import Message

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
OPEN = Incident(
    id="i3",
    target="staging",
    state=IncidentState.TRIGGERED,
    severity=Severity.HIGH,
    started_at=AT,
    triggered_at=AT + timedelta(minutes=5),
    cause=Label.BYPASS_KEY_MISMATCH,
    confidence=0.97,
    summary="The bypass key is refused.",
    checks=("pipeline",),
    runs=4,
    failures=4,
    first_run="r1",
    last_failure="r4",
    last_run="r4",
    last_status=Status.FAILED,
    last_run_at=AT + timedelta(minutes=20),
    impact="Blocks every authenticated end-to-end test",
)
ACKNOWLEDGED = replace(
    OPEN,
    state=IncidentState.ACKNOWLEDGED,
    acknowledged_by="U0000ADA1",
    acknowledged_at=AT + timedelta(minutes=9),
)
RECOVERING = replace(ACKNOWLEDGED, passes=1, last_status=Status.PASSED, last_run="r5", runs=5)
RESOLVED = replace(
    RECOVERING,
    state=IncidentState.RESOLVED,
    passes=2,
    resolved_at=AT + timedelta(hours=2, minutes=4),
    ended_at=AT + timedelta(hours=2, minutes=3),
)
BY_HAND = replace(RESOLVED, passes=0, last_status=Status.FAILED, resolved_by="U0000ADA1")


def buttons(message: Message) -> list[dict[str, Any]]:
    return [
        element
        for block in message.blocks
        if block["type"] == "actions"
        for element in block["elements"]
    ]


def labels(message: Message) -> list[str]:
    return [
        (element.get("text") or element.get("placeholder") or {"text": "…"})["text"]
        for element in buttons(message)
    ]
