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
