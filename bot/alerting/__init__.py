"""Decides what people hear: pure functions on frozen values."""

from bot.alerting.decide import decide
from bot.alerting.events import Act, Acted, Event, RunEnded, Ticked
from bot.alerting.model import (
    Action,
    Decision,
    Entry,
    Incident,
    IncidentState,
    Mute,
    Notice,
    NoticeKind,
    Outcome,
    OwnTrouble,
    Told,
    Watch,
)
from bot.alerting.policy import Escalation, Hours, Policy, RoutePolicy, Window
from bot.alerting.replay import Outage, Replayed, replay
from bot.alerting.ticks import needs_tick

__all__ = [
    "Act",
    "Acted",
    "Action",
    "Decision",
    "Entry",
    "Escalation",
    "Event",
    "Hours",
    "Incident",
    "IncidentState",
    "Mute",
    "Notice",
    "NoticeKind",
    "Outage",
    "Outcome",
    "OwnTrouble",
    "Policy",
    "Replayed",
    "RoutePolicy",
    "RunEnded",
    "Ticked",
    "Told",
    "Watch",
    "Window",
    "decide",
    "needs_tick",
    "replay",
]
