"""Ten thousand requests that are almost Slack's, and Slack's own once more: nothing is done."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import aiohttp
import pytest
from aiohttp import web
from slack_house import house

from bot.metrics import Metrics
from bot.sandbox.slack.delivery import signed as signed_by_slack
from bot.web import MOST_AGE_S, WebServer, build_web

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
CASES = 10_000
AT_ONCE = 16
SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A request as it goes over the wire."""

    timestamp: str
    signature: str
    body: bytes

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-Slack-Request-Timestamp": self.timestamp,
            "X-Slack-Signature": self.signature,
            "Content-Type": "application/x-www-form-urlencoded",
        }


def genuine(random: random.Random, *, secret: str = SECRET, at: float | None = None) -> Sent:
    text = "".join(random.choices("abcdefghij0123456789:=&%+", k=random.randint(1, 60)))
    body = urlencode({"command": "/stagecheck", "text": text}).encode()
    if random.random() < 0.2:
        body = f"{random.randint(0, 99)}:{text}".encode()
    headers = signed_by_slack(body, secret, at=at)
    return Sent(
        timestamp=headers["X-Slack-Request-Timestamp"],
        signature=headers["X-Slack-Signature"],
        body=body,
    )


def _digit(text: str, random: random.Random) -> str:
    place = random.randrange(3, len(text))
    others = [each for each in "0123456789abcdef" if each != text[place]]
    return text[:place] + random.choice(others) + text[place + 1 :]


def _flipped(body: bytes, random: random.Random) -> bytes:
    place = random.randrange(len(body))
    return body[:place] + bytes([body[place] ^ (1 << random.randrange(8))]) + body[place + 1 :]


def _moved(sent: Sent) -> Sent:
    """Move the border between the time and the body: what is signed stays the same."""
    whole = f"{sent.timestamp}:".encode() + sent.body
    first, _, rest = whole.partition(b":")
    more, _, body = rest.partition(b":")
    return replace(sent, timestamp=f"{first.decode()}:{more.decode('latin-1')}", body=body)


Mutation = Callable[[Sent, random.Random], Sent]
MUTATIONS: Mapping[str, Mutation] = {
    "a digit of the signature": lambda s, r: replace(s, signature=_digit(s.signature, r)),
    "a bit of the body": lambda s, r: replace(s, body=_flipped(s.body, r)),
    "a byte more": lambda s, r: replace(s, body=s.body + bytes([r.randrange(256)])),
    "a byte less": lambda s, r: replace(s, body=s.body[:-1]),
    "another time": lambda s, r: replace(
        s, timestamp=str(int(s.timestamp) + r.choice((-1, 1)) * r.randint(1, 250))
    ),
    "a time spelled otherwise": lambda s, r: replace(
        s, timestamp=r.choice(("+", "0", " ", "")) + s.timestamp + r.choice((".0", "e0", "_0", "L"))
    ),
    "zeros before the time": lambda s, r: replace(s, timestamp="0" * r.randint(1, 2) + s.timestamp),
    "the border moved": lambda s, r: _moved(s),
    "no signature": lambda s, r: replace(s, signature=""),
    "the name of the scheme alone": lambda s, r: replace(s, signature=r.choice(("v0=", "v0", "v"))),
    "another scheme": lambda s, r: replace(
        s, signature=r.choice(("v1=", "V0=", "v00=", "")) + s.signature[3:]
    ),
    "capital letters": lambda s, r: replace(s, signature="v0=" + s.signature[3:].upper() + "A"),
    "cut short": lambda s, r: replace(s, signature=s.signature[: -r.randint(1, 60)]),
    "made longer": lambda s, r: replace(s, signature=s.signature + r.choice("0af, ;\u00fc") + "0"),
    "two signatures": lambda s, r: replace(s, signature=f"{_digit(s.signature, r)},{s.signature}"),
    "another secret": lambda s, r: genuine(r, secret=SECRET[::-1]),
    "no secret": lambda s, r: genuine(r, secret=""),
    "too old": lambda s, r: genuine(r, at=time.time() - MOST_AGE_S - r.randint(5, 10**6)),
    "from the future": lambda s, r: genuine(r, at=time.time() + MOST_AGE_S + r.randint(5, 10**6)),
    "another's signature": lambda s, r: replace(s, signature=genuine(r).signature),
    "another's body": lambda s, r: replace(s, body=genuine(r).body + b"&x=1"),
}


