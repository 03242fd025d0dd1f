"""Every way of breaking the simulated staging is diagnosed as declared, over real sockets.

The real check runs against the real simulator, once for each fault, several at a time; the
tests then look at what came of it.
"""

import asyncio
from collections.abc import Mapping

import pytest

from bot.diagnosis import diagnose
from bot.model import Run
from bot.sandbox import FAULTS
from tests.every_fault import check_all, said


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
