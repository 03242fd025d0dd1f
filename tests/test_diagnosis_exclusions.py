"""A label is ruled out only by what speaks against it."""

import pytest

from bot.diagnosis import diagnose
from bot.model import Json, Run
from tests.evidence import EXCHANGED, KEY_REFUSED, asked, refused, run, upgrade_refused


def out(checked: Run) -> set[str]:
    """Return the labels that are ruled out."""
    return {one.label.value for one in diagnose(checked).ruled_out}


def silent(**more: Json) -> Run:
    """Return a run in which nothing followed the request."""
    return run(asked(EXCHANGED, end="total_timeout", duration_s=9, **more), failed=("events",))


FORBIDDEN = upgrade_refused(EXCHANGED, 403, sibling_path__outcome="refused")
NOT_SHOWN = {
    "the auth service by its health, where the socket's words are about tokens": (
        refused(EXCHANGED, "AUTH_FAILED", "Authentication failed"),
        "auth_service_unavailable",
    ),
    "the auth service by its health, where the agent names it": (
        refused(KEY_REFUSED, "AGENT_FAILED", "auth service unreachable"),
        "auth_service_unavailable",
    ),
    "a slow start by a try two seconds later": (
        upgrade_refused(EXCHANGED, 503, connect_again__same=True),
        "startup_race",
    ),
    "the request by another that may be unknown as well": (
        silent(other_request__outcome="no_answer"),
        "pipeline_request_invalid",
    ),
    "the path by another that may be wrong as well": (FORBIDDEN, "wrong_target"),
    "the user by another whose token is no better": (
        upgrade_refused(EXCHANGED, 403, fresh_user__outcome="refused", fresh_user__same=True),
        "user_id_rejected",
    ),
    "the quota by another user whose token is no better": (
        upgrade_refused(EXCHANGED, 403, fresh_user__outcome="refused", fresh_user__same=True),
        "ws_quota_exceeded",
    ),
}


@pytest.mark.parametrize("case", NOT_SHOWN)
def test_nothing_is_ruled_out_by_what_does_not_speak_against_it(case: str) -> None:
    checked, label = NOT_SHOWN[case]
    assert label not in out(checked)


def test_the_auth_service_is_out_where_it_judged_the_key_and_nobody_else_names_it() -> None:
    checked = refused(KEY_REFUSED, "E1234", "Something went wrong")
    assert "auth_service_unavailable" in out(checked)


def test_the_user_is_out_where_another_with_a_good_token_meets_the_same() -> None:
    checked = upgrade_refused(
        KEY_REFUSED,
        403,
        fresh_user__outcome="refused",
        fresh_user__same=True,
        token_garbage__same=False,
    )
    assert {"user_id_rejected", "ws_quota_exceeded"} <= out(checked)
