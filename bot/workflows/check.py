"""The workflow of a check: announce it, do it, keep it, report it, and see what it means."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

import structlog

from bot.deps import Deps
from bot.diagnosis import diagnose
from bot.errors import DeliveryError, NotFound, StagecheckError, StoreError, Unavailable
from bot.model import (
    CheckRequest,
    Posting,
    Progress,
    Trigger,
)
from bot.probe import accepted_key, is_same_revision, plan, revision_of, run_check
from bot.report import build_report
from bot.workflows.alerts import alert
from bot.workflows.notes import broken_run, told_of_deploy, told_of_interruptions
from bot.workflows.rotated import with_secrets_of_now
from bot.workflows.stored import report_of

T = TypeVar("T")

log = structlog.get_logger(__name__)

REVISION_S = 3.0
"""How often a target is asked whether it runs what was deployed."""
# For the last word of a run that is cut short: whoever stops the process does not wait for long.
LAST_WORD_S = 5.0
_UNASKED = frozenset({Trigger.SCHEDULE, Trigger.DEPLOY})
# Far longer than a run can be interrupted before it is given up.
_ATTEMPT_S = 30 * 86_400.0


async def check(deps: Deps, request: CheckRequest) -> None:
    """Announce a run, do it, keep it, report it in its thread, and show the outcome.

    One that nobody asked for is not announced: alerting decides who hears of it. Whatever of ours
    breaks on the way, the announcement does not stay as it is.
    """
    do = deps.engine.activity
    late_s = 0.0 if is_silent(request) else await do("announce", announce, deps, request)
    concluded = False
    try:
        if late_s and late_s > deps.settings.engine.give_up_after_s:
            raise Unavailable(
                f"Slack took no message for {late_s / 60:.0f} minutes, so nothing was checked.",
                hint="Ask again, if you still want to know.",
            )
        if request.revision:
            await do("await_revision", await_revision, deps, request)
        await do("run_check", execute, deps, request)
        await do("count_run", count_run, deps, request)
        if not is_silent(request):
            await do("report", send_report, deps, request)
            await do("conclude", conclude, deps, request)
        concluded = True
    finally:
        if not concluded:
            await _give_up(deps, request, sys.exception())
    await do("alert", alert, deps, request)


def is_silent(request: CheckRequest) -> bool:
    """Tell whether nobody waits for the answer of a run in a place of its own."""
    return request.trigger in _UNASKED and not request.place.channel


async def announce(deps: Deps, request: CheckRequest) -> float:
    """Post the run's first message, and return how many seconds that took.

    A run that has one keeps it.
    """
    if await deps.store.posting(request.run_id):
        return 0.0
    target = deps.targets[request.target]
    progress = plan(target, request.check, run_id=request.run_id, started_at=deps.clock())
    posting = await _persist(deps, partial(deps.notifier.announce, request, progress))
    await deps.store.save_posting(request.run_id, posting)
    return (deps.clock() - progress.started_at).total_seconds()


async def await_revision(deps: Deps, request: CheckRequest) -> None:
    """Return once the target says that it runs what was deployed, or after a while.

    A check of what ran before would say nothing about the deploy.
    """
    hook = deps.settings.deploy_hook
    ends_at = asyncio.get_running_loop().time() + (hook.wait_s if hook else 0)
    while asyncio.get_running_loop().time() < ends_at:
        found = await revision_of(
            deps.targets[request.target], network=deps.network, masker=deps.masker
        )
        if is_same_revision(found, request.revision):
            return
        await asyncio.sleep(REVISION_S)


async def execute(deps: Deps, request: CheckRequest) -> None:
    """Run the check and save the run; a run that is saved is not run again.

    A connection cannot cross a restart, so a check that was interrupted begins anew, and says so.
    """
    if await deps.store.find_run(request.run_id):
        return
    posting = None if is_silent(request) else await _posting(deps, request)
    attempt = await _attempt(deps, request) if deps.engine.durable else 1

    def show(progress: Progress) -> None:
        if posting is not None:
            deps.notifier.progress(posting, progress)

    log.info("run begins", check=request.check, trigger=str(request.trigger), attempt=attempt)
    run = await run_check(
        await with_secrets_of_now(deps, request.target),
        request,
        network=deps.network,
        masker=deps.masker,
        on_progress=show,
        own_checks=deps.own_checks,
        last_key=await deps.store.keys.last(request.target),
    )
    if accepted := accepted_key(run):
        await deps.store.keys.remember(request.target, accepted)
    run = told_of_deploy(told_of_interruptions(run, attempt - 1), request.revision)
    previous, usual = await deps.store.history(run)
    # In threads, here and below: a check of hundreds of observations would hold up the loop.
    judge = partial(diagnose, run, previous=previous, usual=usual)
    diagnosis = await asyncio.to_thread(judge)
    await deps.store.save_run(run, diagnosis)
    log.info("run ended", status=str(run.status), duration_s=run.duration_s)
    deps.trace(run, diagnosis)


async def count_run(deps: Deps, request: CheckRequest) -> None:
    """Count the run in the metrics."""
    deps.metrics.count(await deps.store.run(request.run_id))


async def send_report(deps: Deps, request: CheckRequest) -> None:
    """Deliver the report into the run's thread."""
    report = await report_of(deps, request.run_id)
    posting = await _posting(deps, request)
    await _persist(deps, partial(deps.notifier.report, posting, report))


