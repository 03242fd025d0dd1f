"""Validation of real execution: what proves that the check really ran, and what is missing.

Time is never counted: it can be slept away, and a run as long as its own listening window is
a time-out. What counts is what only the target could have sent.
"""

import ipaddress
from collections.abc import Iterator, Mapping

from bot.model import Json, Observation, Run
from bot.phrases import count, listed
from bot.report.document import Claim, Proof, ProofLevel
from bot.report.visible import one_line
from bot.report.words import seconds, shown

_STATEMENTS: Mapping[ProofLevel, str] = {
    ProofLevel.PROVEN: "Real execution is proven: the target sent values that only it could "
    "have made for this run.",
    ProofLevel.PARTLY_PROVEN: "Real execution is only partly proven: bytes came back, but none "
    "of them is tied to this run.",
    ProofLevel.NOT_PROVEN: "Real execution is not proven: nothing came back from the target.",
    ProofLevel.NOT_EXECUTED: "Nothing was executed: this is a reading of a log, and says "
    "nothing about how the target is now.",
}

Facts = Mapping[str, Observation]

_MOST_HEADER = 30


def judge_proof(run: Run) -> Proof:
    """Say in words what proves that `run` was executed and what would prove it better."""
    facts = {f"{seen.step}.{seen.key}": seen for seen in run.observations}
    level = _level(run, facts)
    executed = run.executed
    return Proof(
        level=level,
        statement=_STATEMENTS[level],
        proven=tuple(_proven(facts)) if executed else (),
        missing=tuple(_missing(run, facts)) if executed else (),
        facts={seen.key: seen.value for seen in run.observations if seen.step == "proof"},
    )


def _level(run: Run, facts: Facts) -> ProofLevel:
    if not run.executed:
        return ProofLevel.NOT_EXECUTED
    if not _number(facts, "proof.bytes_received"):
        return ProofLevel.NOT_PROVEN
    tied = _value(facts, "proof.server_ids") or _value(facts, "proof.nonce_echoed") is True
    return ProofLevel.PROVEN if tied else ProofLevel.PARTLY_PROVEN


def _proven(facts: Facts) -> Iterator[Claim]:
    if addresses := _mapping(facts, "proof.addresses"):
        reached = listed(f"{one_line(host)} at {shown(ip)}" for host, ip in addresses.items())
        yield _claim(f"Connected to {reached}.", facts, "proof.addresses")
    for host, certificate in _mapping(facts, "proof.tls").items():
        yield _claim(_certificate(one_line(host), certificate), facts, "proof.tls")
    if ids := _mapping(facts, "proof.server_ids"):
        named = listed(_issued(one_line(name), value) for name, value in ids.items())
        yield _claim(f"The server issued ids of its own: {named}.", facts, "proof.server_ids")
    if received := _number(facts, "proof.bytes_received"):
        yield _traffic(received, facts)
    if edge := _mapping(facts, "proof.edge_headers"):
        # One that is as long as an id is one, of a single answer: it tells nothing about the edge.
        named = listed(
            f"{one_line(name)} ({shown(value)})"
            if len(shown(value)) <= _MOST_HEADER
            else one_line(name)
            for name, value in edge.items()
        )
        text = f"Answers carry the headers of the target's edge: {named}."
        yield _claim(text, facts, "proof.edge_headers")
    if phases := _mapping(facts, "proof.phases"):
        yield _claim(f"Time per phase: {_milliseconds(phases)}.", facts, "proof.phases")
    if (skew := _value(facts, "proof.clock_skew_s")) is not None:
        yield _claim(_skew(skew), facts, "proof.clock_skew_s")
    if _value(facts, "proof.nonce_echoed") is True:
        text = "The answer repeats the nonce that was made for this run."
        yield _claim(text, facts, "proof.nonce_echoed", "proof.nonce")
    if terminal := _value(facts, "events.terminal"):
        text = f"The stream ended with a terminal event, {shown(terminal)}."
        yield _claim(text, facts, "events.terminal")
    if _value(facts, "events.identity_match") == "same":
        text = "The server welcomed the identity that was presented."
        yield _claim(text, facts, "events.identity_match", "events.welcome_user_id")


