"""The App Home tab of each person who opened it, kept fresh: published when what it shows changes.

Several processes may serve one workspace; each keeps fresh what it published itself.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot import __version__
from bot.alerting import Incident, IncidentState, Watch
from bot.commands import Ask, Right, Standing, may, standing_of, summed_up
from bot.deps import Deps, told
from bot.errors import StagecheckError
from bot.model import Caller, Json, Place, Trigger
from bot.phrases import count
from bot.report import Button, HomeIncident, HomeState, HomeTarget, home_view
from bot.rounds import rounds
from bot.scheduler import upcoming
from bot.slack.answers import Accepted, Refused
from bot.slack.outbox import Outbox
from bot.slack.tasks import Tasks
from bot.slack.workspaces import acting

log = structlog.get_logger(__name__)

ROUND_S = 15.0
"""Between two looks at what may have changed."""
MOST_VIEWERS = 200
KEPT_S = 86_400.0
"""For so long after it was opened a tab is kept fresh; opened again, it is fresh at once."""
_MUTE_FOR = "1h"
LIMITS = "What has no button here you may not do, or only in the channel that hears of it"


@dataclass(slots=True)
class _Viewer:
    """Somebody who opened the tab, and what was published for them."""

    caller: Caller
    workspace: str
    opened_at: datetime
    shown: HomeState | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.workspace or self.caller.team, self.caller.id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What there is to be shown, before it is known to whom."""

    standings: tuple[Standing, ...]
    watches: dict[str, Watch]
    incidents: tuple[Incident, ...] | None
    troubles: dict[str, str]
    doing: str


