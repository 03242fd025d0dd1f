"""What changed since the last run that passed is told in sentences, and nothing else is."""

from dataclasses import replace

from bot.diagnosis import changes
from bot.model import Run, Setting
from tests.evidence import run

SEEN = {
    "exchange.key_fingerprint": "aaaa",
    "events.names": ["agent_started", "agent_thinking", "agent_completed"],
    "proof.addresses": {"api.example.test": "192.0.2.1"},
    "proof.tls": {"api.example.test": {"fingerprint": "01:02", "issuer": "CA"}},
}
BEFORE = replace(run(SEEN, status="passed"), revision="r7")


def now(**seen: object) -> Run:
    """Return the same run again, with these observations instead."""
    changed = {**SEEN, **{path.replace("__", "."): value for path, value in seen.items()}}
    return replace(run(changed, status="passed"), revision="r7")


def test_two_equal_runs_differ_in_nothing() -> None:
    assert changes(now(), BEFORE) == ()


def test_the_outcome_of_a_step_is_told() -> None:
    failed = replace(run(SEEN, failed=("events",)), revision="r7")
    assert changes(failed, BEFORE) == ("“Events” is failed; it was passed.",)


def test_the_revision_is_told() -> None:
    assert changes(replace(now(), revision="r8"), BEFORE) == ("The revision is r8; it was r7.",)


def test_an_unknown_revision_is_no_change() -> None:
    assert changes(replace(now(), revision=""), BEFORE) == ()


def test_the_key_is_told_by_its_fingerprint() -> None:
    told = changes(now(exchange__key_fingerprint="bbbb"), BEFORE)
    assert told == ("The bypass key's fingerprint is bbbb; it was aaaa.",)


def test_the_address_of_a_host_is_told() -> None:
    told = changes(now(proof__addresses={"api.example.test": "192.0.2.9"}), BEFORE)
    assert told == ("The address of api.example.test is 192.0.2.9; it was 192.0.2.1.",)


def test_a_host_that_was_not_there_before_is_no_change_of_address() -> None:
    both = {"api.example.test": "192.0.2.1", "ws.example.test": "192.0.2.2"}
    assert changes(now(proof__addresses=both), BEFORE) == ()


def test_a_certificate_is_told_by_its_fingerprint_only() -> None:
    renamed = {"api.example.test": {"fingerprint": "01:02", "issuer": "Other"}}
    assert changes(now(proof__tls=renamed), BEFORE) == ()
    renewed = {"api.example.test": {"fingerprint": "0a:0b", "issuer": "CA"}}
    told = changes(now(proof__tls=renewed), BEFORE)
    assert told == ("The certificate of api.example.test is 0a:0b; it was 01:02.",)


def test_events_that_came_and_went_are_told_whatever_their_number() -> None:
    told = changes(now(events__names=["agent_started"] * 3 + ["agent_completed", "x"]), BEFORE)
    assert told == (
        "Events that no longer come: agent_thinking.",
        "Events that did not come then: x.",
    )


def test_a_setting_is_told_with_its_value_or_its_source() -> None:
    old = Setting(key="api_url", source="a.yaml:3", value="https://a.example.test")
    before = replace(BEFORE, provenance=(old,))
    moved = replace(now(), provenance=(replace(old, source="env:API"),))
    assert changes(moved, before) == (
        "The setting api_url comes from env:API, no longer a.yaml:3.",
    )
    changed = replace(now(), provenance=(replace(old, value="https://b.example.test"),))
    assert "https://b.example.test" in changes(changed, before)[0]


def slower(factor: float) -> Run:
    """Return the same run again with every step taking `factor` times as long."""
    steps = tuple(replace(step, duration_s=step.duration_s * factor) for step in BEFORE.steps)
    return replace(now(), steps=steps)


def test_a_step_that_takes_much_longer_is_told_with_the_factor() -> None:
    told = changes(slower(3), BEFORE)
    assert "“Events” took 2.1 s, 3.0 times as long as the 0.7 s it took then." in told


def test_a_step_that_takes_a_little_longer_is_not_told() -> None:
    assert changes(slower(1.6), BEFORE) == ()