def _missing(run: Run, facts: Facts) -> Iterator[Claim]:
    if "proof.bytes_received" in facts and not _number(facts, "proof.bytes_received"):
        yield _claim("Not one byte came back.", facts, "proof.bytes_received")
    addresses = _mapping(facts, "proof.addresses")
    if addresses and all(map(_is_loopback, addresses.values())):
        text = "Every address is a loopback address: what answered runs on this machine."
        yield _claim(text, facts, "proof.addresses")
    if addresses and not _mapping(facts, "proof.tls"):
        yield _claim("No TLS was used, so no certificate vouches for who answered.", facts)
    if _number(facts, "proof.bytes_received") and not _value(facts, "proof.server_ids"):
        yield _claim("The server issued no id that this run could record.", facts)
    if _value(facts, "proof.nonce_echoed") is False:
        yield _claim("The nonce made for this run did not come back.", facts, "proof.nonce_echoed")
    if any(step.name == "events" for step in run.steps) and "events.terminal" not in facts:
        yield _claim("The pipeline is not proven to have run: no terminal event arrived.", facts)
    if _value(facts, "events.equals_window") is True:
        text = "The stream lasted exactly as long as we listened: a time-out, not a proof."
        yield _claim(text, facts, "events.equals_window", "events.duration_s", "events.window_s")
    if canned := _value(facts, "events.canned"):
        text = f"The stream carries marks of mock handlers ({shown(canned)}): no real agent."
        yield _claim(text, facts, "events.canned")
    if _value(facts, "events.identity_match") == "other":
        text = "The server welcomed somebody else than the identity that was presented."
        yield _claim(text, facts, "events.identity_match", "events.welcome_user_id")
    if foreign := _value(facts, "events.foreign_ids"):
        text = f"Frames of other runs were in the stream: {shown(foreign)}."
        yield _claim(text, facts, "events.foreign_ids")


def _issued(name: str, value: Json) -> str:
    """Return ids under their name; those of single answers are counted, the evidence has them."""
    if name == "traces":
        number = count(len(value) if isinstance(value, list) else 1, "trace id")
        return f"{number}, by which its logs can be searched"
    return f"{name} {shown(value)}"


def _certificate(host: str, certificate: Json) -> str:
    if not isinstance(certificate, dict):
        return f"{host} showed the TLS certificate {shown(certificate)}."
    words = f"{host} showed the TLS certificate {shown(certificate.get('fingerprint', '?'))}"
    if issuer := certificate.get("issuer"):
        words += f", issued by {shown(issuer)}"
    if until := certificate.get("not_after"):
        words += f", valid until {shown(until)}"
    return f"{words}."


def _traffic(received: float, facts: Facts) -> Claim:
    text = f"{received:,.0f} bytes came back"
    if sent := _number(facts, "proof.bytes_sent"):
        text = f"{sent:,.0f} bytes went out and {text}"
    if sockets := _number(facts, "proof.sockets_opened"):
        text += f", over {count(int(sockets), 'socket')}"
    keys = ("proof.bytes_sent", "proof.bytes_received", "proof.sockets_opened")
    return _claim(f"{text}.", facts, *keys)


def _milliseconds(phases: Mapping[str, Json]) -> str:
    return listed(
        f"{one_line(name)} {value:,.0f} ms"
        if isinstance(value, int | float)
        else f"{one_line(name)} {shown(value)}"
        for name, value in phases.items()
    )


def _skew(skew: Json) -> str:
    if not isinstance(skew, int | float) or abs(skew) < 1:
        # A Date header tells whole seconds.
        return "The server's clock agrees with ours to within a second."
    side = "ahead of" if skew > 0 else "behind"
    return f"The server's clock is {seconds(abs(skew))} {side} ours."


def _is_loopback(address: Json) -> bool:
    try:
        return ipaddress.ip_address(str(address)).is_loopback
    except ValueError:
        return False


def _claim(text: str, facts: Facts, *paths: str) -> Claim:
    return Claim(text=text, evidence=tuple(facts[path].id for path in paths if path in facts))


def _value(facts: Facts, path: str) -> Json:
    return facts[path].value if path in facts else None


def _number(facts: Facts, path: str) -> float:
    value = _value(facts, path)
    return value if isinstance(value, int | float) else 0.0


def _mapping(facts: Facts, path: str) -> Mapping[str, Json]:
    value = _value(facts, path)
    return value if isinstance(value, dict) else {}
