"""Running a check: step after step, then the experiments; a `Run` always comes back."""

import asyncio
import traceback
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from bot.masking import Masker
from bot.model import (
    CheckRequest,
    Progress,
    Run,
    Status,
    StepProgress,
    StepResult,
)
from bot.probe.checks import Check, check_called
from bot.probe.experiment import forbidden
from bot.probe.experiments import EXPERIMENTS
from bot.probe.network import Network
from bot.probe.ours import LOOK_S, OWN_KEYS, OwnCheck, explained_by_clock, look_at_ours
from bot.probe.outcome import not_checked, run_status
from bot.probe.proof import PROOF_KEYS, prove
from bot.probe.recordable import show
from bot.probe.session import Session
from bot.probe.standstill import Standstill, stood_still_s, told_of_standstill
from bot.probe.step import Act, Verdict, passed, skipped
from bot.target import AcceptedKey, Target

OnProgress = Callable[[Progress], None]

BROKE = "broke"
"""The key under which a step records that stagecheck itself broke in it, and where."""

# Every wait of a step ends at the step's own limit; one that does not is a mistake of ours.
_BACKSTOP_S = 5.0
_DETAIL_LIMIT = 300
_LEAST_SHARE_S = 1.5
_OURS_S = 2 * LOOK_S
_NONE: Mapping[str, OwnCheck] = MappingProxyType({})


def ignore(_: Progress) -> None:
    """Do nothing with a progress report."""


def plan(target: Target, check: str, *, run_id: str, started_at: datetime) -> Progress:
    """Return the progress of a run of `check` that is about to start; NotFound if there is none."""
    steps = tuple(StepProgress(name=s.name, title=s.title) for s in check_called(check).steps)
    return Progress(
        run_id=run_id, target=target.name, check=check, started_at=started_at, steps=steps
    )


async def run_check(
    target: Target,
    request: CheckRequest,
    *,
    network: Network,
    masker: Masker,
    on_progress: OnProgress = ignore,
    own_checks: Mapping[str, OwnCheck] = _NONE,
    last_key: AcceptedKey | None = None,
) -> Run:
    """Run the check `request` asks for against `target`; NotFound if there is no such check.

    Whatever the target does is recorded, never raised. `on_progress` is told when a step starts
    and when it ends. Beside a run that fails our own side is looked at, `own_checks` included.
    `last_key` is the key that the target was last seen to accept.
    """
    check = check_called(request.check)

    async def once() -> Run:
        session = Session(
            target,
            check=check.name,
            network=network,
            masker=masker,
            started_at=datetime.now(UTC),
            last_key=last_key,
        )
        try:
            return await _Running(session, check, request, on_progress, own_checks).to_the_end()
        finally:
            await session.close()

    run = await once()
    if late_s := stood_still_s(run):
        # It proves nothing of the target. What kept us from running has mostly passed by now.
        run = told_of_standstill(await once(), late_s)
    return run


