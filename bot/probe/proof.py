"""Proof that the run really happened: addresses, certificates, ids, bytes, times, clocks."""

import re
from collections.abc import Iterator
from statistics import median
from urllib.parse import urlsplit

from bot.model import Json
from bot.probe.peer import Peer
from bot.probe.session import Session
from bot.probe.step import Verdict, passed

PROOF_KEYS = (
    *("addresses", "tls", "server_ids", "bytes_sent", "bytes_received", "phases"),
    *("clock_skew_s", "nonce", "nonce_echoed", "sockets_opened", "edge_headers"),
    "headers",
)

# Set by what stands in front of the application, or by its tracing.
_TRACE_HEADERS = ("x-cloud-trace-context", "x-request-id", "cf-ray", "x-amzn-trace-id")
_EDGE_HEADERS = ("server", "via", *_TRACE_HEADERS)
_MOST_TRACES = 10
# What says which program or revision answers; never a cookie, never what is new in each answer.
_TELLING_HEADER = re.compile(
    r"server|via|x-powered-by|(?:[\w-]+-)?(?:version|revision|release|commit)(?:-id)?"
)
_MOST_HEADERS = 10


async def prove(session: Session) -> Verdict:
    """Record what only a real exchange with the target can have produced."""
    session.observe_known(
        addresses=_addresses(session) or None,
        tls=_certificates(session) or None,
        server_ids=_server_ids(session) or None,
        edge_headers=_edge_headers(session) or None,
        headers=_headers(session) or None,
        phases=_phases(session),
    )
    stream = session.stream
    sent = sum(answer.bytes_sent for answer in session.answers)
    received = sum(answer.bytes_received for answer in session.answers)
    session.observe("bytes_sent", sent + (stream.bytes_sent if stream else 0))
    session.observe("bytes_received", received + (stream.bytes_received if stream else 0))
    session.observe("sockets_opened", session.sockets_opened)
    if session.skews_s:
        session.observe("clock_skew_s", round(median(session.skews_s.values()), 1))
    if session.asked_at_s is not None:
        session.observe("nonce", session.nonce)
        session.observe("nonce_echoed", session.nonce_echoed)
    return passed()


def _addresses(session: Session) -> dict[str, str]:
    """Return host -> the address that answered; behind a proxy that is the proxy's."""
    by = f" (the proxy {session.proxy.address})" if session.proxy else ""
    return {host: f"{peer.address}{by}" for host, peer in _peers(session) if peer.address}


def _certificates(session: Session) -> dict[str, Json]:
    """Return host -> the certificate it showed."""
    return {host: peer.certificate for host, peer in _peers(session) if peer.certificate}


def _peers(session: Session) -> Iterator[tuple[str, Peer]]:
    for answer in session.answers:
        yield urlsplit(answer.url).netloc, answer.peer
    if session.opening is not None:
        yield urlsplit(session.target.ws_url).netloc, session.opening.peer


def _server_ids(session: Session) -> dict[str, Json]:
    """Return the ids that the server made up: of the connection, the runs, and its traces."""
    connection_id = session.fact("events.connection_id")
    ids = {
        "connection_id": connection_id,
        "run_ids": session.fact("events.run_ids"),
        "thread_ids": session.fact("events.thread_ids"),
        "traces": [
            answer.headers[name]
            for answer in session.answers
            for name in _TRACE_HEADERS
            if name in answer.headers
        ][:_MOST_TRACES],
    }
    return {name: value for name, value in ids.items() if value}


def _edge_headers(session: Session) -> dict[str, str]:
    return {
        name: answer.headers[name]
        for answer in reversed(session.answers)
        for name in _EDGE_HEADERS
        if name in answer.headers
    }


def _headers(session: Session) -> dict[str, dict[str, str]]:
    """Return URL -> what its first answer says of who answers."""
    said = {answer.url: answer.headers for answer in reversed(session.answers)}
    if session.opening is not None:
        said[session.target.ws_url] = session.opening.headers
    telling = {
        url: {name: headers[name] for name in sorted(headers) if _TELLING_HEADER.fullmatch(name)}
        for url, headers in said.items()
    }
    return {url: dict(list(some.items())[:_MOST_HEADERS]) for url, some in telling.items() if some}


def _phases(session: Session) -> dict[str, float]:
    """Return milliseconds per phase: those of the socket, and the first byte of the backend."""
    phases = dict(session.opening.phases) if session.opening is not None else {}
    if session.dns_ms:
        phases["dns"] = max(session.dns_ms.values())
    for answer in session.answers:
        for name, took_ms in answer.phases.items():
            phases.setdefault(name, took_ms)
    if session.stream is not None and session.stream.frames:
        phases["first_frame"] = round(session.stream.frames[0].at_s * 1000, 2)
    phases["total"] = round((session.clock() - session.began) * 1000, 2)
    return phases
