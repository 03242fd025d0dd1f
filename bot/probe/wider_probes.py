"""Experiments beyond one request: longer silence, the names beside a name, the other services."""

import asyncio
from collections.abc import Iterator, Mapping

from bot.probe.contract import Vocabulary, judge
from bot.probe.http import Answer
from bot.probe.listening import PATIENCE, listen
from bot.probe.network import host_and_port, is_local, resolve
from bot.probe.session import Session
from bot.probe.step import Verdict, passed, skipped
from bot.probe.steps.health import health_urls
from bot.target import Timeouts

WAIT_KEYS = ("outcome", "names", "after_s", "waited_s", "error_code", "close_code")
HOST_KEYS = ("resolved", "unresolved", "variant")
OTHERS_KEYS = ("*.status", "*.error", "*.latency_ms", "well", "unwell")

# Of the services that stand behind each step; the others are asked.
_OWN_SERVICES = {
    "exchange": ("auth",),
    "connect": ("backend", "ready", "dependencies"),
    "events": ("backend", "ready", "dependencies"),
}
_MOST_VARIANTS = 4


async def wait_long(session: Session) -> Verdict:
    """Go on listening where the run stopped: what comes late is not what never comes."""
    stream, since_s = session.stream, session.fact("events.window_s")
    if stream is None or not isinstance(since_s, int | float):
        return skipped("The socket is closed.")
    window_s = min(PATIENCE * since_s, session.deadline - session.clock())
    from_s, heard = stream.age_s(), len(stream.frames)
    timeouts = Timeouts(gap_s=window_s, total_s=window_s)
    vocabulary = Vocabulary(session.target.events)
    listening = await listen(stream, vocabulary, timeouts, asked_at_s=from_s)
    late = stream.frames[heard:]
    names = judge(late, session.target.events, asked_at_s=from_s).names
    outcome = {"terminal": "terminal", "error_frame": "error_frame", "closed": "closed"}.get(
        listening.end, "events" if names else "no_answer"
    )
    session.observe("outcome", outcome)
    session.observe("waited_s", round(stream.age_s() - from_s, 2))
    if names:
        session.observe("names", names)
        session.observe("after_s", round(late[0].at_s - (session.asked_at_s or 0.0), 2))
    session.observe_known(
        error_code=listening.error and listening.error.code,
        close_code=stream.ending.code if stream.ending else None,
    )
    return passed(f"{outcome.replace('_', ' ')} within {window_s:.1f} s more")


async def sibling_hosts(session: Session) -> Verdict:
    """Look up the target's names at one second, and what an unknown one may have been meant to be.

    Only the name service is asked; nothing reaches the target.
    """
    hosts = {host for host, _ in map(host_and_port, session.target.urls) if not is_local(host)}
    known = await _known(hosts, session.deadline)
    unknown = sorted(hosts - known)
    nearest = {host: list(_variants(host))[:_MOST_VARIANTS] for host in unknown}
    meant = {name for names in nearest.values() for name in names}
    exist = await _known(meant, session.deadline)
    variant = {host: name for host, names in nearest.items() for name in names if name in exist}
    session.observe("resolved", sorted(known))
    session.observe("unresolved", unknown)
    if variant:
        session.observe("variant", variant)
    return passed(f"{len(known)} of {len(hosts)} names exist")


async def other_health(session: Session) -> Verdict:
    """Ask the other services how they are, all at once."""
    urls = other_services(session)
    async with asyncio.TaskGroup() as group:
        asking = {name: group.create_task(session.ask("GET", url)) for name, url in urls.items()}
    answers = {name: task.result() for name, task in asking.items()}
    for name, answer in answers.items():
        session.observe_known(
            f"{name}.",
            status=answer.status,
            error=answer.trouble and answer.trouble.kind.value,
            latency_ms=answer.latency_ms,
        )
    well = [name for name, answer in answers.items() if _is_well(answer)]
    session.observe("well", well)
    session.observe("unwell", [name for name in answers if name not in well])
    return passed(f"{', '.join(well) or 'none'} well of {', '.join(answers)}")


def other_services(session: Session) -> Mapping[str, str]:
    """Return service -> health address of those that have no part in what failed."""
    failed = next((step for step in reversed(_OWN_SERVICES) if _is_ill(session, step)), "connect")
    urls = health_urls(session.target)
    return {name: url for name, url in urls.items() if name not in _OWN_SERVICES[failed]}


def _is_ill(session: Session, step: str) -> bool:
    if step == "events":
        return session.fact("events.end") not in (None, "terminal")
    status = session.fact(f"{step}.status")
    is_bad = isinstance(status, int) and status >= 400
    return is_bad or session.fact(f"{step}.error") is not None


def _is_well(answer: Answer) -> bool:
    return answer.trouble is None and 200 <= (answer.status or 0) < 300


async def _known(hosts: set[str], deadline: float) -> set[str]:
    """Return those of `hosts` that turn out to have an address by `deadline` (loop time)."""

    async def exists(host: str) -> bool:
        try:
            async with asyncio.timeout_at(deadline):
                return bool(await resolve(host, 0))
        except (OSError, UnicodeError):
            return False

    async with asyncio.TaskGroup() as group:
        asking = {host: group.create_task(exists(host)) for host in hosts}
    return {host for host, task in asking.items() if task.result()}


def _variants(host: str) -> Iterator[str]:
    """Yield the names that differ in one dash that should be a dot, or one dot for a dash."""
    for at, character in enumerate(host):
        if character == "-":
            yield f"{host[:at]}.{host[at + 1 :]}"
        elif character == "." and host.count(".", at + 1) > 1:
            yield f"{host[:at]}-{host[at + 1 :]}"
