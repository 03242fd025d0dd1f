"""The experiments: the same step with exactly one thing changed, to tell look-alikes apart."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.labels import Label
from bot.probe import circumstances as when
from bot.probe import handshake_probes as door
from bot.probe import http_probes as http
from bot.probe.handshake_probes import HANDSHAKE_KEYS, handshake
from bot.probe.http_probes import EXCHANGE_PROBE_KEYS, HEALTH_PROBE_KEYS
from bot.probe.session import Session
from bot.probe.step import Act


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A differential probe. `run` carries it out; `when` says whether it can tell anything."""

    name: str
    title: str
    explains: tuple[str, ...]
    """Steps whose failure it can explain."""
    varies: str
    """The one thing that is different."""
    separates: tuple[Label, ...]
    """Causes between which its outcome decides."""
    when: Callable[[Session], bool]
    run: Act
    observes: tuple[str, ...] = HANDSHAKE_KEYS
    cost: int = 1
    """Requests, or sockets, that it takes."""
    side_effects: str = ""
    """What it leaves behind at the target; empty for nothing."""


_SOCKET = ("connect", "request", "events")
_TOKEN = (Label.JWT_REJECTED, Label.WS_SERVER_CODE_ERROR, Label.WS_HANDSHAKE_FORBIDDEN)