async def conclude(deps: Deps, request: CheckRequest) -> None:
    """Turn the run's first message into its outcome."""
    report = await report_of(deps, request.run_id)
    posting = await _posting(deps, request)
    await _persist(deps, partial(deps.notifier.conclude, posting, report))


async def _persist(deps: Deps, deliver: Callable[[], Awaitable[T]]) -> T:
    """Deliver, and try again for as long as it may pass: what a run says is never dropped.

    Whoever waits here is started again after a restart. Only without a durable engine, where
    whoever asked waits too, one try has to do.
    """
    patience, now = deps.persistence, asyncio.get_running_loop().time
    ends_at, wait_s = now() + patience.in_all_s, patience.first_s
    while True:
        try:
            return await deliver()
        except DeliveryError as error:
            if error.permanent or not deps.engine.durable or now() > ends_at:
                raise
            log.warning("a message was not delivered", error=error.message, again_in_s=wait_s)
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, patience.longest_s)


async def _give_up(deps: Deps, request: CheckRequest, error: BaseException | None) -> None:
    match error:
        case StagecheckError():
            await deps.engine.activity("give_up", give_up, deps, request, str(error))
            await deps.engine.activity("alert", alert, deps, request)
        case asyncio.CancelledError() if not deps.engine.durable:
            reason = "stagecheck was stopped before the run had ended. Ask again once it is back."
            async with asyncio.timeout(LAST_WORD_S):
                await give_up(deps, request, reason)
        case Exception():
            reason = f"A part of stagecheck broke ({type(error).__name__}); its log says where."
            await deps.engine.activity("admit", admit, deps, request, reason)
            await deps.engine.activity("alert", alert, deps, request)
        case _:  # told to stop: a durable engine goes on with this run, and must find it as it is
            pass


async def give_up(deps: Deps, request: CheckRequest, reason: str) -> None:
    """Show the outcome if there is one, else that the run ended on our side, and why."""
    if is_silent(request) and await _is_kept(deps, request):
        return
    if await _is_kept(deps, request):
        await conclude(deps, request)
    else:
        await admit(deps, request, reason)


async def abandon(deps: Deps, request: CheckRequest, reason: str) -> None:
    """End a run that is not seen through: tell what it found all the same, or else why not."""
    if is_silent(request):
        await give_up(deps, request, reason)
    elif await _is_kept(deps, request):
        try:
            await send_report(deps, request)
        finally:
            await conclude(deps, request)
    else:
        await announce(deps, request)
        await admit(deps, request, reason)


async def _is_kept(deps: Deps, request: CheckRequest) -> bool:
    """Tell whether the run can be read back; where the database fails, the reason is told."""
    try:
        return await deps.store.find_run(request.run_id) is not None
    except StoreError:
        return False


async def admit(deps: Deps, request: CheckRequest, reason: str) -> None:
    """Show that the run ended on our side, and why; count it, and keep it if that is possible."""
    run = broken_run(request, reason, at=deps.clock())
    diagnosis = diagnose(run)
    deps.metrics.count(run)
    try:
        await deps.store.save_run(run, diagnosis)
    except StoreError as error:
        log.warning("a run that was given up is not kept", error=error.message)
    if is_silent(request):
        return
    report, posting = build_report(run, diagnosis), await _posting(deps, request)
    await _persist(deps, partial(deps.notifier.conclude, posting, report))


async def _attempt(deps: Deps, request: CheckRequest) -> int:
    """Return how often the check of this run was begun, this time included."""
    attempt = 1
    while not await deps.store.claim(f"attempt:{request.run_id}:{attempt}", ttl_s=_ATTEMPT_S):
        attempt += 1
    return attempt


async def _posting(deps: Deps, request: CheckRequest) -> Posting:
    posting = await deps.store.posting(request.run_id)
    if posting is None:
        raise NotFound(f"Run {request.run_id} has no message.")
    return posting
