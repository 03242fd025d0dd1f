"""What a step or an experiment means beside the run: no more than the evidence holds."""

from bot.model import Role, Status, StepResult
from bot.report.document import Report


def is_beside(step: StepResult, report: Report) -> bool:
    """Tell whether `step` failed, and all that rests on it is known to be incidental."""
    if step.status is not Status.FAILED or step == report.failing_step:
        return False
    own = {seen.id for seen in report.observations if seen.step == step.name}
    resting = [cause for cause in report.causes if own & set(cause.evidence)]
    return bool(resting) and all(
        cause.role is Role.INCIDENTAL and not cause.is_role_open for cause in resting
    )


def aside_words(step: StepResult, report: Report) -> str:
    """Return what follows the outcome of `step` in words; nothing for most."""
    return ", not the cause" if is_beside(step, report) else ""


def tried_words(experiment: StepResult, report: Report) -> str:
    """Return what an experiment came to: the same as the run, something else, or that it was made.

    It passes no judgement of its own.
    """
    if experiment.status not in (Status.PASSED, Status.DEGRADED):
        return experiment.status.value
    path = f"{experiment.name}.same"
    same = next((seen.value for seen in report.observations if seen.path == path), None)
    if not isinstance(same, bool):
        return "made"
    return "same result" if same else "other result"
