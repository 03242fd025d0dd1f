"""Reports of runs that are stored."""

import asyncio
from functools import partial

from bot.deps import Deps
from bot.report import Report, build_report
from bot.store import Store


async def report_of(deps: Deps, run_id: str) -> Report:
    """Build the report of a stored run from its stored diagnosis; NotFound if there is none."""
    return await stored_report(deps.store, run_id)


async def stored_report(store: Store, run_id: str) -> Report:
    """Build the report of a stored run, as `report_of` does."""
    run = await store.run(run_id)
    diagnosis = await store.diagnosis(run_id)
    previous, usual = await store.history(run)
    names = await store.people.names([run.caller.id])
    asker = names.get(run.caller.id, "")
    build = partial(build_report, run, diagnosis, previous=previous, usual=usual, asker=asker)
    return await asyncio.to_thread(build)
