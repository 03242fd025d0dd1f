"""Every way of breaking the simulated staging is diagnosed as declared, over real sockets.

The real check runs against the real simulator, once for each fault, several at a time; the
tests then look at what came of it.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from bot.diagnosis import diagnose
from bot.model import Run
from bot.sandbox import FAULTS
from bot.target import Timeouts
from tests.crowds import checked, outcomes_of

# Long enough for a loaded machine, short enough for faults that hang.
TIMEOUTS = Timeouts(step_s=4.0, welcome_s=0.5, gap_s=0.8, total_s=4.0)
# Judged by pauses of hundredths of a second, which a crowd would stretch.
ALONE = ("two-terminals",)


async def check(fault: str, folder: Path) -> Run:
    """Run the pipeline check against a staging that is broken like this."""
    return await checked(fault, folder, faults=[fault], timeouts=TIMEOUTS)


async def check_all(folder: Path) -> Mapping[str, Run | BaseException]:
    """Run the check under every fault; what breaks is returned, for its own test to show."""
    # What is loaded and made only once would otherwise count as slowness of the first targets.
    await check("fallback-secret-stale", folder)
    run = partial(check, folder=folder)
    return await outcomes_of(FAULTS, run, is_right=is_as_declared, alone=ALONE)


def is_as_declared(fault: str, run: Run | BaseException) -> bool:
    """Tell whether status and causes of `run` are those that the injector declares."""
    if isinstance(run, BaseException) or run.status.value != FAULTS[fault].status:
        return False
    return said(run) == [(cause.label, cause.role) for cause in FAULTS[fault].causes]


def said(run: Run) -> list[tuple[str, str]]:
    """Return label and role of each cause that is found in `run`."""
    return [(cause.label.value, cause.role.value) for cause in diagnose(run).causes]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Run | BaseException]:
    """One run under every fault."""
    return asyncio.run(check_all(tmp_path_factory.mktemp("faults")))


def outcome(runs: Mapping[str, Run | BaseException], fault: str) -> Run:
    """Return the run under `fault`, or raise what broke it."""
    run = runs[fault]
    if isinstance(run, BaseException):
        raise run
    return run


@pytest.mark.parametrize("fault", FAULTS)
def test_the_status_is_the_declared_one(
    fault: str, runs: Mapping[str, Run | BaseException]
) -> None:
    run = outcome(runs, fault)
    assert run.status.value == FAULTS[fault].status


@pytest.mark.parametrize("fault", FAULTS)
def test_the_causes_are_the_declared_ones_with_their_roles_the_answer_first(
    fault: str, runs: Mapping[str, Run | BaseException]
) -> None:
    declared = [(cause.label, cause.role) for cause in FAULTS[fault].causes]
    assert said(outcome(runs, fault)) == declared


@pytest.mark.parametrize("fault", FAULTS)
def test_everything_that_is_said_rests_on_the_run(
    fault: str, runs: Mapping[str, Run | BaseException]
) -> None:
    run = outcome(runs, fault)
    diagnosis = diagnose(run)
    known = {observation.id for observation in run.observations}
    said = (*diagnosis.causes, *diagnosis.whys, *diagnosis.ruled_out, *diagnosis.findings)
    assert all(set(one.evidence) <= known for one in said)
    assert all(cause.evidence for cause in diagnosis.causes)
    assert "not recorded" not in repr(diagnosis)


def test_the_founding_failure_is_told_with_five_whys(
    runs: Mapping[str, Run | BaseException],
) -> None:
    diagnosis = diagnose(outcome(runs, "seed"))
    assert [cause.label.value for cause in diagnosis.causes] == [
        "ws_server_code_error",
        "bypass_key_mismatch",
    ]
    assert len(diagnosis.whys) == 5
    assert all(cause.confidence >= 0.95 for cause in diagnosis.causes)
