"""What a run amounts to: its status, and what it did not look at."""

from collections.abc import Iterator, Sequence

from bot.model import Status, StepResult
from bot.probe.checks import Check
from bot.target import DEFAULT_CHECK, Target


def run_status(check: Check, results: Sequence[StepResult]) -> Status:
    """Return the status of a run whose steps ended like this."""
    if any(result.status is Status.ERRORED for result in results):
        return Status.ERRORED
    needed = [result for result in results if result.name not in check.worked_around]
    if all(result.status.works for result in needed):
        others = [r for r in results if r.name in check.worked_around]
        # A step that the target does not ask for is no loss.
        well = all(r.status in (Status.PASSED, Status.SKIPPED) for r in others)
        well = well and all(result.status is Status.PASSED for result in needed)
        return Status.PASSED if well else Status.DEGRADED
    return Status.FAILED


def not_checked(check: Check, target: Target, results: Sequence[StepResult]) -> Iterator[str]:
    """Yield what the steps of a run and its experiments did not look at, each as a sentence."""
    for result in results:
        if result.status is Status.SKIPPED:
            reason = result.detail.rstrip(".")
            yield f'The step "{result.title}" was not taken: {reason[:1].lower()}{reason[1:]}.'
    if check.name == DEFAULT_CHECK:
        yield from _unasked_health(target)
        if not any(result.name == "other_request" for result in results):
            yield f"Only the request type {target.request.type} was sent; others were not tried."
        yield "The front end was not used in a browser."
    else:
        yield "The socket and the pipeline were not tried."
    yield "The logs of the servers were not read."


def _unasked_health(target: Target) -> Iterator[str]:
    paths = {
        "readiness": target.health.ready,
        "dependency details": target.health.dependencies,
        "front end's health": target.health.frontend and target.frontend_url,
    }
    for what, configured in paths.items():
        if not configured:
            yield f"The {what} was not asked for: the target has no path for it."
