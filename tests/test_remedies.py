"""What to do next is as exact as the evidence: the words of a cause before its label."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from bot.diagnosis import diagnose
from bot.model import Diagnosis
from bot.probe.http import retry_after_s
from bot.sandbox import Staging
from tests.explaining import explained
from tests.probing import answering, response, run, serving, staged, target_at, target_of


@pytest.mark.parametrize(
    ("log", "first"),
    [
        (
            'asyncpg.exceptions.InvalidPasswordError: password authentication failed for user "a"',
            "Correct the user and the password",
        ),
        ("redis.exceptions.AuthenticationError: WRONGPASS invalid", "Correct the user and the"),
        ("QueuePool limit of size 5 overflow 10 reached", "Find out who holds all of its"),
        (
            'could not translate host name "db" to address: Name or service not known',
            "Correct its host name",
        ),
        ("postgres: connection refused", "Check the database instance and the network path"),
        (
            "TypeError: create_connection() got an unexpected keyword argument 'extra_headers'",
            "Take the argument extra_headers out of the call",
        ),
        ("TypeError: connect() missing 1 required positional argument: 'uri'", "Give the call"),
        ("HTTP/1.1 429 Too Many Requests\nRetry-After: 12\n", "Wait 12 s"),
        ("GET https://a.test/v1/token -> 405", "Use a method that the address takes"),
    ],
)
def test_the_first_step_follows_from_what_was_said(log: str, first: str) -> None:
    assert explained(log).next_steps[0].title.startswith(first)


async def test_a_refused_key_is_to_be_aligned_and_then_verified(tmp_path: Path) -> None:
    steps = diagnose(await staged(tmp_path, "bypass-key-mismatch")).next_steps
    assert steps[0].title.startswith("Align our key with the server's")
    assert steps[1].command == "verify-key staging"


def said(diagnosis: Diagnosis) -> str:
    return " ".join(why.answer for why in diagnosis.whys)


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_how_long_a_server_asks_to_be_left_alone_is_said(status: str) -> None:
    raw = response(b"busy", status=status, headers="Retry-After: 40\r\n")
    async with serving(answering(raw)) as port:
        diagnosis = diagnose(await run(target_at(port)))
    assert "left alone for 40 s" in said(diagnosis)


async def test_whoever_is_limited_is_told_how_long_to_wait(tmp_path: Path) -> None:
    raw = response(b"busy", status="429 Too Many Requests", headers="Retry-After: 40\r\n")
    async with serving(answering(raw)) as port, Staging() as staging:
        target = replace(target_of(staging, tmp_path), ws_url=f"ws://127.0.0.1:{port}/ws")
        diagnosis = diagnose(await run(target))
    assert diagnosis.causes[0].label == "rate_limited"
    assert diagnosis.next_steps[0].title.startswith("Wait 40 s")


NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": format_datetime(NOW + timedelta(seconds=90), usegmt=True)}, 90),
        ({"retry-after": format_datetime(NOW - timedelta(seconds=90), usegmt=True)}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "²"}, None),
        ({}, None),
    ],
)
def test_a_time_to_wait_is_a_number_or_a_date(headers: dict[str, str], seconds: int | None) -> None:
    assert retry_after_s({"date": format_datetime(NOW, usegmt=True), **headers}) == seconds
