"""The report as JUnit XML, for CI systems: a test case per step and experiment."""

from collections.abc import Iterator
from datetime import UTC
from xml.etree import ElementTree as ET

from bot.model import Cause, Status, StepResult
from bot.report.answer import cause_words
from bot.report.document import Report
from bot.report.transcript import experiment_lines, run_lines
from bot.report.visible import clip, cut_lines
from bot.report.words import evidence_line, role_words

MOST_TRANSCRIPT = 100_000


def render_junit(report: Report) -> str:
    """Return the report as one JUnit test suite."""
    cases = list(_cases(report))
    totals = {
        "tests": str(len(cases)),
        "failures": str(sum(case.find("failure") is not None for case in cases)),
        "errors": str(sum(case.find("error") is not None for case in cases)),
        "skipped": str(sum(case.find("skipped") is not None for case in cases)),
        "time": f"{report.duration_s:.3f}",
    }
    root = ET.Element("testsuites", {"name": "stagecheck", **totals})
    suite = ET.SubElement(
        root,
        "testsuite",
        {
            "name": clip(f"stagecheck.{report.target}.{report.check}"),
            **totals,
            # Without an offset, as the schema of JUnit reports wants it; UTC.
            "timestamp": f"{report.started_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        },
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", {"name": name, "value": clip(value)})
    suite.extend(cases)
    run, experiments = run_lines(report), experiment_lines(report)
    kept = {*run.kept, *(len(run.lines) + number for number in experiments.kept)}
    transcript = cut_lines((*run.lines, *experiments.lines), MOST_TRANSCRIPT, kept=kept)
    ET.SubElement(suite, "system-out").text = "\n".join((*_answer(report), "", *transcript))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _properties(report: Report) -> Iterator[tuple[str, str]]:
    yield "run_id", report.run_id
    yield "target", report.target
    yield "check", report.check
    yield "status", report.status.value
    yield "executed", str(report.executed).lower()
    yield "revision", report.revision
    yield "proof", report.proof.level.value
    for number, cause in enumerate(report.causes):
        yield f"cause.{number}", f"{cause.label.value} {cause.role.value} {cause.confidence:.2f}"


def _cases(report: Report) -> Iterator[ET.Element]:
    for step in report.steps:
        case = _case(report, step, step.name)
        _outcome(case, step, report)
        yield case
    if not report.status.works and report.failing_step is None:
        # A run can end badly without any step to blame; CI must still turn red.
        whole = StepResult(
            name="run", title="The run", status=report.status, duration_s=report.duration_s
        )
        case = _case(report, whole, "run")
        _outcome(case, whole, report)
        yield case
    for step in report.experiments:
        # An experiment explains a failure and is none itself, whatever it found.
        case = _case(report, step, f"experiment {step.name}")
        ET.SubElement(case, "system-out").text = clip(f"{step.status.value}. {step.detail}")
        yield case


def _case(report: Report, step: StepResult, name: str) -> ET.Element:
    return ET.Element(
        "testcase",
        {
            "classname": clip(f"{report.target}.{report.check}"),
            "name": clip(f"{name}: {step.title}"),
            "time": f"{step.duration_s:.3f}",
        },
    )


def _outcome(case: ET.Element, step: StepResult, report: Report) -> None:
    match step.status:
        case Status.FAILED if report.status.works:
            # The run got round it and its exit code says so; CI shows a skip with the reason.
            text = f"failed, but the run went on without it: {step.detail}"
            ET.SubElement(case, "skipped", {"message": clip(text)})
        case Status.FAILED | Status.ERRORED:
            kind = "failure" if step.status is Status.FAILED else "error"
            cause = _cause_of(step, report)
            message = cause_words(cause) if cause else step.detail or step.status.value
            attributes = {"message": clip(message)}
            if cause:
                attributes["type"] = cause.label.value
            ET.SubElement(case, kind, attributes).text = "\n".join(_why(step, cause, report))
        case Status.SKIPPED:
            ET.SubElement(case, "skipped", {"message": clip(step.detail or "not run")})
        case Status.PASSED | Status.DEGRADED:
            text = f"{step.status.value}. {step.detail}"
            ET.SubElement(case, "system-out").text = clip(text)


def _cause_of(step: StepResult, report: Report) -> Cause | None:
    """Return the answer for the failing step, else the cause that rests most on this step."""
    if report.failing_step in (None, step) and report.causes:
        return report.causes[0]
    own = {seen.id for seen in report.observations if seen.step == step.name}
    resting = [cause for cause in report.causes if own & set(cause.evidence)]
    return max(resting, key=lambda cause: len(own & set(cause.evidence)), default=None)


def _why(step: StepResult, cause: Cause | None, report: Report) -> Iterator[str]:
    if step.detail:
        yield clip(step.detail)
    if cause is None:
        return
    yield f"Role: {role_words(cause)}."
    for seen in report.observations:
        if seen.id in cause.evidence:
            yield clip(evidence_line(seen))


def _answer(report: Report) -> Iterator[str]:
    yield clip(report.headline)
    for line in report.answer:
        yield f"{line.label}: {clip(line.text)}"
