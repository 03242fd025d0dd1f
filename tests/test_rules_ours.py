"""What is ours says so: what exactly, what to do, and what was learnt; its look-alikes do not."""

from dataclasses import dataclass

import pytest

from bot.diagnosis import diagnose
from bot.model import Json, Run
from tests.evidence import EXCHANGED, HEALTHY, KEY_REFUSED, connected, labels, run

NAMES = ["api.example.test (dns)", "auth.example.test (dns)"]


def ours(explains: str, **seen: Json) -> Run:
    """Return a run that our own side kept from being carried out."""
    facts = {path.replace("__", "."): value for path, value in seen.items()}
    return run({**facts, "ours.explains": explains}, status="errored", errored=("health",))


def unreached(error: str, **seen: Json) -> Run:
    """Return a run in which no service answered, and nothing of ours explains it."""
    facts = {path.replace("__", "."): value for path, value in seen.items()}
    calls = {
        f"{call}.{key}": value
        for call in ("health.backend", "health.auth", "connect")
        for key, value in (("error", error), ("error_text", error), ("url", "https://a.test/"))
    }
    return run({**calls, **facts}, failed=("health", "connect"))


def turned_away(**seen: Json) -> Run:
    """Return a run whose own token was refused as expired."""
    facts = {path.replace("__", "."): value for path, value in seen.items()}
    frame = {
        "events.end": "error_frame",
        "events.error_code": "TOKEN_EXPIRED",
        "events.error_message": "Token has expired",
    }
    status = "errored" if "ours.explains" in facts else "failed"
    how: dict[str, tuple[str, ...]] = {status: ("events",)}
    return run({**connected(KEY_REFUSED), **frame, **facts}, status=status, **how)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ours:
    """`fires` is ours and told with `says`; `looks_alike` is the target's."""

    promise: str
    says: str
    fires: Run
    looks_alike: Run


_FILE = ["bypass_key: /run/key cannot be read: Permission denied"]

PAIRS = (
    Ours(
        promise="a key that is there and cannot be read is our file",
        says="bypass_key: /run/key cannot be read: Permission denied",
        fires=ours("files", ours__files=_FILE),
        looks_alike=run(
            {
                **HEALTHY,
                "exchange.key_present": False,
                "exchange.key_problem": "file /run/key does not exist",
                "token.source": "minted",
            },
            status="degraded",
            failed=("exchange",),
        ),
    ),
    Ours(
        promise="a proxy that is away is ours, and a service that is away is not",
        says="Our own proxy cannot be reached: the proxy p:3128 cannot be reached",
        fires=ours(
            "proxy",
            ours__proxy="unreachable",
            ours__proxy_text="the proxy p:3128 cannot be reached",
        ),
        looks_alike=unreached("refused", ours__proxy="works"),
    ),
    Ours(
        promise="a proxy that asks for credentials is ours, and a service that does is not",
        says="does not let us through: the proxy p:3128 answers 407",
        fires=ours("proxy", ours__proxy="refuses", ours__proxy_text="the proxy p:3128 answers 407"),
        looks_alike=run(
            {**connected(EXCHANGED), "connect.status": 403, "ours.proxy": "works"},
            failed=("connect",),
            skipped=("request", "events"),
        ),
    ),
    Ours(
        promise="a proxy that gets nowhere is ours until somebody asks without it",
        says="reaches none of the target's services: the proxy p:3128 answers 503",
        fires=ours("proxy", ours__proxy="no_way", ours__proxy_text="the proxy p:3128 answers 503"),
        looks_alike=run(
            {**HEALTHY, "health.backend.status": 503, "health.backend.edge": True},
            failed=("health",),
            status="degraded",
        ),
    ),
    Ours(
        promise="a resolver that does not answer is ours, and a name that does not exist is not",
        says="Our own resolver gives no answer",
        fires=ours("dns", ours__dns="unanswered", ours__dns_names=["a.test (dns_temporary)"]),
        looks_alike=unreached("dns", health__hosts_resolved=["b.test"], ours__dns="works"),
    ),
    Ours(
        promise="when no name is known it is ours, and when one is, it is the name",
        says="None of the target's names is known to our resolver",
        fires=ours("dns", ours__dns="unknown", ours__dns_names=NAMES),
        looks_alike=unreached("dns", health__hosts_resolved=["b.test"], ours__dns="works"),
    ),
    Ours(
        promise="when nothing can be reached it is our route, and when Slack can, the target's",
        says="Nothing can be reached from here",
        fires=ours("route", ours__route="none", ours__route_hosts=["a.test:443 (timeout)"]),
        looks_alike=unreached("timeout", ours__route="works", ours__slack="well"),
    ),
    Ours(
        promise="a clock that differs from every server's is ours, from one server's is not",
        says="Our own clock is 3600 s from that of every server asked",
        fires=turned_away(
            ours__explains="clock", ours__clock_skew_s=3600.0, ours__clock_hosts=["a", "b"]
        ),
        looks_alike=turned_away(health__backend__skew_s=3600.0, health__skew_s=0.2),
    ),
    Ours(
        promise="a target that was not asked in time, because we stood still, is not to blame",
        says="stagecheck itself stood still for 7.5 s",
        fires=ours("standstill", ours__stood_still_s=7.5),
        looks_alike=unreached("timeout"),
    ),
)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.promise.replace(" ", "_"))
def test_what_is_ours_is_told_apart_from_its_nearest_look_alike(pair: Ours) -> None:
    diagnosis = diagnose(pair.fires)
    assert labels(diagnosis) == [("runner_environment", "sufficient")]
    assert pair.says in diagnosis.causes[0].summary
    assert "runner_environment" not in dict(labels(diagnose(pair.looks_alike)))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.promise.replace(" ", "_"))
