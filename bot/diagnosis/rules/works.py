"""Conditions that several areas share."""

from bot.diagnosis.combined import AllOf, AnyOf
from bot.diagnosis.conditions import Above, Has, Is, IsNot, Lacks

LOG = "Read the target's log of the same minute and revision."

_WORKS = ("accepted", "greeted")


def works(experiment: str) -> AnyOf:
    """A handshake experiment, or another request, got through."""
    return AnyOf(Is(f"{experiment}.outcome", *_WORKS, "terminal", "events"))


def refused(experiment: str) -> Is:
    """A handshake experiment was turned away too."""
    return Is(f"{experiment}.outcome", "refused", "error_frame", "closed")


FALLBACK_SENT = Is("connect.identity", "minted")
EXCHANGED_SENT = Is("connect.identity", "exchanged")

BACKEND_WELL = AllOf(Is("health.backend.status", 200), Lacks("health.backend.error"))
BACKEND_5XX = Above("health.backend.status", 499)
BACKEND_SILENT = Is("health.backend.error", "timeout")
AUTH_WELL = AllOf(Is("health.auth.status", 200), Lacks("health.auth.error"))

# Nothing answered because of us: says nothing about the target.
OUR_ERRORS = ("dns_temporary", "unreachable", "local", "config")

UPGRADE_REFUSED = AllOf(Has("connect.status"), IsNot("connect.status", 101))
NO_FRAMES = AllOf(Lacks("events.names"), Lacks("events.welcome_type"))
LOOPBACK = r"//(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::|/|$)"
