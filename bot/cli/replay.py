"""`stagecheck replay`: diagnose a stored run again with today's rules."""

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import typer

from bot.cli.delivery import EXIT_CODES, delivery
from bot.config import load
from bot.diagnosis import diagnose
from bot.model import Cause, Diagnosis
from bot.report import Report, build_report
from bot.store import Store

# A confidence moves a little with every example; below this nobody would decide otherwise.
_LEAST_MOVE = 0.005


def replay(run_id: str, *, format: str, output: Path | None, config: Path | None) -> int:
    """Diagnose the stored run again, print its report, and return the exit code of its status.

    What is told otherwise than when the run was saved goes to standard error.
    """
    deliver = delivery(format, output, config=config)
    settings = load(config, env=os.environ)
    report, kept, found = asyncio.run(_again(settings.database, run_id))
    deliver(report)
    for line in differences(kept, found):
        typer.echo(line, err=True)
    return EXIT_CODES[report.status]


async def _again(database: str, run_id: str) -> tuple[Report, Diagnosis, Diagnosis]:
    """Return the new report, the diagnosis that is stored, and the one of today."""
    store = await Store.open(database)
    try:
        run = await store.run(run_id)
        kept = await store.diagnosis(run.id)
        previous, usual = await store.history(run)
    finally:
        await store.close()
    found = diagnose(run, previous=previous, usual=usual)
    return build_report(run, found, previous=previous, usual=usual), kept, found


def differences(kept: Diagnosis, found: Diagnosis) -> Iterator[str]:
    """Yield in lines how the causes of `found` differ from those that were stored."""
    before = {cause.label: cause for cause in kept.causes}
    after = {cause.label: cause for cause in found.causes}
    lines = [*_answers(kept, found)]
    for label in dict.fromkeys((*after, *before)):
        lines += _cause(before.get(label), after.get(label))
    if lines:
        yield "stagecheck: today's rules tell this run otherwise than when it was saved:"
        yield from (f"  {line}" for line in lines)


def _answers(kept: Diagnosis, found: Diagnosis) -> Iterator[str]:
    was, now = (each.causes[0].label if each.causes else "none" for each in (kept, found))
    if was != now:
        yield f"The first cause is {now}; it was {was}."


def _cause(was: Cause | None, now: Cause | None) -> Iterator[str]:
    if was is None or now is None:
        if now is not None:
            yield f"{now.label} is new: {now.role}, {now.confidence:.2f}."
        elif was is not None:
            yield f"{was.label} is gone; it was {was.role}, {was.confidence:.2f}."
        return
    if was.role is not now.role:
        yield f"{now.label} is {now.role}; it was {was.role}."
    if abs(was.confidence - now.confidence) >= _LEAST_MOVE:
        yield f"{now.label} has confidence {now.confidence:.2f}; it had {was.confidence:.2f}."
