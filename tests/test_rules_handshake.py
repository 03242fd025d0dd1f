"""A socket that does not open, or is closed without telling words, is told apart by experiments."""

from typing import Any

import pytest

from bot.diagnosis import diagnose
from bot.model import Json, Run
from tests.evidence import (
    EXCHANGED,
    KEY_REFUSED,
    answer,
    asked,
    connected,
    labels,
    run,
    upgrade_refused,
)
from tests.evidence_pairs import Pair


def upgrade(status: int, **more: Any) -> Run:
    """Return a run with an exchanged token whose upgrade was answered with `status`."""
    return upgrade_refused(EXCHANGED, status, **more)


def unopened(kind: str, text: str = "it did not work", **more: Json) -> Run:
    """Return a run whose socket got no answer."""
    seen = connected(EXCHANGED) | {"connect.error": kind, "connect.error_text": text}
    del seen["connect.status"]
    seen |= {path.replace("__", "."): value for path, value in more.items()}
    return run(seen, failed=("connect",), skipped=("request", "events"))


def closed(code: int, reason: str = "", **more: Json) -> Run:
    """Return a run whose socket the server closed before any event."""
    facts: dict[str, Json] = {"end": "closed", "close_code": code, "names": [], **more}
    if reason:
        facts["close_reason"] = reason
    return run(asked(EXCHANGED, **facts), failed=("events",), skipped=("request",))


FORBIDDEN = upgrade(403)
EDGE = {"connect__edge": True, "connect__body": "Service Unavailable"}
BACKEND_DEAD = {
    "health__backend__status": 503,
    "health__backend__edge": True,
    "health__backend__body": "Service Unavailable",
    "health__backend__latency_ms": 3658,
}
POLICY = closed(1008)
INTERNAL = closed(1011, "Internal error")

