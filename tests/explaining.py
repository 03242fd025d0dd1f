"""Logs with their true first cause, and what `explain` makes of them."""

from collections.abc import Iterator
from pathlib import Path

from bot.diagnosis import diagnose
from bot.diagnosis.logs import read_log
from bot.report import Report, build_report

DATA = Path(__file__).parent / "data"
OWN = DATA / "logs"
# Logs that are handed to whoever works on this, where they are at hand; never copied here.
SHARED = Path(__file__).parents[2] / "shared" / "logs"

# The console of the founding failure: the frame's payload was thrown away by the test.
FOUNDING = """\
Loading staging environment from: C:\\Users\\dev\\app\\config\\staging.env
[WARNING] auth bypass failed: Failed to get test token: 401 - {"detail":"Invalid E2E bypass key"}
[INFO] Falling back to direct JWT creation for development environments
[FALLBACK] Created direct JWT token: e2e-test... (hash: 70610b56526d0480)
[STAGING AUTH FIX] Using EXISTING staging user: staging-e2e-user-001
[SUCCESS] Created staging JWT for EXISTING user: staging-e2e-user-001
[SUCCESS] This should pass staging user validation checks
[INFO] WebSocket connected for agent pipeline test
[INFO] Sent pipeline execution request
[INFO] Pipeline event: error_message
"""
# What the frame said.
PAYLOAD = """\
{
  "type": "error_message",
  "error_code": "AUTH_REQUIRED",
  "error_message": "Authentication failed: Valid JWT token required for WebSocket connection",
  "details": {
    "environment": "staging",
    "error": "user_context must be a UserExecutionContext instance"
  }
}
"""


def explained(log: bytes | str) -> Report:
    """Return the report of a pasted log."""
    run = read_log(log)
    return build_report(run, diagnose(run))


def first_cause(log: bytes | str) -> str:
    """Return the label of the answer."""
    return explained(log).causes[0].label.value


def keys(log: str) -> set[str]:
    """Return the names of what is recognised in `log`."""
    return {one.key.rpartition(".line_")[0] for one in read_log(log).observations}


def labelled(folder: Path) -> Iterator[tuple[str, bytes, str]]:
    """Yield name, text and true first cause of each log of `folder`, if it is there."""
    table = folder / "labels.tsv"
    rows = table.read_text().splitlines()[1:] if table.exists() else []
    for row in rows:
        name, cause = row.split("\t")[:2]
        yield name, (folder / name).read_bytes(), cause


def excerpts() -> Iterator[tuple[str, bytes, str]]:
    """Yield name, text and true first cause of each short excerpt."""
    parts = (DATA / "excerpts.txt").read_text().split("\n##### ")[1:]
    for number, part in enumerate(parts, start=1):
        cause, _, text = part.partition("\n")
        yield f"excerpt-{number}-{cause}", f"{text}\n".encode(), cause


LOGS = [*labelled(OWN), *excerpts()]
EVERY_LOG = [*LOGS, *labelled(SHARED)]
