"""One run of the pipeline check under every fault of the simulator."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

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
