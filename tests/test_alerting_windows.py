"""Mutes, maintenance windows and quiet hours go by the clock on the wall of their time zone."""

from datetime import UTC, datetime

import pytest

from bot.alerting import Hours, Mute, Policy, Watch, Window
from bot.alerting.windows import is_in, is_open, target_hold
from bot.phrases import span

NIGHT = Hours(since="22:00", until="06:00", timezone="Europe/Berlin")
DEPLOY = Hours(since="02:00", until="03:30", timezone="Europe/Berlin")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "at", "inside"),
    [
        (NIGHT, "2026-01-10 20:59", False),  # 21:59 in Berlin
        (NIGHT, "2026-01-10 21:00", True),
        (NIGHT, "2026-01-11 04:59", True),
        (NIGHT, "2026-01-11 05:00", False),
        (NIGHT, "2026-07-10 20:00", True),  # in summer it is an hour earlier
        (NIGHT, "2026-07-11 04:00", False),
        # The hour from 02:00 to 03:00 is left out on 29 March: the window has 30 minutes.
        (DEPLOY, "2026-03-29 00:59", False),
        (DEPLOY, "2026-03-29 01:00", True),
        (DEPLOY, "2026-03-29 01:29", True),
        (DEPLOY, "2026-03-29 01:30", False),
        # It comes twice on 25 October: the window has two and a half hours.
        (DEPLOY, "2026-10-24 23:59", False),
        (DEPLOY, "2026-10-25 00:00", True),
        (DEPLOY, "2026-10-25 01:15", True),
        (DEPLOY, "2026-10-25 02:29", True),
        (DEPLOY, "2026-10-25 02:30", False),
        (Hours(since="00:00", until="00:00"), "2026-01-10 12:00", True),
    ],
)
def test_hours_are_those_of_the_wall_clock(hours: Hours, at: str, inside: bool) -> None:
    assert is_in(hours, utc(at)) is inside


@pytest.mark.parametrize(
    ("at", "inside"),
    [
        ("2026-01-09 23:00", True),  # Friday night
        ("2026-01-10 05:59", True),  # its morning
        ("2026-01-10 23:00", False),  # Saturday night
        ("2026-01-11 05:00", False),
    ],
)
def test_a_night_belongs_to_the_day_it_begins_on(at: str, inside: bool) -> None:
    assert is_in(Hours(since="22:00", until="06:00", days=(4,)), utc(at)) is inside


def test_a_window_with_dates_is_open_once() -> None:
    window = Window(reason="move", since=utc("2026-01-10 10:00"), until=utc("2026-01-10 12:00"))
    assert [is_open(window, utc(f"2026-01-10 {at}")) for at in ("09:59", "10:00", "12:00")] == [
        False,
        True,
        False,
    ]
    assert is_open(
        Window(reason="for good", since=utc("2026-01-10 10:00")), utc("2027-01-10 10:00")
    )
    assert not is_open(Window(reason="never"), utc("2026-01-10 10:00"))


def test_a_window_may_recur_within_dates() -> None:
    window = Window(reason="", hours=DEPLOY, until=utc("2026-01-10 00:00"))
    assert is_open(window, utc("2026-01-09 01:30"))
    assert not is_open(window, utc("2026-01-11 01:30"))


def test_a_hold_says_by_whom_until_when_and_why() -> None:
    at = utc("2026-01-10 01:30")
    mute = Mute(until=utc("2026-01-11 09:00"), by="U1", since=at, reason="move")
    window = Window(reason="nightly deploy", hours=DEPLOY)
    watch, policy = Watch(target="staging", mute=mute), Policy(windows=(window,))
    assert target_hold(watch, policy, at) == "muted by <@U1> until 2026-01-11 09:00 UTC: move"
    assert (
        target_hold(Watch(target="staging"), policy, at)
        == "maintenance until 03:30 Europe/Berlin: nightly deploy"
    )
    assert target_hold(Watch(target="staging"), policy, utc("2026-01-10 12:00")) == ""


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"since": "25:00", "until": "06:00"}, "not a time of day"),
        ({"since": "22:00", "until": "6"}, "not a time of day"),
        ({"since": "22:00", "until": "06:00", "timezone": "Mars/Base"}, "not a time zone"),
        ({"since": "22:00", "until": "06:00", "timezone": "../etc"}, "not a time zone"),
        ({"since": "22:00", "until": "06:00", "days": (7,)}, "days are numbers"),
        ({"since": "22:00", "until": "06:00", "days": ()}, "days are numbers"),
    ],
)
def test_hours_that_never_come_cannot_be_made(given: dict[str, str], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Hours(**given)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.05, "3 s"), (42.9, "42 min"), (60, "1 h"), (185, "3 h 5 min"), (3120, "2 d 4 h")],
)
def test_a_length_of_time_is_said_in_two_units_at_most(minutes: float, words: str) -> None:
    begin = utc("2026-01-10 00:00")
    assert span(datetime.fromtimestamp(begin.timestamp() + minutes * 60, UTC) - begin) == words
