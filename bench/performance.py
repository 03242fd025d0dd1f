"""Makes every table of docs/performance.md anew: `python -m bench.performance [--quick]`."""

import argparse
import subprocess
import sys
from dataclasses import dataclass

from bench.document import write_section


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A benchmark of this folder, and its arguments for a whole and for a quick measurement.

    What it prints goes into the section of its name, unless it writes its own.
    """

    name: str
    whole: tuple[str, ...] = ()
    quick: tuple[str, ...] = ()
    writes_itself: bool = False


BENCHES = (
    Bench(name="check", quick=("--runs", "30", "--rounds", "1")),
    Bench(name="cold_start", quick=("--runs", "2")),
    Bench(name="store", quick=("--runs", "20000")),
    Bench(name="scale", quick=("--runs", "40"), writes_itself=True),
    *(
        Bench(
            name=name,
            whole=("--database", database),
            quick=("--database", database, *quick),
            writes_itself=True,
        )
        for name, quick in (
            ("ack", ("--seconds", "2")),
            ("lag", ("--seconds", "20")),
            ("crash", ("--kills", "20")),
        )
        for database in ("sqlite", "postgresql")
    ),
)


def main() -> None:
    """Run one benchmark after the other: together they would measure one another."""
    parser = argparse.ArgumentParser(description="Every table of docs/performance.md.")
    parser.add_argument("--quick", action="store_true", help="minutes instead of hours")
    parser.add_argument("--only", choices=sorted({bench.name for bench in BENCHES}))
    options = parser.parse_args()
    for bench in BENCHES:
        if options.only not in (None, bench.name):
            continue
        arguments = bench.quick if options.quick else bench.whole
        print(f"bench.{bench.name} {' '.join(arguments)}", file=sys.stderr)
        command = [sys.executable, "-m", f"bench.{bench.name}", *arguments]
        if bench.writes_itself:
            subprocess.run(command, check=True)
        else:
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            write_section(bench.name, done.stdout)


if __name__ == "__main__":
    main()
