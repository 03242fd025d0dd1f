"""What is typed about incidents: which one is meant, what comes of it, and who is told what."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from incident_house import Desk, desk, shown
from slack_house import said

from bot.alerting import IncidentState
from bot.commands.durations import ends_at
from bot.config import Schedule
from bot.deps import Deps
from bot.errors import UsageError
from bot.labels import Label
from bot.model import Severity

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TWO = ("staging", "canary")


@pytest.mark.parametrize(
    ("text", "length", "rest"),
    [
        ("30m", timedelta(minutes=30), ""),
        ("2h", timedelta(hours=2), ""),
        ("1d", timedelta(days=1), ""),
        ("1h30m", timedelta(minutes=90), ""),
        ("1h 30m deploying", timedelta(minutes=90), "deploying"),
        ("2 hours: the new release", timedelta(hours=2), "the new release"),
        ("for 90 min", timedelta(minutes=90), ""),
        ("2H", timedelta(hours=2), ""),
        ("until 10:00", timedelta(minutes=30), ""),
        ("until 08:00 night work", timedelta(hours=22, minutes=30), "night work"),
        ("until 2026-03-04 09:30", timedelta(days=2), ""),
        ("until 10:00 UTC the release", timedelta(minutes=30), "the release"),
    ],
)
def test_a_duration_is_understood_as_people_write_it(
    text: str, length: timedelta, rest: str
) -> None:
    assert ends_at(text, now=NOW) == (NOW + length, rest)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "For how long?"),
        ("soon", "`soon` is no duration."),
        ("2x", "`2x` is no duration."),
        ("2hours3", "`2hours3` is no duration."),
        ("0m", "less than a minute"),
        ("40d", "The longest is 30 days."),
        ("999999d", "The longest is 30 days."),
        ("until 25:00", "There is no such time"),
        ("until 2026-02-30 10:00", "There is no such time"),
        ("until 2025-01-01 10:00", "less than a minute"),
    ],
)
def test_a_duration_that_is_none_is_told_with_examples(text: str, why: str) -> None:
    with pytest.raises(UsageError) as caught:
        ends_at(text, now=NOW)
    assert why in caught.value.message
    assert "`30m`" in caught.value.hint


async def test_without_an_id_the_only_open_incident_is_meant() -> None:
    async with desk() as it:
        await it.failed(2)
        await it.ask("/stagecheck ack")
        assert (await it.incident()).state is IncidentState.ACKNOWLEDGED
    assert "Acknowledged i1" in it.whispers()[-1]


async def test_among_several_the_caller_is_asked_which_one() -> None:
    async with desk(targets=TWO) as it:
        for target in TWO:
            await it.failed(2, target=target)
        await it.ask("/stagecheck resolve it was the proxy")
        [question] = it.home.slack.ephemerals()
        assert "Which incident?" in said(question.blocks)
        await it.press("Resolve i1", ts=question.ts)
        [one, other] = [await it.incident("i1"), await it.incident("i2")]
    assert (one.state, one.resolution) == (IncidentState.RESOLVED, "it was the proxy")
    assert other.state is IncidentState.TRIGGERED


async def test_in_a_thread_the_incident_of_the_thread_is_meant() -> None:
    async with desk(targets=TWO) as it:
        await it.failed(2, target="staging")
        first = it.parent.ts
        await it.failed(2, target="canary")
        delivery = await it.home.slack.mention("note seen at the gate", thread_ts=first)
        assert delivery.ok
        await it.told()
        timelines = [await it.timeline("i1"), await it.timeline("i2")]
        said = [shown(one) for one in it.home.slack.thread("staging", first)]
        assert sum("seen at the gate" in line for line in said) == 2  # typed, and told by the bot
    assert ["seen at the gate" in line for line in timelines[0]][-1]
    assert not any("seen at the gate" in line for line in timelines[1])


@pytest.mark.parametrize(
    ("at", "length"),
    [
        (NOW, timedelta(hours=21, minutes=30)),
        (NOW.replace(month=7), timedelta(hours=20, minutes=30)),
    ],
    ids=["winter", "summer"],
)
def test_a_time_of_day_is_read_in_the_time_zone_that_is_meant(
    at: datetime, length: timedelta
) -> None:
    assert ends_at("until 08:00", now=at, zone="Europe/Berlin") == (at + length, "")
    assert ends_at("until 08:00 UTC", now=at, zone="Europe/Berlin") == ends_at(
        "until 08:00", now=at
    )


async def test_who_mutes_until_a_time_of_day_is_told_in_which_time_zone_it_was_read() -> None:
    def change(deps: Deps) -> Deps:
        berlin = Schedule(target="staging", cron="0 4 29 2 *", timezone="Europe/Berlin")
        return replace(deps, settings=deps.settings.model_copy(update={"schedules": (berlin,)}))

    async with desk(changed=change) as it:
        for line in ("mute until 08:00 a deploy", "mute 2h", "mute until 09:00 UTC"):
            await it.ask(f"/stagecheck {line}")
        told = [it.text_of(message) for message in it.home.slack.messages()]
    assert "08:00 was read as Europe/Berlin." in told[0]
    assert not any("was read as" in line for line in told[1:])


async def test_a_note_is_read_in_the_thread_and_repeated_to_nobody() -> None:
    async with desk() as it:
        await it.failed(2)
        await it.ask("/stagecheck note i1 seen at the gate")
        assert [line for line in it.thread if "seen at the gate" in line]
        assert "Noted in i1" in it.whispers()[-1]
        assert "seen at the gate" not in it.whispers()[-1]


async def test_where_none_is_open_it_is_said_so() -> None:
    async with desk() as it:
        await it.ask("/stagecheck ack")
    assert "No incident is open" in it.whispers()[-1]


async def test_which_incident_is_to_be_shown_is_asked_like_any_other() -> None:
    async with desk(targets=TWO) as it:
        for target in TWO:
            await it.failed(2, target=target)
        await it.ask("/stagecheck incident show")
        [question] = it.home.slack.ephemerals()
        await it.press("Show i2", ts=question.ts)
        told = shown(it.home.slack.messages()[-1])
    assert "i2: canary" in told


async def test_an_incident_that_is_not_there_is_not_found() -> None:
    async with desk() as it:
        await it.ask("/stagecheck ack i7")
    assert "There is no incident i7" in it.whispers()[-1]


async def test_an_incident_is_handed_to_who_is_mentioned() -> None:
    async with desk() as it:
        await it.failed(2)
        await it.ask("/stagecheck assign @grace")
        assert (await it.incident()).assigned_to == it.id_of("grace")
        await it.ask("/stagecheck assign i1 me")
        assert (await it.incident()).assigned_to == it.id_of("ada")
        await it.ask("/stagecheck assign somebody")
    assert "I do not know who somebody is" in " ".join(it.whispers()[-1].replace("`", "").split())


async def test_severity_is_set_by_its_word() -> None:
    async with desk() as it:
        await it.failed(2)
        await it.ask("/stagecheck severity i1 critical")
        assert (await it.incident()).severity is Severity.CRITICAL
        await it.ask("/stagecheck severity hihg")
    assert "Did you mean  high" in it.whispers()[-1]


async def test_a_mute_is_told_to_everybody_with_who_and_why_and_holds_what_is_new() -> None:
    async with desk() as it:
        await it.ask("/stagecheck mute 2h the new release")
        [public] = it.home.slack.messages()
        await it.failed(3)
        assert len(it.home.slack.messages()) == 1
        await it.ask("/stagecheck status")
        status = it.whispers()[-1]
        await it.ask("/stagecheck unmute staging", user="grace")
        [incident] = [m for m in it.parents if " triggered: " in m.text]
    assert f"<@{it.id_of('ada')}>  muted staging until" in shown(public)
    assert "the new release" in shown(public)
    assert "staging is muted until" in status
    assert "What is new about staging is held" in status
    assert not incident.is_reply


async def test_which_target_is_to_be_muted_is_asked_with_the_duration_kept() -> None:
    async with desk(targets=TWO) as it:
        await it.ask("/stagecheck mute 2h the new release")
        [question] = it.home.slack.ephemerals()
        await it.press("Mute canary", ts=question.ts)
        mute = (await it.home.deps.store.alerts.watch("canary")).mute
    assert mute is not None
    assert mute.reason == "the new release"


async def test_show_tells_what_was_decided_about_a_run_and_why() -> None:
    async with desk() as it:
        first, second = await it.failed(), await it.failed()
        await it.ask(f"/stagecheck show {first}")
        held = shown(it.home.slack.messages()[-1])
        await it.ask(f"/stagecheck show {second}")
        told = shown(it.home.slack.messages()[-1])
    assert "Alerts: held: 1 of 2 failures" in held
    assert "Alerts: told: " in told


async def test_status_tells_the_open_incident_and_who_has_it() -> None:
    async with desk() as it:
        await it.failed(2)
        await it.ask("/stagecheck status")
        assert "nobody looks after it yet" in it.whispers()[-1]
        await it.ask("/stagecheck ack")
        await it.ask("/stagecheck status")
    assert f"<@{it.id_of('ada')}>  looks after it" in it.whispers()[-1]


async def test_an_incident_is_opened_by_hand_and_its_recovery_needs_a_person() -> None:
    async with desk() as it:
        await it.ask("/stagecheck incident open staging Nobody can log in")
        parent = shown(it.parent)
        await it.ask("/stagecheck resolve")
        state = (await it.incident()).state
    assert "Nobody can log in" in parent
    assert f"opened by <@{it.id_of('ada')}>" in parent
    assert state is IncidentState.RESOLVED


async def test_incidents_are_listed_and_shown_with_their_timeline() -> None:
    async with desk() as it:
        run = await it.failed(2)
        await it.ask("/stagecheck ack")
        await it.ask("/stagecheck incident")
        listed = it.whispers()[-1]
        await it.ask("/stagecheck incident show i1")
        message = it.home.slack.messages()[-1]
        told, ada = shown(message), it.id_of("ada")
        await it.passed(2)
        await it.ask("/stagecheck incident show i1")
        over = shown(it.home.slack.messages()[-1])
    [table] = [block for block in message.blocks if block["type"] == "table"]
    newest_first = [said(row) for row in table["rows"][1:]]
    assert "acknowledged it." in newest_first[0]
    assert f'"user_id": "{ada}"' in json.dumps(table)  # Slack shows the name
    assert ada not in said(table)
    assert "1 open" in listed
    assert "Bypass key differs" in listed
    assert run in told
    assert "acknowledged it." in told
    assert "looks after it" in told
    assert "looks after it" not in over


@pytest.mark.parametrize("line", ["incident show i1", "mute staging 2h"])
async def test_who_is_named_to_everybody_is_pinged_by_nothing(line: str) -> None:
    async with desk() as it:
        await it.failed(2)
        await it.ask("/stagecheck ack")
        if line.startswith("mute"):
            await it.passed(2)  # with an incident it is told in its thread
        await it.ask(f"/stagecheck {line}")
        told = it.home.slack.messages()[-1]
    ada = it.id_of("ada")
    assert ada not in json.dumps([told.versions[0].text, told.versions[0].blocks])
    assert ada in json.dumps(told.blocks)


async def test_where_the_bot_is_no_member_an_incident_is_shown_all_the_same() -> None:
    async with desk() as it:
        await it.failed(2)
        await it.ask("/stagecheck ack")
        it.home.slack.fail("chat.postMessage", how="not_in_channel")
        await it.ask("/stagecheck incident show i1")
        told = it.home.slack.messages()[-1]
    assert "acknowledged it." in shown(told)


async def test_an_open_of_a_target_that_is_not_there_names_the_nearest() -> None:
    async with desk() as it:
        await it.ask("/stagecheck incident open stagin it fails")
    assert "Did you mean  staging" in it.whispers()[-1]


async def test_a_fix_is_verified_by_runs_in_the_thread_and_closes_only_on_passes() -> None:
    async with desk("silence") as it:
        await it.failed(2)
        await it.ask("/stagecheck fixed redeployed")
        broken = await it.incident()
        it.home.staging.faults = ()
        await it.ask("/stagecheck fixed rotated the key")
        once = await it.incident()
        [*_, last] = await it.home.deps.store.recent(limit=1)
        posted = await it.home.deps.store.posting(last.id)
    assert broken.state is IncidentState.TRIGGERED
    assert broken.verifying_by == ""
    assert once.passes == 1
    assert once.verifying_by == it.id_of("ada")
    assert posted is not None
    assert posted.thread == it.parent.ts


async def test_a_fix_of_the_key_looks_at_the_key_too() -> None:
    async with desk() as it:
        await it.failed(2, cause=Label.BYPASS_KEY_MISMATCH)
        await it.ask("/stagecheck fixed")
        checks = {run.check for run in await it.home.deps.store.recent(limit=2)}
    assert checks == {"key", "pipeline"}


async def opened(it: Desk, text: str) -> None:
    """Use the message shortcut on a message that says `text`."""
    message = it.home.slack.say(text, user="grace")
    delivery = await it.home.slack.shortcut("open_incident", message_ts=message.ts)
    assert delivery.ok, delivery.error
    await it.told()


async def test_a_message_opens_an_incident_with_its_words_and_its_address() -> None:
    async with desk() as it:
        await opened(it, "Checkout is broken\nsince this morning")
        timeline = await it.timeline()
        incident = await it.incident()
    assert incident.title == "Checkout is broken"
    assert incident.opened_by == it.id_of("ada")
    assert any("since this morning" in line and "/archives/C" in line for line in timeline)


async def test_among_several_targets_a_message_opens_a_form_first() -> None:
    async with desk(targets=TWO) as it:
        await opened(it, "Checkout is broken")
        view = it.home.slack.modal()
        assert view is not None
        delivery = await it.submit({"target": "canary", "title": "Checkout is down"})
        assert delivery.ok, delivery.error
        incident, timeline = await it.incident(), await it.timeline()
    assert (incident.target, incident.title) == ("canary", "Checkout is down")
    assert any("/archives/C" in line for line in timeline)


@pytest.mark.parametrize("is_reply", [True, False], ids=["a reply", "the first message"])
async def test_a_reaction_in_the_thread_is_an_entry_of_the_timeline(is_reply: bool) -> None:
    async with desk() as it:
        await it.failed(2)
        thread = it.home.slack.thread("staging", it.parent.ts)
        ts = thread[0].ts if is_reply else it.parent.ts
        event = {
            "type": "reaction_added",
            "user": it.id_of("grace"),
            "reaction": "eyes",
            "item": {"type": "message", "channel": it.parent.channel, "ts": ts},
        }
        delivery = await it.home.slack.event(event)
        _ = await it.home.slack.redeliver(delivery)
        entries = [line for line in await it.timeline() if "eyes" in line]
    assert entries == [f"<@{it.id_of('grace')}> reacted with :eyes:"]


async def test_a_reaction_elsewhere_is_nobodys_business() -> None:
    async with desk() as it:
        await it.failed(2)
        other = it.home.slack.say("Lunch?")
        event = {
            "type": "reaction_added",
            "user": it.id_of("grace"),
            "reaction": "eyes",
            "item": {"type": "message", "channel": other.channel, "ts": other.ts},
        }
        assert (await it.home.slack.event(event)).ok
        assert not any("eyes" in line for line in await it.timeline())
