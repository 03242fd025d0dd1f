"""The checker of answers sees a command that nothing answers, and a run for which nobody asked."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from slack_house import channel_id, client_of

from bot.sandbox import MiniSlack
from tests.invariants import Asked, Promise, wrongs_answered, wrongs_told

ATTACHED = "{} is already being checked – Run `\u2060r0123456789`\u2060 has just been started."
REFUSED = "Our database cannot be used – The run cannot be kept, so it was not started."


@dataclass(slots=True)
class Story:
    """A channel told by hand: what was asked, said to all, and said to one person."""

    slack: MiniSlack
    asked: list[Asked]
    said: list[tuple[str, dict[str, object]]]

    def ask(self, target: str = "one", *, user: str = "ada", acknowledged: bool = True) -> None:
        at = time.time()
        self.asked.append(
            Asked(at=at, user=user, channel="staging", target=target, acknowledged=acknowledged)
        )
        self.said.append(("", {}))

    def announce(self, run: str = "r0123456789abcdef", target: str = "one") -> None:
        payload = {"run_id": run, "part": "announcement"}
        metadata = {"event_type": "stagecheck_run", "event_payload": payload}
        text = f"Checking {target}. The outcome will replace this message."
        self.said.append(("chat.postMessage", {"text": text, "metadata": metadata}))

    def whisper(self, text: str, user: str = "ada") -> None:
        person = self.slack.workspace.user(user).id
        self.said.append(("chat.postEphemeral", {"text": text, "user": person}))


def answered(story: Story) -> None:
    story.ask()
    story.announce()


def attached(story: Story) -> None:
    answered(story)
    story.ask(user="grace")
    story.whisper(ATTACHED.format("one"), "grace")


def refused(story: Story) -> None:
    story.ask()
    story.whisper(REFUSED)


def started_though_nobody_heard(story: Story) -> None:
    story.ask(acknowledged=False)
    story.announce()
    story.ask(acknowledged=False)


def asked_again_after_the_end(story: Story) -> None:
    answered(story)
    story.ask()
    story.announce("r1123456789abcdef")


WELL = (answered, attached, refused, started_though_nobody_heard, asked_again_after_the_end)


def silent(story: Story) -> None:
    story.ask()


def answered_before_it_was_asked(story: Story) -> None:
    story.announce()
    story.ask()


def one_run_for_two(story: Story) -> None:
    answered(story)
    story.ask(user="grace")


def about_another_target(story: Story) -> None:
    story.ask("two")
    story.announce()


def told_to_somebody_else(story: Story) -> None:
    answered(story)
    story.ask(user="grace")
    story.whisper(ATTACHED.format("one"), "ada")


def attached_to_nothing(story: Story) -> None:
    story.ask()
    story.whisper(ATTACHED.format("one"))


def attached_to_another_target(story: Story) -> None:
    answered(story)
    story.ask("two", user="grace")
    story.whisper(ATTACHED.format("two"), "grace")


LOST = (
    silent,
    answered_before_it_was_asked,
    one_run_for_two,
    about_another_target,
    told_to_somebody_else,
    attached_to_nothing,
    attached_to_another_target,
)


def two_runs_for_one(story: Story) -> None:
    answered(story)
    story.announce("r1123456789abcdef")


def a_run_that_nobody_asked_for(story: Story) -> None:
    story.announce()


def two_runs_where_nobody_heard(story: Story) -> None:
    story.ask(acknowledged=False)
    story.announce()
    story.announce("r1123456789abcdef")


DOUBLED = (two_runs_for_one, a_run_that_nobody_asked_for, two_runs_where_nobody_heard)


async def judged(tell: Callable[[Story], None]) -> set[Promise]:
    """Return the promises that a story breaks, told to a small Slack one thing after the other."""
    async with MiniSlack() as slack, client_of(slack) as client:
        story = Story(slack, [], [])
        tell(story)
        story.asked.reverse()
        asked: list[Asked] = []
        for method, arguments in story.said:
            if method:
                await client.api_call(method, json={"channel": channel_id(slack), **arguments})
            else:
                asked.append(at_present(story.asked.pop()))
        return {wrong.promise for wrong in wrongs_answered(slack, asked)}


def at_present(one: Asked) -> Asked:
    return Asked(
        at=time.time(),
        user=one.user,
        channel=one.channel,
        target=one.target,
        acknowledged=one.acknowledged,
    )


def names(stories: Sequence[Callable[[Story], None]]) -> list[str]:
    return [story.__name__ for story in stories]


@pytest.mark.parametrize("story", WELL, ids=names(WELL))
async def test_what_is_answered_breaks_nothing(story: Callable[[Story], None]) -> None:
    assert await judged(story) == set()


@pytest.mark.parametrize("story", LOST, ids=names(LOST))
async def test_a_command_that_nothing_answers_is_seen(story: Callable[[Story], None]) -> None:
    assert Promise.NOTHING_LOST in await judged(story)


@pytest.mark.parametrize("story", DOUBLED, ids=names(DOUBLED))
async def test_a_run_too_many_is_seen(story: Callable[[Story], None]) -> None:
    assert await judged(story) == {Promise.NOTHING_TWICE}


VERSIONS = {
    "neither under way nor over": ("Checking one. x", "Hello.", "Errored: x"),
    "began with an outcome": ("Errored: x",),
    "under way after its outcome": ("Checking one. x", "Errored: x", "Checking one. y"),
    "2 outcomes": ("Checking one. x", "Passed: x", "Errored: x"),
}


@pytest.mark.parametrize("wrong", VERSIONS)
async def test_an_illegal_edit_is_seen(wrong: str) -> None:
    async with MiniSlack() as slack, client_of(slack) as client:
        first, *others = VERSIONS[wrong]
        payload = {"run_id": "r0123456789abcdef", "part": "announcement"}
        metadata = {"event_type": "stagecheck_run", "event_payload": payload}
        channel = channel_id(slack)
        posted = await client.chat_postMessage(channel=channel, text=first, metadata=metadata)
        for text in others:
            await client.chat_update(channel=channel, ts=posted["ts"], text=text)
        found = wrongs_told(slack, "staging")
        assert any(one.promise is Promise.IN_ORDER and wrong in one.text for one in found)


async def test_parts_of_a_report_in_another_order_are_seen() -> None:
    async with MiniSlack() as slack, client_of(slack) as client:
        channel, thread = channel_id(slack), {}
        for part, text in (
            ("announcement", "Checking one. x"),
            ("report-2", "Passed: x. Report 2 of 2: b"),
            ("report-1", "Passed: x. Report 1 of 2: a"),
        ):
            payload = {"run_id": "r0123456789abcdef", "part": part}
            metadata = {"event_type": "stagecheck_run", "event_payload": payload}
            posted = await client.chat_postMessage(
                channel=channel, text=text, metadata=metadata, **thread
            )
            thread = thread or {"thread_ts": posted["ts"]}
        found = [one for one in wrongs_told(slack, "staging") if "these parts" in one.text]
        assert [one.promise for one in found] == [Promise.IN_ORDER]