PAIRS = (
    Pair(
        promise="name of the socket unknown",
        label="dns_failure",
        fires=unopened("dns"),
        looks_alike=unopened("timeout"),
    ),
    Pair(
        promise="certificate of the socket",
        label="tls_failure",
        fires=unopened("tls", "certificate has expired"),
        looks_alike=unopened("reset"),
    ),
    Pair(
        promise="a port that does not speak TLS",
        label="wrong_target",
        fires=unopened("tls", "[SSL: WRONG_VERSION_NUMBER] wrong version number (_ssl.c:1006)"),
        looks_alike=unopened("tls", "[SSL: TLSV1_ALERT_INTERNAL_ERROR] tlsv1 alert internal error"),
    ),
    Pair(
        promise="nothing listening here",
        label="wrong_target",
        fires=unopened("refused", connect__url="ws://127.0.0.1:8002/ws"),
        looks_alike=unopened("refused"),
    ),
    Pair(
        promise="nothing listening on an odd port",
        label="wrong_target",
        fires=unopened("refused", connect__url="wss://api.staging.example.test:8002/ws"),
        looks_alike=unopened("refused", connect__url="wss://api.staging.example.test:443/ws"),
    ),
    Pair(
        promise="socket that our proxy alone does not reach",
        label="backend_unresponsive",
        fires=unopened("proxy_gateway", "the proxy p:3128 answers 502 to CONNECT"),
        looks_alike=unopened("dns"),
    ),
    Pair(
        promise="upgrade never answered",
        label="backend_unresponsive",
        fires=unopened("timeout"),
        looks_alike=unopened("dns"),
    ),
    Pair(
        promise="connection dropped in the upgrade",
        label="backend_unresponsive",
        fires=unopened("reset"),
        looks_alike=unopened("tls"),
    ),
    Pair(
        promise="redirected upgrade",
        label="wrong_target",
        fires=unopened("redirect"),
        looks_alike=unopened("reset"),
    ),
    Pair(
        promise="no web socket there",
        label="wrong_target",
        fires=unopened("protocol"),
        looks_alike=unopened("protocol", "no subprotocols supported"),
    ),
    Pair(
        promise="unasked subprotocol",
        label="ws_subprotocol_rejected",
        fires=unopened("protocol", "unsupported subprotocol: staging-auth"),
        looks_alike=unopened("protocol", "invalid upgrade header"),
    ),
    Pair(
        promise="redirected upgrade with its status",
        label="wrong_target",
        fires=upgrade(302, connect__error_text="redirects to /login"),
        looks_alike=upgrade(403, connect__body="redirects to /login"),
    ),
    Pair(
        promise="close code of its own for who is not let in",
        label="jwt_rejected",
        fires=closed(4401, "Unauthorized"),
        looks_alike=closed(4500, "Unavailable"),
    ),
    Pair(
        promise="close code of its own",
        label="ws_policy_close",
        fires=closed(4003),
        looks_alike=closed(1011),
    ),
    Pair(
        promise="breaker before the auth service, told to an upgrade",
        label="auth_service_unavailable",
        fires=upgrade(401, connect__body="Authentication service temporarily unavailable"),
        looks_alike=upgrade(401, connect__body="Authentication service: go away"),
    ),
    Pair(
        promise="refused subprotocol",
        label="ws_subprotocol_rejected",
        fires=upgrade(403, no_subprotocol__outcome="greeted"),
        looks_alike=upgrade(403, no_subprotocol__outcome="refused"),
    ),
    Pair(
        promise="refused subprotocol with more to come behind it",
        label="ws_subprotocol_rejected",
        fires=upgrade(403, no_subprotocol__outcome="closed", no_subprotocol__status=101),
        looks_alike=upgrade(403, no_subprotocol__outcome="closed", no_subprotocol__status=403),
    ),
    Pair(
        promise="upgrade answered like any request",
        label="wrong_target",
        fires=upgrade(200, connect__body='{"status": "healthy"}'),
        looks_alike=upgrade(500, connect__body='{"status": "healthy"}'),
    ),
    Pair(
        promise="guard that lets the next try in and says nothing of why",
        label="ws_handshake_forbidden",
        fires=upgrade(403, connect_again__outcome="greeted"),
        looks_alike=upgrade(404, connect_again__outcome="greeted"),
    ),
    Pair(
        promise="path that is guarded, with more to come behind it",
        label="wrong_target",
        fires=upgrade(403, sibling_path__outcome="error_frame", sibling_path__status=101),
        looks_alike=upgrade(403, sibling_path__outcome="error", sibling_path__status=403),
    ),
    Pair(
        promise="token that is refused, with more to come behind it",
        label="jwt_rejected",
        fires=upgrade(403, token_minted__outcome="closed", token_minted__status=101),
        looks_alike=upgrade(403, token_minted__outcome="refused", token_minted__status=403),
    ),
    Pair(
        promise="exception that meets every question",
        label="startup_code_error",
        fires=upgrade(
            500,
            connect__body="name 'settings' is not defined",
            health__backend__status=500,
            health__backend__reason="name 'settings' is not defined",
        ),
        looks_alike=upgrade(500, connect__body="name 'settings' is not defined"),
    ),
    Pair(
        promise="forbidden for no reason",
        label="ws_handshake_forbidden",
        fires=FORBIDDEN,
        looks_alike=upgrade(403, sibling_path__outcome="greeted"),
    ),
    Pair(
        promise="guarded path",
        label="wrong_target",
        fires=upgrade(403, sibling_path__outcome="greeted"),
        looks_alike=FORBIDDEN,
    ),
    Pair(
        promise="token behind a 403",
        label="jwt_rejected",
        fires=upgrade(403, token_minted__outcome="greeted"),
        looks_alike=FORBIDDEN,
    ),
    Pair(
        promise="user behind a 403",
        label="user_id_rejected",
        fires=upgrade(403, fresh_user__outcome="greeted", token_minted__outcome="refused"),
        looks_alike=upgrade(403, fresh_user__outcome="greeted"),
    ),
    Pair(promise="no such path", label="wrong_target", fires=upgrade(404), looks_alike=FORBIDDEN),
    Pair(
        promise="limited upgrade",
        label="rate_limited",
        fires=upgrade(429, connect__retry_after_s=30),
        looks_alike=FORBIDDEN,
    ),
    Pair(
        promise="exception before accept",
        label="ws_server_code_error",
        fires=upgrade(500),
        looks_alike=upgrade(500, health__backend__status=500),
    ),
    Pair(
        promise="dead backend",
        label="backend_5xx",
        fires=upgrade(503, **BACKEND_DEAD, **EDGE),
        looks_alike=upgrade(503, connect_again__outcome="greeted"),
    ),
    Pair(
        promise="dead upgrade alone",
        label="backend_5xx",
        fires=upgrade(503, **EDGE),
        looks_alike=upgrade(500),
    ),
    Pair(
        promise="cold start",
        label="startup_race",
        fires=upgrade(503, connect_again__outcome="greeted"),
        looks_alike=upgrade(503),
    ),
    Pair(
        promise="cold start of everything",
        label="startup_race",
        fires=upgrade(503, **BACKEND_DEAD, health_again__status=200),
        looks_alike=upgrade(503, **BACKEND_DEAD, health_again__status=503),
    ),
    Pair(
        promise="database behind a dead backend",
        label="dependency_db_down",
        fires=upgrade(503, **BACKEND_DEAD, health__dependency__postgresql__status="failed"),
        looks_alike=upgrade(503, **BACKEND_DEAD, health__dependency__postgresql__status="healthy"),
    ),
    Pair(
        promise="redis behind a dead backend",
        label="dependency_redis_down",
        fires=upgrade(503, **BACKEND_DEAD, health__dependency__redis__status="failed"),
        looks_alike=upgrade(503, **BACKEND_DEAD),
    ),
    Pair(
        promise="1008 and nothing else",
        label="ws_policy_close",
        fires=POLICY,
        looks_alike=closed(1008, "Too many concurrent connections"),
    ),
    Pair(
        promise="1008 worded as auth and nothing else",
        label="ws_policy_close",
        fires=closed(1008, "Authentication failed"),
        looks_alike=closed(1008, "Rate limit exceeded"),
    ),
    Pair(
        promise="1011 and nothing else",
        label="ws_internal_close",
        fires=INTERNAL,
        looks_alike=closed(1011, "Service not ready: phase 2"),
    ),
    Pair(
        promise="clean close before any event",
        label="ws_internal_close",
        fires=closed(1000, "main cleanup"),
        looks_alike=closed(1008, "Rate limit exceeded"),
    ),
    Pair(
        promise="lost before any event",
        label="instance_replaced",
        fires=closed(1006, connect_again__outcome="greeted"),
        looks_alike=closed(1006, connect_again__outcome="closed"),
    ),
    Pair(
        promise="subprotocol in the close",
        label="ws_subprotocol_rejected",
        fires=closed(1003, "No supported subprotocols"),
        looks_alike=closed(1003),
    ),
)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_failed_handshake_is_traced_to_its_cause(pair: Pair) -> None:
    assert labels(diagnose(pair.fires)) == [(pair.label, "sufficient")]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_look_alike_of_a_failed_handshake_gets_another_answer(pair: Pair) -> None:
    assert answer(pair.looks_alike) != pair.label


