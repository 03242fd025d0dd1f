"""A mention is a command in the open; a workflow's step starts a check and hears how it ended."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

import pytest
from incident_house import desk
from slack_house import House, house, said

from bot.config import Permissions, Route
from bot.engine import GiveUp, LocalEngine, Workflow
from bot.errors import StagecheckError
from bot.model import CheckRequest
from bot.sandbox import MiniSlack
from bot.sandbox.slack.steps import Execution
from bot.slack import STEP


def channel(home: House, name: str = "staging") -> str:
    return home.slack.workspace.channel(name).id


async def step(home: House, target: str = "staging", *, by: str = "", **inputs: str) -> Execution:
    """Come to our step in somebody's workflow, and wait until all that comes of it has come.

    `by` is whom Slack names as having set the workflow going.
    """
    given = {"target": target, "channel": channel(home), **inputs}
    execution, event = home.slack.api.steps.begin(STEP, given)
    if by:
        event["interactor"] = {"id": by, "secret": "of no use to us"}
    delivery = await home.slack.event(event)
    assert delivery.ok, delivery.error
    await home.idle()
    return home.slack.api.steps.executions[execution.id]


async def test_a_mention_runs_a_check_in_its_own_thread() -> None:
    async with house() as home:
        assert (await home.slack.mention("staging")).ok
        await home.idle()
        asked, outcome, *report = home.slack.messages()
        assert "Passed" in outcome.text
        assert {message.thread_ts for message in (outcome, *report)} == {asked.ts}


async def test_a_mention_in_a_thread_is_answered_there() -> None:
    async with house() as home:
        first = home.slack.say("it fails again")
        assert (await home.slack.mention("staging", thread_ts=first.ts)).ok
        await home.idle()
        assert "Passed" in home.slack.thread("staging", first.ts)[1].text


@pytest.mark.parametrize("text", ["", "stagin"])
async def test_what_a_mention_does_not_say_well_is_told_the_caller_alone(text: str) -> None:
    async with house() as home:
        assert (await home.slack.mention(text)).ok
        await home.idle()
        assert len(home.slack.messages()) == 1
        [answer] = home.slack.ephemerals()
        assert "staging" in said(answer.blocks) or "help" in said(answer.blocks)


async def test_a_question_that_names_a_target_is_offered_its_check() -> None:
    async with house() as home:
        assert (await home.slack.mention("is staging ok?")).ok
        await home.idle()
        [answer] = home.slack.ephemerals()
        assert "Check staging" in said(answer.blocks)
        await home.press(answer.ts, "Check staging")
        assert "Passed" in home.slack.messages()[-1].text


async def test_a_mistake_in_a_command_is_not_taken_for_a_wish_to_check() -> None:
    async with house() as home:
        assert (await home.slack.mention("mute staging for_ever")).ok
        await home.idle()
        [answer] = home.slack.ephemerals()
        assert "Check staging" not in said(answer.blocks)


async def test_a_mention_that_is_delivered_again_runs_nothing_twice() -> None:
    async with house() as home:
        delivery = await home.slack.mention("staging")
        await home.idle()
        again = await home.slack.redeliver(delivery)
        assert again.ok
        await home.idle()
        assert len(await home.deps.store.recent()) == 1


async def test_what_an_app_says_behind_our_name_is_left_alone() -> None:
    async with house() as home:
        bot = home.slack.workspace.bot.id
        event = {
            "type": "app_mention",
            "text": f"<@{bot}> staging",
            "bot_id": "B0OTHER",
            "user": "U0OTHER",
            "ts": home.slack.workspace.next_ts(),
            "channel": channel(home),
        }
        assert (await home.slack.event(event)).ok
        await home.idle()
        assert home.slack.messages() == []
        assert home.slack.ephemerals() == []


async def test_a_log_cannot_be_asked_for_by_a_mention_and_it_is_said_how_else() -> None:
    async with house() as home:
        assert (await home.slack.mention("explain")).ok
        await home.idle()
        [answer] = home.slack.ephemerals()
        assert "/stagecheck explain" in said(answer.blocks)


async def test_a_step_runs_a_check_and_tells_the_workflow_how_it_ended() -> None:
    async with house("seed") as home:
        done = await step(home, by=home.slack.workspace.user("ada").id)
        assert done.outputs is not None
        assert done.outputs["status"] == "failed"
        assert done.outputs["cause"] == "ws_server_code_error"
        run = await home.deps.store.run(str(done.outputs["run_id"]))
        assert run.caller.id == home.slack.workspace.user("ada").id
        assert "Failed" in home.slack.messages()[0].text


async def test_a_step_that_is_delivered_again_runs_nothing_twice() -> None:
    async with house() as home:
        given = {"target": "staging", "channel": channel(home)}
        _, event = home.slack.api.steps.begin(STEP, given)
        delivery = await home.slack.event(event)
        await home.idle()
        assert (await home.slack.redeliver(delivery)).ok
        await home.idle()
        assert len(await home.deps.store.recent()) == 1
        [done] = home.slack.api.steps.executions.values()
        assert done.outputs is not None


async def test_steps_that_come_to_one_target_at_once_wait_for_one_run() -> None:
    async with house() as home:
        given = {"target": "staging", "channel": channel(home)}
        begun = [home.slack.api.steps.begin(STEP, given) for _ in range(3)]
        for _, event in begun:
            assert (await home.slack.event(event)).ok
        await home.idle()
        ends = [home.slack.api.steps.executions[each.id].outputs for each, _ in begun]
        assert all(ends)
        runs = await home.deps.store.recent()
        assert {run.id for run in runs} == {end["run_id"] for end in ends if end}


@pytest.mark.parametrize(
    "target", ["", "production", "status", "show r123456", "staging --check key", "staging key"]
)
async def test_a_step_that_names_no_target_is_ended_with_the_reason(target: str) -> None:
    async with house() as home:
        done = await step(home, target)
        assert done.outputs is None
        assert done.error
        assert home.slack.messages() == []


async def test_whom_the_author_of_a_workflow_names_has_no_say_in_what_it_may() -> None:
    async with MiniSlack() as slack:
        ada, grace = (slack.workspace.user(name).id for name in ("ada", "grace"))
        only = Permissions(run=(grace,))
        async with desk(slack=slack, permissions=only) as it:
            done = await step(it.home, user=grace)
            assert "You may not check a target" in done.error
            done = await step(it.home, user=ada, by=grace)
            assert done.outputs is not None
            run = await it.home.deps.store.run(str(done.outputs["run_id"]))
            assert run.caller.id == grace


async def test_the_channel_that_a_step_reports_in_does_not_make_its_author_a_member() -> None:
    async with MiniSlack() as slack:
        room = slack.workspace.channel("staging").id
        route = Route(target="*", channel=room)
        only = Permissions(run=("channel",))
        async with desk(slack=slack, permissions=only, routes=(route,)) as it:
            for who in ("", "U0STRANGER"):
                done = await step(it.home, channel=room, by=who)
                assert "You may not check a target" in done.error
            done = await step(it.home, by=slack.workspace.user("ada").id)
            assert done.outputs is not None


async def test_a_person_who_is_filled_in_is_shown_and_is_not_who_asked() -> None:
    async with house() as home:
        grace = home.slack.workspace.user("grace").id
        done = await step(home, user=grace)
        assert done.outputs is not None
        run = await home.deps.store.run(str(done.outputs["run_id"]))
        assert run.caller.id == f"somebody, for {grace}"


async def test_a_workflow_that_was_stopped_does_not_hold_up_the_run() -> None:
    async with house() as home:
        home.slack.fail("functions.completeSuccess", how="function_execution_not_found")
        done = await step(home)
        assert not done.is_over
        assert "Passed" in home.slack.messages()[0].text
        assert await home.deps.store.installations.executions("any") == ()


async def test_a_workflow_is_told_although_slack_was_away_for_a_moment() -> None:
    async with house() as home:
        home.slack.fail("functions.completeSuccess", times=2)
        done = await step(home)
        assert done.outputs is not None


async def test_a_step_whose_channel_takes_no_message_is_ended_with_the_reason() -> None:
    async with house() as home:
        home.slack.workspace.add_channel("secret", bot_is_member=False, private=True)
        done = await step(home, channel=channel(home, "secret"))
        assert done.outputs is None
        assert "/invite @stagecheck" in done.error


class Late(LocalEngine):
    """Says that another run answers when that has ended already."""

    def __init__(self) -> None:
        super().__init__()
        self._asked = asyncio.Event()

    def register(self, workflows: Mapping[str, Workflow], *, give_up: GiveUp) -> None:
        async def held(work: Workflow, request: CheckRequest) -> None:
            await self._asked.wait()
            with suppress(StagecheckError):  # as where runs are durable
                await work(request)

        late = {name: partial(held, work) for name, work in workflows.items()}
        super().register(late, give_up=give_up)

    async def start(
        self, workflow: str, request: CheckRequest, *, id: str, slot: str
    ) -> CheckRequest:
        answering = await super().start(workflow, request, id=id, slot=slot)
        if answering.run_id != request.run_id:
            self._asked.set()
            await self.idle()
        return answering


async def test_a_step_does_not_wait_for_a_run_that_ended_without_an_answer_meanwhile() -> None:
    async with house(changed=lambda deps: replace(deps, engine=Late())) as home:
        home.slack.workspace.add_channel("secret", bot_is_member=False, private=True)
        begun = []
        for name in ("secret", "staging"):
            given = {"target": "staging", "channel": channel(home, name)}
            execution, event = home.slack.api.steps.begin(STEP, given)
            assert (await home.slack.event(event)).ok
            begun.append(execution.id)
        await home.idle()
        first, second = (home.slack.api.steps.executions[each] for each in begun)
        assert "/invite @stagecheck" in first.error
        assert second.outputs is not None


async def test_a_step_that_we_could_not_start_is_delivered_again() -> None:
    async with house() as home:
        given = {"target": "staging", "channel": channel(home)}
        execution, event = home.slack.api.steps.begin(STEP, given)
        await home.deps.store.close()
        delivery = await home.slack.event(event)
        assert not delivery.ok
        assert not home.slack.api.steps.executions[execution.id].is_over
