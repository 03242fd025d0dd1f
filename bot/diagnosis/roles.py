"""What each cause has to do with the outcome: by counterfactual, never by order.

A run needs a token, from the exchange or minted here instead, and a path behind it. What a cause
takes away is known; so it can be asked how the run would have ended without it, and how with
nothing else wrong.
"""

from collections.abc import Iterable, Sequence
from typing import TypeAlias
from urllib.parse import urlsplit

from bot.diagnosis.combined import AllOf, AnyOf
from bot.diagnosis.conditions import Above, Condition, Is, Matches
from bot.diagnosis.index import Index
from bot.diagnosis.said import DATABASE_DOWN, REDIS_DOWN
from bot.diagnosis.whys import Chain
from bot.labels import Label
from bot.model import Role, Status

EXCHANGE, TOKEN, PATH, PROPER = "exchange", "token", "path", "proper"

Broken: TypeAlias = frozenset[str]
"""What a cause takes away, in the words of `Root.breaks`."""


def outcome(broken: Iterable[str]) -> Status:
    """Return how a run ends that lacks what is `broken`."""
    lost = set(broken)
    if PATH in lost or {EXCHANGE, TOKEN} <= lost:
        return Status.FAILED
    # A minted token that would be refused does no harm while the exchange gives one.
    return Status.DEGRADED if lost & {EXCHANGE, PROPER} else Status.PASSED


def without(place: int, causes: Sequence[Broken]) -> Status:
    """Return how the run would have ended if only the cause at `place` were fixed."""
    others = (broken for at, broken in enumerate(causes) if at != place)
    return outcome(what for broken in others for what in broken)


def give_roles(causes: Sequence[Broken]) -> tuple[Role, ...]:
    """Return the role of each cause, given what each takes away."""
    return tuple(_role(place, causes) for place in range(len(causes)))


def taken_away(chain: Chain, index: Index) -> Broken:
    """Return what the cause at the end of `chain` takes away from this run."""
    what = chain.root.breaks
    if chain.root.effect == _AUTH and _is_unasked(index):
        what = EXCHANGE
    if what == PATH and chain.about_token and index.value("connect.identity") == "minted":
        return frozenset({TOKEN})
    if what == EXCHANGE and index.value("token.source") == "none":
        # Where no secret is set up, minting is no way out that could be repaired.
        is_set_up = index.value("token.secret_source") is not None
        return frozenset({EXCHANGE} if is_set_up else {EXCHANGE, TOKEN})
    if chain.root.effect == _BACKEND and _unreached_behind_it(index):
        return frozenset({PATH})
    is_down = chain.label is not Label.LATENCY_SLO_EXCEEDED
    if chain.root.effect in NEEDED and is_down and _stopped_before_agents(index):
        return frozenset({PATH})
    if what == PATH and index.run.status.works:
        return frozenset({PROPER})
    return frozenset({what})


_BACKEND, _AUTH = "backend unhealthy", "auth unhealthy"
# An agent that missed one of them does not get as far as to miss another.
_MISSED_ONE = Matches("events.agent_error", f"{DATABASE_DOWN}|{REDIS_DOWN}")
# What agents work with. That it is reported as down fails a run as soon as they need it.
NEEDED = frozenset({"database unhealthy", "Redis unhealthy"})


def _closed_to_all(service: str) -> Condition:
    """Nobody who asks this host for something else can fare better than its health did."""
    area = f"health.{service}"
    return AnyOf(Is(f"{area}.error", "dns", "tls", "refused"), Is(f"{area}.edge", True))


def _gives_nothing(service: str) -> Condition:
    area = f"health.{service}"
    return AnyOf(Above(f"{area}.status", 499), Is(f"{area}.error", "timeout", "reset", "protocol"))


# One page of the backend can fail by itself; where every one does, it is the backend.
_BACKEND_CLOSED = AnyOf(
    _closed_to_all("backend"),
    AllOf(*(_gives_nothing(page) for page in ("backend", "ready", "dependencies"))),
)
_AUTH_CLOSED = _closed_to_all("auth")


def _unreached_behind_it(index: Index) -> bool:
    """Tell whether the run never asked the backend for a socket, which would not have opened."""
    untried = index.status("connect") is Status.SKIPPED or _socket_is_elsewhere(index)
    return untried and _BACKEND_CLOSED.support(index) is not None


def _socket_is_elsewhere(index: Index) -> bool:
    """Tell whether the socket failed to open at another address than the backend's."""
    socket, backend = index.value("connect.url"), index.value("health.backend.url")
    is_failed = index.status("connect") is Status.FAILED
    return is_failed and urlsplit(str(socket)).netloc != urlsplit(str(backend)).netloc


def _is_unasked(index: Index) -> bool:
    """Tell whether no exchange was asked for, of an auth service that would not have answered."""
    asked = index.value("exchange.status") or index.value("exchange.error")
    is_exchanging = index.status("exchange") is Status.FAILED
    return is_exchanging and asked is None and _AUTH_CLOSED.support(index) is not None


def _stopped_before_agents(index: Index) -> bool:
    """Tell whether the run failed before any agent could miss what it works with."""
    failed = index.run.status is Status.FAILED and index.run.executed
    missed = _MISSED_ONE.support(index) is not None
    return failed and (missed or not index.value("events.names"))


def _role(place: int, causes: Sequence[Broken]) -> Role:
    with_all = outcome(what for broken in causes for what in broken)
    alone = outcome(causes[place])
    if _RANK[without(place, causes)] < _RANK[with_all]:
        return Role.SUFFICIENT
    return Role.CONTRIBUTING if _RANK[alone] >= _RANK[with_all] else Role.INCIDENTAL


_RANK = {Status.PASSED: 0, Status.DEGRADED: 1, Status.FAILED: 2}
