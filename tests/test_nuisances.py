"""A nuisance is there on the wire, and a run under it ends as it would without."""

import asyncio
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bot.config import load
from bot.diagnosis import diagnose
from bot.errors import UsageError
from bot.masking import Masker
from bot.model import Caller, CheckRequest, Run, Trigger
from bot.probe import Network, run_check
from bot.sandbox import FAULTS, NUISANCES, Staging
from bot.sandbox.behaviour import Behaviour
from bot.target import Target, Timeouts

TIMEOUTS = Timeouts(step_s=4.0, welcome_s=0.5, gap_s=0.6, total_s=4.0)
AT_A_TIME = 8
UNHURRIED = Behaviour(event_gap_s=0.06, pause_s=0.15, silence_s=0.5)


async def check(nuisance: str, folder: Path) -> Run:
    """Run the pipeline check against a healthy staging with this nuisance."""
    async with Staging((), [nuisance], behaviour=UNHURRIED) as staging, Network() as network:
        path = folder / f"{nuisance}.yaml"
        staging.write_config(path)
        target = load(path, env={}).targets["staging"]
        return await run_check(
            replace(target, timeouts=TIMEOUTS),
            CheckRequest(
                run_id=f"r-{nuisance}",
                target="staging",
                check="pipeline",
                trigger=Trigger.SHELL,
                caller=Caller(id="tests"),
            ),
            network=network,
            masker=Masker(target.secrets, pepper=b"pepper"),
        )


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Run | BaseException]:
    """One run under every nuisance."""

    async def all_runs() -> Mapping[str, Run | BaseException]:
        turn = asyncio.Semaphore(AT_A_TIME)
        folder = tmp_path_factory.mktemp("nuisances")

        async def one(name: str) -> Run:
            async with turn:
                return await check(name, folder)

        outcomes = await asyncio.gather(*map(one, NUISANCES), return_exceptions=True)
        return dict(zip(NUISANCES, outcomes, strict=True))

    return asyncio.run(all_runs())


@pytest.mark.parametrize("name", NUISANCES)
def test_a_healthy_staging_stays_healthy(
    name: str, runs: Mapping[str, Run | BaseException]
) -> None:
    run = runs[name]
    if isinstance(run, BaseException):
        raise run
    found = [(cause.label.value, cause.role.value) for cause in diagnose(run).causes]
    assert (run.status.value, found) == ("passed", [("healthy", "sufficient")])


@pytest.mark.parametrize("name", NUISANCES)
def test_row_is_complete_and_names_what_exists(name: str) -> None:
    nuisance = NUISANCES[name]
    assert nuisance.name == name == name.lower().replace("_", "-")
    assert nuisance.summary.endswith(".")
    assert nuisance.server or nuisance.client
    assert nuisance.server.keys() <= {field.name for field in dataclasses.fields(Behaviour)}
    assert nuisance.client.keys() <= {field.name for field in dataclasses.fields(Target)}
    assert nuisance.not_with <= FAULTS.keys()


def test_there_are_many_and_no_two_are_the_same() -> None:
    rows = [json.dumps([n.server, n.client], default=str) for n in NUISANCES.values()]
    assert len(rows) >= 20
    assert len(set(rows)) == len(rows)


def test_unknown_nuisance_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="There is no nuisance") as refusal:
        Staging((), ["long-silense"])
    assert refusal.value.hint == "Did you mean long-silence?"


@pytest.mark.parametrize(
    ("faults", "nuisances"),
    [
        (["events-lost"], ["no-tools"]),
        (["dns-backend-host"], ["over-tls"]),
        (["tool-completed-missing"], ["collapsed-names"]),
        ([], ["flat-events", "bridge-events"]),
    ],
)
def test_what_takes_hold_at_the_same_place_cannot_be_combined(
    faults: list[str], nuisances: list[str]
) -> None:
    with pytest.raises(UsageError, match="cannot be combined"):
        Staging(faults, nuisances)


async def test_a_refused_change_changes_nothing() -> None:
    async with Staging(["redis-down"], ["no-tools"]) as staging:
        with pytest.raises(UsageError):
            staging.faults = ("events-lost",)
        with pytest.raises(UsageError):
            staging.nuisances = ("no-tools", "no-thoughts")
        assert (staging.faults, staging.nuisances) == (("redis-down",), ("no-tools",))
        staging.nuisances = ()
        staging.faults = ("events-lost",)
