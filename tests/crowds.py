"""Running the real check under many faults at a time, and again alone what a crowd spoils."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from bot.config import load
from bot.masking import Masker
from bot.model import Caller, CheckRequest, Run, Trigger
from bot.probe import Network, run_check
from bot.sandbox import Staging
from bot.sandbox.behaviour import Behaviour
from bot.target import Timeouts

Case = TypeVar("Case")
Outcome = TypeVar("Outcome")

AT_A_TIME = 8
# The pauses between events, long beside those that a crowd in one loop makes.
UNHURRIED = Behaviour(event_gap_s=0.06, pause_s=0.15, silence_s=0.5)


async def checked(
    name: str,
    folder: Path,
    *,
    faults: Sequence[str],
    nuisances: Sequence[str] = (),
    timeouts: Timeouts,
    experiments: bool = True,
) -> Run:
    """Run the pipeline check once; its configuration is written to `folder` under `name`."""
    staging = Staging(faults, nuisances, behaviour=UNHURRIED)
    async with staging, Network() as network:
        staging.write_config(folder / f"{name}.yaml")
        target = load(folder / f"{name}.yaml", env={}).targets["staging"]
        allowed = replace(target.experiments, enabled=experiments)
        return await run_check(
            replace(target, timeouts=timeouts, experiments=allowed),
            CheckRequest(
                run_id=f"r-{name}",
                target="staging",
                check="pipeline",
                trigger=Trigger.SHELL,
                caller=Caller(id="tests"),
            ),
            network=network,
            masker=Masker(target.secrets, pepper=b"pepper"),
        )


async def outcomes_of(
    cases: Collection[Case],
    run: Callable[[Case], Awaitable[Outcome]],
    *,
    is_right: Callable[[Case, Outcome | BaseException], bool],
    at_a_time: int = AT_A_TIME,
    alone: Collection[Case] = (),
) -> dict[Case, Outcome | BaseException]:
    """Return the outcome of every case, several under way; what breaks is returned too.

    A machine that is busy with other tests stretches pauses of hundredths of a second, and can
    make one look silent. So what does not come out right in the crowd is run once more by itself,
    and that counts; `alone` are those that a crowd would spoil anyway.
    """
    turn = asyncio.Semaphore(at_a_time)

    async def in_turn(case: Case) -> Outcome:
        async with turn:
            return await run(case)

    crowd = [case for case in cases if case not in alone]
    outcomes = await asyncio.gather(*map(in_turn, crowd), return_exceptions=True)
    found = dict(zip(crowd, outcomes, strict=True))
    again = [case for case in cases if case in alone or not is_right(case, found[case])]
    return {**found, **{case: await run(case) for case in again}}