def test_what_is_ours_says_what_was_learnt_of_the_target(pair: Ours) -> None:
    told = diagnose(pair.fires).whys[0].answer
    assert ("Nothing was learnt about the target" in told) != ("only this was learnt" in told)


LEARNT = ours("files", ours__files=_FILE, health__backend__status=200, connect__status=101)
SLACK_WELL = ours("dns", ours__dns="unknown", ours__dns_names=NAMES, ours__slack="well")
PROXY_IGNORED = ours(
    "route",
    ours__route="none",
    ours__route_hosts=["a.test:443 (unreachable)"],
    ours__proxy_ignored="HTTPS_PROXY is set, but not named here",
)
PROVEN = turned_away(
    ours__explains="clock",
    ours__clock_skew_s=-900.0,
    ours__clock_hosts=["a", "b"],
    token_server_time__outcome="greeted",
)
SIGNS = {
    "learnt": (LEARNT, "backend's health 200"),
    "another name": (SLACK_WELL, "Slack is reached from here"),
    "proxy ignored": (PROXY_IGNORED, "set proxy on the target"),
    "clock proven": (PROVEN, "A token made by the server's time is accepted"),
}


@pytest.mark.parametrize("sign", SIGNS)
def test_what_else_was_seen_of_our_side_is_told(sign: str) -> None:
    checked, words = SIGNS[sign]
    assert words in diagnose(checked).whys[0].answer


def test_what_is_ours_is_left_open_where_somebody_elsewhere_could_know() -> None:
    assert diagnose(SLACK_WELL).unknowns[0].experiment == "Resolve them from another machine."


@pytest.mark.parametrize(
    ("seen", "title"),
    [
        ({"ours.slack": "invalid_auth"}, "Slack is out of reach for stagecheck"),
        ({"ours.database": "disk full"}, "stagecheck's database is not well"),
        ({"ours.files": _FILE}, "A file of ours cannot be used"),
        (
            {"ours.proxy_ignored": "HTTPS_PROXY is set", "ours.route": "unproven"},
            "A proxy of the environment is not used",
        ),
    ],
)
def test_what_is_not_well_and_explains_nothing_is_a_finding(
    seen: dict[str, Json], title: str
) -> None:
    checked = run({**connected(EXCHANGED), "connect.status": 500, **seen}, failed=("connect",))
    diagnosis = diagnose(checked)
    assert title in [finding.title for finding in diagnosis.findings]
    assert "runner_environment" not in dict(labels(diagnosis))
    without = run({**connected(EXCHANGED), "connect.status": 500}, failed=("connect",))
    assert title not in [finding.title for finding in diagnose(without).findings]


def reasons(checked: Run) -> list[str]:
    """Return why our own side is ruled out."""
    out = diagnose(checked).ruled_out
    return [one.reason for one in out if one.label.value == "runner_environment"]


def test_our_route_is_out_where_connections_could_be_made_at_the_same_moment() -> None:
    hosts = ["a.test:443 (ok)"]
    [reason] = reasons(unreached("timeout", ours__route="works", ours__route_hosts=hosts))
    assert "connections could be made from here (a.test:443 (ok))" in reason
    assert reasons(unreached("timeout", ours__route="unproven", ours__route_hosts=hosts)) == []


def test_our_clock_is_out_where_it_agrees_with_those_of_the_servers() -> None:
    clocks: dict[str, Json] = {
        "events__error_message": "Authentication failed: the token has expired",
        "ours__clock_hosts": ["a", "b"],
        "ours__clock_skew_s": 0.4,
    }
    [reason] = reasons(turned_away(**clocks))
    assert "differs by 0.4 s only" in reason
    assert reasons(turned_away(**{**clocks, "ours__clock_skew_s": 45.0})) == []
