"""What a run is to say besides what it saw: that it was interrupted, came too early, or broke."""

from dataclasses import replace
from datetime import datetime

from bot.model import CheckRequest, Run, Status, StepResult, TranscriptLine
from bot.probe import is_same_revision


def told_of_interruptions(run: Run, interruptions: int) -> Run:
    """Say how often the check was begun anew, and that what it saw before is lost."""
    if not interruptions:
        return run
    times = "once" if interruptions == 1 else f"{interruptions} times"
    told = f"This check was interrupted {times} by a restart of stagecheck and started again"
    note = TranscriptLine(at=run.started_at, step=run.steps[0].name, direction="·", text=f"{told}.")
    return replace(
        run,
        transcript=(note, *run.transcript),
        not_checked=(f"{told}; what it saw before that is not in this report.", *run.not_checked),
    )


def told_of_deploy(run: Run, revision: str) -> Run:
    """Say what is not known of a check after a deploy: whether it saw what was deployed."""
    if not revision or is_same_revision(run.revision, revision):
        return run
    seen = (
        f"it says that it runs {run.revision}" if run.revision else "it does not say what it runs"
    )
    told = f"Whether {run.target} ran {revision}, which was deployed: {seen}."
    return replace(run, not_checked=(told, *run.not_checked))


def broken_run(request: CheckRequest, reason: str, *, at: datetime) -> Run:
    """Return what is known of a run that broke on our side before it could be kept."""
    return Run(
        id=request.run_id,
        target=request.target,
        check=request.check,
        status=Status.ERRORED,
        executed=True,
        started_at=at,
        duration_s=0.0,
        trigger=request.trigger,
        caller=request.caller,
        steps=(
            StepResult(
                name="workflow",
                title="The run is kept and reported",
                status=Status.ERRORED,
                duration_s=0.0,
                detail=reason,
            ),
        ),
    )
