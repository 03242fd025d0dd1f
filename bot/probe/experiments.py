"""The experiments: the same step with exactly one thing changed, to tell look-alikes apart.

They are run in the order of the table, after a step failed that they explain. First come those
that change only the time, because what passes by itself makes most others pointless; then those
that split the causes in halves, such as a token left out; last those that confirm one cause. One
whose outcome would tell nothing any more, given what the ones before it showed, is left out
(`moot`), and so are those beyond the number and the time that the target's owner allows.
"""

from collections.abc import Mapping

from bot.probe import circumstances as when
from bot.probe import handshake_probes as door
from bot.probe import http_probes as http
from bot.probe import wider_probes as wider
from bot.probe.experiment import Experiment
from bot.probe.handshake_probes import handshake
from bot.probe.http_probes import EXCHANGE_PROBE_KEYS, HEALTH_PROBE_KEYS, JUDGED_KEYS
from bot.probe.steps.other_keys import OTHER_KEYS, has_other_keys, other_keys

_SOCKET = ("connect", "request", "events")

EXPERIMENTS: Mapping[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        Experiment(
            name="wait_long",
            title="Does it come later than we waited?",
            explains=("events",),
            when=when.silence_was_short,
            run=wider.wait_long,
            observes=wider.WAIT_KEYS,
            most_s=15.0,
            on_open_socket=True,
        ),
        Experiment(
            name="health_again",
            title="Is the service up a moment later?",
            explains=("health", "connect"),
            when=when.health_was_unwell,
            run=http.health_again,
            observes=HEALTH_PROBE_KEYS,
        ),
        Experiment(
            name="exchange_again",
            title="Does the exchange work a moment later?",
            explains=("exchange",),
            when=when.exchange_was_unwell,
            run=http.exchange_again,
            observes=EXCHANGE_PROBE_KEYS,
            side_effects="One token is issued if the exchange works by now.",
        ),
        Experiment(
            name="connect_again",
            title="Is it the same a moment later?",
            explains=_SOCKET,
            when=when.did_not_stay,
            run=handshake(door.unchanged),
        ),
        Experiment(
            name="other_health",
            title="Are the other services well at the same moment?",
            explains=("exchange", "connect", "events"),
            when=when.others_may_tell,
            run=wider.other_health,
            observes=wider.OTHERS_KEYS,
        ),
        Experiment(
            name="sibling_hosts",
            title="Do the names beside it exist?",
            explains=("health", "exchange", "connect"),
            when=when.name_was_unknown,
            run=wider.sibling_hosts,
            observes=wider.HOST_KEYS,
        ),
        Experiment(
            name="token_none",
            title="Is it the same without a token?",
            explains=_SOCKET,
            when=when.turned_away_early,
            moot=when.gets_in_by_now,
            run=handshake(door.token_none),
        ),
        Experiment(
            name="token_garbage",
            title="Is it the same with a forged signature?",
            explains=_SOCKET,
            when=when.turned_away_early,
            moot=when.gets_in_by_now,
            run=handshake(door.token_garbage),
        ),
        Experiment(
            name="sibling_path",
            title="Does another path of the socket work?",
            explains=("connect",),
            when=when.refused_with_siblings,
            moot=when.gets_in_by_now,
            run=handshake(door.sibling_path),
        ),
        Experiment(
            name="token_server_time",
            title="Is a token accepted that was made by the server's clock?",
            explains=_SOCKET,
            when=when.turned_away_with_another_time,
            moot=when.token_is_not_looked_at,
            run=handshake(door.token_server_time),
        ),
        Experiment(
            name="token_exchanged",
            title="Is a token of the auth service accepted?",
            explains=_SOCKET,
            when=when.exchange_came_late,
            moot=when.token_is_not_looked_at,
            run=handshake(door.token_exchanged),
        ),
        Experiment(
            name="token_verified",
            title="What does the auth service say of the token?",
            explains=_SOCKET,
            when=when.own_token_was_refused,
            moot=when.token_is_not_looked_at,
            run=http.token_verified,
            observes=http.VERIFY_KEYS,
        ),
        Experiment(
            name="key_non_json",
            title="Is the key itself refused?",
            explains=("exchange",),
            when=when.key_was_judged,
            moot=when.exchange_works_by_now,
            run=http.key_non_json,
            observes=JUDGED_KEYS,
        ),
        Experiment(
            name="key_stripped",
            title="Is the key right without what is stuck to it?",
            explains=("exchange",),
            when=when.key_looks_spoiled,
            moot=when.key_is_accepted,
            run=http.key_stripped,
            observes=JUDGED_KEYS,
        ),
        Experiment(
            name="key_others",
            title="Is another key accepted that we hold?",
            explains=("exchange",),
            when=has_other_keys,
            moot=when.key_is_accepted,
            run=other_keys.act,
            observes=OTHER_KEYS,
        ),
        Experiment(
            name="no_subprotocol",
            title="Does it open without a subprotocol?",
            explains=("connect",),
            when=when.subprotocol_may_be_why,
            moot=when.gets_in_by_now,
            run=handshake(door.no_subprotocol),
        ),
        Experiment(
            name="subprotocol_token",
            title="Does the token arrive in the subprotocol?",
            explains=_SOCKET,
            when=when.no_token_arrived,
            moot=when.gets_in_by_now,
            run=handshake(door.subprotocol_token),
        ),
        Experiment(
            name="token_full_claims",
            title="Is a token with more claims accepted?",
            explains=_SOCKET,
            when=when.turned_away_with_few_claims,
            moot=when.token_is_not_looked_at,
            run=handshake(door.token_full_claims),
        ),
        Experiment(
            name="token_minted",
            title="Is a token minted with our secret accepted?",
            explains=_SOCKET,
            when=when.turned_away_though_exchanged,
            moot=when.token_is_not_looked_at,
            run=handshake(door.token_minted),
        ),
        Experiment(
            name="fresh_user",
            title="Is another user let in?",
            explains=_SOCKET,
            when=when.turned_away_and_can_mint,
            moot=when.token_is_not_looked_at,
            run=handshake(door.fresh_user),
        ),
        Experiment(
            name="key_dummy",
            title="Does the server hold a key at all?",
            explains=("exchange",),
            when=when.key_was_judged_or_unset,
            moot=when.exchange_works_by_now,
            run=http.key_dummy,
            observes=EXCHANGE_PROBE_KEYS,
        ),
        Experiment(
            name="key_none",
            title="Does the route ask for a key?",
            explains=("exchange",),
            when=when.key_was_sent,
            moot=when.exchange_works_by_now,
            run=http.key_none,
            observes=EXCHANGE_PROBE_KEYS,
        ),
        Experiment(
            name="no_e2e_headers",
            title="Is it the same without the test headers?",
            explains=_SOCKET,
            when=when.turned_away_with_headers,
            moot=when.gets_in_by_now,
            run=handshake(door.no_e2e_headers),
        ),
        Experiment(
            name="other_request",
            title="Does another request type reach an agent?",
            explains=("events",),
            when=when.request_led_to_nothing,
            run=door.other_request,
            side_effects="Starts one more agent run if that type is understood.",
        ),
        Experiment(
            name="ping",
            title="Is the socket alive?",
            explains=("events",),
            when=when.nothing_came,
            moot=when.other_request_got_through,
            run=door.ping,
        ),
    )
}
