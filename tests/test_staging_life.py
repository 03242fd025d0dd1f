"""The simulator starts, changes and stops without leaving anything behind."""

import asyncio
import socket
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from bot import config
from bot.errors import UsageError
from bot.sandbox import FAULTS, Staging
from tests.staging_client import START, minted, opened, talk, visited, works


async def test_later_fault_shows_once_the_earlier_is_mended_live() -> None:
    async with Staging(["upgrade-403", "agent-error"]) as staging:
        assert "403" in (await visited(staging)).upgrade
        staging.faults = ("agent-error",)
        visit = await visited(staging)
        assert "metadata" in visit.first("agent_error")["data"]["error"]
        staging.faults = ()
        assert works(await visited(staging))


def test_a_refused_change_leaves_the_faults_as_they_were() -> None:
    staging = Staging(["silence"])
    with pytest.raises(UsageError):
        staging.faults = ("silence", "agent-error")
    assert staging.faults == ("silence",)


@pytest.mark.parametrize("name", FAULTS)
async def test_configuration_of_every_fault_loads(name: str, tmp_path: Path) -> None:
    async with Staging([name]) as staging:
        staging.write_config(tmp_path / "stagecheck.yaml")
        target = config.load(tmp_path / "stagecheck.yaml", env={}).targets["staging"]
        assert target.ws_url == staging.ws_url
        for secret in target.secrets:
            # A file with nothing in it holds no secret.
            assert secret.value == (staging.secrets.get(secret.name) or None)


async def test_written_secrets_are_private(tmp_path: Path) -> None:
    async with Staging() as staging:
        staging.write_config(tmp_path / "demo.yaml")
        staging.write_config(tmp_path / "demo.yaml")
    files = sorted((tmp_path / "demo.secrets").iterdir())
    assert [file.name for file in files] == ["bypass_key", "jwt_secret"]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    assert (tmp_path / "demo.secrets").stat().st_mode & 0o777 == 0o700
    text = (tmp_path / "demo.yaml").read_text()
    assert not any(secret in text for secret in staging.secrets.values())


@pytest.mark.parametrize(
    "name", ["backend-hangs", "health-drips", "upgrade-hangs", "silence", "never-finishes"]
)
async def test_stopping_is_quick_whatever_hangs(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with Staging([name]) as staging:
        visits = [asyncio.create_task(visited(staging, quiet_s=2.0)) for _ in range(3)]
        while len(staging.received) < 9:
            await asyncio.sleep(0.01)
        started = time.monotonic()
        await staging.stop()
        assert time.monotonic() - started < 1.0
        await asyncio.gather(*visits)
    assert caplog.text == ""


async def test_client_that_asks_and_leaves_at_once_leaves_no_trace(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with Staging() as staging:
        async with opened(staging, minted(staging.secrets["jwt_secret"])) as socket:
            await talk(socket, until=["connection_established"])
            # Request and close in one segment: the server answers into a connection it closes.
            socket.protocol.send_text(START.encode())
            socket.protocol.send_close(1000)
            socket.transport.write(b"".join(socket.protocol.data_to_send()))
            await socket.wait_closed()
        assert (await visited(staging)).events
    assert caplog.text == ""


async def test_client_that_vanishes_gives_its_place_back() -> None:
    async with Staging(["silence"]) as staging:
        token = minted(staging.secrets["jwt_secret"])
        for _ in range(4):
            socket = await opened(staging, token)
            await socket.send(START)
            assert (await talk(socket, until=["connection_established"])).close is None
            socket.transport.abort()
            await socket.wait_closed()
            await asyncio.sleep(0.05)


def free_block() -> int:
    """Return a port that is free together with the three after it."""
    for first in range(21_000, 31_000, 4):
        with suppress(OSError), ExitStack() as stack:
            for port in range(first, first + 4):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError("no four ports in a row are free")


async def test_ports_follow_the_first_and_are_given_back() -> None:
    first = free_block()
    for _ in range(2):
        async with Staging(port=first) as staging:
            assert staging.auth_url.endswith(f":{first}")
            assert staging.api_url.endswith(f":{first + 1}")
            assert staging.frontend_url.endswith(f":{first + 2}")
            assert (await visited(staging)).events


async def test_taken_port_is_said_and_nothing_stays_open() -> None:
    first = free_block()
    async with Staging(port=first):
        with pytest.raises(UsageError, match=f"cannot listen on port {first}"):
            await Staging(port=first).start()


async def test_received_tells_what_arrived_and_no_header_value() -> None:
    async with Staging(["bypass-key-wrong-header"]) as staging:
        await visited(staging)
        received = staging.received
        text = str(received)
    exchange = next(item for item in received if item.path == "/auth/e2e/test-auth")
    assert "x-e2e-bypass" in exchange.headers
    assert "x-e2e-bypass-key" not in exchange.headers
    assert ("backend", "MESSAGE", "start_agent") in [
        (item.service, item.method, item.path) for item in received
    ]
    assert not any(secret in text for secret in staging.secrets.values())
