"""Runs and diagnoses as rows and back."""

import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from pydantic import TypeAdapter

from bot.model import Diagnosis, Observation, Run, TranscriptLine

Row: TypeAlias = Mapping[str, Any]

_RUN = TypeAdapter(Run)
_DIAGNOSIS = TypeAdapter(Diagnosis)
_TRANSCRIPT = TypeAdapter(tuple[TranscriptLine, ...])


def run_row(run: Run, diagnosis: Diagnosis) -> dict[str, Any]:
    """Return the row of `run`, with the answer of `diagnosis` beside it for lists."""
    document = _RUN.dump_python(run, mode="json", exclude={"observations", "transcript"})
    transcript = _TRANSCRIPT.dump_python(run.transcript, mode="json")
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
        "document": _dumps(document),
        "transcript": zlib.compress(_dumps(transcript).encode()),
    }


def observation_rows(run: Run) -> list[dict[str, Any]]:
    """Return one row per observation of `run`, in order."""
    return [
        {
            "run_id": plain(run.id),
            "position": position,
            "id": plain(seen.id),
            "at": seen.at,
            "step": plain(seen.step),
            "key": plain(seen.key),
            "value": _dumps(seen.value),
        }
        for position, seen in enumerate(run.observations)
    ]


def report_row(run: Run, diagnosis: Diagnosis) -> dict[str, Any]:
    """Return the row that keeps what a run was found to mean."""
    document = _DIAGNOSIS.dump_python(diagnosis, mode="json")
    return {"run_id": plain(run.id), "diagnosis": _dumps(document)}


def run_from(row: Row, seen: Sequence[Row]) -> Run:
    """Return the run of a row and the rows of its observations."""
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


def diagnosis_from(row: Row) -> Diagnosis:
    """Return the diagnosis of a report's row."""
    return _DIAGNOSIS.validate_json(row["diagnosis"])


def plain(text: str) -> str:
    """Return `text` as every database can hold it: no NUL, no half of a surrogate pair."""
    return text.replace("\0", "�").encode("utf-8", "replace").decode()


def _dumps(value: object) -> str:
    """Return JSON. A target may send halves of surrogate pairs, which no database takes."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace").decode()
