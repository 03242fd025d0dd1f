"""What changed since the last run that passed is told in sentences, and nothing else is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from bot.diagnosis import Change, ChangeKind, changes, diagnose
from bot.labels import Label
from bot.model import Run, Setting, Status, Usual
from bot.report import RENDERERS, build_report
from bot.report.sections import MOST_CHANGES
from bot.sandbox import Staging
from bot.sandbox.behaviour import Behaviour
from tests.evidence import run
from tests.probing import run as check
from tests.probing import target_of

CERTIFICATE = {"fingerprint": "01:02", "issuer": "CA", "not_after": "Sep 20 00:00:00 2025 GMT"}
SEEN = {
    "health.revision": "r7",
    "health.backend.status": 200,
    "health.backend.state": "healthy",
    "health.backend.version": "1.4",
    "health.dependency.redis.status": "healthy",
    "health.addresses": {"api.example.test": ["192.0.2.1", "192.0.2.2"]},
    "exchange.key_fingerprint": "aaaa",
    "exchange.key_length": 32,
    "token.source": "exchanged",
    "token.subject": "e2e-0a1b2c3d4e5f",
    "token.claims": {"sub": "e", "iss": "auth", "jti": "1"},
    "token.ttl_s": 900,
    "token.secret_fingerprint": "cccc",
    "events.names": ["agent_started", "agent_thinking", "agent_completed"],
    "events.terminal_count": 1,
    "events.welcome_type": "system_message",
    "events.welcome_mode": "staging",
    "events.connection_id": "ws_1",
    "proof.addresses": {"api.example.test:443": "192.0.2.1"},
    "proof.tls": {"api.example.test": CERTIFICATE},
    "proof.headers": {"https://api.example.test/health": {"server": "nginx/1.25 (pop 7)"}},
    "proof.nonce": "sc-1",
}
BEFORE = replace(run(SEEN, status="passed"), revision="r7")


HEALTHY = diagnose(BEFORE)


def now(status: str = "passed", **seen: object) -> Run:
    """Return the same run again, with these observations instead; ``__`` stands for a dot."""
    changed = {**SEEN, **{path.replace("__", "."): value for path, value in seen.items()}}
    return replace(run(changed, status=status), revision="r7")


def told(current: Run, before: Run = BEFORE, usual: Mapping[str, Usual] | None = None) -> list[str]:
    """Return the sentences about what changed."""
    return [change.sentence for change in changes(current, before, usual or {})]


def test_two_equal_runs_differ_in_nothing() -> None:
    assert told(now()) == []


def test_a_change_says_what_it_is_about_and_cites_this_run() -> None:
    current = now(exchange__key_fingerprint="bbbb")
    [cited] = [seen.id for seen in current.observations if seen.key == "key_fingerprint"]
    assert changes(current, BEFORE) == (
        Change(
            kind=ChangeKind.KEY,
            what="The bypass key's fingerprint",
            before="aaaa",
            after="bbbb",
            evidence=(cited,),
        ),
    )


SINGLE = {
    "The bypass key's fingerprint is bbbb, 33 characters; it was aaaa, 32 characters.": {
        "exchange__key_fingerprint": "bbbb",
        "exchange__key_length": 33,
    },
    "The fallback's secret's fingerprint is dddd; it was cccc.": {
        "token__secret_fingerprint": "dddd"
    },
    "The address of api.example.test is 192.0.2.9; it was 192.0.2.1, 192.0.2.2.": {
        "health__addresses": {"api.example.test": ["192.0.2.9"]},
        "proof__addresses": {"api.example.test:443": "192.0.2.9"},
    },
    "The certificate of api.example.test is 0a:0b of CA, with 11 days left; it was 01:02 of CA.": {
        "proof__tls": {"api.example.test": {**CERTIFICATE, "fingerprint": "0a:0b"}}
    },
    "The header server of api.example.test is envoy; it was nginx/1.25 (pop 7).": {
        "proof__headers": {"https://api.example.test/health": {"server": "envoy"}}
    },
    "The version of backend is 1.5; it was 1.4.": {"health__backend__version": "1.5"},
    "The token's iss is other; it was auth.": {
        "token__claims": {"sub": "e", "iss": "other", "jti": "2"}
    },
    "The token's set of claims (now with aud, without iss) is aud, jti, sub; it was iss, jti,"
    " sub.": {"token__claims": {"sub": "e", "aud": "x", "jti": "2"}},
    "The token's subject is demo-user; it was e2e-0a1b2c3d4e5f.": {"token__subject": "demo-user"},
    "The token's time to live in seconds is 60; it was 900.": {"token__ttl_s": 60},
    "The type of the welcome is connect; it was system_message.": {
        "events__welcome_type": "connect"
    },
    "The mode that the welcome names is demo; it was staging.": {"events__welcome_mode": "demo"},
    "The status of backend is 503; it was 200.": {
        "health__backend__status": 503,
        "health__backend__state": "unhealthy",
    },
    "The state of backend is degraded; it was healthy.": {"health__backend__state": "degraded"},
    "The status of redis is unhealthy; it was healthy.": {
        "health__dependency__redis__status": "unhealthy"
    },
    "Events that no longer come: agent_thinking.": {
        "events__names": ["agent_started", "agent_completed"]
    },
    "Events that did not come then: x.": {
        "events__names": ["agent_started", "agent_thinking", "x", "agent_completed"]
    },
    "The number of events that end an answer is 2; it was 1.": {"events__terminal_count": 2},
    "The order in which events first come is agent_thinking, agent_started, agent_completed;"
    " it was agent_started, agent_thinking, agent_completed.": {
        "events__names": ["agent_thinking", "agent_started", "agent_completed"]
    },
}


@pytest.mark.parametrize("sentence", SINGLE)
def test_each_change_is_told_in_one_sentence(sentence: str) -> None:
    assert told(now(**SINGLE[sentence])) == [sentence]


NO_CHANGE = {
    "made up for each run": {"proof__nonce": "sc-2", "events__connection_id": "ws_2"},
    "a subject made up for each run": {"token__subject": "e2e-ffeeddccbbaa"},
    "a claim about one token": {"token__claims": {"sub": "f", "iss": "auth", "jti": "2"}},
    "a token of another source": {"token__source": "minted", "token__claims": {"sub": "f"}},
    "one of the addresses a name has": {"proof__addresses": {"api.example.test:443": "192.0.2.2"}},
    "a new address beside a known one": {
        "health__addresses": {"api.example.test": ["192.0.2.2", "192.0.2.3"]},
        "proof__addresses": {"api.example.test:443": "192.0.2.3"},
    },
    "a host that was not there": {"proof__addresses": {"ws.example.test": "192.0.2.5"}},
    "which machine answered": {
        "proof__headers": {"https://api.example.test/health": {"server": "nginx/1.25 (pop 9)"}}
    },
    "a step repeated within an answer": {
        "events__names": ["agent_started", *["agent_thinking"] * 5, "agent_completed"]
    },
    "what was not observed": {"exchange__key_fingerprint": None, "token__claims": None},
}


@pytest.mark.parametrize("seen", NO_CHANGE.values(), ids=NO_CHANGE)
def test_what_varies_anyway_is_not_told(seen: Mapping[str, object]) -> None:
    assert told(now(**seen)) == []


def test_the_outcome_of_a_step_is_told_and_not_of_those_it_kept_from_being_taken() -> None:
    failed = replace(run(SEEN, failed=("connect",), skipped=("request", "events")), revision="r7")
    assert told(failed) == ["“Connect” is failed; it was passed."]


def test_the_revision_is_told_once_however_many_services_name_it() -> None:
    before = replace(now(health__backend__version="r7"), revision="r7")
    current = replace(now(health__backend__version="r8"), revision="r8")
    assert told(current, before) == ["The revision is r8; it was r7."]


def test_an_unknown_revision_is_no_change() -> None:
    assert told(replace(now(), revision="")) == []


def test_a_certificate_near_its_end_is_told_when_it_comes_near_and_not_again() -> None:
    def at(days: int) -> Run:
        return replace(now(), started_at=BEFORE.started_at + timedelta(days=days))

    assert told(at(4), at(3)) == [
        "The time that the certificate of api.example.test has left is 7 days; it was 8 days."
    ]
    assert told(at(5), at(4)) == []


def test_a_setting_is_told_with_its_value_or_its_source() -> None:
    old = Setting(key="api_url", source="a.yaml:3", value="https://a.example.test")
    before = replace(BEFORE, provenance=(old,))
    moved = replace(now(), provenance=(replace(old, source="env:API"),))
    assert told(moved, before) == ["The source of the setting api_url is env:API; it was a.yaml."]
    changed = replace(now(), provenance=(replace(old, value="https://b.example.test"),))
    assert told(changed, before) == [
        "The setting api_url is https://b.example.test; it was https://a.example.test."
    ]


def test_a_setting_in_another_line_of_the_same_file_is_no_change() -> None:
    old = Setting(key="api_url", source="a.yaml:3", value="x")
    before = replace(BEFORE, provenance=(old,))
    assert told(replace(now(), provenance=(replace(old, source="a.yaml:4"),)), before) == []


def test_a_setting_that_somebody_added_or_took_away_is_told_and_one_of_ours_is_not() -> None:
    kept = Setting(key="api_url", source="a.yaml:3", value="x")
    added = Setting(key="socket.headers.X-Test", source="a.yaml:9", value="1")
    ours = Setting(key="events.new", source="default", value="1")
    one, more = (kept,), (kept, added, ours)
    before, after = replace(BEFORE, provenance=one), replace(now(), provenance=more)
    assert told(after, before) == ["The setting socket.headers.X-Test is new: 1."]
    before, after = replace(BEFORE, provenance=more), replace(now(), provenance=one)
    assert told(after, before) == ["The setting socket.headers.X-Test is gone; it was 1."]


def slower(factor: float) -> Run:
    """Return the same run again with every step taking `factor` times as long."""
    steps = tuple(replace(step, duration_s=step.duration_s * factor) for step in BEFORE.steps)
    return replace(now(), steps=steps)


FEW = Usual(count=9, median_s=0.1, p95_s=0.1)
STEADY = Usual(count=37, median_s=0.4, p95_s=0.6)
UNSTEADY = Usual(count=37, median_s=0.4, p95_s=1.9)


def test_a_step_far_beyond_what_is_usual_is_told_with_what_is_usual() -> None:
    every = {step.name: STEADY for step in BEFORE.steps}
    assert "“Events” took 2.8 s, usually 0.4 s (p95 0.6 s of 37 passes)." in told(
        slower(4), usual=every
    )


def test_the_most_telling_change_stands_first() -> None:
    current = replace(
        now(exchange__key_fingerprint="bbbb", events__terminal_count=2), revision="r8"
    )
    steps = (replace(current.steps[0], duration_s=9.0), *current.steps[1:])
    kinds = [change.kind for change in changes(replace(current, steps=steps), BEFORE)]
    assert kinds == [
        ChangeKind.KEY,
        ChangeKind.REVISION,
        ChangeKind.EVENTS,
        ChangeKind.LATENCY,
    ]


def line_of(label: Label) -> str:
    """Return what the answer says of a run whose key and one setting changed."""
    was = Setting(key="ws_url", source="a.yaml:2", value="wss://a.test/ws")
    current = replace(now(exchange__key_fingerprint="bbbb"), status=Status.FAILED)
    cause = replace(HEALTHY.causes[0], label=label)
    report = build_report(
        replace(current, provenance=(replace(was, value="wss://b.test/ws"),)),
        replace(HEALTHY, causes=(cause,)),
        previous=replace(BEFORE, provenance=(was,)),
    )
    return next(line.text for line in report.answer if line.label == "Changed")


def test_the_answer_names_first_what_can_have_to_do_with_its_cause() -> None:
    assert "The bypass key's fingerprint is bbbb" in line_of(Label.BYPASS_KEY_MISMATCH)
    assert "The setting ws_url is wss://b.test/ws" in line_of(Label.WRONG_TARGET)


def many() -> Run:
    """Return the same run again with more settings changed than anyone reads."""
    given = [Setting(key=f"events.s{n}", source="a.yaml:1", value="1") for n in range(14)]
    return replace(now(), provenance=(Setting(key="x", source="a.yaml:2"), *given))


@pytest.mark.parametrize("form", ["text", "markdown", "blocks"])
def test_of_many_changes_the_first_ten_are_shown_and_the_rest_counted(form: str) -> None:
    before = replace(BEFORE, provenance=(Setting(key="x", source="a.yaml:2"),))
    report = build_report(many(), HEALTHY, previous=before)
    shown = RENDERERS[form](report)
    assert shown.count("is new: 1") - shown.count("is new: 1 (and") == MOST_CHANGES
    assert "4 changes more in the JSON report" in shown
    assert len(report.changed_since_last_pass) == 14


def test_a_step_within_what_is_usual_is_not_told_however_fast_the_last_run_was() -> None:
    every = {step.name: UNSTEADY for step in BEFORE.steps}
    assert told(slower(3), usual=every) == []


def test_with_few_passes_the_last_one_has_to_do() -> None:
    every = {step.name: FEW for step in BEFORE.steps}
    assert told(slower(1.6), usual=every) == []
    assert "“Events” took 2.1 s, 3.0 times as long as the 0.7 s it took then." in told(
        slower(3), usual=every
    )


def test_a_step_that_failed_took_until_it_failed_which_is_no_latency() -> None:
    steps = tuple(replace(step, duration_s=30.0) for step in BEFORE.steps)
    failed = replace(now(), steps=tuple(replace(step, status=Status.FAILED) for step in steps))
    assert [c for c in changes(failed, BEFORE) if c.kind is ChangeKind.LATENCY] == []


UNHURRIED = Behaviour(event_gap_s=0.01)
SOAK = 20


def timeless(later: Run, earlier: Run) -> list[Change]:
    """Return the changes but for latencies: a loaded machine really is slower."""
    return [one for one in changes(later, earlier) if one.kind is not ChangeKind.LATENCY]


async def test_healthy_runs_differ_in_nothing_that_is_told(tmp_path: Path) -> None:
    async with Staging(behaviour=UNHURRIED) as staging:
        target = target_of(staging, tmp_path)
        runs = [await check(target) for _ in range(SOAK)]
    assert {one.status for one in runs} == {Status.PASSED}
    assert [timeless(later, earlier) for earlier, later in pairwise(runs)] == [[]] * (SOAK - 1)


CAUSED = {
    "bypass-key-trailing-newline": ChangeKind.KEY,
    "fallback-secret-stale": ChangeKind.SECRET,
    "wrong-socket-path": ChangeKind.SETTING,
    "demo-mode": ChangeKind.WELCOME,
    "bypass-key-mismatch": ChangeKind.OUTCOME,
    "backend-edge-503": ChangeKind.OUTCOME,
    "events-lost": ChangeKind.OUTCOME,
}


@pytest.mark.parametrize("fault", CAUSED)
async def test_of_a_fault_the_most_telling_change_is_told_first(fault: str, tmp_path: Path) -> None:
    async with Staging(behaviour=UNHURRIED) as staging:
        passed = await check(target_of(staging, tmp_path))
        staging.faults = (fault,)
        broken = await check(target_of(staging, tmp_path))
    found = changes(broken, passed)
    assert found[0].kind is CAUSED[fault]
    known = {seen.id for seen in broken.observations}
    assert all(set(change.evidence) <= known for change in found)
