"""Every way in which the exchange of the bypass key fails is told from its look-alikes."""

from collections.abc import Iterable

import pytest

from bot.diagnosis import diagnose
from bot.model import Json, Run
from tests.evidence import answer, labels
from tests.evidence_pairs import Pair
from tests.key_refusals import (
    INVALID,
    OTHER_KEY_BEFORE,
    SAME_KEY_BEFORE,
    carried,
)

_NOTHING = {"exchange.status": None, "exchange.detail": None}


def unanswered(kind: str, text: str = "", **more: Json) -> Run:
    """Return a run whose exchange got no answer."""
    facts: dict[str, Json] = {"status": None, "detail": None, "token_issued": None}
    return carried(**{**facts, "error": kind, "error_text": text, **more})


REQUIRED = carried(detail="E2E bypass key required")
UNSET = carried(status=503, detail="E2E authentication not configured")
FAILING = carried(status=500, detail="Failed to generate E2E test tokens")
NOT_FOUND = carried(status=404, detail="Not Found")
SPOILED = carried(key_lint=["trailing_whitespace", "newline"], key_stripped__status=422)

PAIRS = (
    Pair(promise="refused key", label="bypass_key_mismatch", fires=INVALID, looks_alike=REQUIRED),
    Pair(
        promise="key refused with another status",
        label="bypass_key_mismatch",
        fires=carried(status=400, detail=None, body="bypass key invalid"),
        looks_alike=carried(status=400, detail="field email is required"),
    ),
    Pair(
        promise="key refused with 200",
        label="bypass_key_mismatch",
        fires=carried(status=200, detail="Invalid bypass key"),
        looks_alike=carried(status=200, detail=None),
    ),
    Pair(
        promise="web page of a guard in place of a refusal",
        label="insufficient_evidence",
        fires=carried(status=403, detail=None, body="<html>Blocked. Ray ID 8a</html>"),
        looks_alike=carried(status=403, detail=None, body="Blocked. Ray ID 8a"),
    ),
    Pair(
        promise="key required, told with 400",
        label="bypass_key_missing",
        fires=carried(status=400, detail="Bypass key required"),
        looks_alike=carried(status=400, detail="Field email required"),
    ),
    Pair(
        promise="request whose form is refused",
        label="client_api_misuse",
        fires=carried(status=415, detail="Unsupported Media Type"),
        looks_alike=carried(status=400, detail=None, body="wrong key"),
    ),
    Pair(
        promise="key that did not arrive",
        label="bypass_key_missing",
        fires=REQUIRED,
        looks_alike=INVALID,
    ),
    Pair(
        promise="server without a key",
        label="bypass_key_missing",
        fires=UNSET,
        looks_alike=carried(status=503, detail="Service Unavailable"),
    ),
    Pair(
        promise="server without a key, whatever it says",
        label="bypass_key_missing",
        fires=carried(status=503, detail="Later", key_dummy__status=503, key_none__status=401),
        looks_alike=carried(
            status=503, detail="Later", key_dummy__status=503, key_none__status=503
        ),
    ),
    Pair(
        promise="no key held here",
        label="bypass_key_missing",
        fires=carried(
            status=None,
            detail=None,
            key_present=False,
            key_problem="KEY is not set in the environment",
        ),
        looks_alike=INVALID,
    ),
    Pair(
        promise="no key configured here",
        label="bypass_key_missing",
        fires=carried(status=None, detail=None, key_present=False),
        looks_alike=unanswered("timeout"),
    ),
    Pair(promise="spoiled key", label="bypass_key_mismatch", fires=SPOILED, looks_alike=REQUIRED),
    Pair(
        promise="spoiled key untried",
        label="bypass_key_mismatch",
        fires=carried(key_lint=["quoted"]),
        looks_alike=FAILING,
    ),
    Pair(
        promise="key that cannot be sent",
        label="bypass_key_mismatch",
        fires=unanswered("config", "the key cannot stand in a header", key_lint=["newline"]),
        looks_alike=unanswered("timeout", key_lint=["newline"]),
    ),
    Pair(promise="removed route", label="wrong_target", fires=NOT_FOUND, looks_alike=INVALID),
    Pair(
        promise="redirect",
        label="wrong_target",
        fires=carried(status=302, detail="Found"),
        looks_alike=FAILING,
    ),
    Pair(
        promise="taken for production",
        label="startup_config_invalid",
        fires=carried(status=403, detail="E2E test authentication is not available in production"),
        looks_alike=carried(status=403, detail="Invalid E2E bypass key"),
    ),
    Pair(
        promise="failing auth service",
        label="auth_service_unavailable",
        fires=FAILING,
        looks_alike=UNSET,
    ),
    Pair(
        promise="auth service behind a dead edge",
        label="auth_service_unavailable",
        fires=carried(
            status=503,
            detail=None,
            body="Service Unavailable",
            health__auth__status=503,
            health__auth__edge=True,
        ),
        looks_alike=UNSET,
    ),
    Pair(
        promise="silent exchange",
        label="auth_service_unavailable",
        fires=unanswered("timeout"),
        looks_alike=unanswered("dns"),
    ),
    Pair(
        promise="auth service without its database",
        label="dependency_db_down",
        fires=carried(status=503, detail="Database connectivity failed"),
        looks_alike=FAILING,
    ),
    Pair(
        promise="auth service without its redis",
        label="dependency_redis_down",
        fires=carried(status=500, detail="redis connection refused"),
        looks_alike=FAILING,
    ),
    Pair(
        promise="auth service without a table",
        label="db_schema_missing",
        fires=carried(status=500, detail='relation "users" does not exist'),
        looks_alike=FAILING,
    ),
    Pair(
        promise="limited exchange",
        label="rate_limited",
        fires=carried(status=429, detail="Rate limit exceeded"),
        looks_alike=INVALID,
    ),
    Pair(
        promise="refused body",
        label="client_api_misuse",
        fires=carried(status=422, detail="email: field required"),
        looks_alike=INVALID,
    ),
    Pair(
        promise="answer without a token",
        label="auth_service_unavailable",
        fires=carried(status=200, detail=None, error="decode"),
        looks_alike=INVALID,
    ),
)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_failed_exchange_is_traced_to_its_cause(pair: Pair) -> None:
    assert labels(diagnose(pair.fires)) == [(pair.label, "sufficient")]


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_a_look_alike_of_a_failed_exchange_is_told_apart(pair: Pair) -> None:
    assert _why(pair.fires) != _why(pair.looks_alike)


