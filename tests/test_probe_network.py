"""HTTP and sockets from below: who answered, how long it took, and what kept an answer away."""

import asyncio
import errno
import gc
import gzip
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import trustme
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import InvalidMessage

from bot.probe.http import BODY_LIMIT, Answer, ask
from bot.probe.network import Network, connect_tcp, host_and_port, resolve
from bot.probe.socket import Door, open_socket
from bot.probe.trouble import Kind, trouble_of
from tests.probing import answering, response, serving

PATIENCE_S = 10.0


def deadline() -> float:
    return asyncio.get_running_loop().time() + PATIENCE_S


async def get(port: int, *, times: int = 1) -> list[Answer]:
    async with Network() as network:
        connections = network.connections()
        url = f"http://127.0.0.1:{port}/"
        try:
            return [await ask(connections, "GET", url, deadline=deadline()) for _ in range(times)]
        finally:
            await connections.aclose()


async def test_a_connection_that_went_stale_is_no_failure_of_the_target() -> None:
    """Some servers drop an idle connection without saying so; the request is sent again."""
    accepted = 0

    async def serve_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal accepted
        accepted += 1
        await reader.readuntil(b"\r\n\r\n")
        writer.write(response(b"{}"))
        await reader.readuntil(b"\r\n\r\n")  # the next request finds the door shut
        writer.close()

    async with serving(serve_once) as port:
        answers = await get(port, times=3)
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert accepted == 3


async def test_a_server_that_hangs_up_when_time_is_up_leaves_no_connection_open() -> None:
    """httpcore closes them one by one, and forgets the rest when it is cancelled meanwhile."""
    everybody, read = asyncio.Barrier(3), asyncio.Event()
    hung_up = asyncio.Semaphore(0)

    async def serve_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await everybody.wait()
        writer.write(response(b"{}"))
        await read.wait()
        writer.close()
        hung_up.release()

    async with serving(serve_once) as port, Network() as network:
        connections, url = network.connections(), f"http://127.0.0.1:{port}/"
        asked = (ask(connections, "GET", url, deadline=deadline()) for _ in range(3))
        assert [answer.status for answer in await asyncio.gather(*asked)] == [200] * 3
        read.set()
        for _ in range(3):
            await hung_up.acquire()
        await asyncio.sleep(0.05)  # until that has arrived here too
        late = await ask(connections, "GET", url, deadline=deadline() - 2 * PATIENCE_S)
        await connections.aclose()
        left = [each for each in gc.get_objects() if issubclass(type(each), asyncio.Transport)]
        ports = [each.get_extra_info("peername") for each in left if not each.is_closing()]
    assert late.trouble is not None
    assert ("127.0.0.1", port) not in ports


async def test_a_server_that_never_answers_is_asked_once() -> None:
    asked = 0

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await reader.readuntil(b"\r\n\r\n")
        asked += 1
        writer.close()

    async with serving(refuse) as port:
        [answer] = await get(port)
    assert answer.trouble is not None
    assert (answer.trouble.kind, asked) == (Kind.RESET, 1)


