"""What would happen if only one cause were fixed is said only as far as the evidence goes."""

from bot.diagnosis import diagnose
from bot.model import Cause, Json, Run
from tests.evidence import KEY_REFUSED, asked, refused, run, upgrade_refused

TYPE_CHECK = "user_context must be a UserExecutionContext instance"
NO_DIFFERENCE = "the outcome is the same without any token"


def minted(code: str, message: str, detail: str = "", **more: Json) -> Run:
    """Return a run whose key was refused, and whose fallback token an error frame answered."""
    return refused(KEY_REFUSED, code, message, detail, **more)


def closed(code: int, reason: str, **more: Json) -> Run:
    """Return a run whose key was refused, and whose socket the server closed."""
    seen = asked(KEY_REFUSED, end="closed", close_code=code, close_reason=reason, **more)
    return run(seen, failed=("exchange", "events"), degraded=("token",))


def of_the_key(checked: Run) -> Cause:
    """Return what is said about the refused key."""
    return next(c for c in diagnose(checked).causes if c.label == "bypass_key_mismatch")


def test_that_a_socket_opens_without_a_token_too_does_not_make_the_outcome_the_same() -> None:
    checked = minted(
        "AUTH_REQUIRED",
        "Authentication failed",
        TYPE_CHECK,
        token_none__status=101,
        token_none__same=False,
        token_none__error_code="NO_TOKEN",
    )
    assert NO_DIFFERENCE not in of_the_key(checked).counterfactual


def test_that_every_bad_token_is_refused_alike_says_nothing_of_a_good_one() -> None:
    checked = closed(1008, "Auth failed", token_none__same=True)
    assert NO_DIFFERENCE not in of_the_key(checked).counterfactual


def test_a_fault_that_needs_no_token_is_told_by_trying_without_one() -> None:
    broken = (
        upgrade_refused(KEY_REFUSED, 500, token_none__same=True),
        closed(1011, "Internal error", token_none__same=True),
        minted("STARTUP_INCOMPLETE", "Service startup incomplete", token_none__same=True),
    )
    assert all(NO_DIFFERENCE in of_the_key(checked).counterfactual for checked in broken)


def test_what_the_exchanges_own_user_would_meet_is_left_open() -> None:
    about_the_user = (
        minted("VALIDATION_FAILED", "Invalid user_id format: staging-e2e-user-001"),
        minted("AUTH_FAILED", "Authentication failed", "User not found in database"),
        upgrade_refused(KEY_REFUSED, 403, fresh_user__outcome="greeted"),
        closed(1008, "Too many concurrent connections", fresh_user__outcome="greeted"),
    )
    for checked in about_the_user:
        first, key = diagnose(checked).causes
        assert first.label != "bypass_key_mismatch"
        assert (first.role, first.is_role_open) == ("sufficient", False)
        assert (key.role, key.is_role_open) == ("incidental", True)
        assert key.counterfactual.startswith("Not known")


def test_a_quota_of_everybody_is_met_by_every_token() -> None:
    assert of_the_key(closed(1008, "Too many concurrent connections")).role == "incidental"


UNTOLD = (
    upgrade_refused(KEY_REFUSED, 403, token_none__status=403, token_none__same=True),
    closed(1008, "Auth failed", token_garbage__same=True),
    minted("E1234", "Something went wrong"),
)


def test_what_the_exchanged_token_would_meet_is_called_unknown_where_nothing_tells_it() -> None:
    for checked in UNTOLD:
        key = of_the_key(checked)
        assert key.counterfactual == "Not known: no token of the auth service could be tried."
        assert key.confidence <= 0.6
        asked_for = [one.question for one in diagnose(checked).unknowns]
        assert "Would a token of the auth service be let in?" in asked_for


def test_a_token_of_the_auth_service_that_is_refused_as_well_settles_it() -> None:
    checked = upgrade_refused(KEY_REFUSED, 403, token_exchanged__outcome="refused")
    assert "another token is refused as well" in of_the_key(checked).counterfactual


def test_a_refusal_after_the_greeting_is_about_permission_and_not_about_the_signature() -> None:
    checked = minted(
        "AUTH_FAILED",
        "Insufficient permissions: 'agents:run' required",
        welcome_type="connection_established",
    )
    first, key = diagnose(checked).causes
    assert (first.label, first.role) == ("jwt_rejected", "sufficient")
    assert "Insufficient permissions" in first.summary
    assert key.role == "incidental"
    assert key.counterfactual.startswith("Not known")
