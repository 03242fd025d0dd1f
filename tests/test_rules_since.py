"""What changed since the last pass goes one link deeper, and is never taken for more than it is."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.diagnosis import RULES, Rule, diagnose
from bot.diagnosis.combined import AllOf
from bot.diagnosis.index import Index
from bot.diagnosis.rule import Root
from bot.diagnosis.rules import SINCE_RULES
from bot.diagnosis.whys import trace
from bot.model import Diagnosis, Json, Run, Setting, Usual, WhyKind
from bot.sandbox import Staging
from bot.sandbox.behaviour import Behaviour
from tests.evidence import run
from tests.probing import run as check
from tests.probing import target_of

UNHURRIED = Behaviour(event_gap_s=0.01)


async def pair(folder: Path, *faults: str, settled: tuple[str, ...] = ()) -> tuple[Run, Run]:
    """Return a real run that passed, and one after `faults` came; `settled` hold for both."""
    async with Staging(settled, behaviour=UNHURRIED) as staging:
        target = target_of(staging, folder)
        staging.faults = ()
        passed = await check(target)
        staging.faults = faults
        # What the client is configured with only counts where a fault changes the client.
        broken = await check(target if settled else target_of(staging, folder))
    assert passed.status == "passed"
    return passed, broken


def said(diagnosis: Diagnosis) -> str:
    """Return what the whys tell, and the summaries of the causes that they do not follow."""
    summaries = (cause.summary for cause in diagnosis.causes[1:])
    return " ".join((*(why.answer for why in diagnosis.whys), *summaries))


OURS, HELD = 0.93, 0.88
# Fault -> what is said of the time before, and the least confidence of the first cause.
REAL = {
    ("bypass-key-mismatch",): ("Our key is the one with which run r0123456789 of", 0.0),
    ("bypass-key-trailing-newline",): ("our key was #5dd81b9f60f3 then", OURS),
    ("bypass-key-missing",): ("then there was a key, #5dd81b9f60f3", OURS),
    ("bypass-key-wrong-header",): (
        "exchange.header is X-E2E-Bypass, and was X-E2E-Bypass-Key",
        OURS,
    ),
    ("bypass-key-mismatch", "fallback-secret-stale"): ("Ours is another one than when run", HELD),
    ("bypass-key-mismatch", "jwt-secret-drift"): ("Not ours: it is the one held when run", 0.0),
    ("wrong-socket-path",): ("Our configuration names another address since run", OURS),
    ("wrong-exchange-path",): ("Our configuration names another address since run", OURS),
    ("dns-backend-host",): ("Our configuration names another address since run", OURS),
    ("connection-refused",): ("Our configuration names another address since run", OURS),
}


@pytest.mark.parametrize("faults", REAL, ids="+".join)
async def test_what_changed_since_the_pass_is_told_with_that_run(
    faults: tuple[str, ...], tmp_path: Path
) -> None:
    words, least = REAL[faults]
    passed, broken = await pair(tmp_path, *faults)
    alone, compared = diagnose(broken), diagnose(broken, previous=passed)
    assert words in said(compared)
    assert words not in said(alone)
    assert f"run r0123456789 of {passed.started_at:%Y-%m-%d %H:%M} UTC" in said(compared)
    sure = [max(cause.confidence for cause in each.causes) for each in (alone, compared)]
    assert sure[1] >= max(least, sure[0])
    known = {seen.id for seen in broken.observations}
    told = [why for why in compared.whys if "r0123456789" in why.answer]
    assert all(why.evidence and set(why.evidence) <= known for why in told)


# Faults of the target alone: nothing of ours is blamed.
SILENT = (
    ("exchange-route-missing",),
    ("backend-edge-503",),
    ("context-type-check",),
    ("server-without-key",),
    ("authorization-stripped",),
    ("silence",),
)


@pytest.mark.parametrize("faults", SILENT, ids="+".join)
async def test_of_a_change_that_cannot_be_seen_nothing_is_said(
    faults: tuple[str, ...], tmp_path: Path
) -> None:
    passed, broken = await pair(tmp_path, *faults)
    assert diagnose(broken, previous=passed) == diagnose(broken)


async def test_a_certificate_that_was_accepted_before_is_named(tmp_path: Path) -> None:
    fault = ("tls-expired",)
    passed, broken = await pair(tmp_path, *fault, settled=fault)
    assert "met a certificate there that was accepted" in said(diagnose(broken, previous=passed))


async def test_a_certificate_that_has_ended_since_is_named(tmp_path: Path) -> None:
    fault = ("tls-expired",)
    passed, broken = await pair(tmp_path, *fault, settled=fault)
    [tls] = [seen for seen in passed.observations if seen.path == "proof.tls"]
    ended = {
        host: {**shown, "not_after": "Jan  1 00:00:00 2020 GMT"}
        for host, shown in tls.value.items()
    }
    earlier = changed(passed, {"proof.tls": ended})
    assert "has come to its end since" in said(diagnose(broken, previous=earlier))


def changed(whole: Run, values: Mapping[str, Json]) -> Run:
    """Return `whole` with other values at some paths; what was not there is added."""
    kept = tuple(
        replace(seen, value=values.get(seen.path, seen.value)) for seen in whole.observations
    )
    there = {seen.path for seen in kept}
    new = {path: value for path, value in values.items() if path not in there}
    added = tuple(replace(seen, id=f"x{seen.id}") for seen in run(new).observations)
    return replace(whole, observations=(*kept, *added))


async def test_a_new_revision_is_told_as_seen_and_its_part_as_likely(tmp_path: Path) -> None:
    passed, broken = await pair(tmp_path, "context-type-check")
    told = diagnose(broken, previous=changed(passed, {"health.revision": "0.9"})).whys
    [why] = [why for why in told if "The revision changed in between" in why.answer]
    assert "met 0.9, this run 1.0.0. It likely came with the new one." in why.answer
    assert why.kind is WhyKind.INFERRED


async def test_the_revisions_of_two_services_are_not_compared(tmp_path: Path) -> None:
    passed, broken = await pair(tmp_path, "context-type-check")
    other = {"health.revision": "0.9", "health.revision_source": "auth.version"}
    told = diagnose(broken, previous=changed(passed, other))
    assert "The revision changed" not in said(told)


async def test_a_time_out_is_told_beside_what_is_usual(tmp_path: Path) -> None:
    _, broken = await pair(tmp_path, "backend-hangs")
    told = diagnose(broken, usual={"connect": STEADY, "health": STEADY})
    assert "usually 0.1 s (p95 0.1 s of 37 passes)" in said(told)
    impatient = Usual(count=37, median_s=9.0, p95_s=60.0)
    told = diagnose(broken, usual={"connect": impatient, "health": impatient})
    assert "usually" not in said(told)


# -- every rule on its own

THEN: dict[str, Any] = {
    "exchange.key_fingerprint": "0000",
    "exchange.key_source": "env:KEY",
    "token.secret_fingerprint": "0000",
    "health.revision": "r7",
}
NOW: dict[str, Any] = {
    "exchange.key_fingerprint": "1111",
    "exchange.key_present": True,
    "exchange.detail": "key required",
    "token.secret_fingerprint": "1111",
    "token.secret_source": "env:SECRET",
    "health.revision": "r8",
}
STEPS = (
    *(f"health.{name}" for name in ("backend", "ready", "dependencies", "auth", "frontend")),
    "exchange",
    "connect",
)
ENDED = {"a.test": {"fingerprint": "01", "not_after": "Jan  1 00:00:00 2020 GMT"}}
GOOD = {"a.test": {"fingerprint": "01", "not_after": "Jan  1 00:00:00 2040 GMT"}}


def setting(key: str, value: str) -> Run:
    return replace(run({}), provenance=(Setting(key=key, source="a.yaml:1", value=value),))


def history(now: Mapping[str, Json], then: Mapping[str, Json], **settings: str) -> Index:
    """Return a run with one that passed before it; of a setting the value then and now."""
    one, before = run(now), run(then, status="passed")
    for key, values in settings.items():
        was, became = values.split(">")
        name = key.replace("__", ".")
        before = replace(before, provenance=setting(name, was).provenance)
        one = replace(one, provenance=setting(name, became).provenance)
    return Index.of(one, before)


STEADY = Usual(count=37, median_s=0.1, p95_s=0.1)


def histories() -> list[Index]:
    same = {path: value for path, value in NOW.items() if path.startswith("token.")}
    made = [
        history(NOW, THEN),
        history(NOW, {**THEN, **same}),
        history(NOW, THEN, exchange__header="X>Y"),
    ]
    for step in STEPS:
        for error in ("dns", "tls", "refused"):
            at = {
                f"{step}.error": error,
                f"{step}.error_text": "x",
                f"{step}.url": "https://a.test/",
            }
            elsewhere = {**at, f"{step}.url": "https://b.test/"}
            before = {f"{step}.url": "https://a.test/"}
            made += [
                Index.of(run(at), None, {step.partition(".")[0]: STEADY}),
                history(elsewhere, before),
                history(
                    {**at, "health.addresses": {"a.test": ["192.0.2.9"]}},
                    {**before, "health.addresses": {"a.test": ["192.0.2.1"]}},
                ),
                history(at, {**before, "proof.tls": ENDED}),
                history(at, {**before, "proof.tls": GOOD}),
                history(at, before, ca_file="a>b"),
            ]
    return [*made, Index.of(run({"events.end": "x"}), None, {"events": STEADY})]


HISTORIES = histories()


def test_every_rule_about_the_time_before_goes_on_from_a_rule_about_a_cause() -> None:
    causes = {rule.cause for rule in RULES}
    assert [rule.effect for rule in SINCE_RULES if rule.effect not in causes] == []


@pytest.mark.parametrize("rule", SINCE_RULES, ids=lambda rule: f"{rule.effect}, {rule.cause}")
def test_every_rule_about_the_time_before_can_be_the_one_that_holds(rule: Rule) -> None:
    root = Root(effect=rule.effect, when=(), breaks="path")
    told = [trace(root, index, SINCE_RULES).links[:1] for index in HISTORIES]
    links = [link for first in told for link in first if link.rule is rule]
    assert links
    assert all(link.evidence and "not recorded" not in link.answer for link in links)
    assert "{" not in links[0].answer


@pytest.mark.parametrize("rule", SINCE_RULES, ids=lambda rule: f"{rule.effect}, {rule.cause}")
def test_no_rule_about_the_time_before_holds_where_nothing_changed_or_nothing_is_known(
    rule: Rule,
) -> None:
    assert rule.label is None
    for index in HISTORIES:
        alone = Index.of(index.run)
        assert AllOf(*rule.when).support(alone) is None
        if rule.cause not in ("secret unchanged here", "key was there"):
            twice = Index.of(index.run, index.run)
            assert AllOf(*rule.when).support(twice) is None
