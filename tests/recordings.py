"""Recorded runs, one per fault of the simulator, and what each is to be diagnosed as.

A recording is a run as canonical JSON, compressed. Where it was recorded does not show: folders,
ports and the caller are always the same.
"""

import gzip
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from bot.diagnosis import diagnose
from bot.model import Run
from bot.report import build_report

CORPUS = Path(__file__).parent / "corpus"
ANSWERS = CORPUS / "answers.json"

_RUN = TypeAdapter(Run)
# Ports come from the system at random; the first that is named becomes the first of these.
_FIRST_PORT = 20_001
_PORT = re.compile(r"[\w\]]:([3-6]\d{4})(?!\w)")
# The simulator's own folder, which it makes for itself.
_FOLDER = re.compile(r"/[\w./-]*/stagecheck-staging-\w+")


def names() -> list[str]:
    """Return the faults that are recorded."""
    return sorted(path.name.removesuffix(".json.gz") for path in CORPUS.glob("*.json.gz"))


def path_of(fault: str) -> Path:
    return CORPUS / f"{fault}.json.gz"


def text_of(run: Run, folder: Path) -> str:
    """Return `run` as it is recorded; `folder` is where its target was configured."""
    recording = _RUN.dump_python(run, mode="json")
    # First, so that the ports are numbered in the order of the settings.
    recording = {"provenance": recording.pop("provenance"), **recording}
    text = json.dumps(recording, ensure_ascii=False, separators=(",", ":"))
    text = _FOLDER.sub("/simulator", text.replace(str(folder), "/corpus"))
    for number, port in enumerate(dict.fromkeys(_PORT.findall(text)), start=_FIRST_PORT):
        text = re.sub(rf"(?<![\w.-]){port}(?![\w.]*\w)", str(number), text)
    return text


def write(fault: str, text: str) -> None:
    """Write a recording; the same text always gives the same file."""
    path_of(fault).write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def read(fault: str) -> str:
    return gzip.decompress(path_of(fault).read_bytes()).decode()


def run_of(text: str) -> Run:
    """Return the run of a recording."""
    return _RUN.validate_json(text)


def answer(run: Run) -> dict[str, Any]:
    """Return what `run` is diagnosed as, as far as it is to stay like this."""
    found = diagnose(run)
    return {
        "status": run.status.value,
        "headline": build_report(run, found).headline,
        "causes": [
            {
                "label": cause.label.value,
                "role": "open" if cause.is_role_open else cause.role.value,
                "confidence": round(cause.confidence, 2),
            }
            for cause in found.causes
        ],
        "whys": [f"{why.kind}: {why.answer}" for why in found.whys],
    }


def answers() -> dict[str, Any]:
    """Return the accepted answer of every fault."""
    accepted: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return accepted


def write_answers(accepted: Mapping[str, Any]) -> None:
    text = json.dumps(accepted, ensure_ascii=False, indent=1, sort_keys=True)
    ANSWERS.write_text(f"{text}\n", encoding="utf-8")
