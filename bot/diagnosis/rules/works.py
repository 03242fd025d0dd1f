"""Conditions that several areas share."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Condition, Has, Is, IsNot, Lacks
from bot.diagnosis.rule import Open

LOG = "Read the target's log of the same minute and revision."

_WORKS = ("accepted", "greeted")


# These vary the time or the request, and not the way of connecting.
_UNVARIED = ("connect_again", "other_request")


def works(experiment: str) -> Condition:
    """A handshake experiment, or another request, got through, and owes it to what it varied.

    Where the unchanged connection gets through by now, time alone can have done it.
    """
    if experiment in _UNVARIED:
        return gets_in(experiment)
    return AllOf(gets_in(experiment), Not(Is("connect_again.outcome", *_WORKS)))


def gets_in(experiment: str) -> Is:
    """A handshake experiment, or another request, got through, for whatever reason."""
    return Is(f"{experiment}.outcome", *_WORKS, "terminal", "events")


def opens(experiment: str) -> Condition:
    """A handshake experiment gets its upgrade, and owes it to what it varied.

    What the server says on the open socket is another matter.
    """
    return AllOf(
        AnyOf(gets_in(experiment), Is(f"{experiment}.status", 101)),
        Not(AnyOf(gets_in("connect_again"), Is("connect_again.status", 101))),
    )


def refused(experiment: str) -> Is:
    """A handshake experiment was turned away too."""
    return Is(f"{experiment}.outcome", "refused", "error_frame", "closed")


# What the run met is over by itself. Of what a request met, a mere connection tells nothing.
PASSED_BY = AllOf(works("connect_again"), Not(Is("request.sent", True)))

WHAT_CHANGED = Open(
    question="What changed?",
    experiment="Run the check again a few times, and read the target's log of both moments: an"
    " instance that comes or goes, a cache, or a limit can do this.",
)

FALLBACK_SENT = Is("connect.identity", "minted")
EXCHANGED_SENT = Is("connect.identity", "exchanged")

BACKEND_WELL = AllOf(Is("health.backend.status", 200), Lacks("health.backend.error"))
BACKEND_5XX = Above("health.backend.status", 499)
BACKEND_SILENT = Is("health.backend.error", "timeout")
AUTH_WELL = AllOf(Is("health.auth.status", 200), Lacks("health.auth.error"))

UPGRADE_REFUSED = AllOf(Has("connect.status"), IsNot("connect.status", 101))
LOOPBACK = r"//(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::|/|$)"
