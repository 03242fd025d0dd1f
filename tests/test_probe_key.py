"""The bypass key is verified by itself, and without a token being issued where that can be."""

import base64
from pathlib import Path
from typing import Any

import pytest

from bot.masking import Secret
from bot.model import Run, Status
from bot.probe import CHECKS
from bot.probe.http import Answer
from bot.probe.key_requests import said
from bot.probe.keys import SPOILS, decoded, is_sendable, lint, pared, stripped
from bot.sandbox import Staging
from tests.probing import broke, everything, facts, run, staged, target_of


async def verified(folder: Path, *faults: str, **changes: Any) -> Run:
    return await staged(folder, *faults, check="key", **changes)


async def test_an_accepted_key_is_verified_without_a_token(tmp_path: Path) -> None:
    result = await verified(tmp_path)
    assert (result.check, result.status) == ("key", Status.PASSED)
    assert facts(result)["exchange.status"] == 422
    assert "access_token" not in everything(result)


@pytest.mark.parametrize(
    ("fault", "observed"),
    [
        ("bypass-key-mismatch", {"exchange.status": 401, "key_dummy.status": 401}),
        ("bypass-key-quoted", {"exchange.key_lint": ["quoted"], "key_stripped.status": 422}),
        ("bypass-key-missing", {"exchange.key_present": False}),
        ("server-without-key", {"exchange.status": 503, "key_dummy.status": 503}),
        ("exchange-route-missing", {"exchange.status": 404, "key_none.status": 404}),
        ("bypass-key-wrong-header", {"exchange.detail": "E2E bypass key required"}),
        ("auth-service-down", {"health.auth.status": 503, "exchange.status": 503}),
    ],
)
async def test_each_state_of_a_key_looks_different(
    fault: str, observed: dict[str, Any], tmp_path: Path
) -> None:
    result = await verified(tmp_path, fault)
    assert (result.status, broke(result)) == (Status.FAILED, [])
    assert {path: facts(result).get(path) for path in observed} == observed


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"detail": "no", "message": "yes"}, 401, "no"),
        ({"errors": [{"title": "Forbidden", "detail": "key revoked"}]}, 403, "key revoked"),
        ({"data": None, "errors": [{"message": "Invalid key"}]}, 200, "Invalid key"),
        ({"error": {"code": 7, "message": "Invalid key"}}, 401, "Invalid key"),
        ({"fehler": "Der Zugangsschlüssel ist ungültig", "zeit": "12:03"}, 401, "Der Zugangs"),
        ({"token": "a b c", "note": "all is well"}, 200, ""),
        ({"errors": []}, 401, ""),
        (["Invalid key"], 401, ""),
    ],
)
def test_what_a_service_says_is_found_wherever_it_stands(
    body: Any, status: int, words: str
) -> None:
    answered = Answer(url="http://x.test", latency_ms=1.0, status=status, json=body)
    assert said(answered)[:11] == words[:11]


async def test_only_the_auth_service_is_asked(tmp_path: Path) -> None:
    async with Staging() as staging:
        await run(target_of(staging, tmp_path), "key")
        assert {one.service for one in staging.received} == {"auth"}


async def test_the_same_key_has_the_same_fingerprint_and_is_never_shown(tmp_path: Path) -> None:
    first, again = await verified(tmp_path), await verified(tmp_path, "bypass-key-mismatch")
    assert facts(first)["exchange.key_fingerprint"] == facts(again)["exchange.key_fingerprint"]
    other = Secret(name="bypass_key", source="env:OTHER", value="another-bypass-key-0000")
    changed = await verified(tmp_path, bypass_key=other)
    assert facts(changed)["exchange.key_fingerprint"] != facts(first)["exchange.key_fingerprint"]
    assert "another-bypass-key" not in everything(changed)


async def test_without_a_key_nothing_is_asked_of_the_exchange(tmp_path: Path) -> None:
    result = await verified(tmp_path, bypass_key=None)
    assert facts(result)["exchange.key_present"] is False
    assert "exchange.status" not in facts(result)
    assert result.experiments == ()


