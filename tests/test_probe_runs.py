"""What a run amounts to: whose doing it is, and that a mistake of ours is never the target's."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.errors import NotFound
from bot.masking import Masker
from bot.model import Status, StepResult
from bot.probe import CHECKS, Network, plan, run_check
from bot.probe.ours import clock_skew_s
from bot.probe.outcome import run_status
from bot.probe.runner import take
from bot.probe.session import Session
from bot.probe.step import Verdict, passed
from bot.sandbox import Staging
from tests.probing import NO_HEALTH, PEPPER, facts, request, run, status_of, target_at, target_of

PIPELINE = ("health", "exchange", "token", "connect", "request", "events")


def ended(*statuses: str) -> list[StepResult]:
    return [
        StepResult(name=name, title=name, status=Status(status), duration_s=0.0)
        for name, status in zip(PIPELINE, statuses, strict=True)
    ]


P, D, F, S, E = "passed", "degraded", "failed", "skipped", "errored"


@pytest.mark.parametrize(
    ("steps", "status"),
    [
        ((P, P, P, P, P, P), Status.PASSED),
        ((S, P, P, P, P, P), Status.PASSED),
        ((D, P, P, P, P, P), Status.DEGRADED),
        ((F, P, P, P, P, P), Status.DEGRADED),
        ((P, F, D, P, P, P), Status.DEGRADED),
        ((P, P, P, P, P, D), Status.DEGRADED),
        ((P, F, F, S, S, S), Status.FAILED),
        ((P, P, P, F, S, S), Status.FAILED),
        ((P, P, P, P, S, F), Status.FAILED),
        ((F, S, S, S, S, S), Status.FAILED),
        ((E, S, S, S, S, S), Status.ERRORED),
        ((P, P, P, P, P, E), Status.ERRORED),
        ((P, F, D, P, P, E), Status.ERRORED),
    ],
)
def test_a_run_is_as_good_as_what_it_is_for(steps: tuple[str, ...], status: Status) -> None:
    assert run_status(CHECKS["pipeline"], ended(*steps)) is status


@pytest.mark.parametrize(
    ("skews_s", "ours"),
    [
        ({"auth": 600.0, "api": 601.0, "front": 599.0}, 600.0),
        ({"auth": -600.0, "api": -600.0}, -600.0),
        ({"auth": 0.5, "api": 0.1}, 0.3),
        ({"auth": 0.5, "api": -600.0, "front": 0.4}, None),
        ({"auth": 600.0, "api": -600.0}, None),
        ({"api": 600.0}, None),
        ({}, None),
    ],
)
def test_only_servers_that_agree_can_say_that_our_clock_is_off(
    skews_s: dict[str, float], ours: float | None
) -> None:
    assert clock_skew_s(skews_s) == (None if ours is None else pytest.approx(ours))


async def session() -> Session:
    return Session(
        target_at(1),
        check="pipeline",
        network=Network(),
        masker=Masker(pepper=PEPPER),
        started_at=datetime.now(UTC),
    )


async def test_a_step_of_ours_that_raises_is_errored_and_says_where() -> None:
    async def raises(_: Session) -> Verdict:
        raise KeyError("nothing of the target's")

    under_way = await session()
    verdict, _ = await take(under_way, "exchange", raises, (), 1.0)
    assert verdict.status is Status.ERRORED
    assert "KeyError at test_probe_runs.py" in under_way.fact("exchange.broke")


async def test_a_mistake_in_one_of_several_tasks_is_named_too() -> None:
    async def raises(_: Session) -> Verdict:
        raise ExceptionGroup("tasks", [ExceptionGroup("inner", [ZeroDivisionError("one")])])

    under_way = await session()
    await take(under_way, "health", raises, (), 1.0)
    assert "ZeroDivisionError" in under_way.fact("health.broke")


async def test_recording_what_was_not_declared_is_a_mistake_of_ours() -> None:
    async def records(session: Session) -> Verdict:
        session.observe("backend.status", 200)
        session.observe("backend.mood", "good")
        return passed()

    under_way = await session()
    verdict, _ = await take(under_way, "health", records, ("*.status",), 1.0)
    assert verdict.status is Status.ERRORED
    assert under_way.fact("health.backend.status") == 200
    assert under_way.fact("health.backend.mood") is None
    assert "backend.mood" in under_way.fact("health.broke")


async def test_an_unusable_file_of_authorities_is_our_own_doing(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for ca_file in (tmp_path / "ca.pem", tmp_path / "gone.pem"):
        result = await run(target_at(1, ca_file=str(ca_file)))
        assert result.status is Status.ERRORED
        assert facts(result)["health.backend.error"] == "config"


async def test_a_url_that_leads_nowhere_is_our_own_doing() -> None:
    result = await run(target_at(1, ws_url="ws://", health=NO_HEALTH))
    assert status_of(result, "connect") is Status.ERRORED
    assert result.status is Status.ERRORED


async def test_an_unknown_check_is_refused_with_the_nearest() -> None:
    with pytest.raises(NotFound, match="Did you mean pipeline"):
        plan(target_at(1), "pipelin", run_id="r1", started_at=datetime.now(UTC))
    async with Network() as network:
        with pytest.raises(NotFound, match="Known checks: pipeline, key"):
            await run_check(
                target_at(1), request("???"), network=network, masker=Masker(pepper=PEPPER)
            )


def test_a_plan_shows_every_step_still_to_come() -> None:
    progress = plan(target_at(1), "pipeline", run_id="r1", started_at=datetime.now(UTC))
    assert tuple(step.name for step in progress.steps) == PIPELINE
    assert {step.status for step in progress.steps} == {None}


async def test_the_masker_of_the_process_learns_no_token_of_a_run(tmp_path: Path) -> None:
    async with Staging() as staging, Network() as network:
        target = target_of(staging, tmp_path)
        masker = Masker(target.secrets, pepper=PEPPER)
        result = await run_check(target, request(), network=network, masker=masker)
    subject = facts(result)["token.subject"]
    assert masker.mask(subject) == subject
    assert masker.mask(f"key {staging.secrets['bypass_key']}") != staging.secrets["bypass_key"]
