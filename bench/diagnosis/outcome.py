"""What came of one case: the run, what was said of it, and how right that is."""

from dataclasses import dataclass

from bench.diagnosis.baselines import blame_first_failing_step, search_last_error_line
from bench.diagnosis.cases import Case
from bench.diagnosis.grounding import Ungrounded, sentences, ungrounded
from bench.diagnosis.scoring import Score, score
from bot.diagnosis import diagnose
from bot.model import Diagnosis, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A case with its run, its diagnosis and its scores."""

    case: Case
    run: Run
    diagnosis: Diagnosis
    score: Score
    sentences: int
    ungrounded: tuple[Ungrounded, ...]
    first_step: str
    """What blaming the first failing step says."""
    last_line: str
    """What searching the last line of an error for words says."""
    blind: Score | None = None
    """The score of another run of the case, in which no experiment was allowed."""
    is_disturbed: bool = False
    """Whether a run in the crowd was judged wrongly, and this one, by itself, rightly."""

    @property
    def is_right(self) -> bool:
        one = self.score
        right = (one.first, one.set_score == 1, one.roles == 1, one.status, one.abstention)
        return all(right) and not one.over_claims and not self.ungrounded


def judge(case: Case, run: Run) -> Outcome:
    """Return what the diagnosis of `run` is worth."""
    diagnosis = diagnose(run)
    return Outcome(
        case=case,
        run=run,
        diagnosis=diagnosis,
        score=score(case, run.status.value, diagnosis),
        sentences=sum(1 for _ in sentences(diagnosis)),
        ungrounded=tuple(ungrounded(run, diagnosis)),
        first_step=blame_first_failing_step(run),
        last_line=search_last_error_line(run),
    )
