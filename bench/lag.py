"""How late does the loop of `stagecheck serve` go on while 200 checks are under way?

    uv run python -m bench.lag [--seconds 120] [--database sqlite|postgresql]

The checks wait for targets that say nothing. What is read is the process's own metric: it pauses
twice a second, and notes how late it goes on. The table goes to docs/performance.md.
"""

import argparse
import asyncio
import os
import re
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime

import aiohttp

from bench.ack import DATABASES, IN_FLIGHT, Standing, hold, standing
from bench.document import write_section
from tests.postgres import Postgres, running_server

SETTLED_S = 5.0
UNDER = (0.005, 0.01, 0.025, 0.05, 0.1)
_BUCKET = re.compile(r'stagecheck_event_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)')


async def lags(ours: Standing) -> Mapping[float, float]:
    """Return how many pauses were at most so many seconds late, up to now."""
    metrics = ours.url.replace("/slack/events", "/metrics")
    shown = {"Authorization": f"Bearer {ours.secret}"}
    async with aiohttp.ClientSession(headers=shown) as session, session.get(metrics) as answer:
        found = _BUCKET.findall(await answer.text())
    return {float(most): float(count) for most, count in found}


async def measure(asked: int, seconds: float, server: Postgres | None) -> str:
    """Return a row: the lag while `asked` commands a minute start checks beside those."""
    fresh = round(asked * seconds / 60) + 1
    async with standing(fresh, server) as ours:
        await hold(ours)
        await asyncio.sleep(SETTLED_S)
        before = await lags(ours)
        if asked:
            targets = [f"fresh-{number}" for number in range(fresh)]
            await ours.sender.stream(ours.url, targets, asked / 60)
        else:
            await asyncio.sleep(seconds)
        after = await lags(ours)
    pauses = after[float("inf")] - before[float("inf")]
    shares = [f"{(after[most] - before[most]) / pauses:.1%}" for most in UNDER]
    return f"| {IN_FLIGHT} | {asked} | {pauses:.0f} | {' | '.join(shares)} |"


def main() -> None:
    """Measure, print the table and write it down."""
    parser = argparse.ArgumentParser(description="How late the loop is.")
    parser.add_argument("--seconds", type=float, default=120.0, help="of each row")
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md alone")
    options = parser.parse_args()
    heads = " | ".join(f"≤ {1000 * most:.0f} ms late" for most in UNDER)
    lines = [
        f"{datetime.now(UTC):%Y-%m-%d}, {DATABASES[options.database]}, {os.cpu_count()} cores.",
        "",
        f"| checks under way | started beside, a minute | pauses | {heads} |",
        f"|{'---:|' * (3 + len(UNDER))}",
    ]
    print("\n".join(lines), flush=True)
    with running_server() if options.database == "postgresql" else nullcontext() as server:
        for asked in (0, 60):
            lines.append(asyncio.run(measure(asked, options.seconds, server)))
            print(lines[-1], flush=True)
    if not options.no_write:
        write_section(f"lag {options.database}", "\n".join(lines))


if __name__ == "__main__":
    main()
