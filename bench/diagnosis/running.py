"""Running the real check for many cases, several at a time, in two processes."""

import asyncio
import multiprocessing
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench.diagnosis.cases import Case
from bot.model import Run
from bot.target import Timeouts
from tests.crowds import AT_A_TIME, checked

PROCESSES = 2
# Long enough for a loaded machine, short enough for faults that hang.
TIMEOUTS = Timeouts(step_s=4.0, welcome_s=0.5, gap_s=1.0, total_s=5.0)
# Judged by pauses of hundredths of a second, which a crowd would stretch.
HURRIED = frozenset({"two-terminals"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A case to run, with or without experiments."""

    case: Case
    experiments: bool = True


def run_all(jobs: Sequence[Job]) -> list[Run]:
    """Return the run of each job, in their order."""
    shares = [list(jobs[at::PROCESSES]) for at in range(PROCESSES)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        done = list(pool.map(_run_share, shares))
    runs: dict[int, Run] = {}
    for at, share in enumerate(done):
        runs |= {at + place * PROCESSES: run for place, run in enumerate(share)}
    return [runs[at] for at in range(len(jobs))]


def run_alone(jobs: Sequence[Job]) -> list[Run]:
    """Return the run of each job, one after the other, with nothing else under way here."""
    with tempfile.TemporaryDirectory(prefix="stagecheck-bench-") as folder:
        return asyncio.run(run_together(jobs, Path(folder), at_a_time=1))


def _run_share(jobs: list[Job]) -> list[Run]:
    with tempfile.TemporaryDirectory(prefix="stagecheck-bench-") as folder:
        return asyncio.run(run_together(jobs, Path(folder)))


async def run_together(
    jobs: Sequence[Job], folder: Path, *, at_a_time: int = AT_A_TIME
) -> list[Run]:
    """Return the run of each job, `at_a_time` under way; what must not be hurried goes last."""
    turn = asyncio.Semaphore(at_a_time)

    async def one(at: int) -> Run:
        async with turn:
            return await _run(jobs[at], folder / str(at))

    if not jobs:
        return []
    # What is loaded and made only once would otherwise count as slowness of the first targets.
    await _run(jobs[0], folder / "first")
    hurried = [at for at, job in enumerate(jobs) if HURRIED & set(job.case.faults)]
    crowd = [at for at in range(len(jobs)) if at not in hurried]
    runs = dict(zip(crowd, await asyncio.gather(*map(one, crowd)), strict=True))
    for at in hurried:
        runs[at] = await one(at)
    return [runs[at] for at in range(len(jobs))]


async def _run(job: Job, folder: Path) -> Run:
    """Run the pipeline check once against a staging that is broken like this."""
    folder.mkdir()
    return await checked(
        "bench",
        folder,
        faults=job.case.faults,
        nuisances=job.case.nuisances,
        timeouts=TIMEOUTS,
        experiments=job.experiments,
    )
