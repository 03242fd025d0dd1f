"""The tables of the measurement, as Markdown."""

import os
import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.diagnosis.baselines import majority
from bench.diagnosis.cases import GROUPS
from bench.diagnosis.cost import cpu_ms, peak_kb
from bench.diagnosis.outcome import Outcome
from bench.diagnosis.scoring import brier, reliability
from bench.explain_logs import first_cause, labelled

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "diagnosis.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def report(outcomes: Sequence[Outcome], *, logs: Sequence[Path], took_s: float) -> str:
    """Return all tables, with when and where they were measured."""
    # Where somebody keeps files is nobody else's business.
    given = [Path(one).name if "/" in one else one for one in sys.argv[1:]]
    command = " ".join(["python -m bench.diagnosis", *given])
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    parts = [
        f"`{command}`, {datetime.now(UTC):%Y-%m-%d}, {machine}, {took_s:.0f} s:"
        f" {len(outcomes)} cases.",
        _groups(outcomes),
        _baselines(outcomes),
        _reliability(outcomes),
        _logs(logs),
        _cost(outcomes),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def wrong_cases(outcomes: Iterable[Outcome]) -> str:
    """Return each case that is not wholly right: what was said, and what is true."""
    lines = []
    for one in outcomes:
        if one.is_disturbed:
            lines.append(f"[{one.case.group}] {one.case.name}\n    disturbed: right by itself")
        if one.is_right:
            continue
        said = [f"{c.label}/{c.role} {c.confidence:.2f}" for c in one.diagnosis.causes]
        true = [f"{label}/{role}" for label, role in one.case.causes]
        alike = (
            f" alike {sorted(one.case.alike)} by {one.case.experiment}" if one.case.alike else ""
        )
        lines.append(f"[{one.case.group}] {one.case.name}\n    said {', '.join(said)}")
        lines.append(f"    true {', '.join(true)}{alike}")
        if not one.score.status:
            lines.append(f"    status {one.run.status.value}, true {one.case.status}")
        lines += [f"    {u.where}: no {u.missing!r} for {u.text!r}" for u in one.ungrounded]
    return "\n".join(lines)


def write_document(text: str) -> None:
    """Put the tables between the markers of docs/diagnosis.md."""
    page = DOCUMENT.read_text(encoding="utf-8")
    DOCUMENT.write_text(placed(page, text), encoding="utf-8")


def placed(page: str, text: str) -> str:
    """Return `page` with `text` between its markers."""
    before, rest = page.split(BEGIN, 1)
    return f"{before}{BEGIN}\n\n{text}\n{END}{rest.split(END, 1)[1]}"


def _groups(outcomes: Sequence[Outcome]) -> str:
    rows = [
        "| group | n | first cause, % | set score | roles, % | status, % | grounded, % |"
        " abstention, % | over-claims | Brier | disturbed |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    rows += [
        _group(group, [one for one in outcomes if one.case.group == group]) for group in GROUPS
    ]
    return "\n".join(filter(None, [*rows, _group("all", outcomes)]))


def _group(name: str, outcomes: Sequence[Outcome]) -> str:
    if not outcomes:
        return ""
    scores = [one.score for one in outcomes]
    said = sum(one.sentences for one in outcomes)
    grounded = 1 - sum(len(one.ungrounded) for one in outcomes) / said
    return (
        f"| {name} | {len(scores)} | {_percent(s.first for s in scores)}"
        f" | {_mean(s.set_score for s in scores):.3f} | {_percent(s.roles for s in scores)}"
        f" | {_percent(s.status for s in scores)} | {100 * grounded:.1f}"
        f" | {_percent(s.abstention for s in scores)}"
        f" | {sum(s.over_claims for s in scores)} | {brier(scores):.3f}"
        f" | {sum(one.is_disturbed for one in outcomes)} |"
    )


def _baselines(outcomes: Sequence[Outcome]) -> str:
    most = majority([one.case.causes[0][0] for one in outcomes])
    rows = [
        f"| group | ours | without experiments | first failing step | last error line | `{most}` |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for group in (*GROUPS, "all"):
        some = [one for one in outcomes if group in (one.case.group, "all")]
        blind = [one.blind.first for one in some if one.blind]
        if some:
            cells = (
                _percent(one.score.first for one in some),
                _percent(blind) if len(blind) == len(some) else "–",
                _percent(_is_true(one, one.first_step) for one in some),
                _percent(_is_true(one, one.last_line) for one in some),
                _percent(_is_true(one, most) for one in some),
            )
            rows.append(f"| {group} | {' | '.join(cells)} |")
    return "First cause right, %, beside simpler ways to name one:\n\n" + "\n".join(rows)


def _is_true(outcome: Outcome, label: str) -> bool:
    return label in outcome.case.firsts


def _reliability(outcomes: Sequence[Outcome]) -> str:
    rows = ["| confidence | n | claimed | right |", "|---|---:|---:|---:|"]
    rows += [
        f"| {name} | {n} | {claimed:.2f} | {right:.2f} |"
        for name, n, claimed, right in reliability([one.score for one in outcomes])
    ]
    return "How far the confidence of the first cause can be believed:\n\n" + "\n".join(rows)


def _logs(folders: Sequence[Path]) -> str:
    if not folders:
        return ""
    rows = ["| pasted logs | n | first cause right |", "|---|---:|---:|"]
    for folder in folders:
        told = [(cause, first_cause(path.read_bytes())) for path, cause in labelled(folder)]
        rows.append(f"| {folder.name} | {len(told)} | {sum(a == b for a, b in told)} |")
    return "\n".join(rows)


def _cost(outcomes: Sequence[Outcome]) -> str:
    runs = [one.run for one in outcomes]
    median, worst = cpu_ms(runs)
    return (
        f"One diagnosis takes {median:.1f} ms of CPU (median; {worst:.1f} at worst) and at most"
        f" {peak_kb(runs)} KB."
    )


def _mean(values: Iterable[float]) -> float:
    every = list(values)
    return sum(every) / len(every)


def _percent(values: Iterable[float]) -> str:
    every = list(values)
    return f"{100 * _mean(every):.1f}" if every else ""
