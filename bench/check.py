"""What does a check cost beside a bare script of the same requests?

    uv run python -m bench.check [--runs 200]

Both sides talk to one simulator in another process, with the same libraries, in turn and in one
run; the table shows medians of the pairs. Memory is measured in a fresh process per row.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from bench.bare import check as bare_check
from bench.memory import peak_mb
from bench.simulator import simulated_target
from bot.engine import new_run_id
from bot.masking import Masker
from bot.model import Caller, CheckRequest, Status, Trigger
from bot.probe import Network, run_check
from bot.target import Target, Timeouts, User

Check = Callable[[Target], Awaitable[None]]

# With 500 checks at once the simulator is the bottleneck; its delays are not what is measured.
PATIENT = Timeouts(step_s=120, welcome_s=120, gap_s=120, total_s=240)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What `runs` checks took, in seconds of wall clock and of this process's CPU."""

    runs: int
    wall_s: float
    cpu_s: float


def ours(network: Network, masker: Masker) -> Check:
    """Return the product's check."""

    async def check(target: Target) -> None:
        request = CheckRequest(
            run_id=new_run_id(),
            target=target.name,
            check="pipeline",
            trigger=Trigger.SHELL,
            caller=Caller(id="bench"),
        )
        run = await run_check(target, request, network=network, masker=masker)
        assert run.status is Status.PASSED, run.steps

    return check


def bare(client: httpx.AsyncClient) -> Check:
    """Return the bare script's."""

    async def check(target: Target) -> None:
        await bare_check(client, questions(target))

    return check


def questions(target: Target) -> dict[str, Any]:
    """Return what the bare script needs to know to ask `target` what our check asks."""
    health, events, key = target.health, target.events, target.bypass_key
    assert key is not None
    return {
        "health_urls": [
            target.api_url + health.backend,
            target.api_url + health.ready,
            target.api_url + health.dependencies,
            target.auth_url + health.auth,
            target.frontend_url + health.frontend,
        ],
        "exchange_url": target.auth_url + target.exchange.path,
        "exchange_headers": {target.exchange.header: key.value},
        "user": {"email": target.user.email, "name": target.user.name},
        "ws_url": target.ws_url,
        "ws_headers": dict(target.socket.headers),
        "subprotocol": target.socket.subprotocol,
        "request_type": target.request.type,
        "welcome": list(events.welcome),
        "completed": [
            events.completed,
            *(wire for wire, name in events.aliases.items() if name == events.completed),
        ],
    }


async def measure(check: Check, target: Target, *, runs: int, at_once: int) -> Cost:
    """Run `check` `runs` times, `at_once` under way at a time, each as a user of its own."""
    room = asyncio.Semaphore(at_once)

    async def one(number: int) -> None:
        user = User(id=f"bench-{number}", email=f"bench{number}@example.test")
        async with room:
            await check(replace(target, user=user, timeouts=PATIENT))

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(number) for number in range(runs)))
    return Cost(runs=runs, wall_s=time.perf_counter() - wall, cpu_s=time.process_time() - cpu)


async def compare(target: Target, *, runs: int, at_once: int, rounds: int) -> str:
    """Measure both sides in turn and return a table row of their medians."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
    masker = Masker(target.secrets, pepper=b"bench")
    async with Network() as network, httpx.AsyncClient(limits=limits, timeout=60) as client:
        sides = {"ours": ours(network, masker), "bare": bare(client)}
        for check in sides.values():
            await measure(check, target, runs=3, at_once=3)
        pairs = [
            {
                name: await measure(check, target, runs=runs, at_once=at_once)
                for name, check in sides.items()
            }
            for _ in range(rounds)
        ]
    wall = statistics.median(pair["ours"].wall_s / pair["bare"].wall_s for pair in pairs)
    cpu = statistics.median(pair["ours"].cpu_s / pair["bare"].cpu_s for pair in pairs)
    rate = statistics.median(pair["ours"].runs / pair["ours"].wall_s for pair in pairs)
    each = statistics.median(1000 * pair["ours"].cpu_s / pair["ours"].runs for pair in pairs)
    return (
        f"| {at_once:>7} | {runs:>5} | {wall:>9.2f} | {cpu:>8.2f} | {rate:>8.1f} | {each:>12.1f} |"
    )


async def hold(target: Target, at_once: int) -> None:
    """Run `at_once` checks at once and print this process's peak memory in MB."""
    async with Network() as network:
        check = ours(network, Masker(target.secrets, pepper=b"bench"))
        await measure(check, target, runs=at_once, at_once=at_once)
    print(peak_mb())


def main() -> None:
    """Print the tables, or, for a child process, one figure of memory."""
    parser = argparse.ArgumentParser(description="Cost of a check beside a bare script.")
    parser.add_argument("--runs", type=int, default=100, help="checks per measurement")
    parser.add_argument("--rounds", type=int, default=3, help="pairs per row")
    parser.add_argument("--memory", type=int, default=0, help="only: peak memory with N at once")
    options = parser.parse_args()
    with simulated_target() as (target, _):
        if options.memory:
            asyncio.run(hold(target, options.memory))
            return
        print(f"{datetime.now(UTC):%Y-%m-%d}, medians of {options.rounds} pairs\n")
        print("| at once | runs  | wall, × bare | CPU, × bare | checks/s | CPU ms/check |")
        print("|--------:|------:|----------:|---------:|---------:|-------------:|")
        for at_once in (1, 50, 500):
            runs = max(options.runs, at_once)
            print(asyncio.run(compare(target, runs=runs, at_once=at_once, rounds=options.rounds)))
    print("\n| at once | peak memory, MB |\n|--------:|----------------:|")
    for at_once in (1, 50, 500):
        child = [sys.executable, "-m", "bench.check", "--memory", str(at_once)]
        done = subprocess.run(child, capture_output=True, text=True, check=True)
        print(f"| {at_once:>7} | {done.stdout.strip():>15} |")


if __name__ == "__main__":
    main()