EXPERIMENTS: Mapping[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            name="health_again",
            title="Is the service up a moment later?",
            explains=("health", "connect"),
            varies="the time",
            separates=(Label.STARTUP_RACE, Label.BACKEND_5XX, Label.BACKEND_UNRESPONSIVE),
            when=when.health_was_unwell,
            run=http.health_again,
            observes=HEALTH_PROBE_KEYS,
            cost=18,
        ),
        Experiment(
            name="key_non_json",
            title="Is the key itself refused?",
            explains=("exchange",),
            varies="the body, which is not JSON: the key is judged, and no token is issued",
            separates=(Label.BYPASS_KEY_MISMATCH, Label.AUTH_SERVICE_UNAVAILABLE),
            when=when.key_was_judged,
            run=http.key_non_json,
            observes=EXCHANGE_PROBE_KEYS,
        ),
        Experiment(
            name="key_stripped",
            title="Is the key right without what is stuck to it?",
            explains=("exchange",),
            varies="white space, quotes and byte order mark around the key",
            separates=(Label.BYPASS_KEY_MISMATCH,),
            when=when.key_looks_spoiled,
            run=http.key_stripped,
            observes=EXCHANGE_PROBE_KEYS,
        ),
        Experiment(
            name="key_dummy",
            title="Does the server hold a key at all?",
            explains=("exchange",),
            varies="the key, which is certainly wrong",
            separates=(Label.BYPASS_KEY_MISMATCH, Label.BYPASS_KEY_MISSING),
            when=when.key_was_judged_or_unset,
            run=http.key_dummy,
            observes=EXCHANGE_PROBE_KEYS,
        ),
        Experiment(
            name="key_none",
            title="Does the route ask for a key?",
            explains=("exchange",),
            varies="the key's header, which is left out",
            separates=(Label.BYPASS_KEY_MISSING, Label.WRONG_TARGET),
            when=when.key_was_sent,
            run=http.key_none,
            observes=EXCHANGE_PROBE_KEYS,
        ),
        Experiment(
            name="exchange_again",
            title="Does the exchange work a moment later?",
            explains=("exchange",),
            varies="the time",
            separates=(Label.AUTH_SERVICE_UNAVAILABLE, Label.RATE_LIMITED),
            when=when.exchange_was_unwell,
            run=http.exchange_again,
            observes=EXCHANGE_PROBE_KEYS,
            side_effects="One token is issued if the exchange works by now.",
        ),
        Experiment(
            name="connect_again",
            title="Is it the same a moment later?",
            explains=_SOCKET,
            varies="the time",
            separates=(Label.STARTUP_RACE, Label.INSTANCE_REPLACED, Label.WS_INTERNAL_CLOSE),
            when=when.did_not_stay,
            run=handshake(door.unchanged),
        ),
        Experiment(
            name="token_none",
            title="Is it the same without a token?",
            explains=_SOCKET,
            varies="the token, which is left out",
            separates=(*_TOKEN, Label.JWT_TOKEN_ABSENT),
            when=when.turned_away_early,
            run=handshake(door.token_none),
        ),
        Experiment(
            name="token_garbage",
            title="Is it the same with a forged signature?",
            explains=_SOCKET,
            varies="the token's signature",
            separates=_TOKEN,
            when=when.turned_away_early,
            run=handshake(door.token_garbage),
        ),
        Experiment(
            name="token_exchanged",
            title="Is a token of the auth service accepted?",
            explains=_SOCKET,
            varies="who signed the token",
            separates=_TOKEN,
            when=when.exchange_came_late,
            run=handshake(door.token_exchanged),
        ),
        Experiment(
            name="token_full_claims",
            title="Is a token with more claims accepted?",
            explains=_SOCKET,
            varies="the claims that minted tokens often lack",
            separates=(Label.JWT_REJECTED,),
            when=when.turned_away_with_few_claims,
            run=handshake(door.token_full_claims),
        ),
        Experiment(
            name="token_minted",
            title="Is a token minted with our secret accepted?",
            explains=_SOCKET,
            varies="who signed the token",
            separates=_TOKEN,
            when=when.turned_away_though_exchanged,
            run=handshake(door.token_minted),
        ),
        Experiment(
            name="no_subprotocol",
            title="Does it open without a subprotocol?",
            explains=("connect",),
            varies="the subprotocols, of which none is offered",
            separates=(Label.WS_SUBPROTOCOL_REJECTED, Label.WS_HANDSHAKE_FORBIDDEN),
            when=when.subprotocol_may_be_why,
            run=handshake(door.no_subprotocol),
        ),
        Experiment(
            name="subprotocol_token",
            title="Does the token arrive in the subprotocol?",
            explains=_SOCKET,
            varies="the way of the token: in the subprotocol, not in the header",
            separates=(Label.JWT_TOKEN_ABSENT, Label.WS_HANDSHAKE_FORBIDDEN),
            when=when.no_token_arrived,
            run=handshake(door.subprotocol_token),
        ),
        Experiment(
            name="fresh_user",
            title="Is another user let in?",
            explains=_SOCKET,
            varies="the user id in the token",
            separates=(Label.USER_ID_REJECTED, Label.WS_QUOTA_EXCEEDED, Label.USER_NOT_FOUND),
            when=when.turned_away_and_can_mint,
            run=handshake(door.fresh_user),
        ),
        Experiment(
            name="sibling_path",
            title="Does another path of the socket work?",
            explains=("connect",),
            varies="the path",
            separates=(Label.WRONG_TARGET, Label.WS_SERVER_CODE_ERROR),
            when=when.refused_with_siblings,
            run=handshake(door.sibling_path),
        ),
        Experiment(
            name="no_e2e_headers",
            title="Is it the same without the test headers?",
            explains=_SOCKET,
            varies="the headers that mark an end-to-end test",
            separates=(Label.WS_HANDSHAKE_FORBIDDEN, Label.AUTH_SILENTLY_BYPASSED),
            when=when.turned_away_with_headers,
            run=handshake(door.no_e2e_headers),
        ),
        Experiment(
            name="other_request",
            title="Does another request type reach an agent?",
            explains=("events",),
            varies="the type of the request",
            separates=(Label.PIPELINE_REQUEST_INVALID, Label.EVENT_TIMEOUT),
            when=when.request_led_to_nothing,
            run=door.other_request,
            side_effects="Starts one more agent run if that type is understood.",
        ),
        Experiment(
            name="ping",
            title="Is the socket alive?",
            explains=("events",),
            varies="the request, which is a ping",
            separates=(Label.EVENT_TIMEOUT, Label.INSTANCE_REPLACED),
            when=when.nothing_came,
            run=door.ping,
        ),
    )
}
