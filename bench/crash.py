"""Is what was acknowledged seen through, however often the process is killed?

    uv run python -m bench.crash [--kills 500] [--database sqlite|postgresql] [--seed N]

Campaigns of kills (SIGKILL), one after the other, each with a seed, a database, a small Slack and
a simulated target of its own; see tests/campaign.py for what is done and tests/invariants.py for
what is judged. A life is forked from a process that has imported everything, and runs `stagecheck
serve` or `worker` as they are. The table goes to docs/performance.md. Exits with 1 if a promise
was broken; what was done and said is printed then, with the seed.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

from bench.document import write_section
from tests.campaign import Account, Plan, campaign
from tests.forks import forks
from tests.invariants import Promise
from tests.postgres import Postgres, running_server

KILLS_EACH = 50
RESTARTS_EACH = 3
DATABASES = ("sqlite", "postgresql")


async def one(plan: Plan, server: Postgres | None) -> Account:
    """Run one campaign."""
    with tempfile.TemporaryDirectory(prefix="bench-crash-") as folder:
        async with forks() as begins, campaign(plan, Path(folder), begins, server) as whole:
            return await whole.run()


def run(kills: int, database: str, seed: int) -> list[Account]:
    """Run campaigns until there were so many kills, and say how each went."""
    accounts: list[Account] = []
    with ExitStack() as stack:
        server = None
        if database == "postgresql":
            server = stack.enter_context(running_server())
        while (done := sum(each.kills for each in accounts)) < kills:
            plan = Plan(
                seed=seed + len(accounts),
                kills=min(KILLS_EACH, kills - done),
                restarts=min(RESTARTS_EACH, kills - done) if server else 0,
            )
            account = asyncio.run(one(plan, server))
            accounts.append(account)
            print(
                f"seed {plan.seed}: {account.kills} kills in {account.took_s:.0f} s, "
                f"{account.acknowledged} of {len(account.asked)} commands acknowledged, "
                f"{account.runs} runs, {len(account.wrongs)} wrongs",
                flush=True,
            )
            if account.wrongs or account.complaints:
                print(account.told(), flush=True)
    return accounts


def report(accounts: list[Account], database: str) -> str:
    """Return the table."""
    endings: Counter[str] = Counter()
    for account in accounts:
        endings += account.endings
    kills = sum(each.kills for each in accounts)
    took_s = sum(each.took_s for each in accounts)
    processes = "`serve`" if database == "sqlite" else "`serve` and `worker`"
    rows = {
        "kills": kills,
        "a minute": round(60 * kills / took_s),
        "commands typed": sum(len(each.asked) for each in accounts),
        "acknowledged": sum(each.acknowledged for each in accounts),
        "runs": sum(each.runs for each in accounts),
        "of these given up, after three interruptions": sum(each.given_up for each in accounts),
        "lost": sum(each.count(Promise.NOTHING_LOST) for each in accounts),
        "doubled": sum(each.count(Promise.NOTHING_TWICE) for each in accounts),
        "illegal edits": sum(each.count(Promise.IN_ORDER) for each in accounts),
        "repeats said (“may be here twice”)": sum(each.repeats for each in accounts),
        "tracebacks in the logs": sum(each.complaints.total() for each in accounts),
    }
    if database == "postgresql":
        rows["restarts of the database"] = sum(each.plan.restarts for each in accounts)
    seeds = f"{accounts[0].plan.seed} to {accounts[-1].plan.seed}"
    return "\n".join(
        (
            f"{datetime.now(UTC):%Y-%m-%d}, {processes}, {os.cpu_count()} cores, seeds {seeds}.",
            "",
            f"| {database} | |\n|---|---:|",
            *(f"| {name} | {value:,} |" for name, value in rows.items()),
            "",
            "Killed: "
            + ", ".join(f"{count} {name}" for name, count in endings.most_common())
            + ".",
        )
    )


def main() -> int:
    """Run, print the table and write it down."""
    parser = argparse.ArgumentParser(description="Kill the bot again and again, and judge.")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--no-write", action="store_true", help="leave docs/performance.md alone")
    options = parser.parse_args()
    accounts = run(options.kills, options.database, options.seed)
    table = report(accounts, options.database)
    print(f"\n{table}")
    if not options.no_write:
        write_section(f"crash {options.database}", table)
    return int(any(each.wrongs for each in accounts))


if __name__ == "__main__":
    sys.exit(main())
