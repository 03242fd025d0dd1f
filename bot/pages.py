"""The pages for browsers: a run, and, where the configuration says so, status and badges.

What `status_page` names is for everybody: whether a target works, and since when.

The page of a run is for whoever follows a link that we signed, shows the token of the server or,
as long as the server has no public address, asks on the bot's own machine. To all others it is
not there, whether there is such a run or not.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from time import monotonic
from urllib.parse import quote

from aiohttp import web

from bot.commands import standing_of
from bot.config import Server, StatusPage
from bot.deps import Deps, PageOf, no_page
from bot.errors import NotFound, StoreError, Unavailable
from bot.gate import Gate
from bot.report import (
    PERIODS,
    POLICY,
    StatusRow,
    begin_of,
    render_badge,
    render_html,
    render_status,
    status_document,
    worked_percent,
)
from bot.scheduler import is_overdue
from bot.target import DEFAULT_CHECK
from bot.web import Handler, peer_of
from bot.workflows import report_of

NO_RUN = (
    "There is no such page, or your link to it has expired.\n"
    "In Slack, /stagecheck show RUN gives a new one.\n"
)
AWAY = "Our database cannot be read just now. Try again in a minute.\n"
NO_BADGE = "There is no such badge: the status page does not name this target.\n"
RECENT = 10
KEPT_S = 15.0
# What holds for every page: nobody may frame it, keep it, or learn from where its link came.
_GUARDS: Mapping[str, str] = {
    "Cache-Control": "private, no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
_PUBLIC: Mapping[str, str] = {
    "Cache-Control": "public, max-age=30",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FRAMED_BY_NONE = f"{POLICY}; frame-ancestors 'none'"


def pages(deps: Deps, gate: Gate) -> Mapping[str, Handler]:
    """Return what is shown, by path."""
    shown: dict[str, Handler] = {"/runs/{id}": partial(_run, deps, gate)}
    if deps.settings.status_page is not None:
        public = _Public(deps, deps.settings.status_page)
        shown |= {"/status": public.status, "/badge/{target}.svg": public.badge}
    return shown


def linking(server: Server, gate: Gate) -> PageOf:
    """Return what makes the links to the pages of runs; to nothing without a public address."""
    base = server.public_url.rstrip("/")
    if not base:
        return no_page
    return lambda run_id: base + gate.link(_path(run_id), good_s=server.link_expiry_s)


def _path(run_id: str) -> str:
    return f"/runs/{quote(run_id, safe='')}"


class _Public:
    """What everybody may see; read from the store at most once in some seconds."""

    def __init__(self, deps: Deps, page: StatusPage) -> None:
        self._deps = deps
        self._page = page
        self._rows: tuple[StatusRow, ...] = ()
        self._read_at = -KEPT_S
        self._reading = asyncio.Lock()

    async def status(self, request: web.Request) -> web.StreamResponse:
        """Show all targets; as JSON to who asks for it, by a header or ``?format=json``."""
        try:
            rows = await self._fresh()
        except (StoreError, Unavailable):
            return _said(503, AWAY)
        at = self._deps.clock()
        if _wants_json(request):
            text, kind = status_document(rows, at=at), "application/json"
        else:
            text, kind = render_status(self._page.title, rows, at=at), "text/html"
        headers = {**_PUBLIC, "Vary": "Accept", "Content-Security-Policy": _FRAMED_BY_NONE}
        return web.Response(text=text, content_type=kind, charset="utf-8", headers=headers)

    async def badge(self, request: web.Request) -> web.StreamResponse:
        """Show one target."""
        try:
            rows = {row.target: row for row in await self._fresh()}
        except (StoreError, Unavailable):
            return _said(503, AWAY)
        row = rows.get(request.match_info["target"])
        if row is None:
            return _said(404, NO_BADGE)
        # Shown in pages of others.
        headers = {**_PUBLIC, "Cross-Origin-Resource-Policy": "cross-origin"}
        headers["Content-Security-Policy"] = "default-src 'none'"
        text = render_badge(row.target, row.status)
        return web.Response(
            text=text, content_type="image/svg+xml", charset="utf-8", headers=headers
        )

    async def _fresh(self) -> tuple[StatusRow, ...]:
        async with self._reading:  # so that a crowd asks the store once
            if monotonic() - self._read_at >= KEPT_S:
                targets = [one for one in self._page.targets if one in self._deps.targets]
                self._rows = tuple([await self._row(target) for target in targets])
                self._read_at = monotonic()
            return self._rows

    async def _row(self, target: str) -> StatusRow:
        found, now = await standing_of(self._deps, target), self._deps.clock()
        last = found.last
        is_old = last is not None and is_overdue(
            self._deps.live.schedules, target, last.started_at, now
        )
        begin = begin_of("30d", now)
        runs = await self._deps.store.past(target, DEFAULT_CHECK, since=begin)
        worked = {}
        for period in PERIODS:
            since = begin_of(period, now)
            worked[period] = worked_percent([run for run in runs if run.started_at >= since])
        return StatusRow(
            target=target,
            status=None if is_old else found.status,
            since=None if is_old else found.since,
            checked_at=last.started_at if last else None,
            note=found.own_trouble,
            cause=found.cause if self._page.causes and not is_old else "",
            worked=worked,
            recent=tuple(run.status for run in found.runs[:RECENT][::-1]),
        )


def _wants_json(request: web.Request) -> bool:
    if "format" in request.query:
        return request.query["format"] == "json"
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted and "text/html" not in accepted


async def _run(deps: Deps, gate: Gate, request: web.Request) -> web.StreamResponse:
    is_admitted = gate.admits(
        peer=peer_of(request),
        headers=request.headers,
        path=request.path,
        query=request.query,
    )
    if not is_admitted:
        return _said(404, NO_RUN)
    try:
        # The whole id: the beginning of one must not open the page of another.
        if await deps.store.find_run(request.match_info["id"]) is None:
            return _said(404, NO_RUN)
        report = await report_of(deps, request.match_info["id"])
    except NotFound:
        return _said(404, NO_RUN)
    except (StoreError, Unavailable):
        return _said(503, AWAY)
    # In a thread: a page of many frames would hold up the loop.
    page = await asyncio.to_thread(render_html, report)
    return web.Response(
        text=page,
        content_type="text/html",
        charset="utf-8",
        headers={**_GUARDS, "Content-Security-Policy": _FRAMED_BY_NONE},
    )


def _said(status: int, text: str) -> web.Response:
    headers = {**_GUARDS, "Content-Security-Policy": "default-src 'none'"}
    return web.Response(status=status, text=text, headers=headers)
