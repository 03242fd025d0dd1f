"""`stagecheck alerts dry-run`: what would have been told of the runs that are kept."""

import asyncio
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.alerting import Outage, Policy, Replayed, RoutePolicy, RunEnded, replay
from bot.alerting.wording import label_words
from bot.cli.printing import known_format
from bot.config import Settings, load, overridden
from bot.errors import UsageError
from bot.phrases import listed, span
from bot.store import Store
from bot.target import Target
from bot.workflows import past_event, policy_of

FORMATS = ("text", "json")
MOST_RUNS = 50_000
"""Runs of a target that are looked at: a month of one every minute."""
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def dry_run(
    *,
    since: str,
    target: str | None,
    assignments: Sequence[str],
    format: str,
    config: Path | None,
) -> int:
    """Replay what is kept of a target, or of all, through its policy; return the exit code.

    With `assignments` such as ``failure_threshold=3`` it is replayed a second time with those.
    """
    _ = known_format(format, FORMATS)
    settings = load(config, env=os.environ)
    now = datetime.now(UTC)
    begin = _begin(since, now)
    targets = [settings.target(target)] if target else list(settings.targets.values())
    other = settings.model_copy(update={"alerts": overridden(settings.alerts, assignments)})
    wanted = {"as configured": settings}
    if assignments:
        wanted[f"with {' '.join(assignments)}"] = other
    kept = asyncio.run(_kept(settings, targets, begin))
    found = [
        (name, _replayed(chosen, each, kept[each.name], now))
        for each in targets
        for name, chosen in wanted.items()
    ]
    show = _as_json if format == "json" else _as_text
    show(found, begin, now)
    _remark(settings, targets, kept)
    return 0


def _begin(since: str, now: datetime) -> datetime:
    """Return when the history begins: so long ago, or at a date."""
    if found := re.fullmatch(r"(\d{1,4})\s?([mhdw])", since.strip()):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        begin = datetime.fromisoformat(since.strip())
    except ValueError as error:
        raise UsageError(
            f"{since} is no time to begin at.", hint="For example: 30d, 12h, 4w or 2026-11-01."
        ) from error
    begin = begin if begin.tzinfo else begin.replace(tzinfo=UTC)
    if begin >= now:
        raise UsageError(f"{since} has not come yet.")
    return begin


async def _kept(
    settings: Settings, targets: Sequence[Target], begin: datetime
) -> dict[str, list[RunEnded]]:
    store = await Store.open(settings.database)
    try:
        recent = {each.name: await store.recent(each.name, limit=MOST_RUNS) for each in targets}
    finally:
        await store.close()
    return {
        name: [
            event
            for run in runs
            if run.started_at >= begin and (event := past_event(settings, run))
        ]
        for name, runs in recent.items()
    }


def _replayed(
    settings: Settings, target: Target, runs: Sequence[RunEnded], now: datetime
) -> Replayed:
    policy: Policy = policy_of(settings, target)
    if not policy.routes:  # it is of interest before anybody is told, too
        policy = replace(policy, routes=(RoutePolicy(key="nobody"),))
    return replay(target.name, runs, policy, until=now)


def _as_text(found: Sequence[tuple[str, Replayed]], begin: datetime, now: datetime) -> None:
    # To a pipe or a file the same everywhere, and nothing cut off.
    console = Console() if sys.stdout.isatty() else Console(width=200)
    for target in dict.fromkeys(one.target for _, one in found):
        mine = {name: one for name, one in found if one.target == target}
        table = Table(target, title=f"{_at(begin)} to {_at(now)}, had nobody acted")
        for name in mine:
            table.add_column(Text(name), justify="right")
        for row in zip(_COUNTED, *map(_counts, mine.values()), strict=True):
            table.add_row(*row)
        console.print(table)
        name, last = list(mine.items())[-1]
        console.print(f"Incidents of {target}, {name}:", highlight=False, markup=False)
        for line in map(_line, last.outages):
            console.print(f"  {line}", soft_wrap=True, highlight=False, markup=False)
        if not last.outages:
            console.print("  none")


_COUNTED = (
    *("runs", "failed", "errored on our side"),
    *("alerts", "recoveries told", "reminders", "escalations", "posts in threads"),
    *("flapping incidents", "incidents told nobody", "failures told nobody"),
    *("own trouble told", "told after, typically", "told after, at most"),
)


def _counts(one: Replayed) -> list[str]:
    numbers = (
        *(one.runs, one.failures, one.errored),
        *(one.alerts, one.recoveries, one.reminders, one.escalations, one.thread_posts),
        *(one.flaps, one.held, one.failures_untold, one.own_trouble),
    )
    delays = (one.typical_delay, one.longest_delay)
    return [*map(str, numbers), *(span(each) if each is not None else "-" for each in delays)]


def _line(outage: Outage) -> str:
    parts = [_at(outage.began_at)]
    ended = f"out for {span(outage.ended_at - outage.began_at)}" if outage.ended_at else "not over"
    parts.append(ended)
    parts.append(listed(label_words(cause) for cause in outage.causes) or "cause not known")
    parts.append(f"told after {span(outage.delay)}" if outage.delay is not None else "never told")
    if outage.flapped:
        parts.append("flapped")
    return " · ".join(parts)


def _at(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _as_json(found: Sequence[tuple[str, Replayed]], begin: datetime, now: datetime) -> None:
    rows = [{"target": one.target, "policy": name, **_document(one)} for name, one in found]
    document = {
        "schema": 1,
        "since": begin.isoformat(),
        "until": now.isoformat(),
        "replays": rows,
    }
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _document(one: Replayed) -> dict[str, Any]:
    typical, longest = one.typical_delay, one.longest_delay
    return {
        "runs": one.runs,
        "failures": one.failures,
        "errored": one.errored,
        "alerts": one.alerts,
        "reminders": one.reminders,
        "escalations": one.escalations,
        "flaps": one.flaps,
        "recoveries": one.recoveries,
        "held": one.held,
        "thread_posts": one.thread_posts,
        "own_trouble": one.own_trouble,
        "failures_untold": one.failures_untold,
        "detection_typical_s": typical.total_seconds() if typical is not None else None,
        "detection_longest_s": longest.total_seconds() if longest is not None else None,
        "incidents": [_incident(outage) for outage in one.outages],
    }


def _incident(outage: Outage) -> dict[str, Any]:
    return {
        "began_at": outage.began_at.isoformat(),
        "told_at": outage.told_at.isoformat() if outage.told_at else None,
        "ended_at": outage.ended_at.isoformat() if outage.ended_at else None,
        "checks": list(outage.checks),
        "causes": [str(cause) for cause in outage.causes],
        "runs": outage.runs,
        "failures": outage.failures,
        "reminders": outage.reminders,
        "escalations": outage.escalations,
        "flapped": outage.flapped,
    }


def _remark(settings: Settings, targets: Sequence[Target], kept: dict[str, list[RunEnded]]) -> None:
    """Say on standard error what the figures do not show."""
    for target in targets:
        if not kept[target.name]:
            typer.echo(
                f"stagecheck: {target.name} has no runs in that time that count for alerts;"
                " those of a shell do not.",
                err=True,
            )
        if not policy_of(settings, target).routes:
            typer.echo(
                f"stagecheck: no route hears of {target.name}; counted as if one did.", err=True
            )
