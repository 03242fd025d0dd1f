"""What is said of an incident: valid, within Slack's limits, in words, and hostile text is text."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import HOSTILE
from slack_house import said

from bot.alerting import Incident, IncidentState, Mute, Notice, NoticeKind
from bot.labels import Label
from bot.model import Severity, Status
from bot.report import Message
from bot.report.incident import incident_message, look_of
from bot.report.notices import notice_message
from bot.sandbox.blockkit import problems
from tests.incident_samples import (
    ACKNOWLEDGED,
    AT,
    BY_HAND,
    OPEN,
    RECOVERING,
    RESOLVED,
    buttons,
    labels,
)

MOST_JSON = 11_000
FLAPPING = replace(OPEN, flapping=True)
MANUAL = replace(
    OPEN,
    cause=None,
    summary="",
    checks=(),
    runs=0,
    failures=0,
    last_run="",
    last_status=None,
    last_run_at=None,
    title="Nobody can log in",
    opened_by="U0000ADA1",
)
ENDED = ("state", "resolved_by", "resolved_at", "ended_at")
STATES = {
    "triggered": OPEN,
    "acknowledged": ACKNOWLEDGED,
    "recovering": RECOVERING,
    "resolved": RESOLVED,
    "flapping": FLAPPING,
    "resolved by hand": BY_HAND,
    "opened by hand": MANUAL,
}


def wholly(message: Message) -> str:
    """Everything in a message, as JSON."""
    return json.dumps([message.text, *message.blocks])


@pytest.mark.parametrize("name", STATES)
def test_every_state_is_a_message_that_slack_takes(name: str) -> None:
    message = incident_message(STATES[name])
    assert list(problems(list(message.blocks))) == []
    assert message.text


@pytest.mark.parametrize(
    ("name", "mark", "words"),
    [
        ("triggered", "red_circle", "Incident i3 triggered: staging fails"),
        ("acknowledged", "large_orange_circle", "Incident i3 acknowledged: staging fails"),
        (
            "recovering",
            "large_yellow_circle",
            "Incident i3 recovering: staging passed its last run",
        ),
        (
            "resolved",
            "large_green_circle",
            "Incident i3 resolved: staging works again after 2 h 3 min",
        ),
        ("flapping", "large_orange_circle", "Incident i3 flapping: staging keeps changing"),
        ("resolved by hand", "white_circle", "i3 resolved by hand: staging still failed"),
        ("opened by hand", "red_circle", "Incident i3 triggered: something is wrong with staging"),
    ],
)
def test_colour_never_says_what_words_do_not(name: str, mark: str, words: str) -> None:
    message = incident_message(STATES[name])
    assert f'"name": "{mark}"' in wholly(message)
    assert words in message.text.replace("\u2060", "")


def test_a_notification_says_what_a_person_opened_it_for() -> None:
    text = incident_message(replace(MANUAL, title="Nobody can log in.")).text
    assert "something is wrong with staging. What: Nobody can log in. Next:" in text


def test_an_open_incident_says_why_since_when_and_who_has_it() -> None:
    text = " ".join(said(list(incident_message(OPEN).blocks)).split())
    for words in (
        "Cause: Bypass key differs (confirmed, confidence 0.97). The bypass key is refused.",
        "Impact: Blocks every authenticated end-to-end test",
        f"*Since* <!date^{int(AT.timestamp())}^",
        "*Who has it* nobody yet",
        "*Last run* Failed, run r4",
        "*Severity* High",
        "4 runs, 4 failed · check pipeline",
    ):
        assert words in text


def test_its_buttons_are_lines_and_at_most_one_of_them_is_primary() -> None:
    elements = buttons(incident_message(OPEN))
    lines = [element["value"] for element in elements if element["type"] == "button"]
    assert lines == ["ack i3", "run staging", "verify-key staging", "fixed i3"]
    [people] = [element for element in elements if element["type"] == "users_select"]
    assert people["action_id"] == "pick:assign i3"
    [menu] = [element for element in elements if element["type"] == "overflow"]
    assert [option["value"] for option in menu["options"]] == [
        "mute staging",
        "severity i3",
        "resolve i3",
        "note i3",
        "postmortem i3",
    ]
    for incident in STATES.values():
        styles = [element.get("style") for element in buttons(incident_message(incident))]
        assert styles.count("primary") <= 1


def test_what_takes_the_place_of_a_pressed_button_closes_nothing() -> None:
    before, after = (buttons(incident_message(one)) for one in (OPEN, ACKNOWLEDGED))
    assert before[0]["value"] == "ack i3"
    assert after[0]["value"] == "run staging"


def test_who_says_it_is_fixed_is_waited_for_in_amber_and_asks_nobody_to_acknowledge() -> None:
    message = incident_message(replace(OPEN, verifying_by="U0000ADA1"))
    assert "Incident i3 verifying: staging is said to be fixed" in message.text
    assert '"large_yellow_circle"' in wholly(message)
    assert "<@U0000ADA1> says it is fixed" in wholly(message)
    assert not [one for one in buttons(message) if one.get("style") == "primary"]


def test_what_is_resolved_by_hand_is_green_only_if_the_last_run_passed() -> None:
    assert '"large_green_circle"' in wholly(incident_message(replace(BY_HAND, passes=1)))
    unseen = replace(MANUAL, **{name: getattr(BY_HAND, name) for name in ENDED})
    assert '"white_circle"' in wholly(incident_message(unseen))
    assert "no run has shown that staging works again" in incident_message(unseen).text


DEGRADED = replace(RESOLVED, last_status=Status.DEGRADED)


@pytest.mark.parametrize(
    ("incident", "mark", "words"),
    [
        (DEGRADED, "large_yellow_circle", "works again after 2 h 3 min, but only by the fallback"),
        (
            replace(DEGRADED, resolved_by="U0000ADA1"),
            "large_yellow_circle",
            "resolved by hand: staging works, but only by the fallback",
        ),
        (
            replace(RECOVERING, last_status=Status.DEGRADED),
            "large_yellow_circle",
            "recovering: staging works, but only by the fallback",
        ),
    ],
)
def test_what_works_by_the_fallback_is_never_plain_green(
    incident: Incident, mark: str, words: str
) -> None:
    message = incident_message(incident)
    assert f'"name": "{mark}"' in wholly(message)
    assert words in message.text.replace("\u2060", "")


@pytest.mark.parametrize(
    ("incident", "by", "mark"),
    [
        (RESOLVED, "", "large_green_circle"),
        (DEGRADED, "", "large_yellow_circle"),
        (BY_HAND, "U0000ADA1", "white_circle"),
        (OPEN, "U0000ADA1", "white_circle"),
        (OPEN, "", "large_green_circle"),
    ],
)
def test_an_end_has_the_colour_of_how_the_target_is(incident: Incident, by: str, mark: str) -> None:
    notice = Notice(route="r", kind=NoticeKind.RECOVERY, text="Over.", by=by)
    assert f'"name": "{mark}"' in wholly(notice_message(notice, incident))


def test_the_impact_of_what_is_over_is_not_told_as_if_it_lasted() -> None:
    assert "Impact while it lasted: Blocks" in " ".join(
        said(list(incident_message(RESOLVED).blocks)).split()
    )


def test_a_time_in_a_line_is_shown_in_the_time_zone_of_each_reader() -> None:
    notice = Notice(route="r", kind=NoticeKind.LINE, text="Muted until 2026-03-02 03:00 UTC: move")
    [block] = notice_message(notice).blocks
    assert list(problems([block])) == []
    [moment] = [one for one in block["elements"][0]["elements"] if one["type"] == "date"]
    assert moment["timestamp"] == int(datetime(2026, 3, 2, 3, tzinfo=UTC).timestamp())
    assert moment["fallback"] == "2026-03-02 03:00 UTC"


def test_a_run_that_a_line_names_is_a_link_where_it_has_a_page() -> None:
    notice = Notice(route="r", kind=NoticeKind.LINE, text="Failed again.", run_id="r1")
    [block] = notice_message(notice, page="https://bot.test/runs/r1").blocks
    assert {"type": "link", "url": "https://bot.test/runs/r1", "text": "r1"} in (
        block["elements"][0]["elements"]
    )


def test_an_incident_of_the_key_offers_to_verify_it_once() -> None:
    shown = labels(incident_message(replace(OPEN, checks=("pipeline", "key"))))
    assert shown.count("Verify Bypass Key") == 1
    assert "Re-run Check" not in shown


def test_who_has_it_is_named_and_acknowledging_again_is_not_offered() -> None:
    message = incident_message(ACKNOWLEDGED)
    assert "*Who has it*\n<@U0000ADA1>" in said(list(message.blocks))
    assert "Acknowledge" not in labels(message)


def test_at_its_end_the_buttons_make_way_for_who_ended_it() -> None:
    for incident, who in ((RESOLVED, "runs that passed"), (BY_HAND, "<@U0000ADA1>")):
        message = incident_message(incident)
        assert labels(message) == ["Export Post-mortem"]
        assert f"Resolved by {who} · <!date^" in said(list(message.blocks))


def test_every_state_is_a_new_row_of_buttons_to_slack() -> None:
    ids = {
        block["block_id"]
        for incident in STATES.values()
        for block in incident_message(incident).blocks
        if block["type"] == "actions"
    }
    assert len(ids) == len(STATES)


def test_a_mute_is_said_below() -> None:
    mute = Mute(until=AT + timedelta(hours=1), by="U0000ADA1", since=AT)
    assert "muted until <!date^" in said(list(incident_message(OPEN, mute=mute).blocks))
    assert "muted" not in said(list(incident_message(RESOLVED, mute=mute).blocks))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text(name: str) -> None:
    text = HOSTILE[name]
    incident = replace(OPEN, summary=text, title=text, impact=text, resolution=text)
    message = incident_message(replace(incident, last_run=text, checks=(text,), severity_by=text))
    assert list(problems(list(message.blocks))) == []
    rest = wholly(message).replace("<!date^", "")
    for call in ("<!here", "<!channel", "<!everyone", "<!subteam", '"type": "broadcast"'):
        assert call not in _interpreted(message), rest


def _interpreted(message: Message) -> str:
    """What Slack interprets in a message: mrkdwn and its fallback."""
    found = [message.text]

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            if part.get("type") == "mrkdwn":
                found.append(part["text"])
            if part.get("type") == "broadcast":
                found.append('"type": "broadcast"')
            for value in part.values():
                walk(value)
        elif isinstance(part, list | tuple):
            for value in part:
                walk(value)

    walk(message.blocks)
    return " ".join(found)


BAD = tuple(HOSTILE.values())
TEXTS = st.text(max_size=300) | st.integers(0, len(BAD) - 1).map(BAD.__getitem__)
USERS = st.sampled_from(["", "U0000ADA1", "ada"]) | TEXTS
INCIDENTS = st.builds(
    Incident,
    id=st.integers(1, 10**9).map(lambda n: f"i{n}"),
    target=st.from_regex(r"[a-z0-9][a-z0-9_-]{0,62}", fullmatch=True),
    state=st.sampled_from(IncidentState),
    severity=st.sampled_from(Severity),
    started_at=st.just(AT),
    triggered_at=st.just(AT),
    title=TEXTS,
    cause=st.none() | st.sampled_from(Label),
    confidence=st.floats(0, 1),
    summary=TEXTS,
    checks=st.lists(TEXTS, max_size=20).map(tuple),
    runs=st.integers(0, 10**9),
    failures=st.integers(0, 10**9),
    last_run=TEXTS,
    last_status=st.none() | st.sampled_from(Status),
    last_run_at=st.none() | st.just(AT),
    passes=st.integers(0, 5),
    opened_by=USERS,
    acknowledged_by=USERS,
    assigned_to=USERS,
    severity_by=USERS,
    verifying_by=USERS,
    flapping=st.booleans(),
    reopened=st.integers(0, 10**6),
    resolved_at=st.none() | st.just(AT),
    ended_at=st.none() | st.just(AT + timedelta(days=40)),
    resolved_by=USERS,
    resolution=TEXTS,
    impact=TEXTS,
    mentioned=st.lists(TEXTS | st.just("<!subteam^S0123>"), max_size=10).map(tuple),
)


@settings(max_examples=60, deadline=None)
@given(INCIDENTS)
def test_any_incident_is_a_message_that_slack_takes(incident: Incident) -> None:
    message = incident_message(incident)
    assert list(problems(list(message.blocks))) == []
    assert len(json.dumps(message.blocks)) <= MOST_JSON
    assert look_of(incident).sentence


NOTICES = st.builds(
    Notice,
    route=st.just("slack:staging"),
    kind=st.sampled_from(NoticeKind),
    text=TEXTS,
    run_id=TEXTS,
    mention=st.sampled_from(["", "@here", "U0000ADA1", "<!subteam^S0123>", "S0123"]) | TEXTS,
    by=USERS,
)


@settings(max_examples=60, deadline=None)
@given(NOTICES, st.none() | INCIDENTS)
def test_any_notice_is_a_message_that_slack_takes(
    notice: Notice, incident: Incident | None
) -> None:
    message = notice_message(notice, incident, where="C0123456")
    assert list(problems(list(message.blocks))) == []
    assert len(json.dumps(message.blocks)) <= MOST_JSON


@pytest.mark.parametrize(
    ("mention", "element"),
    [
        ("here", {"type": "broadcast", "range": "here"}),
        ("@channel", {"type": "broadcast", "range": "channel"}),
        ("S0123ABC", {"type": "usergroup", "usergroup_id": "S0123ABC"}),
        ("<!subteam^S0123ABC>", {"type": "usergroup", "usergroup_id": "S0123ABC"}),
        ("U0000ADA1", {"type": "user", "user_id": "U0000ADA1"}),
    ],
)
def test_who_is_mentioned_is_notified(mention: str, element: dict[str, str]) -> None:
    notice = Notice(route="r", kind=NoticeKind.ESCALATION, text="Please look.", mention=mention)
    assert element in notice_message(notice, OPEN).blocks[0]["elements"][0]["elements"]


def test_people_in_our_sentences_are_people_and_others_are_not() -> None:
    notice = Notice(route="r", kind=NoticeKind.LINE, text="<@U0000ADA1> acknowledged it.")
    [block] = notice_message(notice, OPEN).blocks
    first, second = block["elements"][0]["elements"]
    assert first == {"type": "user", "user_id": "U0000ADA1"}
    assert second["text"] == " acknowledged it."


@pytest.mark.parametrize("kind", [NoticeKind.REMINDER, NoticeKind.ESCALATION])
def test_whoever_is_reminded_can_acknowledge_there(kind: NoticeKind) -> None:
    notice = Notice(route="r", kind=kind, text="Nobody has acknowledged it.")
    [button] = buttons(notice_message(notice, OPEN))
    assert (button["value"], button["style"]) == ("ack i3", "primary")
    assert buttons(notice_message(notice, ACKNOWLEDGED)) == []
