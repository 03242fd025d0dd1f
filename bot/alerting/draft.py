"""A decision while it is being made: what is known by now, and what is to be told on each route."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.alerting.events import RunEnded
from bot.alerting.model import (
    Action,
    Decision,
    Entry,
    Incident,
    IncidentState,
    Notice,
    NoticeKind,
    Told,
    Watch,
)
from bot.alerting.policy import Policy, RoutePolicy
from bot.alerting.telling import announcement, news, waits_words
from bot.alerting.windows import route_hold, target_hold
from bot.alerting.wording import headline, person, said
from bot.model import Trigger

_BY_SOMEBODY = frozenset(
    {Trigger.BUTTON, Trigger.COMMAND, Trigger.MENTION, Trigger.STEP, Trigger.DEPLOY}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Something to be told on every route that heard of the incident."""

    kind: NoticeKind
    text: str
    run_id: str = ""
    mention: str = ""
    by: str = ""
    is_held: bool
    """Whether mutes, windows and quiet hours hold it."""


@dataclass(slots=True, kw_only=True)
class Draft:
    """What one event comes to so far; `incident` is the one the event is about."""

    policy: Policy
    before: Watch
    at: datetime
    watch: Watch
    incident: Incident | None
    said: list[Said] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    announced: bool = False
    """Whether a route heard of the incident for the first time."""
    aside: str = ""
    """What is told besides, to the bot's owner."""

    def enter(self, kind: str, text: str, *, by: str = "", run_id: str = "") -> None:
        """Add a line to the timeline; what is told on two routes is one line."""
        entry = Entry(at=self.at, kind=kind, text=text, by=by, run_id=run_id)
        if entry not in self.entries:
            self.entries.append(entry)

    def line(
        self, text: str, *, by: str = "", run_id: str = "", mention: str = "", is_held: bool = True
    ) -> None:
        """Say one line in the incident's threads; what a person did is never held."""
        self.said.append(
            Said(
                kind=NoticeKind.LINE,
                text=text,
                by=by,
                run_id=run_id,
                mention=mention,
                is_held=is_held,
            )
        )

    def enter_run(self, action: Action, text: str, run: RunEnded) -> None:
        """Add a run to the timeline, with who asked for it, or the deploy it came after."""
        if run.trigger is Trigger.DEPLOY:
            what = said(run.revision, 60) or "something"
            by = f" by {person(run.caller)}" if run.caller else ""
            text = f"{text.rstrip('.')}. It ran after the deploy of {what}{by}."
        by = run.caller if run.trigger in _BY_SOMEBODY else ""
        self.enter(action, text, by=by, run_id=run.key)

    @property
    def target_hold_reason(self) -> str:
        return target_hold(self.watch, self.policy, self.at)

    def hold_reason(self, route: RoutePolicy) -> str:
        """Return why the route is told of nothing new now, or nothing."""
        if hold := self.target_hold_reason:
            return hold
        return route_hold(route, self.incident.severity, self.at) if self.incident else ""

    @property
    def routes(self) -> Iterator[RoutePolicy]:
        """Yield the routes of the policy, then those that were told and are none of it any more."""
        yield from self.policy.routes
        known = {route.key for route in self.policy.routes}
        for key in self.incident.told if self.incident else ():
            if key not in known:
                yield RoutePolicy(key=key)

    def spread(self) -> None:
        """Turn what happened into notices, route by route, and note what each was told."""
        for route in self.routes:
            incident = self.incident
            if incident is None:
                return
            hold = self.hold_reason(route)
            told = incident.told.get(route.key)
            if told:
                self._update(route, told, hold)
            elif not hold and incident.state is not IncidentState.RESOLVED and not incident.passes:
                self._announce(route, incident)

    def _announce(self, route: RoutePolicy, incident: Incident) -> None:
        notices, incident = announcement(incident, route, self.policy, self.at)
        self.notices.extend(notices)
        self.incident = incident
        self.announced = True

    def _update(self, route: RoutePolicy, told: Told, hold: str) -> None:
        assert self.incident
        if self._looks_different:
            self._edit(route, quiet=bool(hold))
        self.notices.extend(
            Notice(
                route=route.key,
                kind=one.kind,
                text=one.text,
                run_id=one.run_id,
                mention=one.mention if route.mentions else "",
                by=one.by,
            )
            for one in self.said
            if not (one.is_held and hold)
        )
        if not hold and self.incident.state is not IncidentState.RESOLVED:
            notices, self.incident = news(self.incident, route, told, self.policy)
            if notices and not self._looks_different:
                # A receiver that would be called by it was not given the edit while it was held.
                self._edit(route)
            self.notices.extend(notices)

    def _edit(self, route: RoutePolicy, *, quiet: bool = False) -> None:
        assert self.incident
        text = headline(self.incident)
        edit = Notice(route=route.key, kind=NoticeKind.PARENT, text=text, quiet=quiet)
        self.notices.append(edit)

    @property
    def _looks_different(self) -> bool:
        now = self.incident
        for known in (self.before.incident, self.before.closed):
            if now and known and known.id == now.id and self.watch.mute == self.before.mute:
                return replace(known, told={}, mentioned=()) != replace(now, told={}, mentioned=())
        return True

    def note_reminder(self, key: str, *, escalated: bool = False) -> None:
        """Note that the route was reminded just now; an escalation reminds too."""
        assert self.incident
        heard = self.incident.told[key]
        at = self.at if escalated else heard.escalated_at
        told = {**self.incident.told, key: replace(heard, reminded_at=self.at, escalated_at=at)}
        self.incident = replace(self.incident, told=told)

    @property
    def first_hold_reason(self) -> str:
        """Why something that there is to tell is not told: the first reason met."""
        incident = self.incident
        if incident is None or incident.state is IncidentState.RESOLVED:
            return self.target_hold_reason if self.watch.mute else ""
        for route in self.policy.routes:
            if hold := self.hold_reason(route):
                return hold if hold == self.target_hold_reason else f"{hold}, for {route.key}"
            if route.key not in incident.told and incident.passes:
                return "it works again, which is waited for before anybody is told"
        if not self.policy.routes:
            return "no route hears of this target"
        return f"{incident.id} flaps, so lines are held" if incident.flapping else ""

    def decision(self, action: Action, reason: str) -> Decision:
        """Return what it comes to."""
        held = self.first_hold_reason
        if action not in (Action.ACT, Action.REFUSE):
            action, reason = self._judged(action, reason, held)
        return Decision(
            watch=replace(self._known, held=held or self._waits),
            action=action,
            reason=reason,
            notices=tuple(self.notices),
            entries=tuple(self.entries),
            incident=self.incident,
        )

    @property
    def _waits(self) -> str:
        """That the newest run failed, and its check not often enough yet for an incident."""
        if self.incident and self.incident.state is not IncidentState.RESOLVED:
            return ""
        rows = self.watch.outcomes.items()
        # Of a check that is not run any more, its last failure would be waited with for ever.
        check, row = max(rows, key=lambda each: each[1][-1].at, default=("", ()))
        if not row or not row[-1].failed or row[-1].settled:
            return ""
        return waits_words(check, row, self.policy)

    def _judged(self, action: Action, reason: str, held: str) -> tuple[Action, str]:
        kinds = {notice.kind for notice in self.notices} - {NoticeKind.PARENT}
        if self.announced or kinds - {NoticeKind.OWN}:
            also = f"; {self.aside}" if self.aside else ""
            return action, f"told: {reason}{also}"
        if kinds:
            own = action if action is Action.OWN_TROUBLE else Action.OWN_RECOVERY
            return own, f"told: {self.aside}; {reason}"
        return Action.HOLD, f"held: {held}; {reason}" if held else f"held: {reason}"

    @property
    def _known(self) -> Watch:
        now, watch = self.incident, self.watch
        if now is None:
            return watch
        if now.state is not IncidentState.RESOLVED:
            return replace(watch, incident=now, reopens=False)
        if watch.incident and watch.incident.id == now.id:
            return replace(watch, incident=None, closed=now)
        return replace(watch, closed=now)
