"""`/stagecheck history TARGET 7d` in Slack: charts, or words and pictures where there are none."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from samples import SAMPLES
from slack_house import House, house, said

from bot.sandbox import MiniSlack
from bot.sandbox.blockkit import problems
from bot.slack import OPTIONAL

POST = "chat.postMessage"


async def lived(bot: House, *, days: int = 5) -> None:
    """Keep some runs of the last days, of which every third failed."""
    now = bot.deps.clock()
    for number in range(3 * days):
        run, diagnosis = SAMPLES["seed" if number % 3 == 0 else "passed"]
        at = now - timedelta(hours=8 * number)
        await bot.deps.store.save_run(replace(run, id=f"r{number:016d}", started_at=at), diagnosis)


def charts(bot: House) -> list[str]:
    """Return the titles of all charts in the channel."""
    return [
        block["title"]
        for message in bot.slack.messages()
        for block in message.blocks
        if block["type"] == "data_visualization"
    ]


async def test_a_week_comes_as_charts_with_the_takeaway_in_words() -> None:
    async with house() as bot:
        await lived(bot)
        await bot.ask("/stagecheck history staging 7d")
        first, second = bot.slack.messages()
    assert charts(bot) == ["Availability", "Why runs did not work", *charts(bot)[2:]]
    assert charts(bot)[2:] == ["How long steps take where they work"]
    assert "staging worked in" in said(first.blocks)
    assert "Most often:" in said(first.blocks)
    assert "A run that works takes" in said(second.blocks)
    for message in (first, second):
        assert problems({"text": message.text, "blocks": list(message.blocks)}) == []


async def test_the_button_below_asks_for_the_other_period() -> None:
    async with house() as bot:
        await lived(bot)
        await bot.ask("/stagecheck history staging 7d")
        await bot.press(bot.slack.messages()[-1].ts, "Show 30 Days")
        titles = [message.text for message in bot.slack.messages()]
    assert any("the last 30 days" in title for title in titles)


async def test_the_only_target_need_not_be_named() -> None:
    async with house() as bot:
        await lived(bot)
        await bot.ask("/stagecheck history 30d")
        assert "pipeline on staging, the last 30 days" in bot.slack.messages()[0].text


async def test_of_several_targets_one_must_be_named() -> None:
    async with house(targets=("staging", "canary")) as bot:
        await bot.ask("/stagecheck history 7d")
        assert "Of which target?" in bot.slack.transcript("staging")


async def test_a_period_that_is_not_known_is_refused_with_those_that_are() -> None:
    async with house() as bot:
        await bot.ask("/stagecheck history staging 14d")
        assert "There is no period" in bot.slack.transcript("staging")


async def test_without_runs_it_says_so() -> None:
    async with house() as bot:
        await bot.ask("/stagecheck history staging 7d")
        assert "No run of pipeline on staging in the last 7 days." in said(
            bot.slack.messages()[0].blocks
        )


async def test_charts_that_slack_refuses_follow_as_pictures_in_the_thread() -> None:
    async with house() as bot:
        await lived(bot)
        bot.slack.fail(POST, how="invalid_blocks", times=1)
        await bot.ask("/stagecheck history staging 7d")
        shared = [message for message in bot.slack.messages() if message.files]
        first = next(message for message in bot.slack.messages() if not message.thread_ts)
    assert "staging worked in" in said(first.blocks)
    assert not any(block["type"] == "data_visualization" for block in first.blocks)
    assert [file["title"] for message in shared for file in message.files] == [
        "Availability",
        "Why runs did not work",
    ]
    assert {message.thread_ts for message in shared} == {first.ts}


async def test_the_picture_is_a_png_whose_text_says_what_it_shows() -> None:
    async with house() as bot:
        await lived(bot)
        bot.slack.fail(POST, how="invalid_blocks", times=1)
        await bot.ask("/stagecheck history staging 7d")
        asked = [call for call in bot.slack.calls if call.method == "files.getUploadURLExternal"]
        kept = [file.content for file in bot.slack.files.files.values()]
    assert asked[0].args["filename"] == "availability.png"
    assert "staging worked in" in str(asked[0].args["alt_txt"])
    assert kept
    assert all(content and content.startswith(b"\x89PNG") for content in kept)


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_a_picture_that_slack_does_not_take_takes_no_words_away(method: str) -> None:
    async with house() as bot:
        await lived(bot)
        bot.slack.fail(POST, how="invalid_blocks", times=1)
        bot.slack.fail(method, how="missing_scope", times=9)
        await bot.ask("/stagecheck history staging 7d")
        texts = bot.slack.transcript("staging")
    assert "staging worked in" in texts
    assert "A run that works takes" in texts


async def test_a_file_is_not_shared_twice_when_slack_does_not_say_that_it_was() -> None:
    async with house() as bot:
        await lived(bot)
        bot.slack.fail(POST, how="invalid_blocks", times=1)
        bot.slack.fail("files.completeUploadExternal", how="accept_then_500", times=1)
        await bot.ask("/stagecheck history staging 7d")
        titles = [file["title"] for one in bot.slack.messages() for file in one.files]
    assert titles == ["Availability", "Why runs did not work"]


async def test_where_the_bot_may_not_post_the_caller_still_gets_charts() -> None:
    async with house() as bot:
        await lived(bot)
        bot.slack.fail(POST, how="not_in_channel", times=9)
        await bot.ask("/stagecheck history staging 7d")
        posted = [call for call in bot.slack.calls if call.method == POST and call.ok]
        shown = json.dumps([list(m.blocks) for m in bot.slack.messages()])
    assert posted == []
    assert "data_visualization" in shown


async def test_pictures_need_a_scope_without_which_everything_else_works() -> None:
    assert "files:write" in OPTIONAL
    slack = MiniSlack(scopes=("commands", "chat:write", "files:read"))
    async with house(slack=slack) as bot:
        await lived(bot)
        bot.slack.fail(POST, how="invalid_blocks", times=1)
        await bot.ask("/stagecheck history staging 7d")
        assert "staging worked in" in bot.slack.transcript("staging")
