"""How a run ends that is not seen through: whoever asked is told, of what it found or of why not.

The names of the activities are in the rows of the engine, and stay what they are.
"""

import asyncio

import structlog

from bot.deps import Deps
from bot.diagnosis import diagnose
from bot.errors import DeliveryError, StagecheckError, StoreError, Unavailable
from bot.model import CheckRequest
from bot.report import Report, build_report
from bot.workflows.alerts import alert
from bot.workflows.messages import announce, conclude, conclude_with, is_silent, send_report
from bot.workflows.notes import broken_run

log = structlog.get_logger(__name__)

# For the last word of a run that is cut short: whoever stops the process does not wait for long.
LAST_WORD_S = 5.0


async def end_broken(deps: Deps, request: CheckRequest, error: BaseException | None) -> None:
    """End a run whose workflow `error` broke off; not one that a durable engine goes on with."""
    match error:
        case StagecheckError():
            reason = str(error)
            try:
                await deps.engine.activity("give_up", conclude_anyhow, deps, request, reason)
            except DeliveryError as silence:  # what was found counts, whoever cannot be told of it
                log.warning("a run could not be concluded", reason=silence.message)
            await deps.engine.activity("alert", alert, deps, request)
        case asyncio.CancelledError() if not deps.engine.durable:
            reason = "stagecheck was stopped before the run had ended. Ask again once it is back."
            async with asyncio.timeout(LAST_WORD_S):
                await conclude_anyhow(deps, request, reason)
        case Exception():
            reason = f"A part of stagecheck broke ({type(error).__name__}); its log says where."
            await deps.engine.activity("admit", conclude_as_errored, deps, request, reason)
            await deps.engine.activity("alert", alert, deps, request)
        case _:
            await _let_go(deps, request)


async def end_given_up(deps: Deps, request: CheckRequest, reason: str) -> None:
    """End a run that the engine does not go on with, whatever it had done by then."""
    if is_silent(request):
        await conclude_anyhow(deps, request, reason)
    elif await _is_kept(deps, request):
        try:
            await send_report(deps, request)
        finally:
            await conclude(deps, request)
    elif request.target in deps.targets or await deps.store.posting(request.run_id):
        await announce(deps, request)
        await conclude_as_errored(deps, request, reason)
    else:  # nothing can be said of its steps
        report = await _errored(deps, request, reason)
        _ = await deps.notifier.answer(request.place, report)


async def _let_go(deps: Deps, request: CheckRequest) -> None:
    """Leave a run to whoever goes on with it: another process, or our next life.

    Another may have told its outcome already, and what we last showed must not stay in its place.
    """
    try:
        await deps.engine.check()
        if is_silent(request) or (posting := await deps.store.posting(request.run_id)) is None:
            return
        await deps.notifier.hush(posting)
        if await _is_kept(deps, request):
            await conclude(deps, request)
    except Unavailable:
        pass  # told to stop: our next life must find it as it is
    except StagecheckError as error:
        log.warning("the outcome of a run may not be seen", error=error.message)


async def conclude_anyhow(deps: Deps, request: CheckRequest, reason: str) -> None:
    """Show the outcome if there is one, else that the run ended on our side, and why."""
    if not await _is_kept(deps, request):
        await conclude_as_errored(deps, request, reason)
    elif not is_silent(request):
        await conclude(deps, request)


async def conclude_as_errored(deps: Deps, request: CheckRequest, reason: str) -> None:
    """Show that the run ended on our side, and why; count it, and keep it if that is possible."""
    report = await _errored(deps, request, reason)
    if not is_silent(request):
        await conclude_with(deps, request, report)


async def _errored(deps: Deps, request: CheckRequest, reason: str) -> Report:
    run = broken_run(request, reason, at=deps.clock())
    diagnosis = diagnose(run)
    deps.metrics.count(run)
    try:
        await deps.store.save_run(run, diagnosis)
    except StoreError as error:
        log.warning("a run that was given up is not kept", error=error.message)
    return build_report(run, diagnosis)


async def _is_kept(deps: Deps, request: CheckRequest) -> bool:
    """Tell whether the run can be read back: False also where the database cannot tell."""
    try:
        return await deps.store.find_run(request.run_id) is not None
    except StoreError:
        return False
