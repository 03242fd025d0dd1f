"""The checker of what must hold sees each way in which a channel can tell a run wrongly."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from invariants import broken
from slack_house import channel_id, client_of

from bot.sandbox import MiniSlack

Post = Callable[..., Awaitable[str]]


async def told(case: Callable[[Post, Post], Awaitable[None]]) -> list[str]:
    """Return what is broken in a channel to which `case` posted and in which it edited."""
    async with MiniSlack() as slack, client_of(slack) as client:
        channel = channel_id(slack)
        asked_at = time.time()

        async def post(
            text: str, part: str = "announcement", *, run: str = "r1", at: str = ""
        ) -> str:
            metadata = {
                "event_type": "stagecheck_run",
                "event_payload": {"run_id": run, "part": part},
            }
            thread: dict[str, Any] = {"thread_ts": at} if at else {}
            answer = await client.chat_postMessage(
                channel=channel, text=text, metadata=metadata, **thread
            )
            return str(answer["ts"])

        async def edit(ts: str, text: str) -> str:
            await client.chat_update(channel=channel, ts=ts, text=text)
            return ts

        await case(post, edit)
        return broken(slack, asked_at=[asked_at], runs=1)


async def well(post: Post, edit: Post) -> None:
    ts = await post("Checking staging.")
    await edit(ts, "Checking staging: half way.")
    await post("Passed: x. Report 1 of 2: a", "report-1", at=ts)
    await post("Passed: x. Report 2 of 2: b", "report-2", at=ts)
    await edit(ts, "Passed: x.")


async def announced_twice(post: Post, edit: Post) -> None:
    await well(post, edit)
    await well(post, edit)


async def without_an_end(post: Post, edit: Post) -> None:
    ts = await post("Checking staging.")
    await post("Passed: x. Report 1 of 1: a", "report-1", at=ts)


async def under_way_after_its_end(post: Post, edit: Post) -> None:
    await well(post, edit)
    ts = await post("Checking staging.", run="r2")
    await post("Passed: x. Report 1 of 1: a", "report-1", run="r2", at=ts)
    await edit(ts, "Passed: x.")
    await edit(ts, "Checking staging.")
    await edit(ts, "Passed: x.")


async def with_two_ends(post: Post, edit: Post) -> None:
    ts = await post("Checking staging.")
    await post("Passed: x. Report 1 of 1: a", "report-1", at=ts)
    await edit(ts, "Passed: x.")
    await edit(ts, "Failed: x.")


async def without_a_report(post: Post, edit: Post) -> None:
    await edit(await post("Checking staging."), "Passed: x.")


async def with_a_part_twice(post: Post, edit: Post) -> None:
    ts = await post("Checking staging.")
    for _ in range(2):
        await post("Passed: x. Report 1 of 1: a", "report-1", at=ts)
    await edit(ts, "Passed: x.")


async def with_a_part_missing(post: Post, edit: Post) -> None:
    ts = await post("Checking staging.")
    await post("Passed: x. Report 1 of 2: a", "report-1", at=ts)
    await edit(ts, "Passed: x.")


async def with_a_part_elsewhere(post: Post, edit: Post) -> None:
    ts = await post("Checking staging.")
    await post("Passed: x. Report 1 of 1: a", "report-1")
    await edit(ts, "Passed: x.")


async def with_words_of_nobody(post: Post, edit: Post) -> None:
    await well(post, edit)
    await post("Passed: x. Report 1 of 1: a", "report-1", run="r9")


async def silent(post: Post, edit: Post) -> None:
    """Nothing at all is posted."""


WRONG = {
    announced_twice: "was announced 2 times",
    without_an_end: "has 0 outcomes",
    under_way_after_its_end: "is shown under way after its outcome",
    with_two_ends: "has 2 outcomes",
    without_a_report: "has no report",
    with_a_part_twice: "has these parts",
    with_a_part_missing: "has these parts",
    with_a_part_elsewhere: "is in another thread",
    with_words_of_nobody: "was never announced",
    silent: "nothing answers the command",
}


async def test_a_run_that_is_told_well_breaks_nothing() -> None:
    assert await told(well) == []


@pytest.mark.parametrize("case", WRONG, ids=lambda case: case.__name__)
async def test_each_wrong_is_seen(case: Callable[[Post, Post], Awaitable[None]]) -> None:
    assert WRONG[case] in " ".join(await told(case))


async def test_a_run_that_was_given_up_needs_no_report() -> None:
    async def given_up(post: Post, edit: Post) -> None:
        await edit(await post("Checking staging."), "Errored: x.")

    assert await told(given_up) == []
