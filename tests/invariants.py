"""What must hold of a channel whatever happened to the bot: each run is told once, to its end."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.sandbox import MiniSlack
from bot.sandbox.slack import Kind, Message

OUTCOME = re.compile(r"(Passed|Degraded|Failed|Errored|Skipped): ")
PROGRESS = re.compile(r"Checking (?P<target>[^\s.:]+)")
PART = re.compile(r"Report (\d+) of (\d+):")
MAYBE_TWICE = "so it may be here twice"
ATTACHED = re.compile(r"(?P<target>\S+) (is already being checked|was checked just now)")
RUN = re.compile(r"\br[0-9a-f]{6,}\b")
# What Slack is told, and the person reads, where nothing could be started.
REFUSED = re.compile(r"Our database cannot be used|That did not work")


class Promise(StrEnum):
    """What is promised of a command that was acknowledged."""

    NOTHING_LOST = "lost"
    NOTHING_TWICE = "doubled"
    IN_ORDER = "illegal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A promise that was broken, and how."""

    promise: Promise
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A command to check a target, at a time in seconds since 1970."""

    at: float
    user: str
    channel: str
    target: str
    acknowledged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """What was asked and said of one target in one channel; of one target, runs never overlap."""

    commands: Sequence[Asked]
    """Those that no answer attached to a run; one that was refused counts as not acknowledged."""
    parents: Sequence[Message]


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
    parents = parents_of(slack.messages(channel))
    return [
        *(wrong.text for wrong in wrongs_told(slack, channel)),
        *_answered(parents, asked_at),
        *([] if runs in (None, len(parents)) else [f"{len(parents)} runs, not {runs}"]),
    ]


def wrongs_told(slack: MiniSlack, channel: str) -> list[Wrong]:
    """Return what is wrong with how the runs of a channel are told."""
    messages = slack.messages(channel)
    parents = parents_of(messages)
    return [
        *_announced_once(parents),
        *(wrong for parent in parents for wrong in _told_to_the_end(parent)),
        *(wrong for parent in parents for wrong in _reported_once(parent, messages)),
        *_of_known_runs(parents, messages),
    ]


def wrongs_answered(slack: MiniSlack, asked: Sequence[Asked]) -> list[Wrong]:
    """Return the commands that nothing answers, and the runs for which nobody asked.

    An acknowledged command has a run of its own in its channel, or an answer that names the run
    it was attached to, or that says why nothing was started. One that was not acknowledged may
    have a run all the same, and no more than one.
    """
    parents = parents_of(
        [message for channel in slack.workspace.channels for message in slack.messages(channel)]
    )
    runs = {run_of(parent): target_of(parent) for parent in parents}
    wrongs: list[Wrong] = []
    open_: list[Asked] = []
    notes = {each: _notes(slack, *each) for each in {(one.channel, one.user) for one in asked}}
    for one in sorted(asked, key=lambda one: one.at, reverse=True):
        mine = notes[one.channel, one.user]
        note = next((each for each in mine if _answers(each, one)), None)
        if note is None:
            open_.append(one)
            continue
        mine.remove(note)
        if not ATTACHED.match(note.text):
            open_.append(replace(one, acknowledged=False))
        elif not _names(note, runs, one.target):
            text = f"{one} is attached to a run that is not there: {note.text!r}"
            wrongs.append(Wrong(promise=Promise.NOTHING_LOST, text=text))
    for (channel, target), group in _groups(slack, open_, parents).items():
        wrongs += _matched(group, f"{target} in {channel}")
    return wrongs


def repeats_said(slack: MiniSlack) -> int:
    """Return how many messages say that they may be there twice."""
    return sum(
        MAYBE_TWICE in str(message.blocks)
        for channel in slack.workspace.channels
        for message in slack.messages(channel)
    )


def parents_of(messages: Sequence[Message]) -> list[Message]:
    """Return the messages that announced a run."""
    return [message for message in messages if part_of(message) == "announcement"]


def run_of(message: Message) -> str:
    return str(_tag(message).get("run_id", ""))


def part_of(message: Message) -> str:
    return str(_tag(message).get("part", ""))


def target_of(parent: Message) -> str:
    found = PROGRESS.match(parent.versions[0].text)
    return found["target"] if found else ""


def is_over(parent: Message) -> bool:
    """Whether the run of this message has its outcome."""
    return bool(OUTCOME.match(parent.text))


def _tag(message: Message) -> dict[str, str]:
    tag: dict[str, str] = (message.metadata or {}).get("event_payload") or {}
    return tag


def _announced_once(parents: Sequence[Message]) -> Iterator[Wrong]:
    for run, times in Counter(run_of(parent) for parent in parents).items():
        if times > 1:
            yield Wrong(
                promise=Promise.NOTHING_TWICE, text=f"run {run} was announced {times} times"
            )


def _told_to_the_end(parent: Message) -> Iterator[Wrong]:
    """The message of a run shows progress, then an outcome, and never turns back."""
    run = f"run {run_of(parent)}"
    illegal: list[str] = []
    outcomes: set[str] = set()
    for version in parent.versions:
        if OUTCOME.match(version.text):
            outcomes.add(version.text)
        elif not PROGRESS.match(version.text):
            illegal.append(f"{run} is neither under way nor over: {version.text!r}")
        elif outcomes:
            illegal.append(f"{run} is shown under way after its outcome")
    if not PROGRESS.match(parent.versions[0].text):
        illegal.append(f"{run} began with an outcome")
    if len(outcomes) > 1:
        illegal.append(f"{run} has {len(outcomes)} outcomes: {sorted(outcomes)}")
    yield from (Wrong(promise=Promise.IN_ORDER, text=text) for text in illegal)
    if not is_over(parent):
        text = f"{run} has {len(outcomes)} outcomes, and not at its end: {parent.text!r}"
        yield Wrong(promise=Promise.NOTHING_LOST, text=text)


def _reported_once(parent: Message, messages: Sequence[Message]) -> Iterator[Wrong]:
    """Every part of the report is in the thread once, in order; only a run given up has none."""
    run = run_of(parent)
    said = [message for message in messages if run_of(message) == run]
    parts = [found for message in said if (found := PART.search(message.text))]
    if not parts:
        if not parent.text.startswith("Errored: "):
            yield Wrong(promise=Promise.NOTHING_LOST, text=f"run {run} has no report")
        return
    numbers, wanted = [int(part[1]) for part in parts], range(1, int(parts[0][2]) + 1)
    text = f"run {run} has these parts of a report: {[part[0] for part in parts]}"
    if len(set(numbers)) < len(numbers):
        yield Wrong(promise=Promise.NOTHING_TWICE, text=text)
    if set(numbers) != set(wanted):
        yield Wrong(promise=Promise.NOTHING_LOST, text=text)
    elif sorted(numbers) != numbers:
        yield Wrong(promise=Promise.IN_ORDER, text=text)
    for message in said:
        if part_of(message).startswith("report-") and message.thread_ts != (
            parent.thread_ts or parent.ts
        ):
            yield Wrong(
                promise=Promise.IN_ORDER,
                text=f"a part of the report of run {run} is in another thread",
            )


def _answered(parents: Sequence[Message], asked_at: Sequence[float]) -> Iterator[str]:
    """An acknowledged command is answered by a run that was not over when it was asked for."""
    for at in asked_at:
        if not any(is_over(parent) and parent.versions[-1].at >= at for parent in parents):
            yield f"nothing answers the command of {at}"


def _of_known_runs(parents: Sequence[Message], messages: Sequence[Message]) -> Iterator[Wrong]:
    known = {run_of(parent) for parent in parents}
    for message in messages:
        if run_of(message) and run_of(message) not in known:
            yield Wrong(
                promise=Promise.NOTHING_LOST,
                text=f"a message of run {run_of(message)}, which was never announced",
            )


def _notes(slack: MiniSlack, channel: str, user: str) -> list[Message]:
    """Return what only this person was told there, the latest first."""
    return [
        message
        for message in reversed(slack.ephemerals(channel, user))
        if message.kind is Kind.EPHEMERAL and message.by_app
    ]


def _answers(note: Message, one: Asked) -> bool:
    if note.versions[0].at < one.at:
        return False
    attached = ATTACHED.match(note.text)
    return attached["target"] == one.target if attached else bool(REFUSED.match(note.text))


def _names(note: Message, runs: dict[str, str], target: str) -> bool:
    """Whether a note names a run of the target that was announced, if only by its beginning."""
    found = RUN.search(note.text)
    return found is not None and any(
        run.startswith(found[0]) and its == target for run, its in runs.items()
    )


def _groups(
    slack: MiniSlack, commands: Sequence[Asked], parents: Sequence[Message]
) -> dict[tuple[str, str], _Group]:
    """Return commands and parents by the name of their channel and target."""
    by_name = {channel.id: channel.name for channel in slack.workspace.channels.values()}
    places = {(one.channel, one.target) for one in commands}
    places |= {(by_name[each.channel], target_of(each)) for each in parents}
    return {
        place: _Group(
            commands=[one for one in commands if (one.channel, one.target) == place],
            parents=[each for each in parents if (by_name[each.channel], target_of(each)) == place],
        )
        for place in places
    }


def _matched(group: _Group, where: str) -> Iterator[Wrong]:
    """Each command has a run that was announced later, and each run a command."""
    free = list(group.parents)
    for one in sorted(group.commands, key=lambda one: one.at, reverse=True):
        mine = next((each for each in free if _announced_at(each) >= one.at), None)
        if mine is not None and one.acknowledged:
            free.remove(mine)
        elif one.acknowledged:
            yield Wrong(promise=Promise.NOTHING_LOST, text=f"nothing answers {one}")
    commands = sorted(group.commands, key=lambda one: one.at)
    for parent in group.parents:
        asked = next((one for one in commands if one.at <= _announced_at(parent)), None)
        if asked is None:
            text = f"run {run_of(parent)} of {where} is one more than were asked for"
            yield Wrong(promise=Promise.NOTHING_TWICE, text=text)
        else:
            commands.remove(asked)


def _announced_at(parent: Message) -> float:
    return parent.versions[0].at
