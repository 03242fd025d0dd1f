"""What a run means: from its observations to causes, whys, findings and next steps."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.diagnosis.causes import Found, find_causes
from bot.diagnosis.counterfactual import counterfactual
from bot.diagnosis.exclusions import ruled_out
from bot.diagnosis.healthy import healthy, healthy_in_spite_of_key, is_well_in_spite_of_key
from bot.diagnosis.index import NOTHING_USUAL, Index
from bot.diagnosis.notices import notices
from bot.diagnosis.open_roles import is_role_open, is_token_untried, left_open
from bot.diagnosis.reasons import reasons_rest_on
from bot.diagnosis.remedies import findings, next_steps
from bot.diagnosis.roles import EXCHANGE, PATH
from bot.diagnosis.whys import Chain, whys
from bot.diagnosis.wording import fill
from bot.labels import Label
from bot.model import Cause, Diagnosis, Role, Run, Status, Unknown, Usual, Why, WhyKind


def diagnose(
    run: Run, *, previous: Run | None = None, usual: Mapping[str, Usual] = NOTHING_USUAL
) -> Diagnosis:
    """Return what `run` means.

    `previous` is the last run of the same check that passed, `usual` the latency of its steps.
    `causes[0]` is the answer: `healthy` for a run that passed, `insufficient_evidence` where the
    evidence carries nothing.
    """
    index = Index.of(run, previous, usual)
    if run.status is Status.PASSED:
        cause, reasons = healthy(index)
        return Diagnosis(
            causes=(cause,),
            whys=reasons,
            findings=notices(index),
            next_steps=next_steps((cause,), run),
        )
    found = find_causes(index)
    if not found:
        return _cannot_tell(index)
    causes = tuple(_cause(place, found, index) for place in range(len(found)))
    if is_well_in_spite_of_key(index, [one.label for one in causes]):
        return _works_in_spite_of_key(causes, index)
    answer = found[0].chain
    return Diagnosis(
        causes=causes,
        whys=whys(answer, index, after=_symptom_of(found)),
        ruled_out=ruled_out(index, frozenset(cause.label for cause in causes)),
        unknowns=_unknowns(found, index),
        findings=(*findings(causes, run), *notices(index)),
        next_steps=next_steps(causes, run, _told(found)),
    )


def _works_in_spite_of_key(causes: Sequence[Cause], index: Index) -> Diagnosis:
    """Say that it works, and not by the proper way."""
    well, reasons = healthy_in_spite_of_key(index)
    beside = tuple(replace(cause, role=Role.INCIDENTAL) for cause in causes)
    both = (well, *beside)
    return Diagnosis(
        causes=both,
        whys=reasons,
        findings=(*findings(beside, index.run), *notices(index)),
        next_steps=next_steps(both, index.run),
    )


def _told(found: Sequence[Found]) -> dict[Label, str]:
    """Return what is said in full where a cause is named, its signs included."""
    return {one.label: one.chain.naming[-1].answer for one in found}


_ROLE_UNKNOWN = 0.6


def _cause(place: int, found: Sequence[Found], index: Index) -> Cause:
    one = found[place]
    evidence = one.evidence
    if one.role is Role.INCIDENTAL and EXCHANGE in one.broken:
        evidence = tuple(dict.fromkeys((*evidence, *reasons_rest_on(index))))
    told = one.chain.naming[-1]
    # The whys tell it of the answer; of any other cause there is no other place.
    since = one.chain.since if place else ""
    # That the thing is broken may be certain; that it is not the reason is not.
    token_untried = is_token_untried(one, found, index)
    return Cause(
        label=one.label,
        role=one.role,
        confidence=min(one.confidence, _ROLE_UNKNOWN) if token_untried else one.confidence,
        evidence=evidence,
        summary=f"{fill(told.rule.answer, index, told.evidence)} {since}".strip(),
        counterfactual=counterfactual(place, found, index),
        is_role_open=is_role_open(place, found, index),
    )


def _symptom_of(found: Sequence[Found]) -> Chain | None:
    """Return the chain in which the run stopped, where the answer is told by another one."""
    answer = found[0]
    if answer.chain.root.breaks != EXCHANGE:
        return None
    stopped = (one.chain for one in found[1:] if one.role is not Role.INCIDENTAL)
    return next((chain for chain in stopped if chain.root.breaks == PATH), None)


def _unknowns(found: Sequence[Found], index: Index) -> tuple[Unknown, ...]:
    """Return what the chains leave open, and what the run did not reach."""
    left = [one.chain.open for one in found]
    unknowns = [
        Unknown(question=fill(one.question, index), experiment=fill(one.experiment, index))
        for one in left
        if one is not None
    ]
    unknowns += left_open(found, index)
    unreached = [step.title for step in index.run.steps if step.status is Status.SKIPPED]
    if unreached and index.run.status is Status.FAILED:
        question = f"Does the rest work? Not reached: {', '.join(unreached)}."
        unknowns.append(Unknown(question=question, experiment="Run again once this is fixed."))
    return tuple(dict.fromkeys(unknowns))


def _cannot_tell(index: Index) -> Diagnosis:
    """Say honestly that no rule speaks about what is wrong."""
    broken = [s for s in index.run.steps if s.status in (Status.FAILED, Status.ERRORED)]
    shown = (
        f" “{broken[-1].title}”: {broken[-1].detail or broken[-1].status.value}." if broken else ""
    )
    evidence = index.near(broken[-1].name) if broken else ()
    missing = Unknown(
        question="What went wrong?",
        experiment="Read the target's log of the same minute and revision, and paste it to"
        " explain.",
    )
    cause = Cause(
        label=Label.INSUFFICIENT_EVIDENCE,
        role=Role.SUFFICIENT,
        confidence=0.3,
        evidence=evidence,
        summary=f"Nothing that was observed carries a cause.{shown}",
    )
    told = Why(
        question="Why did the run end like this?",
        answer=f"Unknown: the evidence carries no cause.{shown} {missing.experiment}",
        kind=WhyKind.UNKNOWN,
        evidence=evidence,
    )
    return Diagnosis(
        causes=(cause,),
        whys=(told,),
        ruled_out=ruled_out(index, frozenset()),
        unknowns=(missing,),
        findings=(*findings((cause,), index.run), *notices(index)),
        next_steps=next_steps((cause,), index.run),
    )
