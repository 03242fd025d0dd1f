"""A role is claimed only where the evidence tells what the run would do without the cause."""

from bot.diagnosis import diagnose
from bot.model import Cause, Diagnosis, Json, Run
from tests.evidence import EXCHANGED, KEY_REFUSED, asked, labels, refused, run, upgrade_refused

REDIS_DOWN: dict[str, Json] = {"health__dependency__redis__status": "unhealthy"}
CLICKHOUSE_DOWN: dict[str, Json] = {"health__dependency__clickhouse__status": "unhealthy"}
UNPAIRED: dict[str, Json] = {
    "end": "terminal",
    "names": ["agent_started", "tool_executing", "agent_completed"],
    "violations": ["tool_executing has no tool_completed"],
    "terminal": "agent_completed",
}


def open_roles(diagnosis: Diagnosis) -> dict[str, bool]:
    """Return of each cause whether its role is left open."""
    return {cause.label.value: cause.is_role_open for cause in diagnosis.causes}


def of(diagnosis: Diagnosis, label: str) -> Cause:
    """Return the cause with this label."""
    return next(cause for cause in diagnosis.causes if cause.label == label)


def forbidden(**more: Json) -> Run:
    """Return a run whose upgrade was refused without a reason."""
    return upgrade_refused(EXCHANGED, 403, **more)


def test_what_agents_need_and_the_run_did_not_reach_is_a_role_left_open() -> None:
    diagnosis = diagnose(forbidden(**REDIS_DOWN))
    assert labels(diagnosis) == [
        ("ws_handshake_forbidden", "contributing"),
        ("dependency_redis_down", "contributing"),
    ]
    assert open_roles(diagnosis) == {"ws_handshake_forbidden": True, "dependency_redis_down": True}
    assert "if it needs what is down" in diagnosis.causes[0].counterfactual
    assert any("need what is down" in one.question for one in diagnosis.unknowns)


def test_what_runs_do_not_need_is_incidental() -> None:
    diagnosis = diagnose(forbidden(**CLICKHOUSE_DOWN))
    assert labels(diagnosis) == [
        ("ws_handshake_forbidden", "sufficient"),
        ("dependency_clickhouse_down", "incidental"),
    ]
    assert not any(open_roles(diagnosis).values())


def test_what_agents_ran_without_is_incidental() -> None:
    seen = asked(EXCHANGED, **UNPAIRED) | {"health.dependency.redis.status": "unhealthy"}
    diagnosis = diagnose(run(seen, failed=("events",), degraded=("health",)))
    assert labels(diagnosis) == [
        ("event_contract_mismatch", "sufficient"),
        ("dependency_redis_down", "incidental"),
    ]


def test_whose_secret_is_wrong_is_left_open_while_the_exchange_gives_no_token() -> None:
    diagnosis = diagnose(refused(KEY_REFUSED, "VALIDATION_FAILED", "Token validation failed"))
    assert open_roles(diagnosis) == {"bypass_key_mismatch": True, "jwt_rejected": False}
    assert of(diagnosis, "bypass_key_mismatch").confidence <= 0.6
    assert of(diagnosis, "bypass_key_mismatch").counterfactual.startswith("Not known")
    assert any("token of the auth service" in one.question for one in diagnosis.unknowns)


VERIFIED: dict[str, Json] = {"token_verified__valid": True, "token_verified__forged_valid": False}


def verified(**verdict: Json) -> Diagnosis:
    """Return what is made of a refused fallback of which the auth service says this."""
    return diagnose(refused(KEY_REFUSED, "VALIDATION_FAILED", "Token validation failed", **verdict))


def test_a_token_that_its_auth_service_accepts_is_refused_by_the_backends_own_doing() -> None:
    diagnosis = verified(**VERIFIED)
    assert labels(diagnosis) == [
        ("jwt_rejected", "sufficient"),
        ("bypass_key_mismatch", "incidental"),
    ]
    # The exchange's token could have a claim that ours lacks.
    assert open_roles(diagnosis) == {"bypass_key_mismatch": True, "jwt_rejected": False}


def test_a_token_that_its_auth_service_refuses_too_is_wrong_by_itself() -> None:
    diagnosis = verified(token_verified__valid=False)
    both = [("bypass_key_mismatch", "sufficient"), ("jwt_rejected", "sufficient")]
    assert labels(diagnosis) == both
    assert not any(open_roles(diagnosis).values())
    assert of(diagnosis, "bypass_key_mismatch").confidence > 0.6


def test_an_auth_service_that_calls_everything_valid_tells_nothing() -> None:
    diagnosis = verified(**{**VERIFIED, "token_verified__forged_valid": True})
    assert open_roles(diagnosis) == {"bypass_key_mismatch": True, "jwt_rejected": False}


def test_a_claim_that_is_missing_here_only_is_no_riddle() -> None:
    checked = refused(KEY_REFUSED, "VALIDATION_FAILED", "x", token_full_claims__outcome="greeted")
    assert not any(open_roles(diagnose(checked)).values())


def test_another_identity_would_fail_the_run_beside_whatever_else_does() -> None:
    checked = run(asked(EXCHANGED, **UNPAIRED, identity_match="other"), failed=("events",))
    assert labels(diagnose(checked)) == [
        ("event_contract_mismatch", "contributing"),
        ("auth_silently_bypassed", "contributing"),
    ]
