"""Runs and diagnoses as rows and back."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from bot.masking import Masker
from bot.model import Diagnosis, Observation, Run

Row: TypeAlias = Mapping[str, Any]

_RUN = TypeAdapter(Run)
_DIAGNOSIS = TypeAdapter(Diagnosis)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRows:
    """What a run and its diagnosis are in the database."""

    run: dict[str, Any]
    contents: dict[str, Any]


def rows_of(
    run: Run, diagnosis: Diagnosis, *, saved_at: datetime, masker: Masker | None = None
) -> RunRows:
    """Return the rows that keep `run` and what it was found to mean, with no secret in them."""
    if masker:
        caller = replace(run.caller, id=masker.mask(run.caller.id))
        run = replace(run, caller=caller)
    return RunRows(
        run=_run_row(run, diagnosis, saved_at=saved_at),
        contents=_contents_row(run, diagnosis, masker),
    )


def run_from(packed: bytes) -> Run:
    """Return the run of a row of contents."""
    document = json.loads(zlib.decompress(packed))
    document["observations"] = [
        Observation(id=each, at=datetime.fromisoformat(at), step=step, key=key, value=value)
        for each, at, step, key, value in document["observations"]
    ]
    return _RUN.validate_python(document)


def diagnosis_from(packed: bytes) -> Diagnosis:
    """Return the diagnosis of a row of contents."""
    return _DIAGNOSIS.validate_python(json.loads(zlib.decompress(packed)))


def run_from_before(row: Row, seen: Sequence[Row]) -> Run:
    """Return the run of a row from before 0003, and of the rows of its observations."""
    document = json.loads(row["document"])
    document["transcript"] = json.loads(zlib.decompress(row["transcript"]))
    document["observations"] = [
        Observation(
            id=each["id"],
            at=each["at"],
            step=each["step"],
            key=each["key"],
            value=json.loads(each["value"]),
        )
        for each in seen
    ]
    return _RUN.validate_python(document)


def diagnosis_from_before(document: str) -> Diagnosis:
    """Return the diagnosis of a report's row from before 0003."""
    return _DIAGNOSIS.validate_json(document)


def plain(text: str) -> str:
    """Return `text` as every database can hold it: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


def _run_row(run: Run, diagnosis: Diagnosis, *, saved_at: datetime) -> dict[str, Any]:
    """Return the row of `run`, with the answer of `diagnosis` beside it for lists."""
    answer = diagnosis.causes[0] if diagnosis.causes else None
    return {
        "id": plain(run.id),
        "target": plain(run.target),
        "check": plain(run.check),
        "status": str(run.status),
        "executed": run.executed,
        "started_at": run.started_at,
        "duration_s": run.duration_s,
        "trigger": str(run.trigger),
        "caller": plain(run.caller.id),
        "team": plain(run.caller.team),
        "cause": str(answer.label) if answer else "",
        "confidence": answer.confidence if answer else 0.0,
        "durations": _dumps({s.name: s.duration_s for s in run.steps if s.status.works}),
        "document": "",
        "transcript": b"",
        "saved_at": saved_at,
    }


def _contents_row(run: Run, diagnosis: Diagnosis, masker: Masker | None) -> dict[str, Any]:
    """Return the row that keeps all of `run`, and what it was found to mean."""
    document = _RUN.dump_python(run, mode="json", exclude={"observations"})
    # By hand: a value is what the target sent, as deep as it likes, and is kept as it is.
    document["observations"] = [
        (seen.id, seen.at.astimezone(UTC).isoformat(), seen.step, seen.key, seen.value)
        for seen in run.observations
    ]
    return {
        "run_id": plain(run.id),
        "run": _packed(document, masker),
        "diagnosis": _packed(_DIAGNOSIS.dump_python(diagnosis, mode="json"), masker),
    }


def _packed(value: object, masker: Masker | None) -> bytes:
    text = _dumps(value)
    # What is kept was masked when it was seen. This is for what came in some other way.
    if masker and masker.may_hold(text):
        text = _dumps(masker.mask_json(value))
    return zlib.compress(text.encode())


def _dumps(value: object) -> str:
    """Return JSON. A target may send halves of surrogate pairs, which no database takes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()