def test_a_socket_that_failed_on_itself_makes_the_key_incidental() -> None:
    checked = upgrade_refused(KEY_REFUSED, 500)
    assert labels(diagnose(checked)) == [
        ("ws_server_code_error", "sufficient"),
        ("bypass_key_mismatch", "incidental"),
    ]


def test_a_500_is_less_certain_where_health_was_not_seen() -> None:
    blind = upgrade(500, health__backend__status=None)
    assert diagnose(blind).causes[0].confidence < diagnose(upgrade(500)).causes[0].confidence


def test_a_forbidden_upgrade_says_what_would_tell_more() -> None:
    diagnosis = diagnose(FORBIDDEN)
    assert diagnosis.whys[-1].kind == "unknown"
    assert "log for this upgrade" in diagnosis.unknowns[0].experiment


NEAR = {
    "forbidden by a web page": upgrade(403, connect__body="<html><title>Blocked</title></html>"),
    "1011 that speaks of authentication": closed(1011, "SSOT Auth failed"),
    "1008 that speaks of authentication": closed(1008, "Authentication failed"),
    "clean close before any event": closed(1000, "bye"),
    "a fresh user who gets in beside a 503, minted before": upgrade_refused(
        KEY_REFUSED, 503, fresh_user__outcome="greeted"
    ),
    "policy close beside a dead backend": closed(
        1008, health__backend__status=503, health__backend__latency_ms=9
    ),
    "unknown names only": unopened(
        "dns", health__hosts_resolved=None, health__hosts_unresolved=["api", "auth"]
    ),
    "timeout on this machine": unopened("timeout", connect__url="ws://127.0.0.1:8002/ws"),
    "timeout on an odd port": unopened("timeout", connect__url="wss://api.example.test:8002/ws"),
    "sibling path that works beside a 503": upgrade(503, sibling_path__outcome="greeted"),
    "other token that works beside a 503": upgrade(503, token_minted__outcome="greeted"),
    "other user who gets in beside a 503": upgrade(503, fresh_user__outcome="greeted"),
    "500 with a silent backend": upgrade(
        500, health__backend__status=None, health__backend__error="timeout"
    ),
    "forbidden with a dead backend": upgrade(403, **BACKEND_DEAD),
    "1011 that is gone at the next try": closed(1011, connect_again__outcome="greeted"),
    "redis down beside a bare 503": upgrade(503, health__dependency__redis__status="failed"),
    "database down beside a bare 503": upgrade(
        503, health__dependency__postgresql__status="failed"
    ),
    "minted and refused": upgrade_refused(KEY_REFUSED, 403, token_minted__outcome="refused"),
}
AGAIN = {"connect_again__outcome": "greeted"}
# What only the first try met, and what works beside it because everything works by then.
ONCE = {
    "403": upgrade(403, **AGAIN, no_subprotocol__outcome="greeted", fresh_user__outcome="greeted"),
    "403 with another token": upgrade(403, **AGAIN, token_minted__outcome="greeted"),
    "404": upgrade(404, **AGAIN, sibling_path__outcome="greeted"),
    "500": upgrade(500, **AGAIN, sibling_path__outcome="greeted"),
    "1008": closed(1008, "", request__sent=False, **AGAIN),
    "1011": closed(1011, "Internal error", request__sent=False, **AGAIN),
    "no answer": unopened("timeout", **AGAIN),
}
READY_DEAD = upgrade(503, health__ready__status=503, health__ready__latency_ms=9)
NEAR |= {"ready alone dead": READY_DEAD}
NEAR |= {f"{once}, once": checked for once, checked in ONCE.items()} | {
    "dead backend, once": upgrade(503, **BACKEND_DEAD, **AGAIN),
    "too many, once": closed(
        1008, "Too many concurrent connections", **AGAIN, fresh_user__outcome="greeted"
    ),
}


