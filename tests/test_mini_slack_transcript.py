"""A channel of the small Slack reads well as text in a terminal."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox import MiniSlack
from bot.sandbox.blockkit.blocks import BLOCKS
from bot.sandbox.slack.block_text import DRAWN, lines_of
from bot.sandbox.slack.text import mrkdwn
from tests.block_cases import (
    ACCEPTED,
    LIMITS,
    actions,
    button,
    cell,
    plain,
    plan,
    rich,
    section,
    table,
    task,
    words,
)
from tests.block_cases import mrkdwn as mark
from tests.bolt_apps import client_of

NAMES = {"U1": "ada", "C1": "staging"}


def names(id: str) -> str:
    return NAMES.get(id, id)


def drawn(*blocks: dict, width: int = 60) -> str:
    return "\n".join(lines_of(blocks, names, width=width))


@pytest.fixture
async def slack() -> AsyncIterator[MiniSlack]:
    async with MiniSlack(ack_s=0.1) as slack:
        yield slack


async def test_a_channel_reads_from_top_to_bottom_with_threads_inside(slack) -> None:
    client, channel = client_of(slack), slack.workspace.channel("staging").id
    await slack.command("/stagecheck staging")
    posted = await client.chat_postMessage(channel=channel, text="Checking staging")
    steps = plan(task(1, status="complete"), task(2, title="Exchange", status="error"))
    for text in ("1 of 2", "2 of 2"):
        await client.chat_update(
            channel=channel,
            ts=posted["ts"],
            text=text,
            blocks=[steps, actions(button(), button(action_id="b", text=plain("Verify Key")))],
        )
    await client.chat_postMessage(
        channel=channel, thread_ts=posted["ts"], text="*Report* of <@U0STAGECHECK>"
    )
    slack.say("thanks", user="grace", thread_ts=posted["ts"])
    await slack.press(posted["ts"], "Re-run Check", user="grace")
    assert (
        slack.transcript()
        == """\
#staging

ada  /stagecheck staging

slackbot  /stagecheck failed with the error "dispatch_failed"  (only ada sees this)

stagecheck
  Checking
  [x] Health
  [!] Exchange
  [Re-run Check]  [Verify Key]
  │
  │ stagecheck  Report of @stagecheck
  │
  │ grace  thanks
  │
  │ grace  presses [Re-run Check]
  │
  │ slackbot  [Re-run Check] failed with the error "dispatch_failed"  (only grace sees this)
