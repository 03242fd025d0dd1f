"""When an experiment can tell something: questions to a session whose steps have been taken.

`moot` questions are asked later, once other experiments are over: each returns why an outcome
would tell nothing any more, and is empty as long as it would.
"""

from bot.probe.http_probes import SERVICES, is_unwell
from bot.probe.keys import SPOILS
from bot.probe.minting import full_claims, secret_problem
from bot.probe.session import Session
from bot.probe.steps.connect import subprotocols_of
from bot.probe.wider_probes import other_services
from bot.target import KEY_CHECK

_TRANSIENT_ERRORS = ("timeout", "reset", "refused", "protocol", "decode")
# Validators allow less than this, and Date headers are no better than a second.
_CLOCK_OFF_S = 20.0


def health_was_unwell(session: Session) -> bool:
    """A service was not there, or answered like one whose instances are not up."""
    return any(is_unwell(session, name) for name in SERVICES)


def key_was_sent(session: Session) -> bool:
    """The exchange answered with something but a token."""
    return session.exchange is not None and session.exchange.status not in (None, 200)


def key_was_judged(session: Session) -> bool:
    """The exchange gave an answer that may be about the key, to a body that is JSON."""
    is_about_key = session.fact("exchange.status") in (400, 401, 403, 422, 500)
    return key_was_sent(session) and is_about_key and session.check != KEY_CHECK


def key_was_judged_or_unset(session: Session) -> bool:
    """The exchange refused as it would refuse a wrong key, or for want of a key of its own."""
    return key_was_sent(session) and session.fact("exchange.status") in (401, 403, 503)


def key_looks_spoiled(session: Session) -> bool:
    """Something that does not belong to the key seems to be stuck to it."""
    return bool(SPOILS & set(session.fact("exchange.key_lint") or ()))


def exchange_was_unwell(session: Session) -> bool:
    """The exchange gave no answer, or one that may be another the next time."""
    status = session.fact("exchange.status")
    is_late = status is not None and (status >= 500 or status == 429)
    return is_late or session.fact("exchange.error") in _TRANSIENT_ERRORS


def exchange_came_late(session: Session) -> bool:
    """The exchange gave a token only when it was asked again."""
    return session.issued is not None and session.issued is not session.token


def did_not_stay(session: Session) -> bool:
    """The socket did not open, or did not last."""
    if session.opening is not None and session.opening.connection is None:
        return True
    return session.fact("events.end") in ("error_frame", "closed", "garbage")


def upgrade_refused(session: Session) -> bool:
    """The upgrade was answered, and not with a socket."""
    return session.opening is not None and session.opening.status not in (None, 101)


def turned_away_early(session: Session) -> bool:
    """The server refused us before anything was asked of it."""
    if upgrade_refused(session):
        return True
    ended = session.fact("events.end") in ("error_frame", "closed")
    return ended and session.asked_at_s is None


def turned_away_and_can_mint(session: Session) -> bool:
    """Refused, and another token can be made here."""
    return turned_away_early(session) and not secret_problem(session.target)


def turned_away_though_exchanged(session: Session) -> bool:
    """Refused with a token of the auth service, and another one can be made here."""
    is_exchanged = session.token is not None and session.token.source == "exchanged"
    return is_exchanged and turned_away_and_can_mint(session)


def turned_away_with_few_claims(session: Session) -> bool:
    """Refused with a token made here that lacks a claim which others set."""
    token = session.token
    if token is None or token.source != "minted" or not turned_away_early(session):
        return False
    return any(name not in token.claims for name in full_claims(session.issued))


def turned_away_with_another_time(session: Session) -> bool:
    """Refused with a token made here, by a backend whose clock is not ours."""
    token, skew_s = session.token, session.fact("health.backend.skew_s")
    if token is None or token.source != "minted" or not turned_away_and_can_mint(session):
        return False
    return isinstance(skew_s, int | float) and abs(skew_s) > _CLOCK_OFF_S


def own_token_was_refused(session: Session) -> bool:
    """Refused on the open socket with a token made here, and the auth service can be asked."""
    token = session.token
    is_minted = token is not None and token.source == "minted"
    is_late = is_minted and turned_away_early(session) and not upgrade_refused(session)
    return is_late and bool(session.target.token.verify_path)


