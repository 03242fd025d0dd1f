"""Connect: the WebSocket is opened with the token, headers and subprotocols of the target."""

import base64
from dataclasses import replace
from typing import Any

from bot.model import Status
from bot.probe.http import Answer, parse_json, retry_after_s
from bot.probe.session import Session, Token
from bot.probe.socket import Door, Opening, open_socket
from bot.probe.step import Verdict, failed, passed, step
from bot.probe.stream import Stream
from bot.probe.trouble import Kind, Trouble
from bot.target import Target

CONNECT_KEYS = (
    *("url", "status", "error", "error_text", "body", "content_type", "edge", "latency_ms"),
    *("subprotocol", "identity", "authorization_sent", "e2e_headers_sent"),
    *("close_code", "close_reason", "retry_after_s"),
)


@step("connect", title="WebSocket", observes=CONNECT_KEYS)
async def connect(session: Session) -> Verdict:
    """Open the socket; which identity is really sent is recorded, not the one intended."""
    target, token = session.target, session.token
    door = door_of(target, token)
    session.observe("url", door.url)
    session.observe("identity", token.source if token else "none")
    session.observe(
        "authorization_sent", any(n.lower() == "authorization" for n, _ in door.headers)
    )
    session.observe("e2e_headers_sent", bool(target.socket.headers))
    opening = await open_door(session, door)
    session.opening = opening
    _record(session, opening)
    if opening.connection is None:
        return _refused(session, opening)
    session.stream = Stream(opening.connection, on_frame=session.take)
    chosen, wanted = opening.connection.subprotocol, target.socket.subprotocol
    if wanted and chosen != wanted:
        text = f"the server chose {chosen or 'no subprotocol'}, where {wanted} was offered"
        session.observe("error", Kind.PROTOCOL.value)
        session.observe("error_text", text)
        return failed(text, ends="the subprotocol was not agreed on")
    return passed(f"open after {opening.latency_ms:.0f} ms, {_identity(token)}")


def door_of(target: Target, token: Token | None) -> Door:
    """Return how the target's socket is opened with `token`, or without one."""
    headers = tuple(target.socket.headers.items())
    if token is not None and target.socket.send_authorization:
        headers += (("Authorization", f"Bearer {token.value}"),)
    return Door(
        url=target.ws_url,
        headers=headers,
        subprotocols=subprotocols_of(target, token),
        max_frame_bytes=target.socket.max_frame_bytes,
        allow_link_local=target.allow_link_local,
    )


def subprotocols_of(target: Target, token: Token | None) -> tuple[str, ...]:
    """Return what is offered: the subprotocol, and the one that carries the token."""
    offered = [target.socket.subprotocol]
    if token is not None and target.socket.token_subprotocol:
        encoded = base64.urlsafe_b64encode(token.value.encode()).rstrip(b"=").decode()
        template = target.socket.token_subprotocol
        offered.append(template.replace("{token_b64}", encoded).replace("{token}", token.value))
    return tuple(name for name in offered if name)


async def open_door(session: Session, door: Door) -> Opening:
    """Open `door` before the step's deadline; both ways go to the transcript."""
    shown = [f"{name}: {value}" for name, value in door.headers]
    offer = f"offering {', '.join(door.subprotocols)}" if door.subprotocols else ""
    session.sent(f"UPGRADE {door.url}", *shown, offer)
    door = replace(door, proxy=session.proxy)
    if door.url.startswith("wss:"):
        try:
            door = replace(door, tls=session.network.tls(session.target.ca_file))
        except OSError as error:
            text = f"the file of certificate authorities cannot be used: {error}"
            return Opening(latency_ms=0.0, trouble=Trouble(kind=Kind.CONFIG, text=text))
    opening = await open_socket(door, deadline=session.deadline)
    session.sockets_opened += "tcp" in opening.phases
    if opening.status is not None:
        session.received(f"{opening.status} from {door.url}", opening.body)
    if opening.trouble is not None:
        session.noted(f"{door.url}: {opening.trouble.kind}: {opening.trouble.text}")
    return opening


def _record(session: Session, opening: Opening) -> None:
    trouble, status = opening.trouble, opening.status
    facts: dict[str, Any] = {
        "status": status,
        "error": trouble and trouble.kind.value,
        "error_text": trouble and trouble.text,
        "latency_ms": opening.latency_ms,
        "subprotocol": opening.headers.get("sec-websocket-protocol"),
    }
    if opening.connection is None and status is not None:
        as_answer = Answer(
            url="", latency_ms=0, status=status, body=opening.body, json=parse_json(opening.body)
        )
        facts |= {
            "body": opening.body,
            "content_type": opening.content_type,
            "edge": as_answer.from_edge,
            "retry_after_s": retry_after_s(opening.headers),
        }
    session.observe_known(**facts)


def _refused(session: Session, opening: Opening) -> Verdict:
    ends = "the socket did not open"
    trouble = opening.trouble
    if trouble is None:
        words = " ".join(opening.body.split())[:120]
        return failed(f"the upgrade was answered {opening.status} {words}".rstrip(), ends=ends)
    status = Status.ERRORED if session.blames_us(trouble) else Status.FAILED
    return Verdict(status=status, detail=f"{trouble.kind}: {trouble.text}", ends=ends)


def _identity(token: Token | None) -> str:
    if token is None:
        return "without a token"
    return f"with the {token.source} token of {token.subject or 'an unnamed user'}"
