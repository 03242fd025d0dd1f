"""What must hold of a channel whatever happened to the bot: each run is told once, to its end."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from bot.sandbox import MiniSlack
from bot.sandbox.slack import Message

OUTCOME = re.compile(r"(Passed|Degraded|Failed|Errored|Skipped): ")
PROGRESS = re.compile(r"Checking ")
PART = re.compile(r"Report (\d+) of (\d+):")


def broken(
    slack: MiniSlack,
    *,
    asked_at: Sequence[float],
    channel: str = "staging",
    runs: int | None = None,
) -> list[str]:
    """Say every promise that the messages of `channel` break; nothing if all are kept.

    `asked_at` has the time (seconds since 1970) of each command that was acknowledged; `runs` is
    how many runs there must be, if that is known. To be asked when nothing is under way.
    """
    messages = slack.messages(channel)
    parents = [message for message in messages if part_of(message) == "announcement"]
    return [
        *_announced_once(parents),
        *(problem for parent in parents for problem in _told_to_the_end(parent)),
        *(problem for parent in parents for problem in _reported_once(parent, messages)),
        *_answered(parents, asked_at),
        *_of_known_runs(parents, messages),
        *([] if runs in (None, len(parents)) else [f"{len(parents)} runs, not {runs}"]),
    ]


def run_of(message: Message) -> str:
    return str(_tag(message).get("run_id", ""))


def part_of(message: Message) -> str:
    return str(_tag(message).get("part", ""))


def is_over(parent: Message) -> bool:
    """Whether the run of this message has its outcome."""
    return bool(OUTCOME.match(parent.text))


def _tag(message: Message) -> dict[str, str]:
    tag: dict[str, str] = (message.metadata or {}).get("event_payload") or {}
    return tag


def _announced_once(parents: Sequence[Message]) -> Iterator[str]:
    for run, times in Counter(run_of(parent) for parent in parents).items():
        if times > 1:
            yield f"run {run} was announced {times} times"


def _told_to_the_end(parent: Message) -> Iterator[str]:
    """The message of a run shows progress, then an outcome, and never turns back."""
    outcomes: set[str] = set()
    for version in parent.versions:
        if OUTCOME.match(version.text):
            outcomes.add(version.text)
        elif not PROGRESS.match(version.text):
            yield f"run {run_of(parent)} is neither under way nor over: {version.text!r}"
        elif outcomes:
            yield f"run {run_of(parent)} is shown under way after its outcome"
    if not PROGRESS.match(parent.versions[0].text):
        yield f"run {run_of(parent)} began with an outcome"
    if len(outcomes) != 1:
        yield f"run {run_of(parent)} has {len(outcomes)} outcomes: {sorted(outcomes)}"


def _reported_once(parent: Message, messages: Sequence[Message]) -> Iterator[str]:
    """Every part of the report is in the thread once, in order; only a run given up has none."""
    run = run_of(parent)
    parts = [
        found
        for message in messages
        if run_of(message) == run and (found := PART.search(message.text))
    ]
    if not parts:
        if not parent.text.startswith("Errored: "):
            yield f"run {run} has no report"
        return
    if [int(part[1]) for part in parts] != list(range(1, int(parts[0][2]) + 1)):
        yield f"run {run} has these parts of a report: {[part[0] for part in parts]}"
    for message in messages:
        is_part = part_of(message).startswith("report-") and run_of(message) == run
        if is_part and message.thread_ts != (parent.thread_ts or parent.ts):
            yield f"a part of the report of run {run} is in another thread"


def _answered(parents: Sequence[Message], asked_at: Sequence[float]) -> Iterator[str]:
    """An acknowledged command is answered by a run that was not over when it was asked for."""
    for at in asked_at:
        if not any(is_over(parent) and parent.versions[-1].at >= at for parent in parents):
            yield f"nothing answers the command of {at}"


def _of_known_runs(parents: Sequence[Message], messages: Sequence[Message]) -> Iterator[str]:
    known = {run_of(parent) for parent in parents}
    for message in messages:
        if run_of(message) and run_of(message) not in known:
            yield f"a message of run {run_of(message)}, which was never announced"
