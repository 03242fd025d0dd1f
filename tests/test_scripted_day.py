"""A day on call: what is said, on which route, in which order; with restarts just the same."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

from incident_house import Desk, desk, shown
from syrupy.assertion import SnapshotAssertion

from bot.config import Owner, Route
from bot.deps import Deps
from bot.model import Caller, CheckRequest, Status, Trigger
from bot.sandbox import MiniSlack

ROUTES = (Route(target="*", channel="staging"),)
OWNERS = {"ws_server_code_error": "@U0BACKEND", "dependency_redis_down": "@U0PLATFORM"}
_numbers = count(1)

Event = Callable[[Desk], Awaitable[None]]


def checks(*faults: str, trigger: Trigger = Trigger.SCHEDULE, revision: str = "") -> Event:
    """A check that nobody asked for, of a staging with `faults`."""

    async def happens(it: Desk) -> None:
        it.home.staging.faults = faults
        run_id = f"rd{next(_numbers):015x}"  # not one of the desk's own
        request = CheckRequest(
            run_id=run_id,
            target="staging",
            check="pipeline",
            trigger=trigger,
            caller=Caller(id="ada" if revision else "schedule"),
            revision=revision,
        )
        await it.home.engine.start("check", request, id=run_id, slot="staging/pipeline")
        await it.told()

    return happens


def says(line: str) -> Event:
    async def happens(it: Desk) -> None:
        await it.ask(f"/stagecheck {line}")

    return happens


def presses(label: str) -> Event:
    async def happens(it: Desk) -> None:
        await it.press(label)

    return happens


async def breaks_on_our_side(it: Desk) -> None:
    it.numbers = count(1_000 + next(_numbers))  # ids that no run before a restart has
    await it.run(Status.ERRORED)


OUTAGE: Sequence[Event] = (
    checks(),
    checks("seed"),
    checks("seed"),
    presses("Acknowledge"),
    checks("redis-down"),
    checks("redis-down"),
    checks(),
    checks(),
)
FLAPPING: Sequence[Event] = (
    *([checks("backend-500"), checks()] * 4),
    checks(),
    checks(),
    checks(),
    checks(),
    checks(),
)
MUTED: Sequence[Event] = (
    checks("redis-down"),
    checks("redis-down"),
    says("mute staging 2h we are on it"),
    checks("redis-down"),
    checks(),
    checks(),
    says("unmute staging"),
)
OURS: Sequence[Event] = (breaks_on_our_side, breaks_on_our_side, breaks_on_our_side, checks())
DEPLOYED: Sequence[Event] = (
    checks(trigger=Trigger.DEPLOY, revision="1.0.0"),
    checks("seed", trigger=Trigger.DEPLOY, revision="1.0.0"),
    checks(trigger=Trigger.DEPLOY, revision="1.0.0"),
    checks(),
)
DAY = (*OUTAGE, *FLAPPING, *MUTED, *OURS, *DEPLOYED)


def with_owner(deps: Deps) -> Deps:
    targets = {name: replace(each, owners=OWNERS) for name, each in deps.targets.items()}
    update = {"owner": Owner(channel="ops"), "targets": targets}
    return replace(deps, targets=targets, settings=deps.settings.model_copy(update=update))


@asynccontextmanager
async def on_call(slack: MiniSlack, database: str) -> AsyncIterator[Desk]:
    async with desk(slack=slack, routes=ROUTES, database=database, changed=with_owner) as it:
        yield it


async def lived(database: str, *, restarts: bool) -> str:
    """Live the day; return all that was said."""
    global _numbers
    _numbers = count(1)
    async with MiniSlack(channels=("staging", "ops")) as slack:
        if restarts:
            for event in DAY:
                async with on_call(slack, database) as it:
                    await event(it)
        else:
            async with on_call(slack, database) as it:
                for event in DAY:
                    await event(it)
        return "\n\n".join(log_of(slack, channel) for channel in ("staging", "ops"))


def log_of(slack: MiniSlack, channel: str) -> str:
    """Every message with every state it was in, short; its thread below it."""
    lines = [f"#{channel}"]
    for message in slack.messages(channel):
        indent = "    " if message.is_reply else ""
        broadcast = " [also in the channel]" if message.broadcast else ""
        texts = [version.text for version in message.versions]
        steady = [text for n, text in enumerate(texts) if n == 0 or texts[n - 1] != text]
        pings = re.findall(r"<[@!](?!date)[^>]+>", shown(message))
        for number, text in enumerate(steady):
            mark = "=> " if number else ""
            lines.append(f"{indent}{mark}{scrubbed(text)}{broadcast}")
        if pings:
            lines.append(f"{indent}    pings {' '.join(sorted(set(pings)))}")
    return "\n".join(lines)


def scrubbed(text: str) -> str:
    text = re.sub(r"\brd?[0-9a-f]{15,16}\b", "RUN", " ".join(text.split()))
    text = re.sub(r"<!date\^[^>]*>", "TIME", text)
    text = re.sub(r"\b(\d{4}-\d\d-\d\d )?\d\d:\d\d(:\d\d)?\b", "TIME", text)
    text = re.sub(r"\b[\d.]+ (ms|s|min|h)( \d+ (s|min))?\b", "SPAN", text)
    # What fits into one message depends on how long ids and addresses are.
    text = re.sub(r"(Report \d+) of \d+: [^.]*\.", r"\1.", text)
    return text[:240]


async def test_the_day_is_told_as_reviewed_with_restarts_between_any_two_events_too(
    tmp_path: Path, snapshot: SnapshotAssertion
) -> None:
    said = await lived(f"sqlite:///{tmp_path}/whole.db", restarts=False)
    assert said == snapshot(name="the day")
    assert await lived(f"sqlite:///{tmp_path}/restarted.db", restarts=True) == said
