"""Every run on which the tests of the rules rest, by name."""

from collections.abc import Iterator, Mapping

from bot.diagnosis.index import Index
from bot.model import Run
from tests import test_diagnosis as whole
from tests import test_rules_exchange as exchange
from tests import test_rules_handshake as handshake
from tests import test_rules_health as health
from tests import test_rules_key as key
from tests import test_rules_ours as ours
from tests import test_rules_probed as probed
from tests import test_rules_refusal as refusal
from tests import test_rules_stream as stream


def _pairs() -> Iterator[tuple[str, Run]]:
    for area in (exchange, refusal, handshake, health, stream):
        name = area.__name__.rpartition("_")[2]
        for pair in area.PAIRS:
            yield f"{name}: {pair.promise}", pair.fires
            yield f"{name}: {pair.promise} (look-alike)", pair.looks_alike


def _near() -> Iterator[tuple[str, Run]]:
    for area in (exchange, refusal, handshake, health, stream):
        name = area.__name__.rpartition("_")[2]
        for near, checked in area.NEAR.items():
            yield f"{name} near: {near}", checked
        for sign, (checked, _) in area.CONFIDENCE.items():
            yield f"{name} sign: {sign}", checked


def _tables() -> Iterator[tuple[str, Run]]:
    for name, table in (
        ("exchange without an answer", exchange.NO_ANSWER),
        ("mistake", refusal.MISTAKES),
        ("health route", health.ANSWERS),
    ):
        for number, (checked, told) in enumerate(table):
            yield f"{name} {number}: {told}", checked
    for name, (checked, _) in refusal.ONE_LINK_DEEPER.items():
        yield f"one link deeper: {name}", checked
    for number, checked in enumerate(health.UNNAMED):
        yield f"unnamed {number}", checked
    for text in handshake.CERTIFICATES:
        yield f"certificate: {text}", handshake.unopened("tls", text)
    for text in stream.MEANINGS:
        yield f"agent: {text}", stream.agent(text)
    for ours_pair in ours.PAIRS:
        yield f"ours: {ours_pair.promise}", ours_pair.fires
    for sign, (checked, _) in ours.SIGNS.items():
        yield f"ours sign: {sign}", checked
    for name, checked in probed.CASES.items():
        yield f"probed: {name}", checked
    for kind in whole.OURS:
        yield f"ours: {kind}", whole.ours(kind)


_SINGLE = {
    "founding failure": whole.FOUNDING,
    "degraded by the key": whole.DEGRADED,
    "no token": whole.keyless(),
    "fallback secret unreadable": whole.UNREADABLE,
    "fallback secret unusable": whole.UNMINTABLE,
    "key check": whole.KEY_CHECK,
    "our clock": whole.OUR_CLOCK,
    "our mistake": whole.OUR_MISTAKE,
    "ours, unexplained": whole.UNEXPLAINED,
    "key and fallback refused": refusal.REFUSED_KEY_REFUSED_FALLBACK,
    "accepted once exchanged": refusal.ACCEPTED_ONCE_EXCHANGED,
    "name mistyped": handshake.MISTYPED,
    "name alone": handshake.ALONE,
    "closed at once": handshake.CLOSED_AT_ONCE,
    "no subprotocol chosen": handshake.NO_SUBPROTOCOL,
    "request unsent": stream.UNSENT,
    "stale answer": stream.STALE,
}

CASES: Mapping[str, Index] = {
    **{
        name: Index.of(checked)
        for name, checked in (*_pairs(), *_near(), *_tables(), *_SINGLE.items())
    },
    **{name: Index.of(checked) for name, checked in key.CASES.items()},
    **{
        f"new revision: {error}": Index.of(
            refusal.revised(refusal.frame("CONNECTION_ERROR", "x", error)), refusal.OLDER
        )
        for error in refusal.MEANINGS
    },
    "new revision: upgrade": Index.of(refusal.revised(handshake.upgrade(500)), refusal.OLDER),
    "same key as before": Index.of(exchange.INVALID, exchange.SAME_KEY_BEFORE),
    "other key than before": Index.of(exchange.INVALID, exchange.OTHER_KEY_BEFORE),
}
