"""Who may do what: asked before anything comes of a line, and told to who may not."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from incident_house import Desk, desk
from slack_house import channel_id

from bot.alerting import IncidentState
from bot.commands import COMMANDS, Command
from bot.commands.run import RUN
from bot.config import Permissions, Route
from bot.deps import Deps
from bot.errors import Unavailable
from bot.sandbox import MiniSlack
from bot.slack import Groups
from bot.slack.groups import GOOD_S

GROUP = "S0SECRETS"


def allowing(**who: tuple[str, ...]) -> Permissions:
    return Permissions.model_validate(who)


async def refused(it: Desk, line: str, *, user: str = "ada", channel: str = "staging") -> str:
    """Type `line`; return what the caller alone is told."""
    before = len(it.home.slack.ephemerals(channel, user))
    await it.ask(line, user=user, channel=channel)
    told = it.home.slack.ephemerals(channel, user)[before:]
    assert told, "nothing was said"
    return it.text_of(told[-1])


async def test_by_default_whoever_is_in_a_routed_channel_may_act_and_nobody_else() -> None:
    slack = MiniSlack(channels=("staging", "lunch"))
    route = Route(target="*", channel="staging")
    async with desk(slack=slack, routes=(route,)) as it:
        await it.failed(2)
        told = await refused(it, "/stagecheck ack i1", channel="lunch")
        assert (await it.incident()).state is IncidentState.TRIGGERED
        await it.ask("/stagecheck ack i1")
        assert (await it.incident()).state is IncidentState.ACKNOWLEDGED
    assert "You may not do this" in told
    assert "whoever asks in #staging" in told
    assert "permissions: ack" in told.replace("`", "")


async def test_a_route_by_id_is_the_channel_that_was_asked_in() -> None:
    slack = MiniSlack(channels=("staging", "lunch"))
    async with slack:
        route = Route(target="*", channel=channel_id(slack))
        async with desk(slack=slack, routes=(route,)) as it:
            await it.failed(2)
            assert "You may not" in await refused(it, "/stagecheck mute 1h", channel="lunch")
            await it.ask("/stagecheck mute 1h")
            assert (await it.home.deps.store.alerts.watch("staging")).mute is not None


async def test_without_routes_everybody_may() -> None:
    async with desk(routes=()) as it:
        await it.ask("/stagecheck mute 1h")
        assert (await it.home.deps.store.alerts.watch("staging")).mute is not None


async def test_everybody_may_read_and_check_from_anywhere() -> None:
    slack = MiniSlack(channels=("staging", "lunch"))
    async with desk(slack=slack, permissions=allowing(run=("everyone",))) as it:
        for line in ("status", "history", "targets", "help", "incident list", "staging"):
            await it.ask(f"/stagecheck {line}", channel="lunch")
        told = [it.text_of(m) for m in it.home.slack.ephemerals("lunch")]
        assert not any("You may not" in text for text in told)
        assert len(await it.home.deps.store.recent()) == 1


@pytest.mark.parametrize("line", ["mute staging 1h", "unmute staging", "mute staging"])
async def test_people_are_named_by_their_ids(line: str) -> None:
    async with desk() as it:
        only = allowing(mute=(it.id_of("grace"),))
        async with desk(permissions=only) as other:
            told = await refused(other, f"/stagecheck {line}")
            assert f"Who may: <@{it.id_of('grace')}>" in " ".join(told.split())
            assert other.home.slack.modal() is None
            await other.ask(f"/stagecheck {line}", user="grace")
            assert "You may not" not in " ".join(other.whispers("grace"))


@pytest.mark.parametrize("line", ["verify-key staging", "run staging --check key", "key"])
async def test_a_key_is_tried_only_by_its_owners_however_it_is_asked_for(line: str) -> None:
    def owned(deps: Deps) -> Deps:
        owners = {"bypass_key_mismatch": f"<!subteam^{GROUP}>", "backend_5xx": "@backend"}
        targets = {name: replace(one, owners=owners) for name, one in deps.targets.items()}
        return replace(deps, targets=targets)

    if line == "key":
        line = "staging --check key"
    async with desk(changed=owned) as it:
        it.home.slack.workspace.groups[GROUP] = (it.id_of("grace"),)
        told = await refused(it, f"/stagecheck {line}")
        assert await it.home.deps.store.recent() == ()
        await it.ask(f"/stagecheck {line}", user="grace")
        runs = await it.home.deps.store.recent()
    assert f"<!{GROUP}>" in told
    assert [run.check for run in runs] == ["key"]


async def test_a_refused_click_explains_itself_and_changes_nothing() -> None:
    async with desk(permissions=allowing(ack=("U0NOBODY",), resolve=("U0NOBODY",))) as it:
        await it.failed(2)
        before = it.parent
        await it.press("Acknowledge")
        await it.press("I Fixed It")
        await it.press("Assign…", value=it.id_of("grace"))
        await it.press("…", value="Resolve…")
        told = it.whispers()
        assert it.parent == before
        assert it.home.slack.modal() is None
    assert len(told) == 4
    assert all("You may not" in text and "<@U0NOBODY>" in text for text in told)


class Slack:
    """What Slack says of user groups: who is in them, and how often it was asked."""

    def __init__(self, it: Desk) -> None:
        self.it = it

    @property
    def asked(self) -> int:
        return len([c for c in self.it.home.slack.calls if c.method == "usergroups.users.list"])


async def test_who_is_in_a_group_is_asked_once_in_a_few_minutes() -> None:
    now = [0.0]
    async with desk() as it:
        slack = Slack(it)
        groups = Groups(it.home.outbox.ask, clock=lambda: now[0])
        it.home.slack.workspace.groups[GROUP] = ("U1",)
        assert await groups.members(GROUP) == {"U1"}
        it.home.slack.workspace.groups[GROUP] = ("U1", "U2")
        assert await groups.members(GROUP) == {"U1"}
        assert slack.asked == 1
        now[0] += GOOD_S + 1
        assert await groups.members(GROUP) == {"U1", "U2"}
        now[0] += GOOD_S + 1
        it.home.slack.fail("usergroups.users.list", how="500")
        assert await groups.members(GROUP) == {"U1", "U2"}  # as it was last known
        with pytest.raises(Unavailable, match="S0OTHERS"):
            await groups.members("S0OTHERS")


async def test_a_group_that_slack_does_not_tell_lets_nobody_in_and_says_why() -> None:
    async with desk(permissions=allowing(mute=("S0GONE",))) as it:
        told = await refused(it, "/stagecheck mute 1h")
        assert (await it.home.deps.store.alerts.watch("staging")).mute is None
    assert "usergroups:read" in told


READS = {
    "status",
    "history",
    "show",
    "explain",
    "incident list",
    "incident show",
    "postmortem",
    "targets",
    "help",
}


def test_whatever_does_more_than_read_takes_a_right() -> None:
    assert {name for name, command in COMMANDS.items() if command.right is None} == READS


def test_a_command_that_does_not_say_who_may_is_none() -> None:
    with pytest.raises(TypeError, match="right"):
        Command(syntax=RUN.syntax, summary=RUN.summary, run=RUN.run)  # type: ignore[call-arg]


TWO = ("staging", "canary")


def owned_by(slack: MiniSlack, owners: Mapping[str, str]) -> Any:
    """Return a change that gives targets their owners, who are users by their names."""

    def changed(deps: Deps) -> Deps:
        mentions = {name: f"<@{slack.workspace.user(one).id}>" for name, one in owners.items()}
        targets = {
            name: replace(deps.targets[name], owners={"backend_5xx": mention})
            for name, mention in mentions.items()
        }
        return replace(deps, targets={**deps.targets, **targets})

    return changed


@pytest.mark.parametrize(
    "line",
    ["ack i1", "ack", "assign i1 me", "note it was me", "severity low", "fixed", "resolve i1 done"],
)
async def test_who_owns_another_target_may_not_act_on_an_incident_of_this_one(line: str) -> None:
    only, slack = allowing(ack=("owners",), resolve=("owners",)), MiniSlack()
    change = owned_by(slack, {"staging": "grace", "canary": "ada"})
    async with desk(slack=slack, targets=TWO, permissions=only, changed=change) as it:
        await it.failed(2)
        before = await it.timeline()
        told = await refused(it, f"/stagecheck {line}")
        assert await it.timeline() == before
        await it.ask(f"/stagecheck {line}", user="grace")
        assert await it.timeline() != before
        assert f"Who may: <@{it.id_of('grace')}> ." in " ".join(told.split())


async def test_in_a_thread_a_right_is_about_the_target_of_the_threads_incident() -> None:
    only, slack = allowing(ack=("owners",)), MiniSlack()
    change = owned_by(slack, {"staging": "grace", "canary": "ada"})
    async with desk(slack=slack, targets=TWO, permissions=only, changed=change) as it:
        await it.failed(2)
        thread = it.parent.ts
        await it.failed(2, target="canary")
        _ = await it.home.slack.mention("note it was me", thread_ts=thread)
        await it.told()
        assert not any("it was me" in line for line in await it.timeline("i1"))
    assert "You may not" in it.whispers()[-1]


async def test_an_incident_is_opened_by_the_owners_of_its_target() -> None:
    only, slack = allowing(open=("owners",)), MiniSlack()
    change = owned_by(slack, {"staging": "grace", "canary": "ada"})
    async with desk(slack=slack, targets=TWO, permissions=only, changed=change) as it:
        told = await refused(it, "/stagecheck incident open staging it is odd")
        await it.ask("/stagecheck incident open canary it is odd")
        opened = await it.home.deps.store.alerts.incidents()
    assert "You may not open an incident" in told
    assert [one.target for one in opened] == ["canary"]


async def test_what_is_left_of_a_target_that_is_no_more_is_for_whoever_is_in_the_channel() -> None:
    slack = MiniSlack(channels=("staging", "lunch"))
    change = owned_by(slack, {"staging": "grace"})
    only = allowing(resolve=("owners",))
    async with slack:
        routes = (Route(target="*", channel=channel_id(slack)),)
        async with desk(slack=slack, routes=routes, permissions=only, changed=change) as it:
            await it.failed(2, target="gone")
            assert "You may not" in await refused(it, "/stagecheck resolve i1", channel="lunch")
            await it.ask("/stagecheck resolve i1")
            assert (await it.incident()).state is IncidentState.RESOLVED


async def test_who_did_what_is_kept() -> None:
    async with desk() as it:
        await it.ask("/stagecheck mute 1h the release")
        await it.ask("/stagecheck unmute", user="grace")
        await it.ask("/stagecheck verify-key", user="grace")
        query = sa.text('SELECT "by" FROM decisions WHERE target = :target ORDER BY at')
        of = {"target": "staging"}
        who = await it.home.deps.store.alerts._database.read(
            lambda connection: connection.execute(query, of).scalars().all()
        )
    assert who == [it.id_of("ada"), it.id_of("grace"), it.id_of("grace")]
