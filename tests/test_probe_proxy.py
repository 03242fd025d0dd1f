"""A proxy of ours: everything goes through it, and its own troubles are never the target's."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from bot.masking import Secret
from bot.model import Run, Status
from bot.sandbox import Staging
from tests.probing import broke, everything, facts, run, serving, target_of

LOGIN = Secret(name="proxy_credentials", source="env:PROXY_LOGIN", value="ada:open-sesame-1843")


@dataclass
class SmallProxy:
    """A proxy that opens tunnels, and can refuse to."""

    answer: str = "200 OK"
    login: str = ""
    closed_ports: frozenset[int] = frozenset()
    """Ports that it cannot reach."""
    asked: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split("\r\n")[0])
        method, goal, _ = head.split(" ", 2)
        assert method == "CONNECT", head
        host, _, port = goal.rpartition(":")
        wanted = f"Proxy-Authorization: Basic {base64.b64encode(self.login.encode()).decode()}"
        answer = self.answer
        if self.login and wanted not in head:
            answer = "407 Proxy Authentication Required"
        elif int(port) in self.closed_ports:
            answer = "503 Service Unavailable"
        writer.write(f"HTTP/1.1 {answer}\r\n\r\n".encode())
        await writer.drain()
        if not answer.startswith("200"):
            return
        far_reader, far_writer = await asyncio.open_connection(host, int(port))
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            far_writer.transport.abort()
            with suppress(OSError):
                await far_writer.wait_closed()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def proxied(
    folder: Path, *faults: str, proxy: SmallProxy | None = None, login: Secret | None = None
) -> AsyncIterator[tuple[SmallProxy, Run]]:
    """Run the check against a simulated staging through a proxy."""
    proxy = proxy or SmallProxy()
    async with Staging(faults) as staging, serving(proxy.serve) as port:
        target = target_of(staging, folder)
        url = f"http://127.0.0.1:{port}"
        yield proxy, await run(replace(target, proxy=url, proxy_credentials=login))


async def test_everything_goes_through_the_proxy_the_socket_too(tmp_path: Path) -> None:
    async with proxied(tmp_path) as (proxy, result):
        assert result.status is Status.PASSED
        assert len(set(proxy.asked)) == 3  # auth, backend, front end
        assert all(line.startswith("CONNECT 127.0.0.1:") for line in proxy.asked)


async def test_what_goes_through_tls_is_still_verified_end_to_end(tmp_path: Path) -> None:
    async with proxied(tmp_path, "tls-self-signed") as (_, result):
        assert result.status is Status.FAILED
        assert facts(result)["health.backend.error"] == "tls"


async def test_the_proof_says_that_the_address_is_the_proxys(tmp_path: Path) -> None:
    async with proxied(tmp_path) as (_, result):
        assert all("(the proxy 127" in said for said in facts(result)["proof.addresses"].values())


async def test_credentials_are_sent_to_the_proxy_and_shown_nowhere(tmp_path: Path) -> None:
    asked = SmallProxy(login="ada:open-sesame-1843")
    async with proxied(tmp_path, proxy=asked, login=LOGIN) as (_, result):
        assert result.status is Status.PASSED
        assert "open-sesame" not in everything(result)


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        (SmallProxy(login="somebody:else"), "407 Proxy Authentication Required"),
        (SmallProxy(answer="403 Forbidden"), "403 Forbidden"),
        (SmallProxy(answer="502 Bad Gateway"), "502 Bad Gateway"),
    ],
)
async def test_a_proxy_that_lets_nothing_through_is_ours(
    tmp_path: Path, proxy: SmallProxy, said: str
) -> None:
    async with proxied(tmp_path, proxy=proxy) as (_, result):
        assert result.status is Status.ERRORED
        assert said in everything(result)
        assert broke(result) == []


PAGE = b"<html><title>Sign in to go on</title></html>"


@pytest.mark.parametrize(
    ("headers", "at_once"),
    [
        (f"Content-Length: {len(PAGE)}\r\n", True),
        (f"content-length: {len(PAGE)}\r\n", False),
        ("Content-Type: text/html\r\n", False),
        ("Transfer-Encoding: chunked\r\n", False),
        ("", True),
    ],
)
async def test_a_proxy_that_serves_a_page_in_place_of_a_tunnel_is_ours(
    headers: str, at_once: bool, tmp_path: Path
) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 200 OK\r\n{headers}\r\n".encode()
        for part in [head + PAGE] if at_once else [head, PAGE]:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.05)  # long enough to be read by itself
        await reader.read()

    async with Staging() as staging, serving(serve) as port:
        target = target_of(staging, tmp_path)
        result = await run(replace(target, proxy=f"http://127.0.0.1:{port}"))
    assert result.status is Status.ERRORED
    assert facts(result)["ours.proxy"] == "refuses"
    assert "Sign in to go on" in facts(result)["ours.proxy_text"]


async def test_headers_that_announce_nothing_real_do_not_close_a_tunnel(tmp_path: Path) -> None:
    odd = SmallProxy(answer="200 OK\r\nContent-Length: 0\r\nContent-Type: text/plain")
    async with proxied(tmp_path, proxy=odd) as (_, result):
        assert result.status is Status.PASSED


@pytest.mark.parametrize("hang", [True, False], ids=["silent", "hangs up"])
async def test_a_proxy_that_says_nothing_is_ours(hang: bool, tmp_path: Path) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        if hang:
            await reader.read()  # until the client gives up
        writer.close()

    async with Staging() as staging, serving(serve) as port:
        target = target_of(staging, tmp_path)
        target = replace(target, timeouts=replace(target.timeouts, step_s=1.0))
        result = await run(replace(target, proxy=f"http://127.0.0.1:{port}"))
    assert result.status is Status.ERRORED
    assert facts(result)["health.backend.error"] == "proxy_gateway"
    assert facts(result)["ours.proxy"] == "no_way"


async def test_a_proxy_that_is_not_there_is_ours(tmp_path: Path) -> None:
    async with Staging() as staging:
        target = replace(target_of(staging, tmp_path), proxy="http://127.0.0.1:1")
        result = await run(target)
    assert result.status is Status.ERRORED
    assert facts(result)["health.backend.error"] == "proxy"


async def test_a_gateway_error_inside_the_tunnel_is_the_targets(tmp_path: Path) -> None:
    async with proxied(tmp_path, "backend-edge-503") as (_, result):
        assert result.status is Status.FAILED
        assert facts(result)["health.backend.status"] == 503


async def test_one_service_that_the_proxy_cannot_reach_is_the_targets(tmp_path: Path) -> None:
    async with Staging() as staging:
        target = target_of(staging, tmp_path)
        backend = int(target.api_url.rpartition(":")[2])
        proxy = SmallProxy(closed_ports=frozenset({backend}))
        async with serving(proxy.serve) as port:
            result = await run(replace(target, proxy=f"http://127.0.0.1:{port}"))
    assert result.status is Status.FAILED
    assert facts(result)["connect.error"] == "proxy_gateway"
