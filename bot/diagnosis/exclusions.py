"""What looked possible and is not so: for each label, what speaks against it, as data."""

from dataclasses import dataclass

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Below, Condition, Has, Is, Lacks, Matches
from bot.diagnosis.index import Index
from bot.diagnosis.rules.dependencies import DATABASE, REDIS
from bot.diagnosis.rules.works import (
    AUTH_WELL,
    BACKEND_WELL,
    FALLBACK_SENT,
    gets_in,
    refused,
    works,
)
from bot.diagnosis.said import AGENT_WORDS, AUTH_SERVICE, AUTH_WORDED, SOCKET_WORDS, raises, says
from bot.diagnosis.wording import filled
from bot.labels import Label
from bot.model import RuledOut


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """`label` came to mind if `looked` holds, and is out if `against` does."""

    label: Label
    looked: Condition
    against: Condition
    reason: str


_AUTH_WORDED = says(AUTH_WORDED, SOCKET_WORDS)
_FORBIDDEN = Is("connect.status", 401, 403)
_FAULT = AnyOf(Above("connect.status", 499), Is("events.close_code", 1006, 1011))
_BARE_POLICY = AllOf(Is("events.close_code", 1008), Lacks("events.error_code"))
_SILENT = Is("events.end", "gap_timeout", "total_timeout")
_KEY_REFUSED = Is("exchange.status", 401, 403)
# Another user comes with a token minted here: its signature must not be what is refused.
_MINTED_IS_GOOD = AnyOf(
    gets_in("token_minted"),
    AllOf(Is("token_garbage.same", False), AnyOf(FALLBACK_SENT, Is("token_minted.same", True))),
)
_ANOTHER_USER_TOO = AllOf(Is("fresh_user.same", True), _MINTED_IS_GOOD)


def _healthy(names: tuple[str, ...]) -> AnyOf:
    return AnyOf(*(Is(f"health.dependency.{n}.status", "healthy", "ok", "up") for n in names))


_PASTED_5XX = AnyOf(
    Above("log.http_status.backend.*", 499),
    Above("log.http_status.upgrade.*", 499),
    Has("log.state_degraded.*"),
    Has("log.state_down.*"),
)

