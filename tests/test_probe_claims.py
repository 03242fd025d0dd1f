"""What a token says is told claim by claim, and nothing of it that may be a secret."""

from pathlib import Path
from typing import Any

import jwt
import pytest

from bot.masking import fingerprint
from bot.probe.claims import examined, header_of, is_signed_with, shown
from bot.target import Target, Token
from tests.probing import PEPPER, everything, facts, staged, target_at
from tests.verifying import desk, text_of

NOW = 1_790_000_000.0
SECRET = "a-secret-of-32-characters-or-more"
CLAIMS: dict[str, Any] = {
    "sub": "someone",
    "iss": "auth",
    "aud": ["web", "staging"],
    "iat": NOW - 5,
    "exp": NOW + 900,
    "jti": "1",
    "type": "access",
    "token_type": "access",
}
TARGET = target_at(1, token=Token(issuer="auth", audience="staging"))


def mark(value: str) -> str:
    return fingerprint(value, PEPPER)


def verdicts(claims: dict[str, Any], target: Target = TARGET) -> dict[str, Any]:
    rows = examined(
        claims,
        {"alg": "HS256"},
        target,
        server_now=NOW,
        is_minted=False,
        fingerprint=mark,
    )
    return {str(row["claim"]): row.get("verdict") for row in rows if row.get("verdict")}


def test_a_token_as_it_should_be_is_as_wanted() -> None:
    assert set(verdicts(CLAIMS).values()) == {"as wanted"}


@pytest.mark.parametrize(
    ("changed", "claim", "verdict"),
    [
        ({"iss": "another"}, "iss", "differs"),
        ({"aud": "another"}, "aud", "differs"),
        ({"exp": NOW - 1}, "exp", "over"),
        ({"iat": NOW + 61}, "iat", "early"),
        ({"iat": NOW - 90_000}, "iat", "old"),
        ({"nbf": NOW + 300}, "nbf", "early"),
        ({"exp": "tomorrow"}, "exp", "differs"),
        ({"exp": 10**40}, "exp", "differs"),
        ({"jti": None}, "jti", "missing"),
        ({"token_type": None}, "token_type", "missing"),
    ],
)
def test_what_is_wrong_with_a_claim_is_told(
    changed: dict[str, Any], claim: str, verdict: str
) -> None:
    given = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
    assert verdicts(given)[claim] == verdict


def test_a_claim_that_is_not_known_is_shown_by_kind_and_size_only() -> None:
    veiled = shown(
        {
            "sub": "someone",
            "session_key": "s3cret-value",
            "level": 3,
            "account": 4111111111111111,
            "ok": True,
            "list": ["s3cret-value"],
            "more": {"pin": "s3cret-value"},
        },
        TARGET,
        mark,
    )
    text = f"[text of 12 characters #{mark('s3cret-value')}]"
    assert veiled == {
        "sub": "someone",
        "session_key": text,
        "level": 3,
        "account": f"[number of 16 digits #{mark('4111111111111111')}]",
        "ok": True,
        "list": "[list of 1]",
        "more": {"pin": text},
    }


def test_whose_secret_made_a_signature_is_known_without_the_token_being_shown() -> None:
    token = jwt.encode({"sub": "someone"}, SECRET, algorithm="HS256")
    assert is_signed_with(token, SECRET, "HS256") is True
    assert is_signed_with(token, SECRET + "x", "HS256") is False
    assert is_signed_with(token, SECRET, "RS256") is None
    assert is_signed_with("no token", SECRET, "HS256") is None
    assert header_of(token) == {"alg": "HS256", "typ": "JWT"}
    assert header_of("no.token") == {}


async def test_a_run_examines_the_token_that_it_sent_by_the_servers_clock(tmp_path: Path) -> None:
    run = await staged(tmp_path, "bypass-key-mismatch", "clock-ahead-accept-first")
    rows = {row["claim"]: row for row in facts(run)["token.examined"]}
    assert facts(run)["token.signed_with_ours"] is True
    assert rows["alg"]["verdict"] == "as wanted"
    assert rows["exp"]["verdict"] == "over"
    assert "eyJ" not in everything(run)


async def test_a_failed_run_compares_its_token_with_that_of_the_last_pass(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        assert (await at.ask("pipeline")).status.works
        at.staging.faults = ("seed",)
        text = text_of(await at.ask("pipeline"))
    assert "Token that was sent" in text
    assert "| Claim | Sent | Wanted | Verdict | At the last pass |" in text
    assert "with the secret that we hold" in text
    assert "| iss | netra-auth-service | netra-auth-service | as wanted | the same |" in text
