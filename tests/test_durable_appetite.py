"""A process begins as many runs as leave its loop free for people."""

import pytest

from bot.durable.appetite import CROWD, FEEL_S, LATE_S, LEAST_EVERY_S, MOST, REST_S, Appetite


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def appetite(clock: Clock) -> Appetite:
    """The appetite of a loop that was on time just now, and has begun a run just now."""
    appetite = Appetite(clock)
    appetite.felt(0.0)
    appetite.begun()
    return appetite


def test_a_loop_that_is_on_time_begins_several_runs(appetite: Appetite) -> None:
    appetite.felt(LATE_S / 2)
    assert appetite.room() == MOST


def test_a_loop_that_was_late_is_left_alone_for_a_while(appetite: Appetite, clock: Clock) -> None:
    appetite.felt(2 * LATE_S)
    assert appetite.room() == 0
    clock.now += REST_S + 0.01
    appetite.felt(0.0)
    assert appetite.room() == MOST


def test_a_loop_of_which_nothing_is_heard_is_late(appetite: Appetite, clock: Clock) -> None:
    clock.now += FEEL_S + 2 * LATE_S
    assert appetite.room() == 0


def test_a_crowd_is_answered_before_what_it_started_begins(
    appetite: Appetite, clock: Clock
) -> None:
    for _ in range(int(CROWD)):
        assert appetite.room() == MOST
        appetite.asked()
    assert appetite.room() == 0
    clock.now += 1.0
    appetite.felt(0.0)
    assert appetite.room() == MOST


def test_however_busy_the_loop_is_runs_are_begun_now_and_then(
    appetite: Appetite, clock: Clock
) -> None:
    clock.now += LEAST_EVERY_S
    appetite.felt(2 * LATE_S)
    assert appetite.room() == 1
    appetite.begun()
    assert appetite.room() == 0


def test_whoever_is_about_to_end_begins_nothing(appetite: Appetite) -> None:
    appetite.lose()
    assert appetite.room() == 0
