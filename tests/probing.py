"""What the tests of the probe share: targets, runs, and servers that misbehave on real sockets."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from bot.config import load
from bot.masking import Masker, Secret
from bot.model import Caller, CheckRequest, Progress, Run, Status, Trigger
from bot.probe import Network, run_check
from bot.sandbox import Staging
from bot.target import Experiments, Health, Target, Timeouts

PEPPER = b"pepper"
KEY = Secret(name="bypass_key", source="env:KEY", value="bypass-key-0123456789abcdef")
JWT = Secret(name="jwt_secret", source="env:JWT", value="jwt-secret-0123456789abcdef0123456789ab")

# For a target that hangs: the shorter, the better.
SHORT = Timeouts(step_s=0.5, welcome_s=0.2, gap_s=0.3, total_s=1.0)
# For one that answers, also on a busy machine.
PATIENT = Timeouts(step_s=3.0, welcome_s=0.3, gap_s=1.0, total_s=3.0)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def request(check: str = "pipeline") -> CheckRequest:
    """Return a request for `check`, from a shell."""
    return CheckRequest(
        run_id="r0123456789",
        target="staging",
        check=check,
        trigger=Trigger.SHELL,
        caller=Caller(id="tester"),
    )


async def run(
    target: Target, check: str = "pipeline", *, progress: list[Progress] | None = None
) -> Run:
    """Run `check` against `target`, with a network and a masker of its own."""
    told = [] if progress is None else progress
    async with Network() as network:
        return await run_check(
            target,
            request(check),
            network=network,
            masker=Masker(target.secrets, pepper=PEPPER),
            on_progress=told.append,
        )


def target_of(staging: Staging, folder: Path) -> Target:
    """Return the target as a client of `staging` has it configured, faults included."""
    path = folder / "stagecheck.yaml"
    staging.write_config(path)
    return load(path, env={}).targets["staging"]


async def staged(folder: Path, *faults: str, check: str = "pipeline", **changes: Any) -> Run:
    """Run `check` against a simulated staging with `faults`; `changes` are made to the target."""
    async with Staging(faults) as staging:
        return await run(replace(target_of(staging, folder), **changes), check)


def target_at(port: int, **changes: Any) -> Target:
    """Return a target all of whose services are at `port` of this machine."""
    settings: dict[str, Any] = {
        "name": "staging",
        "api_url": f"http://127.0.0.1:{port}",
        "auth_url": f"http://127.0.0.1:{port}",
        "ws_url": f"ws://127.0.0.1:{port}/ws",
        "bypass_key": KEY,
        "jwt_secret": JWT,
        "timeouts": PATIENT,
        "experiments": Experiments(enabled=False),
        **changes,
    }
    return Target(**settings)


NO_HEALTH = Health(backend="", auth="")


@asynccontextmanager
async def serving(serve: Serve) -> AsyncIterator[int]:
    """Serve raw TCP with `serve`, one call per connection; yield the port."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(raw: bytes) -> Serve:
    """Return a server that reads a request and sends `raw`, whatever was asked; then it closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if sized := re.search(rb"content-length: (\d+)", head):
            # What is left unread makes the kernel reset the connection instead of closing it.
            await reader.readexactly(int(sized[1]))
        writer.write(raw)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return serve


def response(body: bytes, *, status: str = "200 OK", headers: str = "") -> bytes:
    """Return an HTTP answer with `body`."""
    head = f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{headers}\r\n"
    return head.encode() + body


async def forever() -> None:
    """Wait until the test is over."""
    await asyncio.Event().wait()


def facts(run: Run) -> dict[str, Any]:
    """Return path -> the value last observed there."""
    return {observation.path: observation.value for observation in run.observations}


def status_of(run: Run, step: str) -> Status:
    """Return how a step or an experiment of `run` ended."""
    return next(r.status for r in (*run.steps, *run.experiments) if r.name == step)


def everything(run: Run) -> str:
    """Return all that a run recorded as one text; fails if any of it cannot be stored."""
    observed = [observation.value for observation in run.observations]
    lines = [line.text for line in run.transcript]
    details = [result.detail for result in (*run.steps, *run.experiments)]
    text = json.dumps([observed, lines, details, run.not_checked], ensure_ascii=False)
    json.dumps(observed, allow_nan=False)
    assert "\x00" not in text
    return text.encode().decode()


def broke(run: Run) -> list[str]:
    """Return where stagecheck itself broke."""
    return [str(o.value) for o in run.observations if o.key == "broke"]