"""
    )


async def test_a_message_cannot_move_the_cursor_of_the_terminal(slack) -> None:
    slack.say("\x1b[2Jgone\rover\x07")
    assert slack.transcript() == "#staging\n\nada  �[2Jgone�over�\n"


async def test_buttons_are_numbered_from_the_newest_message(slack) -> None:
    client, channel = client_of(slack), slack.workspace.channel("staging").id
    for name in ("Old", "New"):
        blocks = [actions(button(text=plain(f"{name} A")), button(action_id="b"))]
        await client.chat_postMessage(channel=channel, text=name, blocks=blocks)
    found = [(one.number, one.label, one.action_id) for one in slack.numbered_buttons()]
    assert found == [
        (1, "New A", "do:run"),
        (2, "Re-run Check", "b"),
        (3, "Old A", "do:run"),
        (4, "Re-run Check", "b"),
    ]
    last = slack.numbered_buttons()[-1]
    assert last.message_ts == slack.messages()[0].ts


def test_markup_is_gone_and_ids_are_names() -> None:
    text = (
        "*Bold* _it_ ~no~ `a*b*c` 2 * 3 snake_case_name <@U1> in <#C1|old> "
        "<https://x.test|runbook> <!date^1^{time}|10:42> <!here> &lt;b&gt;"
    )
    assert mrkdwn(text, names) == (
        "Bold it no `a*b*c` 2 * 3 snake_case_name @ada in #staging "
        "runbook (https://x.test) 10:42 @here <b>"
    )


def test_lists_are_numbered_on_after_a_deeper_list() -> None:
    def entry(text: str) -> dict:
        return {"type": "rich_text_section", "elements": [words(text)]}

    def listing(style: str, indent: int, *texts: str) -> dict:
        return {
            "type": "rich_text_list",
            "style": style,
            "indent": indent,
            "elements": [entry(text) for text in texts],
        }

    block = {
        "type": "rich_text",
        "elements": [
            listing("ordered", 0, "Why red?", "Why 401?"),
            listing("bullet", 1, "o12"),
            listing("ordered", 0, "Why so?"),
            {"type": "rich_text_quote", "elements": [words("a\nb")]},
            {"type": "rich_text_preformatted", "elements": [words("GET /")]},
        ],
    }
    assert drawn(block).splitlines() == [
        "1. Why red?",
        "2. Why 401?",
        "   ◦ o12",
        "3. Why so?",
        "> a",
        "> b",
        "    GET /",
    ]


def test_tables_are_aligned_and_wrapped_in_their_columns() -> None:
    block = table(
        [cell("Step"), cell("ms"), cell("Detail")],
        [cell("health"), cell("8"), cell("three services answer in good time")],
    )
    block["column_settings"] = [{}, {"align": "right"}]
    assert drawn(block, width=34).splitlines() == [
        "Step    ms  Detail",
        "──────  ──  ──────────────────────",
        "health   8  three services answer",
        "            in good time",
    ]


def test_fields_stand_in_two_columns_when_they_fit() -> None:
    block = {"type": "section", "fields": [mark("*Target*\nstaging"), mark("*Took*\n4 s")]}
    assert drawn(block) == "Target: staging   Took: 4 s"
    long = {"type": "section", "fields": [mark("*Target*\n" + "x" * 40), mark("*Took*\n4 s")]}
    assert drawn(long).splitlines() == ["Target: " + "x" * 40, "Took: 4 s"]


def test_details_of_a_task_stand_beside_it_when_they_fit() -> None:
    short = task(1, status="in_progress", details=rich(words("401")))
    long = task(2, status="pending", output=rich(words("x " * 30)))
    assert drawn(plan(short, long)).splitlines() == [
        "Checking",
        "[~] Health · 401",
        "[ ] Health",
        "    " + "x " * 27 + "x",
        "    x x",
    ]


def test_long_lines_are_wrapped_under_their_text() -> None:
    assert drawn(section("> " + "word " * 8), width=20).splitlines() == [
        "> word word word",
        "  word word word",
        "  word word",
    ]


def test_every_block_of_slack_is_drawn() -> None:
    # A remote file has nothing to show but its name, which Slack looks up.
    assert set(BLOCKS) - set(DRAWN) == {"file"}


@pytest.mark.parametrize("name", [*LIMITS, *ACCEPTED])
def test_whatever_slack_accepts_can_be_read(name: str) -> None:
    block = ACCEPTED[name] if name in ACCEPTED else LIMITS[name][0](LIMITS[name][1])
    lines = lines_of([block], names, width=80)
    assert lines
    assert not any(line != line.rstrip() or line == f"({block['type']})" for line in lines)


@given(st.text(), st.integers(10, 100))
def test_any_text_can_be_drawn_without_trailing_spaces(text: str, width: int) -> None:
    lines = lines_of([section(text or "x"), table([cell(text or "x")])], names, width=width)
    assert all(line == line.rstrip() for line in lines)


async def test_an_address_stays_whole_and_a_cell_does_without(slack) -> None:
    client, channel = client_of(slack), slack.workspace.channel("staging").id
    url = f"https://stagecheck.example.test/runs/r1?sig={'a' * 120}"
    link = {"type": "link", "url": url, "text": "r1"}
    line = {"type": "rich_text_section", "elements": [link]}
    rows = [[{"type": "raw_text", "text": "Run"}], [{"type": "rich_text", "elements": [line]}]]
    small = {"type": "context", "elements": [mark(f"asked by ada · <{url}|Page>")]}
    blocks = [{"type": "table", "rows": rows}, small]
    await client.chat_postMessage(channel=channel, text="One run", blocks=blocks)
    lines = [line.strip() for line in slack.transcript().splitlines()]
    assert "r1" in lines
    assert any(f"({url})" in line for line in lines)
