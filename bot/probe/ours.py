"""Our own side, looked at beside a run that failed: what of ours explains it, and what is well.

All of the target's names, or all of its services, out of reach at once say more about us than
about the target; so that counts as ours, until somebody who looks from elsewhere shows otherwise.
A part of ours that has nothing to do with the target, such as Slack or the database, is recorded
and explains nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import median
from typing import TypeAlias

from bot.masking import Secret
from bot.model import Status, StepResult
from bot.probe.circumstances import token_is_not_looked_at, turned_away_early
from bot.probe.network import connect_tcp, host_and_port, is_local, resolve
from bot.probe.proxy import addresses_of, dial
from bot.probe.session import Session
from bot.probe.standstill import robbed
from bot.probe.trouble import Kind, trouble_of

OwnCheck: TypeAlias = Callable[[], Awaitable[str]]
"""Looks at a part of ours; returns what is wrong with it in one line, empty if it is well."""

OWN_KEYS = (
    *("dns", "dns_names", "route", "route_hosts", "clock_skew_s", "clock_hosts"),
    *("proxy", "proxy_address", "proxy_text", "proxy_ignored", "files", "explains"),
    *("slack", "database", "stood_still_s"),
)
"""``dns``: works, unanswered, unknown. ``route``: works, none, unproven. ``proxy``: works,
unreachable, refuses, no_way. ``explains``: files, proxy, dns, route, clock, standstill. A part of
ours: well, or what is wrong with it."""

WELL = "well"

# Looking must not take long beside the run; what does not answer by then is not well.
LOOK_S = 2.0
# Servers usually allow a minute between clocks (PROTOCOL 3: iat more than 60 s ahead is refused).
CLOCK_OFF_S = 60.0
# Date counts whole seconds, and answers take their time; more than this is another clock.
_CLOCKS_AGREE_S = 30.0
_CALLS = ("health.backend", "health.auth", "health.ready", "health.frontend", "exchange", "connect")
_OUT_OF_REACH = (Kind.TIMEOUT, Kind.UNREACHABLE)


async def look_at_ours(
    session: Session,
    results: Sequence[StepResult],
    own_checks: Mapping[str, OwnCheck],
    late_s: Mapping[str, float],
) -> frozenset[str]:
    """Record how our own side is; return the steps whose failure it explains.

    `late_s` is how long our process stood still during each step.
    """
    async with asyncio.TaskGroup() as group:
        parts = {name: group.create_task(_part(check)) for name, check in own_checks.items()}
        proxied = group.create_task(_look_at_proxy(session))
        reached = group.create_task(_reach_all(session) if _is_cut_off(session) else _nothing())
    for name, task in parts.items():
        session.observe(name, task.result() or WELL)
    is_out = parts["slack"].result() == "" if "slack" in parts else None
    if ignored := next((s.note for s in session.target.provenance if s.key == "proxy"), ""):
        session.observe("proxy_ignored", ignored)
    explains = {
        "files": _files(session, results),
        "proxy": _proxy(session, proxied.result()),
        "dns": _dns(session, reached.result()),
        "route": _route(session, reached.result(), is_out=is_out),
        "standstill": _standstill(session, results, late_s),
    }
    for name, steps in explains.items():
        if steps:
            session.observe("explains", name)
    _record_clock(session)
    return frozenset().union(*explains.values())


def explained_by_clock(session: Session, results: Sequence[StepResult]) -> frozenset[str]:
    """Return the steps that failed because our clock is off, now that the experiments are over.

    Only a token made here carries our time; and where one with the target's time fares no
    better, the clock is not why.
    """
    skew_s, token = session.fact("ours.clock_skew_s"), session.token
    if skew_s is None or abs(skew_s) <= CLOCK_OFF_S or token is None or token.source != "minted":
        return frozenset()
    if not turned_away_early(session) or session.fact("token_server_time.same") is True:
        return frozenset()
    upgrade = session.fact("connect.status")
    is_refusal = upgrade in (101, 401, 403) and session.fact("connect.error") is None
    if not is_refusal or token_is_not_looked_at(session):
        return frozenset()
    steps = _failed(results) & {"connect", "request", "events"}
    if steps:
        session.observe("explains", "clock")
    return steps


def clock_skew_s(skews_s: Mapping[str, float]) -> float | None:
    """Return how far several servers agree to be ahead of us; None if they do not agree.

    A single server that is off, or one among several, has a wrong clock itself.
    """
    skews = list(skews_s.values())
    if len(skews) < 2 or max(skews) - min(skews) > _CLOCKS_AGREE_S:
        return None
    return median(skews)


async def _part(check: OwnCheck) -> str:
    try:
        async with asyncio.timeout(LOOK_S):
            return await check()
    except TimeoutError:
        return f"no answer within {LOOK_S:g} s"


async def _nothing() -> dict[str, Kind | None]:
    return {}


def _is_cut_off(session: Session) -> bool:
    """Tell whether something that was asked gave no answer at all."""
    if session.proxy is not None:
        return False
    ended = session.fact("events.end") in ("gap_timeout", "total_timeout")
    return ended or any(session.fact(f"{call}.error") is not None for call in _CALLS)


async def _reach_all(session: Session) -> dict[str, Kind | None]:
    """Connect to every service of the target at once; return host:port -> what went wrong."""
    doors = dict.fromkeys(host_and_port(url) for url in session.target.urls)
    async with asyncio.TaskGroup() as group:
        tasks = {door: group.create_task(_reach(*door)) for door in doors}
    return {f"{host}:{port}": task.result() for (host, port), task in tasks.items()}


async def _reach(host: str, port: int) -> Kind | None:
    try:
        async with asyncio.timeout(LOOK_S):
            (await connect_tcp(await resolve(host, port))).close()
    except (OSError, UnicodeError) as error:
        return trouble_of(error).kind
    return None


async def _look_at_proxy(session: Session) -> str | None:
    """Return what is wrong with reaching the proxy; empty for nothing, None if there is none."""
    proxy = session.proxy
    if proxy is None:
        return None
    try:
        async with asyncio.timeout(LOOK_S):
            (await dial(proxy, await addresses_of(proxy))).close()
    except TimeoutError:
        return f"the proxy {proxy.address} gives no answer within {LOOK_S:g} s"
    except OSError as error:
        return str(error)
    return ""


def _files(session: Session, results: Sequence[StepResult]) -> frozenset[str]:
    """Record the files of ours that cannot be used; return the steps that needed one."""
    target = session.target
    held: tuple[Secret, ...] = target.secrets
    problems = [f"{one.name}: {one.problem}" for one in held if one.unreadable]
    needed = {"exchange": target.bypass_key, "token": target.jwt_secret}
    steps = {name for name, secret in needed.items() if secret and secret.unreadable}
    if target.ca_file:
        try:
            session.network.tls(target.ca_file)
        except OSError as error:
            problems.append(f"ca_file: {target.ca_file} cannot be used: {error.strerror or error}")
            steps |= {"health", "exchange", "connect"}
    if problems:
        session.observe("files", problems)
    return _failed(results) & steps


def _proxy(session: Session, reached: str | None) -> frozenset[str]:
    """Record how the proxy is; return the steps that it kept from the target."""
    if session.proxy is None or reached is None:
        return frozenset()
    session.observe("proxy_address", session.proxy.address)
    refused, cut = _steps_with(session, Kind.PROXY), _steps_with(session, Kind.PROXY_GATEWAY)
    got_through = any(answer.is_from_target for answer in session.answers)
    texts = [session.fact(f"{call}.error_text") for call in _CALLS]
    said = next((text for text in texts if text and "proxy" in text), None)
    if reached or refused:
        session.observe("proxy", "unreachable" if reached else "refuses")
        session.observe("proxy_text", reached or said or "")
        return refused | cut
    if cut and not got_through:
        session.observe("proxy", "no_way")
        session.observe("proxy_text", said or "")
        return cut
    session.observe("proxy", "works")
    return frozenset()


def _dns(session: Session, reached: Mapping[str, Kind | None]) -> frozenset[str]:
    """Record how names resolve; return the steps that failed because none does."""
    names = {
        host: kind
        for host, kind in ((door.rpartition(":")[0], kind) for door, kind in reached.items())
        if not is_local(host)
    }
    if not names:
        return frozenset()
    by_name = (Kind.DNS, Kind.DNS_TEMPORARY)
    told = ((host, kind if kind in by_name else None) for host, kind in names.items())
    session.observe("dns_names", [_shown(host, kind) for host, kind in told])
    if not all(kind in by_name for kind in names.values()):
        session.observe("dns", "works")
        return frozenset()
    is_silent = Kind.DNS_TEMPORARY in names.values()
    # Services without a name, by their address, show that the target is there.
    answered = any(answer.is_from_target for answer in session.answers)
    if answered and not (is_silent and len(names) > 1):
        return frozenset()
    session.observe("dns", "unanswered" if is_silent else "unknown")
    return _steps_with(session, Kind.DNS) | _steps_with(session, Kind.DNS_TEMPORARY)


def _route(
    session: Session, reached: Mapping[str, Kind | None], *, is_out: bool | None
) -> frozenset[str]:
    """Record whether anything can be reached; return the steps that failed because nothing can.

    `is_out` tells whether a part of ours, such as Slack, is reached; None if nobody knows.
    """
    if session.proxy is not None:
        return frozenset()
    if not reached:
        session.observe("route", "works")  # what failed was answered
        return frozenset()
    session.observe("route_hosts", [_shown(door, kind) for door, kind in reached.items()])
    kinds = set(reached.values())
    if not kinds <= {*_OUT_OF_REACH, Kind.DNS, Kind.DNS_TEMPORARY, Kind.LOCAL} or is_out:
        session.observe("route", "works")
        return frozenset()
    if not kinds & set(_OUT_OF_REACH):
        return frozenset()  # without a name nothing can be told of the route
    if is_out is None and Kind.UNREACHABLE not in kinds:
        # A target that is down looks the same, and nobody else was asked.
        session.observe("route", "unproven")
        return frozenset()
    session.observe("route", "none")
    return _steps_with(session, *_OUT_OF_REACH)


def _standstill(
    session: Session, results: Sequence[StepResult], late_s: Mapping[str, float]
) -> frozenset[str]:
    """Record how long we stood still; return the steps whose time was spent by that."""
    found = robbed(
        session.target.timeouts,
        timed_out=_steps_with(session, Kind.TIMEOUT),
        events_end=session.fact("events.end") or "",
        late_s=late_s,
    )
    if found:
        session.observe("stood_still_s", round(max(found.values()), 1))
    return _failed(results) & found.keys()


def _shown(name: str, kind: Kind | None) -> str:
    return f"{name} ({kind.value if kind else 'ok'})"


def _record_clock(session: Session) -> None:
    skew_s = clock_skew_s(session.skews_s)
    if skew_s is not None:
        session.observe("clock_skew_s", round(skew_s, 1))
        session.observe("clock_hosts", sorted(session.skews_s))


def _steps_with(session: Session, *kinds: Kind) -> frozenset[str]:
    """Return the steps that ended with trouble of one of `kinds`."""
    wanted = {kind.value for kind in kinds}
    found = (call for call in _CALLS if session.fact(f"{call}.error") in wanted)
    return frozenset(call.partition(".")[0] for call in found)


def _failed(results: Sequence[StepResult]) -> frozenset[str]:
    ended = (Status.FAILED, Status.ERRORED)
    return frozenset(result.name for result in results if result.status in ended)