def _why(checked: Run) -> tuple[str, Iterable[str]]:
    return answer(checked), [why.answer for why in diagnose(checked).whys]


def test_key_probes_raise_the_confidence_in_a_differing_key() -> None:
    confirmed = carried(key_non_json__status=401, key_dummy__status=401)
    assert diagnose(confirmed).causes[0].confidence >= 0.95 > diagnose(INVALID).causes[0].confidence


def test_a_key_that_is_accepted_a_moment_later_is_only_possibly_wrong() -> None:
    assert diagnose(carried(key_non_json__status=422)).causes[0].confidence < 0.75


REFUSED_FOR_ANOTHER_REASON = (
    carried(status=403, detail="Email domain is not allowed", key_non_json__status=422),
    carried(key_non_json__status=422, key_dummy__status=401),
    carried(
        status=403, detail="<html>Forbidden</html>", key_non_json__status=403, key_none__status=403
    ),
)


@pytest.mark.parametrize("checked", REFUSED_FOR_ANOTHER_REASON)
def test_a_key_that_was_not_shown_to_be_refused_is_not_called_different(checked: Run) -> None:
    diagnosis = diagnose(checked)
    assert labels(diagnosis) == [("insufficient_evidence", "sufficient")]
    assert "compared our key" not in repr(diagnosis)
    assert "Why do the two keys differ?" not in repr(diagnosis)


@pytest.mark.parametrize(
    "wrong",
    [{}, {"key_dummy__status": 429}, {"key_dummy__status": 503}, {"key_dummy__error": "reset"}],
)
def test_without_a_refusal_of_a_wrong_key_ours_is_not_called_accepted(
    wrong: dict[str, Json],
) -> None:
    diagnosis = diagnose(carried(key_non_json__status=422, **wrong))
    assert labels(diagnosis) == [("insufficient_evidence", "sufficient")]
    assert "is accepted" not in repr(diagnosis).replace("one that is accepted", "")
    assert "Whether a wrong one gets that too was not seen" in repr(diagnosis)


def test_a_stripped_key_is_not_called_accepted_where_a_wrong_one_comes_as_far() -> None:
    seen = {"key_lint": ["newline"], "key_stripped__status": 422}
    checked = unanswered("config", "no", **seen, key_stripped__wrong_refused=False)
    assert "accepts" not in repr(diagnose(checked))
    assert "accepts" in repr(diagnose(unanswered("config", "no", **seen)))


def test_a_refusal_that_the_exchange_compared_by_itself_is_about_the_key() -> None:
    told: dict[str, Json] = {"detail": "Unauthorized", "none_status": 401}
    assert diagnose(carried(**told, key_accepted=False)).causes[0].confidence == 0.95
    assert labels(diagnose(carried(**told))) == [("insufficient_evidence", "sufficient")]


def test_a_server_that_looks_into_the_body_first_has_not_accepted_the_key() -> None:
    checked = carried(key_non_json__status=422, key_dummy__status=422)
    assert labels(diagnose(checked)) == [("bypass_key_mismatch", "sufficient")]


def test_a_refusal_that_differs_without_a_key_is_about_the_key() -> None:
    checked = carried(detail="Forbidden", key_non_json__status=401, key_none__status=400)
    assert labels(diagnose(checked)) == [("bypass_key_mismatch", "sufficient")]


