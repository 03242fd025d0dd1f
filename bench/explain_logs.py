"""How well and how fast are pasted logs explained?

    uv run python -m bench.explain_logs FOLDER [FOLDER ...]

A folder holds `*.log` files and `labels.tsv` with the true first cause of each.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.memory import peak_mb
from bot.diagnosis import diagnose
from bot.diagnosis.logs import read_log
from bot.report import build_report

SMALL = 64 * 1024
# What no log is made of, and what a reader of logs could stumble over.
ODD = {
    "one line of words": "the quick brown fox ",
    "one line of a letter": "x",
    "line ends": "\n",
    "spaces": " ",
    "brackets": "{[(",
    "an object that never ends": '{"a": ',
    "quotes": '"',
    "escapes": '\\"',
    "colours": "\x1b[31m",
    "packed lines": "\\n",
    "statuses": "503 ",
    "rows of a table": "| /health | 503 |\n",
}
LARGE = 10 * 1024 * 1024


def labelled(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each log of `folder` with its true first cause."""
    for row in (folder / "labels.tsv").read_text().splitlines()[1:]:
        name, cause = row.split("\t")[:2]
        yield folder / name, cause


def first_cause(log: bytes) -> str:
    """Return the label of the first cause, as `stagecheck explain` gives it."""
    run = read_log(log)
    return build_report(run, diagnose(run)).causes[0].label.value


def accuracy(folder: Path) -> str:
    """Return a table row, and a line for each log that is explained wrongly."""
    rows = [(path, cause, first_cause(path.read_bytes())) for path, cause in labelled(folder)]
    wrong = [(path, cause, said) for path, cause, said in rows if cause != said]
    lines = [f"| {folder} | {len(rows) - len(wrong)} of {len(rows)} |"]
    lines += [f"  {path.name}: {cause}, said {said}" for path, cause, said in wrong]
    return "\n".join(lines)


def repeated(logs: list[bytes], size: int) -> bytes:
    """Return `size` bytes of `logs`, one after another."""
    whole = b"\n\n".join(logs)
    return (whole * (size // len(whole) + 1))[:size]


def noise() -> bytes:
    """Return a log of a service that is well: lines that are all different."""
    lines = (
        f"2025-09-14 11:{n // 60 % 60:02}:{n % 60:02} INFO [worker.{n % 7}] order {n * 7919}"
        f" of user {n * 104729 % 10**5:x} handled in {n * 31 % 97} ms\n"
        for n in range(SMALL // 60)
    )
    return "".join(lines).encode()[:SMALL]


def cpu_ms(log: bytes, *, times: int = 7) -> float:
    """Return the CPU milliseconds that explaining `log` takes, the best of `times`."""

    def once() -> float:
        start = time.process_time()
        first_cause(log)
        return 1000 * (time.process_time() - start)

    return min(once() for _ in range(times))


def main() -> None:
    """Print the tables, or, for a child process, one figure of memory."""
    parser = argparse.ArgumentParser(description="Accuracy and cost of explaining logs.")
    parser.add_argument("folders", nargs="+", type=Path, help="folders of labelled logs")
    parser.add_argument("--memory", action="store_true", help="only: peak memory of a large log")
    options = parser.parse_args()
    logs = [path.read_bytes() for folder in options.folders for path, _ in labelled(folder)]
    if options.memory:
        first_cause(repeated(logs, LARGE))
        print(peak_mb())
        return
    print("| logs | first cause right |\n|---|---:|")
    print("\n".join(map(accuracy, options.folders)))
    alone = [cpu_ms((log + b"\n") * (SMALL // (len(log) + 1) + 1), times=3) for log in logs]
    print("\n| 64 KB of | CPU, ms |\n|---|---:|")
    print(f"| all of them | {cpu_ms(repeated(logs, SMALL)):.1f} |")
    print(f"| one of them, the median | {sorted(alone)[len(alone) // 2]:.1f} |")
    print(f"| one of them, the worst | {max(alone):.1f} |")
    print(f"| lines of a service that is well | {cpu_ms(noise(), times=3):.1f} |")
    for name, text in ODD.items():
        print(f"| {name} | {cpu_ms(repeated([text.encode()], SMALL), times=3):.1f} |")
    child = [sys.executable, "-m", "bench.explain_logs", *map(str, options.folders), "--memory"]
    done = subprocess.run(child, capture_output=True, text=True, check=True)
    print(f"\nPeak memory for 10 MB: {done.stdout.strip()} MB")


if __name__ == "__main__":
    main()
