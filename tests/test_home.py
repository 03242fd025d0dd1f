"""The Home tab: what is open and how targets are, for each viewer, fresh soon after a change."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from samples import HOSTILE, SAMPLES
from slack_house import House, channel_id, house, said
from structlog.testing import capture_logs

from bot.alerting import IncidentState
from bot.config import Permissions, Route, Schedule
from bot.deps import Deps
from bot.model import Status
from bot.report import HomeState, HomeTarget, home_view
from bot.report.home import recent_words
from bot.sandbox import MiniSlack
from bot.sandbox.blockkit import problems
from bot.slack import keeping_fresh
from bot.slack.home import LIMITS

PUBLISH = "views.publish"
AT = SAMPLES["seed"][0].started_at


def configured(**settings: Any) -> Any:
    def change(deps: Deps) -> Deps:
        return replace(deps, settings=deps.settings.model_copy(update=settings))

    return change


@asynccontextmanager
async def opened(*faults: str, user: str = "ada", **how: Any) -> AsyncIterator[House]:
    """Yield the bot after somebody opened the Home tab."""
    async with house(*faults, **how) as bot:
        assert (await bot.slack.open_home(user=user)).ok
        await bot.idle()
        yield bot


def shown(bot: House, user: str = "ada") -> str:
    view = bot.slack.home(user)
    assert view is not None
    assert problems({"type": "home", "blocks": view.body["blocks"]}) == []
    return said(view.body["blocks"])


def buttons(bot: House, user: str = "ada") -> dict[str, str]:
    """Return label -> command of what can be pressed."""
    view = bot.slack.home(user)
    assert view is not None
    return {
        element["text"]["text"]: element["value"]
        for block in view.body["blocks"]
        if block["type"] == "actions"
        for element in block["elements"]
    }


def published(bot: House) -> int:
    return sum(call.method == PUBLISH and call.ok for call in bot.slack.calls)


async def keep(bot: House, name: str, *, minutes_ago: float) -> None:
    run, diagnosis = SAMPLES[name]
    at = bot.deps.clock() - timedelta(minutes=minutes_ago)
    run = replace(run, id=f"r{name}{minutes_ago}", started_at=at)
    await bot.deps.store.save_run(run, diagnosis)


async def test_where_nothing_ran_there_are_examples() -> None:
    async with opened() as bot:
        text = shown(bot)
    assert "Never checked: staging" in text
    assert "Try this" in text
    assert "/stagecheck staging" in text
    assert "No incident is open." in text


async def test_targets_are_shown_with_state_cause_and_their_last_runs_in_marks_and_words() -> None:
    async with house() as bot:
        await keep(bot, "passed", minutes_ago=30)
        await keep(bot, "seed", minutes_ago=20)
        await keep(bot, "seed", minutes_ago=10)
        await bot.slack.open_home()
        await bot.idle()
        text = shown(bot)
    assert "Not well: staging" in text
    assert "*staging*: Failed since <!date^" in text
    assert "Code error in the socket's path" in text
    assert "✓ ✗ ✗  1 passed and 2 failed" in text
    assert "Try this" not in text


async def test_the_last_ten_runs_are_shown_the_newest_last() -> None:
    statuses = [Status.FAILED, *[Status.PASSED] * 9, Status.DEGRADED]
    assert recent_words(statuses) == "✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ ✓ !  9 passed and 1 degraded"


async def test_a_button_starts_a_check_and_answers_the_viewer_directly_and_stays() -> None:
    async with opened() as bot:
        delivery = await bot.slack.press_in_view("Check Now")
        assert delivery.ok, delivery.error
        await bot.idle()
        runs = await bot.deps.store.recent("staging")
        await bot.home.refresh()
        assert "Check Now" in buttons(bot)
    assert len(runs) == 1
    assert any(call.method == "chat.postMessage" and call.ok for call in bot.slack.calls)


async def test_it_is_fresh_soon_after_a_run() -> None:
    async with opened() as bot, keeping_fresh(bot.home, round_s=0.01):
        await keep(bot, "seed", minutes_ago=0)
        await bot.slack.until(lambda: "Failed since" in shown(bot) or None)


async def test_what_breaks_in_one_look_is_logged_and_the_next_is_taken() -> None:
    breaking: list[Exception] = []

    def at_times(deps: Deps) -> Deps:
        def clock() -> datetime:
            if breaking:
                raise breaking.pop()
            return deps.clock()

        return replace(deps, clock=clock)

    async with opened(changed=at_times) as bot:
        breaking.append(ValueError("nobody expected that"))
        with capture_logs() as logs:
            async with keeping_fresh(bot.home, round_s=0.01):
                while breaking:
                    await asyncio.sleep(0.01)
                await keep(bot, "seed", minutes_ago=0)
                await bot.slack.until(lambda: "Failed since" in shown(bot) or None)
    assert any("nobody expected that" in str(each.get("exc_info")) for each in logs)


async def test_what_did_not_change_is_not_published_again() -> None:
    async with opened() as bot:
        before = published(bot)
        for _ in range(3):
            await bot.home.refresh()
        assert published(bot) == before == 1


async def test_nobody_who_did_not_open_it_has_it_published() -> None:
    async with house() as bot:
        await keep(bot, "seed", minutes_ago=1)
        await bot.home.refresh()
        assert published(bot) == 0


async def test_the_other_tab_is_none_of_our_business() -> None:
    async with house() as bot:
        await bot.slack.open_home(tab="messages")
        await bot.idle()
        assert published(bot) == 0


async def test_an_open_incident_is_shown_and_can_be_acknowledged_here() -> None:
    route = Route(target="staging", channel="#staging")
    permissions = Permissions(ack=("everyone",), resolve=("everyone",))
    change = configured(routes=(route,), permissions=permissions)
    async with opened(changed=change) as bot:
        await bot.ask("/stagecheck incident open staging Something is odd")
        await bot.home.refresh()
        assert "Open incidents" in shown(bot)
        assert "nobody has it yet" in shown(bot)
        assert buttons(bot)["Acknowledge"].startswith("ack i")
        assert (await bot.slack.press_in_view("Acknowledge")).ok
        await bot.idle()
        [incident] = await bot.deps.store.alerts.incidents()
        await bot.home.refresh()
        assert incident.state is IncidentState.ACKNOWLEDGED
        assert "has it" in shown(bot)
        assert "Acknowledge" not in buttons(bot)


async def test_who_is_in_the_channel_of_a_route_may_act_here_as_there() -> None:
    slack = MiniSlack()
    route = Route(target="staging", channel=channel_id(slack))
    async with opened(slack=slack, changed=configured(routes=(route,))) as bot:
        await bot.ask("/stagecheck incident open staging Something is odd")
        assert "Mute 1 Hour" in buttons(bot)
        await bot.home.refresh()
        assert (await bot.slack.press_in_view("Acknowledge")).ok
        await bot.idle()
        [incident] = await bot.deps.store.alerts.incidents()
    assert incident.state is IncidentState.ACKNOWLEDGED


async def test_who_may_act_in_the_channel_only_is_told_so_where_slack_does_not_tell_who_is() -> (
    None
):
    route = Route(target="staging", channel="C0STAGING")
    async with opened(changed=configured(routes=(route,))) as bot:
        assert "Mute 1 Hour" not in buttons(bot)
        assert LIMITS in shown(bot)


async def test_a_group_that_slack_does_not_tell_of_leaves_the_rest_of_the_tab_as_it_is() -> None:
    permissions = Permissions(run=("S0GROUP",), mute=("everyone",))
    async with opened(changed=configured(permissions=permissions)) as bot:
        assert "Check Now" not in buttons(bot)
        assert "Mute 1 Hour" in buttons(bot)


async def test_each_viewer_is_offered_what_they_may_do() -> None:
    async with house() as probe:
        ada = probe.slack.workspace.user("ada").id
    permissions = Permissions(run=(ada,), mute=(ada,))
    async with opened(changed=configured(permissions=permissions)) as bot:
        await bot.slack.open_home(user="grace")
        await bot.idle()
        theirs = [buttons(bot, user) for user in ("ada", "grace")]
        texts = [shown(bot, user) for user in ("ada", "grace")]
    assert "Check Now" in theirs[0]
    assert "Check Now" not in theirs[1]
    assert "Show Week" in theirs[1]
    assert LIMITS in texts[1]


async def test_the_next_run_and_a_mute_are_shown() -> None:
    schedule = Schedule(target="staging", cron="0 4 * * *")
    change = configured(schedules=(schedule,), permissions=Permissions(mute=("everyone",)))
    async with opened(changed=change) as bot:
        assert "next run <!date^" in shown(bot)
        assert (await bot.slack.press_in_view("Mute 1 Hour")).ok
        await bot.idle()
        await bot.home.refresh()
        assert "muted until <!date^" in shown(bot)
        assert buttons(bot)["Unmute"] == "unmute staging"


async def test_while_a_target_fails_the_next_run_is_the_one_that_comes_sooner() -> None:
    yearly = Schedule(target="staging", cron="0 4 29 2 *", failing_interval_s=600)
    async with opened("seed", changed=configured(schedules=(yearly,))) as bot:
        assert (await bot.slack.press_in_view("Check Now")).ok
        await bot.idle()
        await bot.home.refresh()
        next_run = re.search(r"next run <!date\^(\d+)", shown(bot))
        assert next_run is not None
        assert float(next_run[1]) < bot.deps.clock().timestamp() + 600


async def test_our_own_trouble_is_said_as_ours() -> None:
    async with opened() as bot:
        await bot.deps.store.close()
        await bot.home.refresh()
        text = shown(bot)
    assert "stagecheck itself is not well" in text
    assert "does not work" not in text


async def test_a_slack_that_is_away_is_asked_again_in_the_next_round() -> None:
    async with house() as bot:
        bot.slack.fail(PUBLISH, how="500", times=1)
        await bot.slack.open_home()
        await bot.idle()
        assert bot.slack.home() is None
        await bot.home.refresh()
        assert "Never checked" in shown(bot)


async def test_what_cannot_be_read_is_not_said_to_be_well() -> None:
    async with opened() as bot:
        await bot.deps.store.close()
        await bot.home.refresh()
        text = shown(bot)
        assert buttons(bot) == {}
    assert "stagecheck itself is not well. database: " in text
    assert "Whether an incident is open cannot be read now." in text
    for untold in ("No incident is open", "Try this", "Targets", "no run under way"):
        assert untold not in text


async def test_a_viewer_whom_slack_refuses_is_not_asked_about_again() -> None:
    async with house() as bot:
        bot.slack.fail(PUBLISH, how="not_enabled", times=1)
        await bot.slack.open_home()
        await bot.idle()
        await bot.home.refresh()
        assert sum(call.method == PUBLISH for call in bot.slack.calls) == 1


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_a_target_is_called_slack_takes_the_view(text: str) -> None:
    target = HomeTarget(
        target=text, status=Status.FAILED, word=text, since=AT, cause=text, recent=()
    )
    state = HomeState(
        summary=text,
        targets=(target,) * 40,
        incidents=(),
        troubles={"database": text},
        doing=text,
        version=text,
        example=text,
        limits=text,
    )
    view = home_view(state, at=AT)
    assert problems(view) == []
    marked = [
        element["text"]
        for block in view["blocks"]
        for element in (block.get("text") or {}, *block.get("elements", ()))
        if element.get("type") == "mrkdwn"
    ]
    assert not any("<!channel>" in one or "<@U" in one for one in marked)


async def test_closing_ends_what_keeps_it_fresh() -> None:
    async with opened() as bot:
        async with keeping_fresh(bot.home, round_s=0.001):
            await asyncio.sleep(0.01)
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "home tabs"]
