"""A step as a value: its name, what it may record, how long it may take, and what it does."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from bot.model import Status
from bot.probe.session import Session
from bot.target import Target


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """How a step ended; `detail` is one line for a person."""

    status: Status
    detail: str = ""
    ends: str = ""
    """Why no later step makes sense, if so: "the socket did not open"."""


Act: TypeAlias = Callable[[Session], Awaitable[Verdict]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a check."""

    name: str
    title: str
    observes: tuple[str, ...]
    limit_s: Callable[[Target], float]
    act: Act


def step_limit(target: Target) -> float:
    """Return what most steps may take."""
    return target.timeouts.step_s


def step(
    name: str,
    *,
    title: str,
    observes: tuple[str, ...],
    limit_s: Callable[[Target], float] = step_limit,
) -> Callable[[Act], Step]:
    """Make a `Step` of a function; `observes` names the keys it may record, ``*`` for any part."""

    def make(act: Act) -> Step:
        return Step(name=name, title=title, observes=observes, limit_s=limit_s, act=act)

    return make


def passed(detail: str = "") -> Verdict:
    """Return the verdict that all is well."""
    return Verdict(status=Status.PASSED, detail=detail)


def skipped(detail: str) -> Verdict:
    """Return the verdict that there was nothing to do, and why."""
    return Verdict(status=Status.SKIPPED, detail=detail)


def failed(detail: str, *, ends: str = "") -> Verdict:
    """Return the verdict that the target failed."""
    return Verdict(status=Status.FAILED, detail=detail, ends=ends)