EXCLUSIONS: tuple[Exclusion, ...] = (
    Exclusion(
        label=Label.JWT_REJECTED,
        looked=_AUTH_WORDED,
        against=raises(SOCKET_WORDS),
        reason="The words are about authentication, but what they quote is an exception of the"
        " program.",
    ),
    Exclusion(
        label=Label.JWT_REJECTED,
        looked=_FORBIDDEN,
        against=works("no_subprotocol"),
        reason="The same token is accepted when no subprotocol is offered.",
    ),
    Exclusion(
        label=Label.JWT_REJECTED,
        looked=_FAULT,
        against=Is("token_none.same", True),
        reason="Without a token the outcome is the same.",
    ),
    Exclusion(
        label=Label.JWT_REJECTED,
        looked=_FAULT,
        against=Is("token_garbage.same", True),
        reason="With a garbage token the outcome is the same.",
    ),
    Exclusion(
        label=Label.JWT_TOKEN_ABSENT,
        looked=AnyOf(_AUTH_WORDED, _FORBIDDEN),
        against=Is("events.authorization_present", True),
        reason="The server's own details say that the Authorization header arrived.",
    ),
    Exclusion(
        label=Label.JWT_EXPIRED,
        looked=AnyOf(_AUTH_WORDED, _FORBIDDEN),
        against=AllOf(
            Above("token.ttl_s", 60),
            Below("health.backend.skew_s", 60),
            Above("health.backend.skew_s", -60),
        ),
        reason="The token was made to live for {token.ttl_s} s, and the clocks differ by"
        " {health.backend.skew_s} s only.",
    ),
    Exclusion(
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        # How it answers us says nothing of how it answers the backend.
        looked=_KEY_REFUSED,
        against=AllOf(
            AUTH_WELL,
            Not(says(AUTH_SERVICE, SOCKET_WORDS)),
            Not(says(AUTH_SERVICE, AGENT_WORDS)),
        ),
        reason="The auth service's health answers {health.auth.status} in"
        " {health.auth.latency_ms} ms.",
    ),
    Exclusion(
        label=Label.BYPASS_KEY_MISSING,
        looked=_KEY_REFUSED,
        against=AllOf(
            Is("exchange.key_present", True), Matches("exchange.detail", "invalid|wrong")
        ),
        reason="A key was sent, and the server compared it with its own.",
    ),
    Exclusion(
        label=Label.BACKEND_5XX,
        looked=AnyOf(_FAULT, _SILENT),
        against=AllOf(BACKEND_WELL, Not(Is("connect.status", 502, 503, 504))),
        reason="The backend's health answers {health.backend.status}.",
    ),
    Exclusion(
        label=Label.WS_SUBPROTOCOL_REJECTED,
        looked=_FORBIDDEN,
        against=refused("no_subprotocol"),
        reason="Without a subprotocol the upgrade is refused as well.",
    ),
    Exclusion(
        label=Label.WS_QUOTA_EXCEEDED,
        looked=AnyOf(_FORBIDDEN, _BARE_POLICY),
        against=_ANOTHER_USER_TOO,
        reason="A user id that was never used before is refused as well.",
    ),
    Exclusion(
        label=Label.USER_ID_REJECTED,
        looked=AnyOf(_FORBIDDEN, _BARE_POLICY),
        against=_ANOTHER_USER_TOO,
        reason="Another user id is refused as well.",
    ),
    Exclusion(
        label=Label.DEPENDENCY_DB_DOWN,
        looked=AnyOf(_FAULT, _SILENT, Has("events.agent_error")),
        against=_healthy(DATABASE),
        reason="The backend reports its database as healthy.",
    ),
    Exclusion(
        label=Label.DEPENDENCY_REDIS_DOWN,
        looked=AnyOf(_FAULT, _SILENT, Has("events.agent_error")),
        against=_healthy(REDIS),
        reason="The backend reports Redis as healthy.",
    ),
    Exclusion(
        label=Label.RUNNER_ENVIRONMENT,
        looked=AnyOf(
            _SILENT,
            *(Is(f"{step}.error", "timeout") for step in ("health.*", "exchange", "connect")),
        ),
        against=AllOf(Is("ours.route", "works"), Has("ours.route_hosts")),
        reason="At the same moment connections could be made from here ({ours.route_hosts}).",
    ),
    Exclusion(
        label=Label.RUNNER_ENVIRONMENT,
        looked=AllOf(AnyOf(_AUTH_WORDED, _FORBIDDEN), Is("connect.identity", "minted")),
        against=AllOf(Below("ours.clock_skew_s", 30), Above("ours.clock_skew_s", -30)),
        reason="Our clock, by which the token was made, differs by {ours.clock_skew_s} s only from"
        " those of {ours.clock_hosts}.",
    ),
    Exclusion(
        label=Label.RUNNER_ENVIRONMENT,
        looked=AnyOf(
            *(Is(f"{step}.error", "dns", "timeout") for step in ("health.*", "exchange", "connect"))
        ),
        against=Has("health.hosts_resolved"),
        reason="Other names of the target resolve from here ({health.hosts_resolved}).",
    ),
    # Of pasted text.
    Exclusion(
        label=Label.JWT_REJECTED,
        looked=AnyOf(
            Has("log.auth_refused.*"),
            Matches("log.ws_close_reason.*", AUTH_WORDED),
            Matches("log.ws_error_code.*", AUTH_WORDED),
        ),
        against=Has("log.exception.socket.*"),
        reason="The words are about authentication, but what they quote is an exception of the"
        ' program: "{cited:log.exception.socket.*}".',
    ),
    Exclusion(
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        looked=AnyOf(_PASTED_5XX, Has("log.auth_refused.*"), Has("log.bypass_key_refused.*")),
        against=Below("log.http_status.auth.*", 400),
        reason="The auth service answers {cited:log.http_status.auth.*}.",
    ),
    Exclusion(
        label=Label.BYPASS_KEY_MISSING,
        looked=Has("log.bypass_key_refused.*"),
        against=Has("log.bypass_key_refused.*"),
        reason='A key arrived, and was compared: "{cited:log.bypass_key_refused.*}".',
    ),
    Exclusion(
        label=Label.DEPENDENCY_DB_DOWN,
        looked=_PASTED_5XX,
        against=Is("log.dependency_status.database.*", "healthy", "ok", "up", "connected"),
        reason="The database is reported as {cited:log.dependency_status.database.*}.",
    ),
    Exclusion(
        label=Label.DEPENDENCY_REDIS_DOWN,
        looked=_PASTED_5XX,
        against=Is("log.dependency_status.redis.*", "healthy", "ok", "up", "connected"),
        reason="Redis is reported as {cited:log.dependency_status.redis.*}.",
    ),
)


def ruled_out(index: Index, found: frozenset[Label]) -> tuple[RuledOut, ...]:
    """Return the labels that looked possible and are not so; never one of `found`."""
    out: dict[Label, RuledOut] = {}
    for exclusion in EXCLUSIONS:
        if exclusion.label in found or exclusion.label in out:
            continue
        looked, against = exclusion.looked.support(index), exclusion.against.support(index)
        if looked is not None and against:
            reason, shown = filled(exclusion.reason, index, against)
            evidence = tuple(dict.fromkeys((*against, *shown)))
            out[exclusion.label] = RuledOut(label=exclusion.label, evidence=evidence, reason=reason)
    return tuple(out.values())
