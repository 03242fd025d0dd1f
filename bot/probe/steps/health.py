"""Health: what every service says of itself, whether its name resolves, and what its clock says."""

import asyncio
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from bot.model import Status
from bot.probe.http import Answer
from bot.probe.network import address_family, host_and_port, resolve
from bot.probe.session import Session
from bot.probe.step import Verdict, failed, passed, skipped, step
from bot.probe.trouble import Kind, trouble_of
from bot.target import Target

HEALTH_KEYS = (
    *(
        f"*.{fact}"
        for fact in (
            *("url", "status", "state", "latency_ms", "error", "error_text", "body", "reason"),
            *("content_type", "edge", "size_bytes", "version", "skew_s", "retry_after_s"),
        )
    ),
    "dependency.*.status",
    "dependency.*.error",
    "dependency.*.response_time_ms",
    "skew_s",
    "addresses",
    "hosts_resolved",
    "hosts_unresolved",
    "revision",
    "revision_source",
)

_WELL = {"healthy", "ok", "ready", "up", "pass", "passed", "alive", "live", "connected", "running"}
_WELL |= {"available", "operational", "active", "enabled", "disabled", "not_configured", ""}
_WELL |= {"green", "serving", "success", "good", "200"}
# A service without which the pipeline cannot work; the others only tell more.
_NEEDED = ("backend", "auth")
# Above this a dependency that calls itself healthy is not: 5,022 ms was seen (PROTOCOL 6.6, 56).
_SLOW_MS = 5_000
_MOST_DEPENDENCIES = 30
_REVISION_KEYS = (
    *("revision", "git_revision", "commit", "git_commit", "commit_sha", "git_sha"),
    *("sha", "build", "build_id", "version"),
)


@step("health", title="Service health", observes=HEALTH_KEYS)
async def health(session: Session) -> Verdict:
    """Ask every service at once; what is wrong here does not stop the check."""
    return await _look(session, health_urls(session.target))


@step("health", title="Auth service health", observes=HEALTH_KEYS)
async def auth_health(session: Session) -> Verdict:
    """Ask the auth service only."""
    urls = {name: url for name, url in health_urls(session.target).items() if name == "auth"}
    return await _look(session, urls)


def health_urls(target: Target) -> dict[str, str]:
    """Return service -> URL of those that are to be asked."""
    paths = target.health
    asked = {
        "backend": (target.api_url, paths.backend),
        "ready": (target.api_url, paths.ready),
        "dependencies": (target.api_url, paths.dependencies),
        "auth": (target.auth_url, paths.auth),
        "frontend": (target.frontend_url, paths.frontend),
    }
    return {name: base.rstrip("/") + path for name, (base, path) in asked.items() if base and path}


async def _look(session: Session, urls: Mapping[str, str]) -> Verdict:
    if not urls:
        return skipped("No health path is configured.")
    target = session.target
    bases = (target.ws_url, *urls.values())
    async with asyncio.TaskGroup() as group:
        looking_up = group.create_task(_resolve_all(session, bases))
        asking = {name: group.create_task(session.ask("GET", url)) for name, url in urls.items()}
    answers = {name: task.result() for name, task in asking.items()}
    problems = {name: _record(session, name, answer) for name, answer in answers.items()}
    ailing = _record_dependencies(session, answers)
    _record_clock(session, answers)
    _record_hosts(session, looking_up.result())
    revision, source = _revision(answers)
    session.observe_known(revision=revision, revision_source=source)
    return _verdict(answers, {name: said for name, said in problems.items() if said}, ailing)


def _verdict(
    answers: Mapping[str, Answer], problems: Mapping[str, str], ailing: list[str]
) -> Verdict:
    detail = "; ".join(f"{name} {said}" for name, said in problems.items())
    troubles = [answer.trouble for answer in answers.values() if not answer.is_from_target]
    if len(troubles) == len(answers):
        ends = "no service gave an answer"
        if all(trouble and trouble.kind.is_ours for trouble in troubles):
            return Verdict(status=Status.ERRORED, detail=detail, ends=ends)
        return failed(detail, ends=ends)
    if any(name in problems for name in _NEEDED):
        return failed(detail)
    if problems or ailing:
        said = [detail, f"ailing: {', '.join(ailing)}" if ailing else ""]
        return Verdict(status=Status.DEGRADED, detail="; ".join(filter(None, said)))
    return passed(f"{', '.join(answers)} healthy")


def _record(session: Session, name: str, answer: Answer) -> str:
    """Record one service's answer; return what is wrong with it, empty if nothing is."""
    body = answer.json if isinstance(answer.json, dict) else {}
    state = _text(body.get("status") or body.get("state")).lower()
    trouble = answer.trouble
    reason = next(
        (body[key] for key in ("reason", "error", "detail", "message") if key in body), ""
    )
    facts: dict[str, Any] = {
        "url": answer.url,
        "status": answer.status,
        "state": state,
        "latency_ms": answer.latency_ms,
        "error": trouble and trouble.kind.value,
        "error_text": trouble and trouble.text,
        "body": answer.body,
        "reason": reason if isinstance(reason, str) else "",
        "content_type": answer.content_type,
        "edge": answer.from_edge if (answer.status or 0) >= 400 else None,
        "size_bytes": answer.size_bytes if answer.status is not None else None,
        "version": _text(body.get("version")),
        "retry_after_s": answer.retry_after_s,
    }
    session.observe_known(f"{name}.", **facts)
    if trouble is not None:
        return f"gave no usable answer ({trouble.kind})"
    if answer.status is None or not 200 <= answer.status < 300:
        return f"answers {answer.status}"
    return "" if state in _WELL else f"says it is {state}"


