"""A killed bot goes on where it was: what was acknowledged is told to its end, and told once."""

from pathlib import Path

import pytest
from crashing import Bot, Moment, Values, Wire, bot_of, wire
from invariants import OUTCOME, broken

from bot.sandbox import MiniSlack, Staging


def posts(part: str, when: str) -> Moment:
    """The post of one part of what a run says: its announcement, or a part of its report."""

    def matches(values: Values) -> bool:
        return values.get("metadata", {}).get("event_payload", {}).get("part") == part

    return Moment(when=when, method="chat.postMessage", matches=matches)


def outcome(when: str) -> Moment:
    """The change of a run's message into its outcome."""
    return Moment(
        when=when, method="chat.update", matches=lambda values: bool(OUTCOME.match(values["text"]))
    )


MOMENTS = {
    "before it is announced": posts("announcement", "before"),
    "when it is announced, but does not know it": posts("announcement", "after"),
    "before its report": posts("report-1", "before"),
    "in the middle of its report": posts("report-1", "after"),
    "at the end of its report": posts("report-2", "after"),
    "before its outcome": outcome("before"),
    "when its outcome is shown, but it does not know it": outcome("after"),
}


async def survive(bot: Bot, line: Wire, moment: Moment) -> None:
    """Ask for a check, kill the bot at `moment`, start it again, and let it come to an end."""
    line.moment, line.cut = moment, bot.kill
    await bot.start()
    assert await bot.ask()
    await line.reached.wait()
    await bot.ended()
    await bot.start()
    await bot.all_told()
    assert await bot.stop() == 0
    assert "Traceback" not in bot.log


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_run_that_is_killed_is_told_to_its_end_once(tmp_path: Path, moment: str) -> None:
    async with (
        Staging(["seed"]) as staging,
        MiniSlack() as slack,
        wire(slack) as line,
        bot_of(tmp_path, staging, slack, api_url=line.url) as bot,
    ):
        await survive(bot, line, MOMENTS[moment])
        assert broken(slack, asked_at=bot.asked_at, runs=1) == []
        assert "may be here twice" not in slack.transcript("staging")