@pytest.mark.parametrize("once", ONCE)
def test_what_a_moment_mends_is_not_laid_on_whatever_else_was_tried_then(once: str) -> None:
    diagnosis = diagnose(ONCE[once])
    assert diagnosis.causes[0].confidence <= 0.6
    assert "a moment later the same connection" in diagnosis.causes[0].summary
    assert "What changed?" in [one.question for one in diagnosis.unknowns]
    assert "jwt_rejected" not in [one.label for one in diagnosis.ruled_out]


def test_another_user_who_gets_in_proves_nothing_when_the_same_one_does() -> None:
    told = diagnose(NEAR["too many, once"]).causes[0]
    assert told.label == "ws_quota_exceeded"
    assert "Another user id gets in" not in told.summary


CONFIDENCE = {
    "upgrade answered with a web page": (
        upgrade(200, connect__body="<!doctype html><title>Loading</title>"),
        0.93,
    ),
    "no subprotocol, and it opens": (
        unopened("protocol", "no subprotocols supported", no_subprotocol__outcome="greeted"),
        0.97,
    ),
    "too many, and another user gets in": (
        closed(1008, "Too many concurrent connections", fresh_user__outcome="greeted"),
        0.97,
    ),
    "no route, but a sibling path": (upgrade(404, sibling_path__outcome="greeted"), 0.97),
    "no route, and nothing seen of health": (upgrade(404, health__backend__status=None), 0.85),
    "forbidden without a token as well": (upgrade(403, token_none__status=403), 0.9),
    "500 without a token as well": (upgrade(500, token_none__status=500), 0.93),
    "500 on this path only": (upgrade(500, sibling_path__outcome="greeted"), 0.96),
    "1000 too early": (closed(1000, "main cleanup"), 0.88),
    "1011 again": (closed(1011, connect_again__same=True), 0.92),
    "dead again": (
        upgrade(503, **BACKEND_DEAD, health_again__status=503, connect__status=503),
        0.93,
    ),
}