def _record_dependencies(session: Session, answers: Mapping[str, Answer]) -> list[str]:
    """Record what the services say of the parts behind them; return those that are not well."""
    found: dict[str, Any] = {}
    for name, answer in answers.items():
        said = answer.json
        if not isinstance(said, dict):
            continue
        is_frontend = name == "frontend"
        keys = ("dependencies",) if is_frontend else ("checks", "components")
        told = (said[key] for key in keys if isinstance(said.get(key), dict))
        parts: Mapping[str, Any] = next(told, {})
        prefix = "frontend_" if is_frontend else ""
        for part, state in list(parts.items())[:_MOST_DEPENDENCIES]:
            # "redis:connections" is a measure of redis, and measures come in lists.
            named = re.sub(r"[^\w-]", "_", part.partition(":")[0])[:40]
            one = state[0] if isinstance(state, list) and state else state
            found.setdefault(prefix + named, one)
    ailing = []
    for name, state in found.items():
        facts = state if isinstance(state, dict) else {"status": state}
        status = _text(facts.get("status")).lower()
        took_ms = facts.get("response_time_ms")
        details = facts.get("details")
        words = [facts.get("error"), details.get("error") if isinstance(details, dict) else None]
        # An output is told of what is well, too.
        words += [facts.get("output")] if status not in _WELL else []
        session.observe_known(
            f"dependency.{name}.",
            status=status,
            error=_text(next(filter(None, words), "")),
            response_time_ms=took_ms if isinstance(took_ms, int | float) else None,
        )
        is_slow = isinstance(took_ms, int | float) and took_ms > _SLOW_MS
        if status not in _WELL or is_slow:
            ailing.append(name)
    return ailing


def _record_clock(session: Session, answers: Mapping[str, Answer]) -> None:
    """Compare each server's Date with our clock at that moment."""
    began_at = session.started_at.timestamp() - session.began
    for name, answer in answers.items():
        try:
            said = parsedate_to_datetime(answer.headers["date"]).timestamp()
        except (KeyError, ValueError, OverflowError):
            continue
        # Date counts whole seconds and is cut, not rounded: half a second is added on average.
        skew_s = said + 0.5 - (began_at + answer.answered_at)
        session.skews_s[urlsplit(answer.url).netloc] = skew_s
        session.observe(f"{name}.skew_s", round(skew_s, 1))
    if session.skews_s:
        session.observe("skew_s", round(median(session.skews_s.values()), 1))


async def _resolve_all(session: Session, urls: tuple[str, ...]) -> dict[str, list[str] | Kind]:
    """Look every host up once; return host -> its addresses, or what went wrong."""
    hosts: dict[str, int] = {}
    outcome: dict[str, list[str] | Kind] = {}
    # Behind a proxy it is the proxy that looks the target's names up.
    for url in urls if session.proxy is None else ():
        try:
            host, port = host_and_port(url)
        except ValueError:
            continue
        hosts.setdefault(host, port)

    async def look_up(host: str, port: int) -> None:
        began = session.clock()
        try:
            async with asyncio.timeout_at(session.deadline):
                found = await resolve(host, port)
            outcome[host] = sorted({str(address[0]) for *_, address in found})
        except (OSError, UnicodeError) as error:
            outcome[host] = trouble_of(error).kind
        session.dns_ms[host] = round((session.clock() - began) * 1000, 2)

    async with asyncio.TaskGroup() as group:
        for host, port in hosts.items():
            if address_family(host) is None:
                group.create_task(look_up(host, port))
    return outcome


def _record_hosts(session: Session, outcome: Mapping[str, list[str] | Kind]) -> None:
    resolved = {host: found for host, found in outcome.items() if isinstance(found, list)}
    unresolved = [host for host in outcome if host not in resolved]
    if resolved:
        session.observe("hosts_resolved", list(resolved))
        session.observe("addresses", resolved)
    if unresolved:
        session.observe("hosts_unresolved", unresolved)


def _revision(answers: Mapping[str, Answer]) -> tuple[str, str]:
    """Return what the target says it runs, and which service says so under which name.

    The backend is asked first, and a revision counts before a version.
    """
    for key in _REVISION_KEYS:
        for name in ("backend", "ready", "dependencies", "auth", "frontend"):
            body = answers[name].json if name in answers else None
            if isinstance(body, dict) and (said := _text(body.get(key))):
                return said, f"{name}.{key}"
    return "", ""


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value)[:100]
