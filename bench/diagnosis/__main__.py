"""How right is the diagnosis, over the whole matrix of faults and nuisances?

    uv run python -m bench.diagnosis [--group NAME]… [--sample N] [--seed N] [--json FILE]

Every case is a real check over real sockets; what is true comes from the injector alone. The
tables are printed and, where the whole matrix was run, written to docs/diagnosis.md.
"""

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path

from bench.diagnosis.cases import GROUPS, matrix
from bench.diagnosis.outcome import Outcome, judge
from bench.diagnosis.running import Job, run_all, run_alone
from bench.diagnosis.tables import report, write_document, wrong_cases

# The groups that are run a second time, with no experiment allowed.
BLIND = ("alone", "pairs", "lookalikes")


def main() -> None:
    """Run the matrix, print what was wrong and the tables."""
    parser = argparse.ArgumentParser(description="How right the diagnosis is.")
    parser.add_argument("--group", action="append", choices=GROUPS, help="only this group")
    parser.add_argument("--sample", type=int, default=0, help="at most so many cases of a group")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--once", action="store_true", help="not again without experiments")
    parser.add_argument("--json", type=Path, help="write every case and its scores here")
    parser.add_argument("--logs", type=Path, action="append", help="a folder of labelled logs")
    options = parser.parse_args()
    start = time.monotonic()
    cases = matrix(options.group or list(GROUPS), seed=options.seed, sample=options.sample)
    blind = [] if options.once else [at for at, case in enumerate(cases) if case.group in BLIND]
    jobs = [Job(case=case) for case in cases]
    jobs += [Job(case=cases[at], experiments=False) for at in blind]
    runs = run_all(jobs)
    outcomes = [judge(case, run) for case, run in zip(cases, runs, strict=False)]
    for at, run in zip(blind, runs[len(cases) :], strict=True):
        outcomes[at] = replace(outcomes[at], blind=judge(cases[at], run).score)
    outcomes = _judged_again(outcomes)
    print(wrong_cases(outcomes))
    text = report(outcomes, logs=options.logs or [], took_s=time.monotonic() - start)
    print(text)
    if options.json:
        options.json.write_text(json.dumps([_row(one) for one in outcomes], indent=1))
    if not (options.group or options.sample):
        write_document(text)


def _judged_again(outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes, with a run by itself in place of one that the crowd may have spoiled.

    Every case that is not wholly right is run once more; what is wrong again stays as it was.
    """
    wrong = [at for at, one in enumerate(outcomes) if not one.is_right]
    runs = run_alone([Job(case=outcomes[at].case) for at in wrong])
    for at, run in zip(wrong, runs, strict=True):
        again = judge(outcomes[at].case, run)
        if again.is_right:
            outcomes[at] = replace(again, blind=outcomes[at].blind, is_disturbed=True)
    return outcomes


def _row(outcome: Outcome) -> dict[str, object]:
    diagnosis = outcome.diagnosis
    return {
        "group": outcome.case.group,
        "case": outcome.case.name,
        "true": outcome.case.causes,
        "said": [(c.label.value, c.role.value, c.confidence) for c in diagnosis.causes],
        "score": asdict(outcome.score),
        "disturbed": outcome.is_disturbed,
        "ungrounded": [asdict(one) for one in outcome.ungrounded],
    }


if __name__ == "__main__":
    main()