def turned_away_with_headers(session: Session) -> bool:
    """Refused, and what was sent said that it is a test."""
    return turned_away_early(session) and bool(session.target.socket.headers)


def no_token_arrived(session: Session) -> bool:
    """The server says that it saw no token, or refuses without saying anything."""
    if session.fact("events.authorization_present") is False:
        return True
    if "NO_TOKEN" in str(session.fact("events.error_code")):
        return True
    return session.fact("connect.status") in (401, 403)


def subprotocol_may_be_why(session: Session) -> bool:
    """The socket did not open, or not with the subprotocol that was to be agreed on."""
    if not subprotocols_of(session.target, session.token) or session.opening is None:
        return False
    status, error = session.opening.status, session.fact("connect.error")
    return status in (400, 401, 403, 406, 426) or error == "protocol"


def refused_with_siblings(session: Session) -> bool:
    """The upgrade was refused, and the socket has other paths."""
    return upgrade_refused(session) and bool(session.target.socket.sibling_paths)


def nothing_came(session: Session) -> bool:
    """The request was sent, and its run never ended."""
    ended_by = session.fact("events.end")
    return session.asked_at_s is not None and ended_by in ("gap_timeout", "total_timeout")


def request_led_to_nothing(session: Session) -> bool:
    """The request was taken or refused without an event of a run, and there are other types."""
    if session.asked_at_s is None or not session.target.request.alternatives:
        return False
    return not session.fact("events.names") and session.fact("events.end") != "terminal"


# The run's own limit for silence counts as short below this, the contract's usual one
# (PROTOCOL 5.4); a healthy run was seen to be silent for longer.
_LONG_WINDOW_S = 30.0


def silence_was_short(session: Session) -> bool:
    """Nothing came, within a window that is too short to call it never, and more can still come."""
    window_s = session.fact("events.window_s")
    is_open = session.stream is not None and session.stream.ending is None
    is_short = isinstance(window_s, int | float) and window_s < _LONG_WINDOW_S
    return nothing_came(session) and is_open and is_short


def name_was_unknown(session: Session) -> bool:
    """A name of the target did not resolve."""
    asked = [*(f"health.{name}" for name in SERVICES), "health.frontend", "exchange", "connect"]
    return any(session.fact(f"{call}.error") in ("dns", "dns_temporary") for call in asked)


def others_may_tell(session: Session) -> bool:
    """A service gave no answer, or an answer like one that is not up; there are others to ask."""
    upgrade = session.fact("connect.status")
    is_down = isinstance(upgrade, int) and upgrade >= 500
    is_down = is_down or session.fact("connect.error") in _TRANSIENT_ERRORS
    ill = is_down or nothing_came(session) or exchange_was_unwell(session)
    return ill and bool(other_services(session))


def gets_in_by_now(session: Session) -> str:
    """The unchanged connection gets in, so another one that does owes it to nothing it changed."""
    if session.fact("connect_again.outcome") in ("accepted", "greeted"):
        return "the unchanged connection gets in by now, so that a changed one would tell nothing"
    return ""


def token_is_not_looked_at(session: Session) -> str:
    """Nothing about a token can matter to a server that fails alike without one."""
    # A bare refusal does not count: it is the same for no token as for one that is not liked.
    upgrade, code = session.fact("connect.status"), session.fact("events.close_code")
    failed = (isinstance(upgrade, int) and upgrade >= 500) or code in (1006, 1011)
    alike = session.fact("token_none.same") is session.fact("token_garbage.same") is True
    if failed and alike and not session.fact("events.error_code"):
        return "without a token, and with a forged one, the server fails in the same way"
    return gets_in_by_now(session)


def exchange_works_by_now(session: Session) -> str:
    """A key that is accepted as it is needs no closer look."""
    if session.fact("exchange_again.status") == 200:
        return "the same key is accepted by now"
    return ""


def key_is_accepted(session: Session) -> str:
    """A key that is accepted as it is has nothing stuck to it that matters."""
    refused = session.fact("key_non_json.wrong_refused")
    if refused is not None:
        return (
            "the key is accepted as it is"
            if refused
            else "a wrong key is not refused either by what would be asked"
        )
    return exchange_works_by_now(session)


def other_request_got_through(session: Session) -> str:
    """A socket on which another request has an answer is alive."""
    if session.fact("other_request.outcome") in ("terminal", "events"):
        return "another request was answered, so that the socket is alive"
    return ""
