"""An incident in Slack is one message that is edited, and a thread in which everything else is."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from incident_house import Desk, channel_id, desk, shown
from samples import SEED_DIAGNOSIS, SEED_RUN

from bot.alerting import Notice, NoticeKind
from bot.config import Owner, Route
from bot.config.routes import Escalation
from bot.deps import Deps
from bot.errors import DeliveryError
from bot.labels import Label
from bot.model import Caller, CheckRequest, Status, Trigger, Why, WhyKind
from bot.sandbox import MiniSlack
from bot.sandbox.slack import Message
from bot.slack import SlackReceiver
from bot.store import Lane, Pending
from bot.workflows.alerts import alert

ESCALATED = Route(
    target="*",
    channel="staging",
    escalation=Escalation(after_s=900, channel="oncall", mention="S0123ABC"),
)


def short(lines: Sequence[str]) -> list[str]:
    """The lines of a thread that are no part of a full report."""
    return [line for line in lines if len(line) < 300]


def request_of(run_id: str) -> CheckRequest:
    return CheckRequest(
        run_id=run_id,
        target="staging",
        check="pipeline",
        trigger=Trigger.COMMAND,
        caller=Caller(id="U1"),
    )


def replies(it: Desk) -> list[Message]:
    return it.home.slack.thread("staging", it.parent.ts)


async def test_one_outage_is_one_message_from_red_over_amber_to_green() -> None:
    async with desk() as it:
        await it.failed(2)
        red = it.parent.text
        await it.press("Acknowledge")
        orange = it.parent.text
        await it.passed()
        amber = it.parent.text
        await it.passed()
        green = it.parent.text
        [_] = it.parents
    assert red.startswith("Incident i1 triggered: staging fails.")
    assert orange.startswith("Incident i1 acknowledged: staging fails.")
    assert amber.startswith("Incident i1 recovering: staging passed its last run.")
    assert green.startswith("Incident i1 resolved: staging works again after ")


async def test_before_the_threshold_nothing_is_said() -> None:
    async with desk() as it:
        await it.failed()
        assert it.home.slack.messages() == []


async def test_later_runs_of_the_same_outage_are_one_line_each_in_its_thread() -> None:
    async with desk() as it:
        await it.failed(2)
        before = len(replies(it))
        runs = [await it.failed(), await it.failed()]
        lines = [shown(message) for message in replies(it)[before:]]
        texts = [message.text for message in replies(it)]
    assert [run in line for run, line in zip(runs, lines, strict=True)] == [True, True]
    assert all("same cause" in line for line in lines)
    assert all(texts)


async def test_the_thread_begins_with_the_full_report_and_has_it_again_for_another_cause() -> None:
    async with desk() as it:
        await it.failed(2)
        assert sum("Five whys" in line for line in it.thread) == 1
        await it.failed(cause=Label.JWT_REJECTED, summary="The token is refused.")
        told = it.thread
    assert sum("Five whys" in line for line in told) == 2
    assert any("The cause changed" in line for line in told)
    assert "Token refused" in it.parent.text


async def test_only_the_end_and_an_escalation_are_shown_outside_the_thread() -> None:
    slack = MiniSlack(channels=("staging", "oncall"))
    async with desk(slack=slack, routes=(ESCALATED,)) as it:
        await it.failed(2)
        await it.ticked(minutes=16)
        [escalated] = [message for message in replies(it) if message.broadcast]
        await it.passed(2)
        ended = [message for message in replies(it) if message.broadcast][1:]
        second = it.home.slack.messages("oncall")
    assert "<!S0123ABC>" in shown(escalated)
    assert ["works again" in shown(message) for message in ended] == [True]
    assert [message.is_reply for message in second] == [False, False]
    assert "<!S0123ABC>" in shown(second[0])
    assert "works again" in shown(second[1])


async def test_who_did_something_is_named_and_only_who_is_to_be_pinged_is_notified() -> None:
    async with desk() as it:
        await it.failed(2)
        await it.press("Acknowledge")
        acknowledged = replies(it)[-1]
        await it.press("Assign…", value=it.id_of("grace"))
        assigned = replies(it)[-1]
    # An edit notifies nobody, so what counts is how a message was when it was posted.
    assert "user_id" not in str(acknowledged.versions[0].blocks)
    assert shown(acknowledged) == f"<@{it.id_of('ada')}>  acknowledged it."
    assert [version.text for version in acknowledged.versions] == [
        "Somebody acknowledged it. (i1)",
        f"<@{it.id_of('ada')}> acknowledged it. (i1)",
    ]
    pinged = re.findall(r"'user_id': '(\w+)'", str(assigned.versions[0].blocks))
    assert pinged == [it.id_of("grace")]
    assert f"<@{it.id_of('ada')}>  assigned it to  <@{it.id_of('grace')}>" in shown(assigned)


async def test_the_end_does_not_wait_for_a_second_channel_that_is_gone() -> None:
    slack = MiniSlack(channels=("staging", "oncall"))
    async with desk(slack=slack, routes=(ESCALATED,)) as it:
        await it.failed(2)
        await it.ticked(minutes=16)
        slack.workspace.archive("oncall")
        await it.passed(2)
        lane = Lane(target="staging", incident="i1", route="slack:staging")
        waiting = await it.home.deps.store.alerts.pending(lane)
    assert waiting == ()
    assert any("works again" in line for line in it.thread)


async def test_a_run_that_told_of_itself_in_the_thread_is_not_told_again() -> None:
    async with desk() as it:
        await it.failed(2)
        before = len(replies(it))
        await it.press("Re-run Check")
        new = replies(it)[before:]
        runs = await it.home.deps.store.recent("staging", limit=1)
        told = [line for line in map(shown, new) if "1 of 2 passes" in line]
    assert runs[0].status is Status.PASSED
    assert new[0].text.startswith("Passed: pipeline on staging")
    assert told == []
    assert it.parent.text.startswith("Incident i1 recovering")


async def test_what_was_deleted_is_begun_anew() -> None:
    async with desk() as it:
        await it.failed(2)
        gone = it.parent
        it.home.slack.workspace.remove(gone)
        await it.failed()
        anew = it.parent
        await it.press("Acknowledge")
    assert anew.ts != gone.ts
    assert len([m for m in it.parents if " triggered: " in m.text]) == 0
    assert it.parent.ts == anew.ts
    assert it.parent.text.startswith("Incident i1 acknowledged")


@pytest.mark.parametrize("how", ["lost", "500", "timeout"])
async def test_trouble_of_slacks_makes_no_second_message(how: str) -> None:
    async with desk() as it:
        it.home.slack.fail("chat.postMessage", times=2, how=how)
        await it.failed(2)
        await it.failed()
        assert len(it.parents) == 1


async def test_another_life_of_the_process_goes_on_with_the_same_message() -> None:
    async with desk() as it:
        await it.failed(2)
        again = SlackReceiver(it.home.deps, it.home.outbox)
        alerts = it.home.deps.store.alerts
        before = len(it.home.slack.messages())
        [pending] = await _sent_again(it, again)
        assert pending.notice.kind is NoticeKind.LINE
        assert len(it.home.slack.messages()) == before + 1
        assert (await alerts.incident("i1")).told


async def _sent_again(it: Desk, receiver: SlackReceiver) -> list[Pending]:
    """Deliver one notice three times, as a process does that is killed before it notes it."""
    alerts, now = it.home.deps.store.alerts, it.clock()
    await alerts.tell("staging", "slack:staging", "Hello.", at=now)
    [lane] = await alerts.lanes(it.clock())
    [pending] = await alerts.pending(lane)
    incident = await alerts.incident("i1")
    line = Notice(route="slack:staging", kind=NoticeKind.LINE, text="Once.")
    once = replace(pending, notice=line)
    route = it.home.deps.settings.routes[0]
    for _ in range(3):
        await receiver.deliver(route, once, incident)
    return [once]


@pytest.mark.parametrize("code", ["is_archived", "channel_not_found", "not_in_channel"])
async def test_a_channel_that_takes_nothing_is_told_to_the_owner_once(code: str) -> None:
    def owned(deps: Deps) -> Deps:
        settings = deps.settings.model_copy(update={"owner": Owner(channel="bots")})
        return replace(deps, settings=settings)

    slack = MiniSlack(channels=("staging", "bots"))
    async with desk(slack=slack, changed=owned) as it:
        slack.fail("chat.postMessage", times=1, how=code)
        await it.failed(2)
        await it.told()
        told = [shown(message) for message in slack.messages("bots")]
    assert len(told) == 1
    assert "Alerts about staging do not reach slack:staging" in told[0]
    assert code in told[0]


async def test_a_permanent_refusal_is_the_receivers_answer() -> None:
    async with desk() as it:
        it.home.slack.workspace.archive("staging")
        receiver = SlackReceiver(it.home.deps, it.home.outbox)
        alerts = it.home.deps.store.alerts
        await alerts.tell("staging", "slack:staging", "Hello.", at=it.clock())
        [lane] = await alerts.lanes(it.clock())
        [pending] = await alerts.pending(lane)
        with pytest.raises(DeliveryError) as caught:
            await receiver.deliver(it.home.deps.settings.routes[0], pending, None)
    assert caught.value.permanent


async def test_a_channel_that_is_taken_off_its_route_hears_how_it_goes_on() -> None:
    """So does one whose name became its id, which is another route."""
    async with desk() as it:
        await it.failed(2)
        by_id = Route(target="*", channel=channel_id(it.home.slack, "staging"))
        settings = it.home.deps.live.model_copy(update={"routes": (by_id,)})
        it.home.deps.reloaded.settings = settings
        await it.failed()
        await it.passed(2)
        assert [parent.text.split(":")[0] for parent in it.parents] == ["Incident i1 resolved"] * 2
        ends = [m for m in it.home.slack.messages() if m.broadcast]
    assert len({message.thread_ts for message in ends}) == len(ends) == 2


async def test_runs_that_told_their_people_first_are_heard_of_as_what_they_are_by_then() -> None:
    """Their reports waited for Slack; meanwhile a run by the clock saw that it works."""
    async with desk() as it:
        asked_for = [request_of(f"r00000000000000f{number}") for number in range(2)]
        for request in asked_for:
            await it.keep(request.run_id, Status.FAILED, "staging", "pipeline")
        it.clock.passes(minutes=9)
        await it.passed()
        for request in asked_for:
            await alert(it.home.deps, request)
        await it.told()
        assert it.home.slack.messages() == []


async def test_an_incident_names_what_lies_below_the_cause_as_the_report_does() -> None:
    """A token had expired by the backend's clock, and that clock was wrong."""
    cause = replace(SEED_DIAGNOSIS.causes[0], summary="The server says that the token has expired.")
    kind, seen = WhyKind.OBSERVED, SEED_DIAGNOSIS.causes[0].evidence
    answers = (cause.summary, "The backend's clock is an hour ahead of ours.")
    chain = [Why(question="Why?", answer=answer, kind=kind, evidence=seen) for answer in answers]
    diagnosis = replace(SEED_DIAGNOSIS, causes=(cause,), whys=tuple(chain))
    async with desk() as it:
        for number in range(2):
            run_id, at = f"r00000000000000c{number}", it.clock() - timedelta(minutes=1)
            run = replace(SEED_RUN, id=run_id, trigger=Trigger.SCHEDULE, started_at=at)
            await it.home.deps.store.save_run(run, diagnosis)
            await alert(it.home.deps, request_of(run.id))
        await it.told()
        assert " ".join(answers) in shown(it.parent)
        await it.ask(f"/stagecheck show {run.id}")
        said = shown(it.home.slack.messages()[-1])
    assert "Alerts: told: 2 failures of pipeline" in said
    assert said.count(cause.summary) == 1


async def test_the_last_run_is_a_link_where_people_can_reach_its_page() -> None:
    def change(deps: Deps) -> Deps:
        return replace(deps, page_of=lambda run: f"https://page.example.test/{run}?e=1&s=2")

    async with desk(changed=change) as it:
        run = await it.failed(2)
        facts = json.dumps(it.parent.blocks)
    assert f"<https://page.example.test/{run}?e=1&amp;s=2|{run}>" in facts