class Home:
    """Publishes the tab for whoever opens it, and again when what it shows has changed."""

    def __init__(self, deps: Deps, outbox: Outbox) -> None:
        self._deps = deps
        self._outbox = outbox
        # By workspace and person: the same id may be somebody else in another workspace.
        self._viewers: dict[tuple[str, str], _Viewer] = {}
        self._publishing = asyncio.Lock()
        self._tasks = Tasks()

    async def on_opened(self, body: dict[str, Json]) -> None:
        """Take the event in; Slack waits for no more."""
        _ = self._tasks.start(self._opened(body), name="home tab")

    async def idle(self) -> None:
        """Return once every tab that was opened is published."""
        await self._tasks.idle()

    async def close(self, *, deadline_s: float) -> None:
        """Let what is being published finish, for up to `deadline_s` seconds."""
        await self._tasks.close(deadline_s=deadline_s)

    async def _opened(self, body: dict[str, Json]) -> None:
        try:
            await self.opened(body)
        except StagecheckError as error:
            log.warning("a home tab was not shown", error=error.message)

    async def opened(self, body: dict[str, Json]) -> None:
        """Publish the tab for the person whom an `app_home_opened` event names."""
        event = body.get("event") or {}
        if event.get("tab", "home") != "home" or not event.get("user"):
            return
        user = str(event["user"])
        caller = Caller(id=user, team=str(body.get("team_id") or ""))
        viewer = _Viewer(caller=caller, workspace=acting.get(), opened_at=self._deps.clock())
        self._viewers.pop(viewer.key, None)  # the newest stand last
        self._viewers[viewer.key] = viewer
        if len(self._viewers) > MOST_VIEWERS:
            del self._viewers[next(iter(self._viewers))]
        await self._show(await self._look(), [viewer])

    async def refresh(self) -> None:
        """Publish what is different for somebody now."""
        now = self._deps.clock()
        for viewer in list(self._viewers.values()):
            if (now - viewer.opened_at).total_seconds() > KEPT_S:
                self._viewers.pop(viewer.key, None)
        if self._viewers:
            await self._show(await self._look(), list(self._viewers.values()))

    async def _show(self, known: _Known, viewers: Iterable[_Viewer]) -> None:
        async with self._publishing:  # so that an older look never comes after a newer one
            for viewer in viewers:
                state = await self._state(known, viewer.caller)
                if state != viewer.shown:
                    await self._publish(viewer, state)

    async def _publish(self, viewer: _Viewer, state: HomeState) -> None:
        _ = acting.set(viewer.workspace)
        view = self._deps.masker.mask_json(home_view(state, at=self._deps.clock()))
        payload = {"user_id": viewer.caller.id, "view": view}
        match await self._outbox.ask("views.publish", payload):
            case Accepted():
                viewer.shown = state
            case Refused(error=error):
                log.warning("a home tab was refused", user=viewer.caller.id, error=str(error))
                self._viewers.pop(viewer.key, None)
            case lost:  # the next round tries again
                log.info("a home tab was not published", user=viewer.caller.id, answer=str(lost))

    async def _look(self) -> _Known:
        deps = self._deps
        troubles = {"database": await told(deps.store.check)()}
        troubles["engine"] = await told(deps.engine.check)()
        troubles = {part: wrong for part, wrong in troubles.items() if wrong}
        try:
            standings = [await standing_of(deps, target) for target in sorted(deps.targets)]
            watches = {watch.target: watch for watch in await deps.store.alerts.watches()}
            incidents = await deps.store.alerts.incidents(open_only=True, limit=50)
            backlog = await deps.engine.backlog()
        except StagecheckError as error:
            troubles.setdefault("database", error.message)
            return _Known(standings=(), watches={}, incidents=None, troubles=troubles, doing="")
        under_way = f"{count(backlog.running, 'run')} under way" if backlog.running else ""
        waiting = f"{count(backlog.waiting, 'run')} waiting" if backlog.waiting else ""
        return _Known(
            standings=tuple(standings),
            watches=watches,
            incidents=tuple(incidents),
            troubles=troubles,
            doing=", ".join(filter(None, (under_way, waiting))) or "no run under way",
        )

    async def _state(self, known: _Known, caller: Caller) -> HomeState:
        rights = {
            (right, target): await self._may(right, caller, target)
            for right in (Right.RUN, Right.MUTE, Right.ACK, Right.RESOLVE)
            for target in self._deps.targets
        }
        summary = summed_up(known.standings) if known.standings else "Staging"
        return HomeState(
            summary=summary,
            targets=tuple(self._target(one, known.watches, rights) for one in known.standings),
            incidents=None
            if known.incidents is None
            else tuple(
                HomeIncident(incident=one, buttons=tuple(_acts(one, rights)))
                for one in known.incidents
            ),
            troubles=known.troubles,
            doing=known.doing,
            version=__version__,
            example=min(self._deps.targets),
            limits="" if all(rights.values()) else LIMITS,
        )

    async def _may(self, right: Right, caller: Caller, target: str) -> bool:
        place = Place(channel=caller.id)
        ask = Ask(caller=caller, place=place, trigger=Trigger.BUTTON, key="")
        try:
            return await may(self._deps, right, ask, target=target)
        except StagecheckError as error:  # nobody tells who is in a group: then nobody is
            log.info("a right is not known", right=str(right), error=error.message)
            return False

    def _target(
        self, one: Standing, watches: dict[str, Watch], rights: dict[tuple[Right, str], bool]
    ) -> HomeTarget:
        now, watch = self._deps.clock(), watches.get(one.target)
        mute = watch.mute if watch and watch.mute and watch.mute.until > now else None
        buttons = [Button(label="Show Week", command=f"history {one.target} 7d")]
        if rights[Right.RUN, one.target]:
            buttons.insert(0, Button(label="Check Now", command=f"run {one.target}"))
        if rights[Right.MUTE, one.target]:
            unmute = Button(label="Unmute", command=f"unmute {one.target}")
            for_an_hour = Button(label="Mute 1 Hour", command=f"mute {one.target} {_MUTE_FOR}")
            buttons.append(unmute if mute else for_an_hour)
        return HomeTarget(
            target=one.target,
            status=one.status,
            word=one.word,
            since=one.since,
            cause=one.cause,
            note=one.own_trouble,
            recent=tuple(run.status for run in one.runs[:10][::-1]),
            next_run=upcoming(self._deps.live, watch or Watch(target=one.target), now),
            mute=mute,
            buttons=tuple(buttons),
        )


def _acts(incident: Incident, rights: dict[tuple[Right, str], bool]) -> Iterable[Button]:
    """Yield what may be done about an open incident by who has these rights."""
    if incident.state is IncidentState.TRIGGERED and rights.get((Right.ACK, incident.target)):
        yield Button(label="Acknowledge", command=f"ack {incident.id}", style="primary")
    if rights.get((Right.RESOLVE, incident.target)):
        yield Button(
            label="Resolve Incident",
            command=f"resolve {incident.id}",
            confirm="The next failure opens it again.",
        )
    yield Button(label="Show Incident", command=f"incident show {incident.id}")


@asynccontextmanager
async def keeping_fresh(home: Home, *, round_s: float = ROUND_S) -> AsyncIterator[None]:
    """Publish, while this is entered, what changes in the tabs that people opened."""
    async with rounds(home.refresh, every_s=round_s, name="home tabs"):
        yield
