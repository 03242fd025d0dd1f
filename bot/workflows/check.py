"""The workflow of a check: announce it, do it, keep it, report it, and see what it means."""

import asyncio
import sys
from dataclasses import dataclass
from functools import partial

import structlog

from bot.deps import Deps
from bot.diagnosis import diagnose
from bot.errors import Unavailable
from bot.model import CheckRequest, Diagnosis, Posting, Progress, Run
from bot.probe import accepted_key, is_same_revision, revision_of, run_check
from bot.target import AcceptedKey
from bot.workflows.alerts import alert
from bot.workflows.messages import announce, conclude, is_silent, posting_of, send_report
from bot.workflows.notes import told_of_deploy, told_of_interruptions
from bot.workflows.outlasting import outlast
from bot.workflows.rotated import with_secrets_of_now
from bot.workflows.unfinished import end_broken, end_given_up

log = structlog.get_logger(__name__)

REVISION_S = 3.0
"""How often a target is asked whether it runs what was deployed."""
_UNKNOWN = (
    "the process that took this run has no such target in its configuration: it was removed, or "
    "processes that share a database have different files"
)
# Far longer than a run can be interrupted before it is given up.
_ATTEMPT_S = 30 * 86_400.0


async def check(deps: Deps, request: CheckRequest) -> None:
    """Announce a run, do it, keep it, report it in its thread, and show the outcome.

    One that nobody asked for is not announced: alerting decides who hears of it. Whatever of ours
    breaks on the way, the announcement does not stay as it is.
    """
    if request.target not in deps.targets:
        # No activities: an earlier life, of another configuration, may have done some.
        await end_given_up(deps, request, _UNKNOWN)
        return
    do = deps.engine.activity
    late_s = 0.0 if is_silent(request) else await do("announce", outlast, announce, deps, request)
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
        await do("count_run", outlast, count_run, deps, request)
        if not is_silent(request):
            await do("report", outlast, send_report, deps, request)
            await do("conclude", outlast, conclude, deps, request)
        concluded = True
    finally:
        if not concluded:
            await end_broken(deps, request, sys.exception())
    await do("alert", outlast, alert, deps, request)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Begun:
    """What a check needs to know of our own: where it is shown, and what was before."""

    posting: Posting | None
    attempt: int
    last_key: AcceptedKey | None


async def execute(deps: Deps, request: CheckRequest) -> None:
    """Run the check and save the run; a run that is saved is not run again.

    A connection cannot cross a restart, so a check that was interrupted begins anew, and says so.
    """
    if begun := await outlast(_begin, deps, request):
        run = await _carry_out(deps, request, begun)
        await outlast(partial(_keep, run), deps, request)


async def _begin(deps: Deps, request: CheckRequest) -> _Begun | None:
    """Return what there is to begin with; None if the run is kept already."""
    if await deps.store.find_run(request.run_id):
        return None
    return _Begun(
        posting=None if is_silent(request) else await posting_of(deps, request),
        last_key=await deps.store.keys.last(request.target),
        attempt=await _attempt(deps, request) if deps.engine.durable else 1,
    )


async def _carry_out(deps: Deps, request: CheckRequest, begun: _Begun) -> Run:
    def show(progress: Progress) -> None:
        if begun.posting is not None:
            deps.notifier.progress(begun.posting, progress)

    attempt = begun.attempt
    log.info("run begins", check=request.check, trigger=str(request.trigger), attempt=attempt)
    run = await run_check(
        await with_secrets_of_now(deps, request.target),
        request,
        network=deps.network,
        masker=deps.masker,
        on_progress=show,
        own_checks=deps.own_checks,
        last_key=begun.last_key,
    )
    return told_of_deploy(told_of_interruptions(run, attempt - 1), request.revision)


async def _keep(run: Run, deps: Deps, request: CheckRequest) -> None:
    """Keep what was found, and what it shows."""
    if accepted := accepted_key(run):
        await deps.store.keys.remember(request.target, accepted)
    diagnosis = await _diagnosed(deps, run)
    await deps.store.save_run(run, diagnosis)
    log.info("run ended", status=str(run.status), duration_s=run.duration_s)
    deps.trace(run, diagnosis)


async def count_run(deps: Deps, request: CheckRequest) -> None:
    """Count the run in the metrics."""
    deps.metrics.count(await deps.store.run(request.run_id))


async def _diagnosed(deps: Deps, run: Run) -> Diagnosis:
    """Compare a run with those before it, and say what it shows."""
    previous, usual = await deps.store.history(run)
    # In a thread: a check of hundreds of observations would hold up the loop.
    return await asyncio.to_thread(partial(diagnose, run, previous=previous, usual=usual))


async def _attempt(deps: Deps, request: CheckRequest) -> int:
    """Return how often the check of this run was begun, this time included."""
    attempt = 1
    while not await deps.store.claim(f"attempt:{request.run_id}:{attempt}", ttl_s=_ATTEMPT_S):
        attempt += 1
    return attempt
