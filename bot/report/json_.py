"""The report for machines: JSON, schema 1. Its keys are a promise to whoever reads it."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.model import Cause, Finding, Json, Observation, StepResult, Why
from bot.report.document import Claim, Proof, Report

SCHEMA = 1

_SURROGATE = re.compile("[\ud800-\udfff]")


def render_json(report: Report) -> str:
    """Return the report as JSON, ASCII only so that no terminal or console trips over it."""
    return json.dumps(_plain(_document(report)), indent=2, allow_nan=False) + "\n"


def _document(report: Report) -> dict[str, Any]:
    """Return the report as JSON values, with the keys of schema 1 in their order."""
    return {
        "schema": SCHEMA,
        "run_id": report.run_id,
        "target": report.target,
        "check": report.check,
        "status": report.status.value,
        "executed": report.executed,
        "started_at": _instant(report.started_at),
        "duration_s": round(report.duration_s, 3),
        "steps": [_step(step) for step in report.steps],
        "observations": [_observation(seen) for seen in report.observations],
        **_meaning(report),
        "changed_since_last_pass": list(report.changed_since_last_pass),
        "proof": _proof(report.proof),
        "provenance": [
            {"key": one.key, "source": one.source, "value": one.value, "note": one.note}
            for one in report.provenance
        ],
        "impact": report.impact,
    }


def _step(step: StepResult) -> dict[str, Any]:
    return {
        "name": step.name,
        "title": step.title,
        "status": step.status.value,
        "duration_s": round(step.duration_s, 3),
        "detail": step.detail,
    }


def _observation(seen: Observation) -> dict[str, Any]:
    return {
        "id": seen.id,
        "at": _instant(seen.at),
        "step": seen.step,
        "key": seen.key,
        "value": seen.value,
    }


def _meaning(report: Report) -> dict[str, Any]:
    """Return what the run means: causes to next steps."""
    return {
        "causes": [_cause(cause) for cause in report.causes],
        "whys": [_why(why) for why in report.whys],
        "ruled_out": [
            {"label": one.label.value, "evidence": list(one.evidence)} for one in report.ruled_out
        ],
        "unknowns": [
            {"question": one.question, "experiment": one.experiment} for one in report.unknowns
        ],
        "findings": [_finding(finding) for finding in report.findings],
        "next_steps": [
            {"title": step.title, "command": step.command} for step in report.next_steps
        ],
    }


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "label": cause.label.value,
        "role": cause.role.value,
        "confidence": round(cause.confidence, 3),
        "evidence": list(cause.evidence),
    }


def _why(why: Why) -> dict[str, Any]:
    return {
        "question": why.question,
        "answer": why.answer,
        "kind": why.kind.value,
        "evidence": list(why.evidence),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "title": finding.title,
        "location": finding.location,
        "issue": finding.issue,
        "impact": finding.impact,
        "severity": finding.severity.value,
        "evidence": list(finding.evidence),
    }


def _proof(proof: Proof) -> dict[str, Any]:
    return {
        "verdict": proof.level.value,
        "statement": proof.statement,
        "proven": [_claim(claim) for claim in proof.proven],
        "missing": [_claim(claim) for claim in proof.missing],
        **proof.facts,
    }


def _claim(claim: Claim) -> dict[str, Any]:
    return {"text": claim.text, "evidence": list(claim.evidence)}


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Json) -> Json:
    """Return `value` as JSON everywhere: no lone surrogates, no NaN, whatever the target sent."""
    match value:
        case str():
            return _SURROGATE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", value)
        case float() if not math.isfinite(value):
            return str(value)
        case Mapping():
            return {_plain(str(key)): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