@asynccontextmanager
async def door() -> AsyncIterator[tuple[str, list[str]]]:
    """Yield the address of a web server, and what it let through."""
    let_in: list[str] = []

    async def deliver(_: web.Request, body: str) -> web.StreamResponse:
        let_in.append(body)
        return web.Response(text="in")

    app = build_web(checks={}, metrics=Metrics(), deliver=deliver, signing_secret=SECRET)
    server = WebServer(app, host="127.0.0.1", port=0)
    try:
        yield f"{await server.start()}/slack/events", let_in
    finally:
        await server.stop()


async def test_none_of_ten_thousand_mutated_requests_is_let_in() -> None:
    chance = random.Random(SEED)
    kinds = list(MUTATIONS)
    statuses: set[int] = set()
    async with door() as (url, let_in), aiohttp.ClientSession() as session:

        async def send(sent: Sent) -> int:
            async with session.post(url, data=sent.body, headers=sent.headers) as answer:
                return answer.status

        original = genuine(chance)
        assert await send(original) == 200
        let_in.clear()
        for start in range(0, CASES, AT_ONCE):
            batch = []
            for number in range(start, min(start + AT_ONCE, CASES)):
                true = genuine(chance)
                forged = MUTATIONS[kinds[number % len(kinds)]](true, chance)
                assert forged != true
                batch.append(send(forged))
            statuses |= set(await asyncio.gather(*batch))
    assert let_in == []
    assert statuses == {401}


@pytest.mark.parametrize("value", [b"v0=\xff\xfe", b"\xed\xa0\x80", b"v0=\xc3\x28" + b"0" * 60])
async def test_a_signature_that_is_no_text_is_refused_like_any_other(value: bytes) -> None:
    async with door() as (url, let_in):
        host, port = url.removeprefix("http://").partition("/")[0].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
            b"Connection: close\r\nX-Slack-Signature: " + value + b"\r\n"
            b"X-Slack-Request-Timestamp: " + str(int(time.time())).encode() + b"\r\n\r\n{}"
        )
        async with asyncio.timeout(10):
            answer = await reader.read()
        writer.close()
    assert answer.split(b"\r\n")[0] in (
        b"HTTP/1.1 401 Unauthorized",
        b"HTTP/1.1 400 Bad Request",  # aiohttp's own parser may refuse such a header already
    )
    assert let_in == []


async def test_a_request_of_slacks_that_somebody_sends_again_runs_nothing_twice() -> None:
    async with house() as home, aiohttp.ClientSession() as session:
        delivery = await home.slack.command("/stagecheck staging")
        body = urlencode(delivery.payload).encode()
        headers = {
            **signed_by_slack(body, home.slack.signing_secret),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        for _ in range(5):
            async with session.post(home.slack.request_url, data=body, headers=headers) as answer:
                assert answer.status == 200
            await home.idle()
        assert len(await home.deps.store.recent()) == 1


async def test_an_old_request_of_slacks_is_refused() -> None:
    async with house() as home, aiohttp.ClientSession() as session:
        delivery = await home.slack.command("/stagecheck help")
        await home.idle()
        body = urlencode(delivery.payload).encode()
        old = signed_by_slack(body, home.slack.signing_secret, at=time.time() - MOST_AGE_S - 1)
        async with session.post(home.slack.request_url, data=body, headers=old) as answer:
            assert answer.status == 401
