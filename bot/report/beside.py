"""Which failed step is not why the run ended as it did: only where the diagnosis holds it."""

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
