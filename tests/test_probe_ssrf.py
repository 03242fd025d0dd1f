"""What the target, its name or its answers say, we ask nobody but the target itself."""

import asyncio
import socket
from dataclasses import replace
from pathlib import Path

import httpcore
import pytest
from websockets.asyncio.server import serve

from bot.errors import ConfigError
from bot.model import Status
from bot.probe import Network
from bot.probe.http import ask
from bot.probe.network import GuardedBackend, UnfitAddress, fit, resolve
from bot.probe.trouble import Kind
from bot.target import unfit_address
from tests.configurations import loaded, refusal_under
from tests.probing import NO_HEALTH, answering, facts, response, run, serving, target_at

UNFIT = (
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "[fe80::1]",
    "fd00:ec2::254",
    "fd20:ce::254",
    "ff02::1",
    "::",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "metadata.google.internal",
    "METADATA.google.internal.",
)
FIT = ("127.0.0.1", "10.0.0.5", "192.168.1.1", "203.0.113.9", "::1", "2001:db8::1", "staging.test")


@pytest.mark.parametrize("host", UNFIT)
def test_no_target_is_looked_for_there(host: str) -> None:
    assert unfit_address(host)


@pytest.mark.parametrize("host", FIT)
def test_a_target_can_be_there(host: str) -> None:
    assert unfit_address(host) == ""


@pytest.mark.parametrize("url", ["http://169.254.169.254", "http://[fe80::1]:8080"])
def test_a_configuration_that_names_such_an_address_is_refused(tmp_path: Path, url: str) -> None:
    words = refusal_under(tmp_path, f'frontend_url: "{url}"')
    assert "frontend_url is a link-local address" in words
    assert "allow_link_local" in words


def test_it_can_be_allowed(tmp_path: Path) -> None:
    text = """
targets:
  staging:
    allow_link_local: true
    api_url: http://169.254.10.10
    auth_url: http://169.254.10.10
    ws_url: ws://169.254.10.10/ws
"""
    assert loaded(tmp_path, text, {}).targets["staging"].allow_link_local


async def test_a_name_that_leads_to_such_an_address_is_asked_nothing() -> None:
    """0.0.0.0 leads to this machine, so that there is somebody who would hear it."""
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))

    async with serving(listen) as port:
        target = replace(
            target_at(port, health=NO_HEALTH),
            api_url=f"http://0.0.0.0:{port}",
            auth_url=f"http://0.0.0.0:{port}",
            ws_url=f"ws://0.0.0.0:{port}/ws",
        )
        result = await run(target)
    assert b"".join(heard) == b""
    assert result.status is Status.ERRORED
    assert facts(result)["connect.error"] == "config"
    assert "allow_link_local" in facts(result)["connect.error_text"]


class Astray(httpcore.AsyncNetworkBackend):
    """A network in which every name leads to where a cloud keeps the keys of a machine."""

    def __init__(self) -> None:
        self.stream = Elsewhere()

    async def connect_tcp(self, *_: object, **__: object) -> httpcore.AsyncNetworkStream:
        return self.stream


class Elsewhere(httpcore.AsyncNetworkStream):
    """A connection there, which counts what is said."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        self.written.append(buffer)

    async def aclose(self) -> None:
        self.closed = True

    def get_extra_info(self, info: str) -> object:
        return ("169.254.169.254", 80) if info == "server_addr" else None


async def test_where_a_connection_leads_is_judged_before_a_byte_is_said() -> None:
    """A name may lead elsewhere by the time it is used than when it was looked up."""
    astray = Astray()
    async with Network() as network:
        connections = network.connections(backend=GuardedBackend(astray))
        deadline = asyncio.get_running_loop().time() + 5.0
        answer = await ask(connections, "GET", "http://staging.test/health", deadline=deadline)
        await connections.aclose()
    assert answer.trouble is not None
    assert answer.trouble.kind is Kind.CONFIG
    assert astray.stream.written == []
    assert astray.stream.closed


async def test_addresses_that_are_left_over_are_tried() -> None:
    good = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 1))
    bad = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 1))
    assert fit([bad, good]) == [good]
    with pytest.raises(UnfitAddress):
        fit([bad])
    assert fit(await resolve("127.0.0.1", 80))


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_told_and_not_followed(status: str) -> None:
    heard: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))

    async with serving(elsewhere) as other:
        headers = f"location: http://127.0.0.1:{other}/stolen\r\n"
        async with serving(answering(response(b"", status=status, headers=headers))) as port:
            result = await run(target_at(port))
    assert heard == []
    assert facts(result)["health.backend.error"] == "redirect"
    assert "connect.error" in facts(result) or facts(result)["connect.status"] != 101


async def test_an_upgrade_that_redirects_is_not_followed_either() -> None:
    reached: list[object] = []

    async with serve(lambda each: reached.append(each), "127.0.0.1", 0) as other:  # type: ignore[arg-type]
        there = other.sockets[0].getsockname()[1]
        headers = f"location: ws://127.0.0.1:{there}/ws\r\n"
        async with serving(answering(response(b"", status="302 Found", headers=headers))) as port:
            result = await run(target_at(port, health=NO_HEALTH))
    assert reached == []
    assert facts(result)["connect.error"] == "redirect"


def test_a_target_that_is_not_configured_cannot_be_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        loaded(tmp_path, "targets: {}\n", {})
