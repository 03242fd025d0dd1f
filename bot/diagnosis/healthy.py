"""What a run that passed means, and how sure that is."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Condition, Has, Is
from bot.diagnosis.index import Index
from bot.diagnosis.wording import filled
from bot.labels import Label
from bot.model import Cause, Role, Status, Why, WhyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A reason to believe that the run was real; the strongest that holds sets the confidence."""

    when: Condition
    confidence: float
    says: str


PROOFS: tuple[Proof, ...] = (
    Proof(
        when=Is("events.equals_window", True),
        confidence=0.5,
        says="The stream lasted exactly as long as we listened, which proves nothing.",
    ),
    Proof(
        when=AnyOf(Is("events.nonce_echoed", True), Is("proof.nonce_echoed", True)),
        confidence=0.99,
        says="The answer repeats the nonce of this request.",
    ),
    Proof(
        when=Has("proof.server_ids"),
        confidence=0.97,
        says="The server issued ids of its own: {proof.server_ids}.",
    ),
    Proof(
        when=AnyOf(Has("events.connection_id"), Has("events.run_ids")),
        confidence=0.96,
        says="The server issued ids of its own: {events.connection_id|events.run_ids}.",
    ),
    Proof(
        when=Has("proof.addresses"),
        confidence=0.85,
        says="Real connections were made to {proof.addresses}.",
    ),
    # Of a pasted log: it can say what it likes, so nothing there is certain.
    Proof(
        when=AllOf(Has("log.tests_passed.*"), Has("log.tests_took_s.*")),
        confidence=0.85,
        says="{log.tests_passed.*} tests passed, and took {log.tests_took_s.*} s to do so.",
    ),
    Proof(
        when=Has("log.event.terminal.*"),
        confidence=0.85,
        says="The stream ended with {log.event.terminal.*}.",
    ),
    Proof(
        when=Has("log.test_took_s.*"),
        confidence=0.8,
        says="Tests that passed took time: {log.test_took_s.*} s for one.",
    ),
    Proof(
        when=Has("log.state_well.*"),
        confidence=0.75,
        says="A service says that it is {log.state_well.*}.",
    ),
)


# Reached its terminal event and passed, on a token that the refused key did not give.
_IN_SPITE = AllOf(
    Has("log.bypass_key_refused.*"), Has("log.tests_passed.*"), Has("log.event.terminal.*")
)


def healthy(index: Index) -> tuple[Cause, tuple[Why, ...]]:
    """Return `healthy` as the cause of a run that passed, and why that is believed."""
    passed = _passed(index)
    proof, rests_on = _proof(index)
    cause = Cause(
        label=Label.HEALTHY,
        role=Role.SUFFICIENT,
        confidence=proof.confidence if proof else 0.6,
        evidence=tuple(dict.fromkeys((*passed.evidence, *rests_on))),
        summary=passed.answer,
    )
    if proof is None:
        return cause, (passed,)
    says, shown = filled(proof.says, index, rests_on)
    real = Why(
        question="Did it really run?",
        answer=says,
        kind=WhyKind.OBSERVED,
        evidence=tuple(dict.fromkeys((*rests_on, *shown))),
    )
    return cause, (passed, real)


def is_well_in_spite_of_key(index: Index, labels: Collection[Label]) -> bool:
    """Whether a pasted log shows a run that came to its end although its key was refused.

    `labels` are all that is wrong in it. A check that is executed looks at the key itself.
    """
    is_key = set(labels) == {Label.BYPASS_KEY_MISMATCH}
    return (
        is_key
        and not index.run.executed
        and index.run.status is Status.DEGRADED
        and _IN_SPITE.support(index) is not None
    )


def healthy_in_spite_of_key(index: Index) -> tuple[Cause, tuple[Why, ...]]:
    """Return `healthy` as the cause of such a run, and why that is believed."""
    says = (
        "Its key was refused, and the run came to its end with another token:"
        " {cited:log.event.terminal.*}."
    )
    answer, shown = filled(says, index, _IN_SPITE.support(index) or ())
    told = Why(
        question="Does it work although the key was refused?",
        answer=answer,
        kind=WhyKind.OBSERVED,
        evidence=shown,
    )
    cause = Cause(
        label=Label.HEALTHY,
        role=Role.SUFFICIENT,
        confidence=0.85,
        evidence=shown,
        summary=answer,
    )
    return cause, (told,)


def _passed(index: Index) -> Why:
    ended = AllOf(Has("events.terminal"), Not(Has("events.missing"))).support(index)
    answer = "Every step passed." if index.run.executed else "The log tells of no failure."
    if ended is not None:
        answer = "Every step passed, and the run ended with {events.terminal}."
    says, _ = filled(answer, index, ended or ())
    return Why(
        question="Why did the run pass?",
        answer=says,
        kind=WhyKind.OBSERVED,
        evidence=ended
        or tuple(cited for step in index.run.steps for cited in index.near(step.name)),
    )


def _proof(index: Index) -> tuple[Proof | None, tuple[str, ...]]:
    for proof in PROOFS:
        rests_on = proof.when.support(index)
        if rests_on is not None:
            return proof, rests_on
    return None, ()
