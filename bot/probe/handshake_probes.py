"""Experiments on the socket: each opens it with one thing changed, and looks at the first words."""

import base64
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from bot.probe.minting import forged, full_claims, mint
from bot.probe.seen import Seen, look, of_the_run
from bot.probe.session import Session, Token
from bot.probe.socket import Door
from bot.probe.step import Act, Verdict, passed
from bot.probe.steps.connect import door_of
from bot.probe.steps.request import message

HANDSHAKE_KEYS = (
    *("outcome", "status", "url", "error", "error_code", "error_message", "error_detail"),
    *("close_code", "close_reason", "welcome_user_id", "names", "same"),
)

Vary: TypeAlias = Callable[[Session], Door]

# Headers that are no claim to be an end-to-end test.
_PLAIN_HEADERS = ("authorization", "user-agent")
# Some answers come only once the server has looked into the request; then it is still quick.
_ANSWER_S = 3.0


def handshake(vary: Vary) -> Act:
    """Make an experiment of one variation of the run's own way of connecting."""

    async def act(session: Session) -> Verdict:
        return _record(session, await look(session, vary(session)))

    return act


def unchanged(session: Session) -> Door:
    """The run's own way, once more."""
    return door_of(session.target, session.token)


def token_none(session: Session) -> Door:
    """Without any token."""
    return door_of(session.target, None)


def token_garbage(session: Session) -> Door:
    """With the run's token under a signature that is none."""
    garbage = forged(session.token.value if session.token else "")
    session.learn(garbage)
    return door_of(session.target, Token(value=garbage, source="garbage"))


def token_exchanged(session: Session) -> Door:
    """With the token that the exchange gave after all."""
    return door_of(session.target, session.issued)


def token_minted(session: Session) -> Door:
    """With a token minted here, for the same user."""
    subject = session.token.subject if session.token else ""
    return _with_minted(session, mint(session.target, subject=subject))


def token_full_claims(session: Session) -> Door:
    """With the claims that the target's own auth service would set."""
    return _with_minted(session, mint(session.target, extra=full_claims(session.issued)))


def token_server_time(session: Session) -> Door:
    """With a token made here by the backend's clock instead of ours."""
    subject = session.token.subject if session.token else ""
    ahead_s = float(session.fact("health.backend.skew_s") or 0.0)
    return _with_minted(session, mint(session.target, subject=subject, ahead_s=ahead_s))


def fresh_user(session: Session) -> Door:
    """For a user that nobody has heard of, under the same secret."""
    return _with_minted(session, mint(session.target, subject=str(uuid4())))


def no_subprotocol(session: Session) -> Door:
    """Without offering a subprotocol."""
    return replace(unchanged(session), subprotocols=())


def subprotocol_token(session: Session) -> Door:
    """With the token in the subprotocol and not in the Authorization header."""
    door = unchanged(session)
    headers = tuple(pair for pair in door.headers if pair[0].lower() != "authorization")
    offered = door.subprotocols
    if session.token is not None and not session.target.socket.token_subprotocol:
        encoded = base64.urlsafe_b64encode(session.token.value.encode()).rstrip(b"=").decode()
        offered = (*offered, f"jwt.{encoded}")
    return replace(door, headers=headers, subprotocols=offered)


def no_e2e_headers(session: Session) -> Door:
    """Without the headers that say that this is a test."""
    door = unchanged(session)
    kept = tuple(pair for pair in door.headers if pair[0].lower() in _PLAIN_HEADERS)
    return replace(door, headers=kept)


def sibling_path(session: Session) -> Door:
    """Under another path of the same socket."""
    parts = urlsplit(session.target.ws_url)
    path = session.target.socket.sibling_paths[0]
    return replace(unchanged(session), url=urlunsplit(parts._replace(path=path)))


async def other_request(session: Session) -> Verdict:
    """Send the same request under another type."""
    kind = session.target.request.alternatives[0]
    text = message(kind, session.target.request.payload, session.nonce)
    left_s = session.deadline - session.clock()
    patience_s = min(session.target.timeouts.gap_s, _ANSWER_S, left_s)
    seen = await look(session, unchanged(session), say=text, patience_s=patience_s)
    return _record(session, seen)


async def ping(session: Session) -> Verdict:
    """Ask the server for a sign of life on a socket of its own."""
    seen = await look(session, unchanged(session), say='{"type":"ping"}')
    return _record(session, seen)


def _with_minted(session: Session, token: Token) -> Door:
    session.learn(token.value)
    return door_of(session.target, token)


def _record(session: Session, seen: Seen) -> Verdict:
    for key, value in seen.facts().items():
        if value not in (None, "", ()):
            session.observe(key, value)
    session.observe("same", seen.is_like(of_the_run(session)))
    return passed(seen.summary())