@pytest.mark.parametrize("sign", CONFIDENCE)
def test_what_else_was_seen_of_a_handshake_moves_the_confidence(sign: str) -> None:
    checked, confidence = CONFIDENCE[sign]
    assert diagnose(checked).causes[0].confidence == confidence


CERTIFICATES = {
    "Hostname mismatch, certificate is not valid for 'api'": "issued for other names",
    "certificate has expired": "out of date",
    "self-signed certificate": "No authority that is trusted here",
}


@pytest.mark.parametrize("text", CERTIFICATES)
def test_the_reason_for_a_refused_certificate_is_told(text: str) -> None:
    assert CERTIFICATES[text] in diagnose(unopened("tls", text)).whys[-1].answer


MISTYPED = unopened("dns", health__hosts_unresolved=["api-staging.example.test"])
ALONE = unopened("dns", health__hosts_resolved=None)


def test_a_name_is_called_mistyped_only_where_its_siblings_resolve() -> None:
    assert "mistyped" in " ".join(why.answer for why in diagnose(MISTYPED).whys)
    assert "mistyped" not in " ".join(why.answer for why in diagnose(ALONE).whys)


CLOSED_AT_ONCE = run(
    connected(EXCHANGED) | {"connect.close_code": 1011, "connect.close_reason": "Internal error"},
    failed=("connect",),
    skipped=("request", "events"),
)
NO_SUBPROTOCOL = run(
    connected(EXCHANGED)
    | {"connect.error": "protocol", "connect.error_text": "the server chose no subprotocol"},
    failed=("connect",),
    skipped=("request", "events"),
)


def test_a_socket_closed_as_soon_as_it_was_open_is_told_by_its_code() -> None:
    assert answer(CLOSED_AT_ONCE) == "ws_internal_close"


def test_an_open_socket_without_the_agreed_subprotocol_is_told() -> None:
    assert answer(NO_SUBPROTOCOL) == "ws_subprotocol_rejected"


def test_the_health_that_fails_is_the_one_that_is_quoted() -> None:
    assert "its health gives 503" in " ".join(why.answer for why in diagnose(READY_DEAD).whys)


def test_a_close_is_not_called_what_it_is_not() -> None:
    def told(checked: Run) -> str:
        return diagnose(checked).causes[0].summary

    assert "a fault of its own" in told(closed(1011, "Internal error"))
    assert "as if all were done (reason: bye)" in told(closed(1000, "bye"))
    assert "speaks of authentication" in told(closed(1011, "SSOT Auth failed"))
    assert 'in general ("Authentication failed")' in told(closed(1008, "Authentication failed"))
    assert diagnose(closed(1011, "SSOT Auth failed")).causes[0].confidence < 0.8


def test_a_refused_upgrade_is_quoted() -> None:
    def told(**more: Any) -> str:
        return diagnose(upgrade(403, **more)).causes[0].summary

    assert "gives no reason" in told()
    assert 'says only "origin not allowed"' in told(
        connect__body='{"detail": "origin not allowed"}'
    )
    assert "a guard in front" in told(connect__body="<html><title>Blocked</title></html>")