NEAR = {
    **{
        f"refused for another reason {number}": checked
        for number, checked in enumerate(REFUSED_FOR_ANOTHER_REASON)
    },
    "without a key something else": carried(
        detail="Forbidden", key_non_json__status=401, key_none__status=400
    ),
    **{
        f"a failing exchange whose health says: {reason}": carried(
            status=500, detail="no", health__auth__reason=reason, health__auth__status=503
        )
        for reason in ("Database connectivity failed", "redis is down", "no such table: users")
    },
    "a body that breaks off": unanswered("timeout", status=200),
    "a refused key while a database ails": carried(
        health__auth__reason="Database connectivity failed; redis down", health__auth__status=503
    ),
    "a refused key that mentions the environment": carried(
        detail="Invalid key for this environment"
    ),
    "a required key that is invalid": carried(detail="The required key is invalid"),
    "a refused key that mentions what is disabled": carried(detail="Invalid key: old one disabled"),
    "a stripped key accepted though nothing looks spoiled": carried(key_stripped__status=422),
}
CONFIDENCE = {
    "a stripped key that is accepted": (
        unanswered("config", "no", key_lint=["newline"], key_stripped__status=422),
        0.98,
    ),
    "a stripped key that is refused": (
        unanswered("config", "no", key_lint=["newline"], key_stripped__status=401),
        0.9,
    ),
    "a dummy key told the same": (
        carried(status=503, detail="E2E authentication not configured", key_dummy__status=503),
        0.97,
    ),
    "the key alone refused again": (carried(key_non_json__status=401), 0.95),
    "a refusal that does not mention the key": (carried(detail="Unauthorized"), 0.6),
    "a failing service that accepts the key": (
        carried(
            status=500, detail="no", key_non_json__status=422, key_non_json__wrong_refused=True
        ),
        0.9,
    ),
    "a failing service that fails in health": (
        carried(status=500, detail="no", health__auth__status=500),
        0.96,
    ),
    "a missing route of a service that is well": (NOT_FOUND, 0.93),
}


@pytest.mark.parametrize("sign", CONFIDENCE)
def test_what_else_was_seen_moves_the_confidence(sign: str) -> None:
    checked, confidence = CONFIDENCE[sign]
    assert diagnose(checked).causes[0].confidence == confidence


def test_a_database_that_ails_in_health_does_not_excuse_a_refused_key() -> None:
    checked = carried(
        health__auth__reason="Database connectivity failed; redis down", health__auth__status=503
    )
    assert "bypass_key_mismatch" in dict(labels(diagnose(checked)))


def test_a_refusal_that_does_not_depend_on_the_key_is_hardly_about_it() -> None:
    anyway = carried(detail="Forbidden", key_none__status=401, key_dummy__status=401)
    assert diagnose(anyway).causes[0].confidence <= 0.5


def test_whitespace_around_the_key_is_named_as_the_reason() -> None:
    whys = diagnose(SPOILED).whys
    assert "trailing_whitespace, newline" in whys[-1].answer


def test_a_stripped_key_that_is_refused_too_is_not_blamed_on_whitespace() -> None:
    checked = carried(key_lint=["newline"], key_stripped__status=401)
    assert all("does not belong there" not in why.answer for why in diagnose(checked).whys)


def test_an_unchanged_key_points_to_a_change_on_the_server() -> None:
    whys = diagnose(INVALID, previous=SAME_KEY_BEFORE).whys
    assert "the server's has changed" in whys[-2].answer


def test_a_changed_key_points_to_a_change_here() -> None:
    whys = diagnose(INVALID, previous=OTHER_KEY_BEFORE).whys
    assert "Our key is another one" in whys[-2].answer


def no_answer(error: str, url: str = "https://auth.staging.example.test/x") -> Run:
    """Return a run whose exchange got no answer from `url`."""
    return unanswered(error, "self-signed certificate", url=url)


NO_ANSWER = (
    (no_answer("timeout", "http://127.0.0.1:8083/x"), "auth_service_unavailable"),
    (no_answer("timeout", "http://auth.example.test:8083/x"), "auth_service_unavailable"),
    (no_answer("dns"), "dns_failure"),
    (no_answer("tls"), "tls_failure"),
    (unanswered("tls", "wrong version number", url="https://auth.test/x"), "wrong_target"),
    (no_answer("timeout"), "auth_service_unavailable"),
    (no_answer("reset"), "auth_service_unavailable"),
    (no_answer("proxy_gateway"), "auth_service_unavailable"),
    (no_answer("redirect"), "wrong_target"),
    (no_answer("protocol"), "wrong_target"),
    (no_answer("refused", "http://127.0.0.1:8083/x"), "wrong_target"),
    (no_answer("refused", "http://auth.example.test:8083/x"), "wrong_target"),
    (no_answer("refused"), "auth_service_unavailable"),
)


@pytest.mark.parametrize(("checked", "label"), NO_ANSWER)
def test_an_exchange_without_an_answer_is_told_by_the_kind(checked: Run, label: str) -> None:
    assert labels(diagnose(checked)) == [(label, "sufficient")]