@pytest.mark.parametrize(
    ("key", "found"),
    [
        ("plain-key", []),
        (" key", ["leading_whitespace"]),
        ("key\t", ["trailing_whitespace"]),
        ("key\r\n", ["trailing_whitespace", "newline"]),
        ("'key'", ["quoted"]),
        ('"key"\n', ["trailing_whitespace", "newline", "quoted"]),
        ("\ufeffkey", ["bom"]),
        ("changeme", ["placeholder"]),
        ("<your-key-here>", ["placeholder"]),
        ("undefined", ["placeholder"]),
        ("${E2E_KEY}", ["reference"]),
        ("$E2E_KEY", ["reference"]),
        ("{{ secrets.E2E_KEY }}", ["reference"]),
        ("op://vault/item/key", ["reference"]),
        ("arn:aws:secretsmanager:eu-west-1:1:secret:key", ["reference"]),
        ("projects/p/secrets/key/versions/1", ["reference"]),
        ("E2E_KEY=abc", ["assignment"]),
        ("E2E_KEY: abc", ["assignment"]),
        ("Bearer abc", ["scheme"]),
        ("k\u200bey", ["unseen_character"]),
        ("key\x00", ["unseen_character"]),
        ("key\\n", ["escaped_newline"]),
        ("key\\r\\n", ["escaped_newline"]),
        ('"key\\n"', ["quoted", "escaped_newline"]),
        ("\u201ckey\u201d", ["curly_quotes"]),
        ('"key', ["unmatched_quote"]),
        ("key'", ["unmatched_quote"]),
        ("key;", ["trailing_punctuation"]),
        ("key,", ["trailing_punctuation"]),
        ("key%0A", ["percent_encoded"]),
        ("key%0d%0a", ["percent_encoded"]),
        ("a$b", []),
        ("key:with:colons", []),
        ("50%off", []),
    ],
)
def test_what_is_stuck_to_a_key_is_named(key: str, found: list[str]) -> None:
    assert lint(key) == found


@pytest.mark.parametrize(
    "key",
    [
        *(" key", "key\n", '"key"', "\ufeffkey", "'key' \r\n", "key", "KEY=key", "KEY: key"),
        *("Bearer key", "key\\n", "'key\\r\\n'", "\u201ckey\u201d", "k\u200bey", "key\x00"),
        'export KEY="key"',
    ],
)
def test_a_stripped_key_is_the_key(key: str) -> None:
    assert stripped(key) == pared(key) == "key"


@pytest.mark.parametrize("key", ["key;", "key,", '"key', "key'", "key%0A", "key%0d%0a", '"key";'])
def test_what_a_key_may_end_in_by_chance_is_taken_away_for_one_trial_only(key: str) -> None:
    assert pared(key) == "key" != stripped(key)
    assert set(lint(key)) <= SPOILS


@pytest.mark.parametrize("text", ["a-key-in-base64", "a-key-in-base641", "a-key-in-base6412"])
@pytest.mark.parametrize("padding", ["=", ""])
def test_a_key_in_base64_is_known_with_padding_and_without(text: str, padding: str) -> None:
    packed = base64.urlsafe_b64encode(text.encode()).decode()
    assert decoded(packed if padding else packed.rstrip("=")) == text


@pytest.mark.parametrize("key", ["key", "sandbox-bypass-key-4417", "0123456789abcdef0123456789"])
def test_a_key_that_is_no_base64_of_text_is_not_called_so(key: str) -> None:
    assert decoded(key) == ""


@pytest.mark.parametrize(
    ("key", "sendable"),
    [
        ("key", True),
        ("ké", True),
        ("a b", True),
        ("key\n", False),
        ("key ", False),
        ("\x00", False),
    ],
)
def test_a_key_that_cannot_stand_in_a_header_is_known(key: str, sendable: bool) -> None:
    assert is_sendable(key) is sendable


def test_the_check_asks_for_nothing_but_the_key() -> None:
    assert [step.name for step in CHECKS["key"].steps] == ["health", "exchange", "other_keys"]