async def test_no_cookie_is_kept() -> None:
    seen: list[bytes] = []

    async def bake(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            seen.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(response(b"{}", headers="set-cookie: a=b; Path=/\r\n"))

    async with serving(bake) as port:
        await get(port, times=2)
    assert len(seen) == 2
    assert not any(b"cookie" in head.lower() for head in seen)


async def test_a_redirect_is_told_and_not_followed() -> None:
    moved = response(b"", status="307 Moved", headers="location: /elsewhere\r\n")
    async with serving(answering(moved)) as port:
        [answer] = await get(port)
    assert answer.status == 307
    assert answer.trouble is not None
    assert "/elsewhere" in answer.trouble.text


async def test_phases_peer_and_sizes_are_measured() -> None:
    async with serving(answering(response(b'{"a": 1}'))) as port:
        [answer] = await get(port)
    assert answer.peer.address == "127.0.0.1"
    assert set(answer.phases) == {"tcp", "ttfb"}
    assert (answer.json, answer.size_bytes) == ({"a": 1}, 8)
    assert min(answer.bytes_sent, answer.bytes_received) > 0


async def test_compression_nobody_asked_for_is_undone_up_to_the_limit() -> None:
    bomb = response(gzip.compress(b"0" * 5_000_000), headers="content-encoding: gzip\r\n")
    async with serving(answering(bomb)) as port:
        [answer] = await get(port)
    assert answer.body == "0" * BODY_LIMIT


async def test_a_header_that_cannot_be_sent_is_our_configuration() -> None:
    async with Network() as network, serving(answering(response(b""))) as port:
        connections = network.connections()
        answer = await ask(
            connections,
            "GET",
            f"http://127.0.0.1:{port}/",
            headers=(("x-key", "two\nlines"),),
            deadline=deadline(),
        )
        await connections.aclose()
    assert answer.trouble is not None
    assert answer.trouble.kind is Kind.CONFIG


class Authority:
    """A certificate authority of the test's own, with a server that uses it."""

    def __init__(self) -> None:
        self._authority = trustme.CA()
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert("127.0.0.1", "localhost").configure_cert(self.server)

    def write(self, path: Path) -> str:
        self._authority.cert_pem.write_to_path(str(path))
        return str(path)


@asynccontextmanager
async def secured(authority: Authority) -> AsyncIterator[int]:
    async def idle(socket: ServerConnection) -> None:
        await socket.wait_closed()

    async with serve(idle, "127.0.0.1", 0, ssl=authority.server, close_timeout=0.1) as server:
        yield server.sockets[0].getsockname()[1]


async def opened(port: int, ca_file: str) -> tuple[str, object]:
    """Open a secure socket; return the kind of trouble, and the certificate that was shown."""
    async with Network() as network:
        door = Door(url=f"wss://127.0.0.1:{port}/", tls=network.tls(ca_file))
        opening = await open_socket(door, deadline=deadline())
        if opening.connection is None:
            assert opening.trouble is not None
            return opening.trouble.kind, None
        assert {"dns", "tcp", "tls", "upgrade"} == set(opening.phases)
        await opening.connection.close()
        return "", opening.peer.certificate


async def test_the_certificate_of_the_peer_is_proof(tmp_path: Path) -> None:
    authority = Authority()
    async with secured(authority) as port:
        trouble, certificate = await opened(port, authority.write(tmp_path / "ca.pem"))
    assert trouble == ""
    assert isinstance(certificate, dict)
    assert len(certificate["fingerprint"]) == 64
    assert certificate["names"] == ["127.0.0.1", "localhost"]
    assert certificate["issuer"]
    assert certificate["not_after"]


async def test_a_certificate_of_an_unknown_authority_is_refused(tmp_path: Path) -> None:
    async with secured(Authority()) as port:
        assert await opened(port, "") == (Kind.TLS, None)
        assert await opened(port, Authority().write(tmp_path / "ca.pem")) == (Kind.TLS, None)


async def test_an_authority_replaced_in_its_file_is_noticed(tmp_path: Path) -> None:
    async with Network() as network:
        ca_file = Authority().write(tmp_path / "ca.pem")
        before = network.tls(ca_file)
        assert network.tls(ca_file) is before
        replaced = tmp_path / "new.pem"
        Authority().write(replaced)
        replaced.replace(tmp_path / "ca.pem")
        assert network.tls(ca_file) is not before


async def test_an_address_that_refuses_gives_way_to_the_next() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        dead = await resolve("127.0.0.1", closed.getsockname()[1])
        async with serving(answering(b"")) as port:
            live = await resolve("127.0.0.1", port)
            with await connect_tcp([*dead, *live]) as connected:
                assert connected.getpeername() == ("127.0.0.1", port)
        with pytest.raises(OSError, match="no address") as failure:
            await connect_tcp(dead)
    assert trouble_of(failure.value).kind is Kind.REFUSED


@pytest.mark.parametrize("url", ["", "x", "http://", "ftp://host/", "http://host:99999/", "//h"])
def test_a_url_that_leads_nowhere_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"URL|[Pp]ort"):
        host_and_port(url)


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def grouped(*errors: Exception) -> Exception:
    return caused(OSError("all attempts failed"), ExceptionGroup("attempts", errors))


@pytest.mark.parametrize(
    ("error", "kind", "is_ours"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), Kind.DNS, False),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), Kind.DNS_TEMPORARY, True),
        (OSError(errno.ENETUNREACH, "no route"), Kind.UNREACHABLE, True),
        (OSError(errno.EMFILE, "too many open files"), Kind.LOCAL, True),
        (ConnectionRefusedError(), Kind.REFUSED, False),
        (ConnectionResetError(), Kind.RESET, False),
        (TimeoutError(), Kind.TIMEOUT, False),
        (ssl.SSLError("bad"), Kind.TLS, False),
        (UnicodeError("label too long"), Kind.DNS, False),
        (ValueError("bad header"), Kind.CONFIG, True),
        (caused(InvalidMessage("no"), ValueError("bad line")), Kind.PROTOCOL, False),
        (caused(InvalidMessage("no"), EOFError()), Kind.RESET, False),
        (httpx.ReadError(""), Kind.RESET, False),
        (caused(httpx.ConnectError(""), ConnectionRefusedError()), Kind.REFUSED, False),
        (grouped(OSError(errno.ENETUNREACH, ""), ConnectionRefusedError()), Kind.REFUSED, False),
        (httpx.RemoteProtocolError("odd"), Kind.PROTOCOL, False),
    ],
    ids=repr,
)
def test_an_exception_of_the_network_is_one_of_few_kinds(
    error: Exception, kind: Kind, is_ours: bool
) -> None:
    assert trouble_of(error).kind is kind
    assert kind.is_ours is is_ours
