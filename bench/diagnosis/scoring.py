"""Scores of one answer against what is true, and of many together."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bench.diagnosis.cases import CANNOT_TELL, Case
from bot.model import Cause, Diagnosis

# From here on a person reads "likely", and from there on "confirmed".
LIKELY, CONFIRMED = 0.75, 0.95
BINS = (0.0, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How right one answer is."""

    first: bool
    """The answer is the true first cause, or, where none can be known, one of those alike."""
    set_score: float
    """0 if a true cause is missing, else the share of what was said that is true."""
    roles: float
    """Share of the true causes that were said, and with their role."""
    status: bool
    abstention: bool
    """It says that it cannot tell where nobody can, and nowhere else."""
    over_claims: int
    confidence: float
    """Of the first cause, for `brier` and the reliability table."""


def score(case: Case, status: str, diagnosis: Diagnosis) -> Score:
    """Return the scores of `diagnosis`, of a run that ended with `status`."""
    return Score(
        first=_first_right(case, diagnosis),
        set_score=set_score(_true_labels(case, diagnosis), _labels(diagnosis)),
        roles=roles_right(case.causes, diagnosis.causes, untold=case.untold),
        status=status == case.status,
        abstention=abstains_rightly(case, diagnosis),
        over_claims=over_claims(case, diagnosis),
        confidence=diagnosis.causes[0].confidence,
    )


def set_score(true: Sequence[str], said: Sequence[str]) -> float:
    """Return 0 if something `true` was not `said`, else the share of `said` that is true."""
    truly, saying = set(true), set(said)
    return len(truly) / len(saying) if truly <= saying else 0.0


def roles_right(
    true: Sequence[tuple[str, str]], said: Sequence[Cause], *, untold: Collection[str] = ()
) -> float:
    """Return the share of the true causes that were said with their role.

    Of those `untold` it is as right to say that the role is open.
    """
    by_label = {cause.label.value: cause.role.value for cause in said}
    is_open = {cause.label.value for cause in said if cause.is_role_open}
    # Of two faults with one label the weightier role is the label's.
    wanted = dict(reversed(true))
    right = (
        by_label.get(label) == role or label in is_open.intersection(untold)
        for label, role in wanted.items()
    )
    return sum(right) / len(wanted)


def abstains_rightly(case: Case, diagnosis: Diagnosis) -> bool:
    """Tell whether the answer stays open exactly where the injector says it must.

    Where several causes look the same it has to name what would tell them apart.
    """
    if len(case.alike) < 2:
        return (diagnosis.causes[0].label == CANNOT_TELL) == (case.causes[0][0] == CANNOT_TELL)
    told = " ".join(f"{one.question} {one.experiment}" for one in diagnosis.unknowns).lower()
    wanted = [word for word in _WHERE_TO_LOOK if word in case.experiment.lower()]
    return _first_right(case, diagnosis) and any(word in told for word in wanted)


# What an experiment looks at, in the injector's words and in ours.
_WHERE_TO_LOOK = ("log", "fingerprint", "exchange", "secret")


def over_claims(case: Case, diagnosis: Diagnosis) -> int:
    """Count what was said as likely or surer and is not so, as a label or as a role."""
    true = dict(reversed(case.causes))
    wrong = 0
    for cause in diagnosis.causes:
        label, role = cause.label.value, cause.role.value
        if label in case.alike and len(case.alike) > 1:
            wrong += cause.confidence >= CONFIRMED
        elif cause.confidence >= LIKELY:
            is_role_wrong = true.get(label) != role and not cause.is_role_open
            wrong += label not in true or is_role_wrong
    return wrong


def brier(scores: Sequence[Score]) -> float:
    """Return the mean squared distance of the confidence from 1 if right and 0 if wrong."""
    return sum((one.confidence - one.first) ** 2 for one in scores) / len(scores)


def reliability(scores: Sequence[Score]) -> list[tuple[str, int, float, float]]:
    """Return for each bin of confidence: its name, how many, the mean claimed, the share right."""
    rows = []
    for low, high in pairwise(BINS):
        inside = [s for s in scores if low <= s.confidence and (s.confidence < high or high == 1)]
        if inside:
            claimed = sum(one.confidence for one in inside) / len(inside)
            right = sum(one.first for one in inside) / len(inside)
            rows.append((f"{low:.2f}–{high:.2f}", len(inside), claimed, right))
    return rows


def _labels(diagnosis: Diagnosis) -> list[str]:
    return [cause.label.value for cause in diagnosis.causes]


def _true_labels(case: Case, diagnosis: Diagnosis) -> list[str]:
    """Return what must be said: where causes look the same, what they share or all of them."""
    true = [label for label, _ in case.causes]
    named_all = len(case.alike) > 1 and case.alike <= set(_labels(diagnosis))
    # Beside those that look the same there can be causes of another kind.
    return sorted({*case.alike, *true[1:]}) if named_all else true


def _first_right(case: Case, diagnosis: Diagnosis) -> bool:
    labels = _labels(diagnosis)
    named_all = len(case.alike) > 1 and case.alike <= set(labels)
    return labels[0] in case.firsts or (named_all and labels[0] in case.alike)
