"""What an answer of the exchange proves about a key, and what it does not."""

import asyncio
import base64
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.diagnosis import diagnose
from bot.masking import Masker, Secret
from bot.model import Run, Status
from bot.probe import Network
from bot.probe.key_requests import NOT_JSON, said, send_key
from bot.probe.session import Session
from bot.probe.steps.other_keys import MOST_TRIED
from bot.report import RENDERERS, build_report
from bot.target import Experiments, KeyPlace
from tests.probing import (
    KEY,
    PEPPER,
    Serve,
    everything,
    facts,
    response,
    run,
    serving,
    target_at,
)

RIGHT = KEY.value or ""
WRONG = "a-certainly-wrong-key-77"
ISSUED = b'{"access_token": "a-token-0123456789"}'

# What is answered to a key, if any, sent with a body that is JSON, or not; None for no answer.
Exchange = Callable[[str | None, bool], tuple[str, bytes] | None]


def refused(detail: str, status: str = "401 Unauthorized") -> tuple[str, bytes]:
    return status, f'{{"detail": "{detail}"}}'.encode()


def serve_exchange(answer: Exchange, asked: list[str | None] | None = None) -> Serve:
    """Serve an auth service that is well and answers as `answer` says; note the keys in `asked`."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        sized = re.search(r"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(sized[1])) if sized else b""
        if head.startswith("GET"):
            writer.write(response(b'{"status": "healthy"}'))
        else:
            sent = re.search(r"(?i)x-e2e-bypass-key: (.*)\r\n", head)
            key = sent[1] if sent else None
            if asked is not None:
                asked.append(key)
            if got := answer(key, body.startswith(b"{")):
                writer.write(response(got[1], status=got[0]))
        await writer.drain()
        writer.close()

    return serve


async def verified(answer: Exchange, key: str, *, asked: Any = None, **changes: Any) -> Run:
    async with serving(serve_exchange(answer, asked)) as port:
        held = replace(KEY, value=key)
        return await run(target_at(port, **{"bypass_key": held, **changes}), "key")


def words_of(result: Run) -> str:
    return " ".join(RENDERERS["markdown"](build_report(result, diagnose(result))).split())


def places(*keys: str) -> tuple[KeyPlace, ...]:
    held = (Secret(name="bypass_key", source=f"env:K{n}", value=key) for n, key in enumerate(keys))
    return tuple(KeyPlace(secret=secret, rank=n) for n, secret in enumerate(held, start=1))


# -- what is sent is masked


def echo(key: str | None, _: bool) -> tuple[str, bytes]:
    return refused(f"Invalid E2E bypass key: got {key}")


@pytest.mark.parametrize("experiments", [Experiments(enabled=False), Experiments()])
async def test_a_key_that_ours_is_base64_of_is_shown_nowhere(experiments: Experiments) -> None:
    real = "Zq8vK3nT7wXp2LmR9sYd4Bq1"
    configured = base64.b64encode(real.encode()).decode()
    asked: list[str] = []
    result = await verified(echo, configured, asked=asked, experiments=experiments)
    assert real in asked
    report = build_report(result, diagnose(result))
    for shown in (everything(result), *(str(render(report)) for render in RENDERERS.values())):
        assert real not in shown


async def test_any_key_that_is_sent_is_masked_from_then_on() -> None:
    async with serving(serve_exchange(echo)) as port, Network() as network:
        session = Session(
            target_at(port),
            check="key",
            network=network,
            masker=Masker(pepper=PEPPER),
            started_at=datetime.now(UTC),
        )
        session.enter("exchange", ("detail",), limit_s=5.0)
        answer = await send_key(session, "Zq8vK3nT7wXp2LmR9sYd4Bq1", content=NOT_JSON)
        await session.close()
    assert "Zq8vK3nT7wXp2LmR9sYd4Bq1" in said(answer)
    assert "Zq8vK3nT7wXp2LmR9sYd4Bq1" not in repr(session.transcript)
    assert "[redacted bypass_key #" in session.mask(said(answer))


# -- accepted


def body_first(wrong: Callable[[int], tuple[str, bytes] | None]) -> Exchange:
    """Return a server that looks at the body before the key, and is odd to a made-up key."""
    count = iter(range(99))

    def answer(key: str | None, is_json: bool) -> tuple[str, bytes] | None:
        number = next(count)
        if is_json:
            return ("200 OK", ISSUED) if key == RIGHT else refused("Invalid key")
        if key and "dummy" in key:
            return wrong(number)
        return refused(f"Invalid JSON (request {number:04})", "422 Unprocessable")

    return answer


ODD: dict[str, Callable[[int], tuple[str, bytes] | None]] = {
    "words that carry a number": lambda n: refused(
        f"Invalid JSON (request {n:04})", "422 Unprocessable"
    ),
    "other words": lambda n: refused("Not JSON, says another instance", "400 Bad Request"),
    "a limit": lambda n: refused("Too many requests", "429 Too Many Requests"),
    "a failing service": lambda n: ("503 Service Unavailable", b"<html>503</html>"),
    "no answer": lambda n: None,
}


@pytest.mark.parametrize("odd", ODD)
async def test_a_wrong_key_is_not_accepted_because_a_made_up_one_got_another_answer(
    odd: str,
) -> None:
    result = await verified(body_first(ODD[odd]), WRONG)
    assert (result.status, facts(result)["exchange.key_accepted"]) == (Status.FAILED, False)


@pytest.mark.parametrize("odd", ODD)
async def test_a_right_key_is_then_judged_by_a_token(odd: str) -> None:
    asked: list[str] = []
    result = await verified(body_first(ODD[odd]), RIGHT, asked=asked)
    assert (result.status, facts(result)["exchange.key_accepted"]) == (Status.PASSED, True)
    assert facts(result)["exchange.judged_by"].startswith("a token, since")
    assert [key for key in asked if key != RIGHT] == [asked[1]]


async def test_a_server_that_never_answers_properly_judged_no_key() -> None:
    def limited(key: str | None, is_json: bool) -> tuple[str, bytes]:
        del key
        return ODD["a limit"](0) or ("", b"") if is_json else refused("no JSON", "422 Nope")

    result = await verified(limited, WRONG)
    assert "exchange.key_accepted" not in facts(result)
    assert "judged no key: HTTP 429 Too many requests" in words_of(result)


# -- refused

GUARDS = {
    "Google IAM": ("403 Forbidden", b"<html>Your client does not have permission</html>"),
    "a firewall": ("403 Forbidden", b'{"message": "Forbidden"}'),
    "Google IAP": ("401 Unauthorized", b"Invalid IAP credentials: empty token"),
    "CSRF": refused("CSRF verification failed", "403 Forbidden"),
    "bare": refused("Unauthorized"),
}


@pytest.mark.parametrize("guard", GUARDS)
async def test_a_refusal_that_is_the_same_without_a_key_is_not_about_the_key(guard: str) -> None:
    asked: list[str | None] = []
    result = await verified(lambda key, is_json: GUARDS[guard], WRONG, asked=asked)
    assert "exchange.key_accepted" not in facts(result)
    assert asked == [WRONG, None]
    assert "judged no key: HTTP 40" in words_of(result)
    assert "without a key the answer is the same" in words_of(result)
    assert "bypass_key_mismatch" not in repr(diagnose(result).causes)


def wordless(key: str | None, is_json: bool) -> tuple[str, bytes]:
    del is_json
    if key == RIGHT:
        return refused("no JSON", "422 Unprocessable")
    return refused("Unauthorized") if key else refused("Who are you?")


async def test_a_refusal_without_words_is_about_the_key_where_it_is_another_without_one() -> None:
    asked: list[str | None] = []
    result = await verified(wordless, WRONG, asked=asked)
    assert facts(result)["exchange.key_accepted"] is False
    assert (len(asked), asked[:2]) == (3, [WRONG, None])
    [cause] = diagnose(result).causes
    assert (cause.label.value, cause.confidence) == ("bypass_key_mismatch", 0.95)


async def test_the_id_of_a_request_makes_no_other_answer_of_it() -> None:
    count = iter(range(99))

    def numbered(key: str | None, is_json: bool) -> tuple[str, bytes]:
        status, body = wordless(key, is_json)
        return status, body.replace(b'"}', b' (request %04d)"}' % next(count))

    assert facts(await verified(numbered, WRONG))["exchange.key_accepted"] is False


async def test_a_refusal_in_words_takes_no_further_request() -> None:
    asked: list[str | None] = []
    await verified(lambda key, is_json: refused("Invalid key"), WRONG, asked=asked)
    assert asked == [WRONG]


async def test_a_made_up_key_is_tried_once_in_a_run() -> None:
    asked: list[str | None] = []
    changes = {"experiments": Experiments(), "keys": places(WRONG, "another-wrong-key-78")}
    result = await verified(wordless, WRONG, asked=asked, **changes)
    assert len([key for key in asked if key and "dummy" in key]) == 1
    assert asked.count(None) == 1
    assert (facts(result)["key_dummy.status"], facts(result)["key_none.status"]) == (401, 401)


# -- other keys


def sources(rows: Iterable[dict[str, Any]]) -> list[tuple[Any, Any]]:
    return [(row["source"], row["accepted"]) for row in rows]


async def test_of_many_other_keys_four_are_tried_and_the_rest_is_named() -> None:
    asked: list[str | None] = []
    keys = places(WRONG, *(f"wrong-key-number-{n:04}" for n in range(MOST_TRIED + 1)), RIGHT)
    result = await verified(wordless, WRONG, asked=asked, keys=keys)
    tried = [key for key in asked if key and key.startswith("wrong-key")]
    assert len(tried) == MOST_TRIED
    assert facts(result)["other_keys.not_tried"] == ["env:K5", "env:K6"]
    assert "Not tried: env:K5, env:K6" in words_of(result)


async def test_another_key_is_not_accepted_because_it_came_as_far_as_a_wrong_one() -> None:
    server = body_first(lambda n: refused("Invalid JSON", "422 Unprocessable"))
    result = await verified(server, WRONG, keys=places(WRONG, "another-wrong-key-78"))
    assert "other_keys.accepted_source" not in facts(result)
    assert facts(result)["other_keys.not_tried"] == ["env:K1"]


@pytest.mark.parametrize(
    ("got", "said"),
    [
        (refused("Too many requests", "429 Too Many Requests"), "was not judged (HTTP 429)"),
        (None, "was not judged (no answer)"),
    ],
)
async def test_a_key_that_got_no_judgement_is_not_called_refused(
    got: tuple[str, bytes] | None, said: str
) -> None:
    def answer(key: str | None, is_json: bool) -> tuple[str, bytes] | None:
        return got if key == "the-second-key-78" else wordless(key, is_json)

    keys = places(WRONG, "the-second-key-78", RIGHT)
    result = await verified(answer, WRONG, keys=keys)
    assert sources(facts(result)["other_keys.tried"]) == [("env:K1", None)]
    assert facts(result)["other_keys.not_tried"] == ["env:K2"]
    assert said in words_of(result)


async def test_places_that_differ_in_white_space_only_are_named() -> None:
    result = await verified(wordless, RIGHT, keys=places(RIGHT, f"{RIGHT}\n", WRONG))
    assert facts(result)["exchange.key_differ_in_space"] == ["env:K1"]
    assert facts(result)["exchange.key_disagree"] == ["env:K2"]
    assert "env:K1 holds the one used with other white space around it" in words_of(result)
