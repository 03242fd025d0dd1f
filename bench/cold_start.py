"""How long until an answer, from a cold start: `stagecheck run` beside a pytest file.

    uv run python -m bench.cold_start [--runs 7]

The pytest file asks the same questions with the same libraries. In turn, medians; beside them, what
asks no target: `explain` of a log, and `--help`. Python may keep what it has compiled, as it does
where nothing forbids it, and the first turn is not counted: without that, each would mostly compile
the libraries again.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.check import questions
from bench.simulator import simulated_target

LOG = Path(__file__).parent.parent / "tests" / "data" / "logs" / "healthy-pytest-summary.log"
TEST_FILE = """
import asyncio, json
from pathlib import Path

import httpx
from bench.bare import check

def test_pipeline():
    async def ask():
        async with httpx.AsyncClient() as client:
            await check(client, json.loads(Path({questions!r}).read_text()))
    asyncio.run(ask())
"""


def timed(command: list[str]) -> float:
    """Run `command` to its end and return its wall time in seconds."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=kept)
    return time.perf_counter() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="Cold start of one check.")
    parser.add_argument("--runs", type=int, default=7, help="turns")
    runs = parser.parse_args().runs
    with simulated_target() as (target, config), tempfile.TemporaryDirectory() as folder:
        asked, test = Path(folder) / "questions.json", Path(folder) / "test_pipeline.py"
        asked.write_text(json.dumps(questions(target)))
        test.write_text(TEST_FILE.format(questions=str(asked)))
        ours = [sys.executable, "-m", "bot"]
        commands = (
            [*ours, "run", "staging", "--config", str(config)],
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(test)],
            [*ours, "explain", str(LOG)],
            [*ours, "--help"],
        )
        turns = [[timed(command) for command in commands] for _ in range(runs + 1)][1:]
    ratio = statistics.median(mine / other for mine, other, *_ in turns)
    run, pytest, *rest = (statistics.median(column) for column in zip(*turns, strict=True))
    print("| stagecheck run, s | pytest, s | ratio | explain, s | --help, s |")
    print("|---:|---:|---:|---:|---:|")
    print(f"| {run:.2f} | {pytest:.2f} | {ratio:.2f} | {rest[0]:.2f} | {rest[1]:.2f} |")


if __name__ == "__main__":
    main()