class _Running:
    """One run under way."""

    def __init__(
        self,
        session: Session,
        check: Check,
        request: CheckRequest,
        on_progress: OnProgress,
        own_checks: Mapping[str, OwnCheck],
    ) -> None:
        self._session = session
        self._check = check
        self._request = request
        self._tell = on_progress
        self._own_checks = own_checks
        self._results: list[StepResult] = []
        self._experiments: list[StepResult] = []
        self._left_out: dict[str, list[str]] = {}
        self._late_s: dict[str, float] = {}

    async def to_the_end(self) -> Run:
        """Take every step, run the experiments that can explain a failure, and sum up."""
        with closing(Standstill()) as standstill:
            await self._take_steps(standstill)
        await self._look_at_ours()
        await self._experiment()
        await self._session.hang_up()
        self._look_at_clock()
        proof, _ = await take(self._session, "proof", prove, PROOF_KEYS, _BACKSTOP_S)
        return self._run(is_broken=proof.status is Status.ERRORED)

    async def _take_steps(self, standstill: Standstill) -> None:
        ends = ""
        for step in self._check.steps:
            if ends:
                verdict, took_s = skipped(f"Not taken: {ends}."), 0.0
            else:
                self._report(current=step.name)
                limit_s = step.limit_s(self._session.target)
                late_before_s = standstill.so_far_s
                verdict, took_s = await take(
                    self._session, step.name, step.act, step.observes, limit_s
                )
                self._late_s[step.name] = standstill.so_far_s - late_before_s
                ends = verdict.ends
            self._results.append(_result(step.name, step.title, verdict, took_s))
            self._report()

    async def _look_at_ours(self) -> None:
        """Where something failed: see what of ours explains it, and call that ours."""
        failed = any(r.status in (Status.FAILED, Status.ERRORED) for r in self._results)
        if not failed and not any(answer.trouble for answer in self._session.answers):
            return
        explained: frozenset[str] = frozenset()

        async def look(session: Session) -> Verdict:
            nonlocal explained
            explained = await look_at_ours(session, self._results, self._own_checks, self._late_s)
            return passed()

        await take(self._session, "ours", look, (*OWN_KEYS, *self._own_checks), _OURS_S)
        self._call_ours(explained)

    def _look_at_clock(self) -> None:
        self._session.enter("ours", OWN_KEYS, limit_s=_BACKSTOP_S)
        self._call_ours(explained_by_clock(self._session, self._results))

    def _call_ours(self, names: Iterable[str]) -> None:
        """Take the failure of these steps for our own doing."""
        self._results = [
            replace(result, status=Status.ERRORED)
            if result.name in names and result.status is Status.FAILED
            else result
            for result in self._results
        ]

    async def _experiment(self) -> None:
        """Run what can explain the failure, in the table's order, as far as it is allowed to."""
        session = self._session
        failed = {r.name for r in self._results if r.status is Status.FAILED}
        until = session.clock() + session.target.experiments.budget_s
        waiting = [one for one in EXPERIMENTS.values() if failed & set(one.explains)]
        # An outcome can give rise to another experiment, so each time the first that applies is
        # taken; one that was left out is not asked about again.
        while experiment := next((one for one in waiting if one.when(session)), None):
            waiting.remove(experiment)
            left_s = until - session.clock()
            if reason := experiment.moot(session) or forbidden(
                experiment, session.target.experiments, done=len(self._experiments), left_s=left_s
            ):
                self._left_out.setdefault(reason, []).append(experiment.title)
                continue
            if not experiment.on_open_socket:
                await session.hang_up()  # servers allow few sockets per user
            # What hangs must leave the others some time, but not be called hanging too early.
            share_s = max(left_s / 2, min(left_s, _LEAST_SHARE_S))
            limit_s = min(share_s, experiment.most_s)
            verdict, took_s = await take(
                session, experiment.name, experiment.run, experiment.observes, limit_s
            )
            self._experiments.append(_result(experiment.name, experiment.title, verdict, took_s))

    def _report(self, current: str = "") -> None:
        """Tell how far the run is."""
        done = {result.name: result for result in self._results}
        steps = tuple(
            StepProgress(
                name=step.name,
                title=step.title,
                status=done[step.name].status if step.name in done else None,
                detail=done[step.name].detail if step.name in done else "",
            )
            for step in self._check.steps
        )
        self._tell(
            Progress(
                run_id=self._request.run_id,
                target=self._session.target.name,
                check=self._check.name,
                started_at=self._session.started_at,
                steps=steps,
                current=current,
            )
        )

    def _run(self, *, is_broken: bool) -> Run:
        session, target, request = self._session, self._session.target, self._request
        results = tuple(self._results)
        status = run_status(self._check, results)
        return Run(
            id=request.run_id,
            target=target.name,
            check=self._check.name,
            status=Status.ERRORED if is_broken else status,
            executed=True,
            started_at=session.started_at,
            duration_s=round(session.clock() - session.began, 3),
            trigger=request.trigger,
            caller=request.caller,
            steps=results,
            experiments=tuple(self._experiments),
            observations=session.seen,
            transcript=session.transcript,
            provenance=target.provenance,
            impact=target.impact,
            owners=target.owners,
            revision=str(session.fact("health.revision") or ""),
            not_checked=(
                *not_checked(self._check, target, (*results, *self._experiments)),
                *(f"{' '.join(many)} Not tried: {why}." for why, many in self._left_out.items()),
            ),
        )


async def take(
    session: Session, name: str, act: Act, observes: tuple[str, ...], limit_s: float
) -> tuple[Verdict, float]:
    """Carry out a step or an experiment; return its verdict and the seconds it took."""
    session.enter(name, (*observes, BROKE), limit_s=limit_s)
    began = session.clock()
    try:
        async with asyncio.timeout(limit_s + _BACKSTOP_S):
            verdict = await act(session)
    except Exception as error:  # noqa: BLE001  # whatever broke here is ours, not the target's
        kind, where = _origin(error)
        session.observe(BROKE, f"{kind} at {where}: {error}")
        verdict = Verdict(status=Status.ERRORED, detail=f"stagecheck itself broke: {kind}")
    detail = show(verdict.detail, session.mask, _DETAIL_LIMIT)
    return replace(verdict, detail=detail), session.clock() - began


def _origin(error: BaseException) -> tuple[str, str]:
    """Return the type of `error` and where it was raised; of a group, of its first member."""
    trace = traceback.extract_tb(error.__traceback__)
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
        trace = traceback.extract_tb(error.__traceback__) or trace
    return type(error).__name__, f"{Path(trace[-1].filename).name}:{trace[-1].lineno}"


def _result(name: str, title: str, verdict: Verdict, took_s: float) -> StepResult:
    return StepResult(
        name=name,
        title=title,
        status=verdict.status,
        duration_s=round(took_s, 3),
        detail=verdict.detail,
    )
