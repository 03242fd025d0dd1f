"""Whatever a renderer hands over, Slack takes it; and what fits is left as it is."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.report import Message
from bot.sandbox.blockkit import problems
from bot.slack.fit import fit, with_note
from bot.slack.shorten import pieces, shorten, size

TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(["", " ", "a", "\ud800", "\0", "&<>`*_~", "😀", "```\nlog\n```", "<@U1>"]),
    st.builds(lambda text, times: text * times, st.text(min_size=1, max_size=9), st.just(1_700)),
)
IDS = st.one_of(st.sampled_from(["do:run", "do:show", "x" * 300, ""]), st.integers(), st.none())
KINDS = st.sampled_from(
    [
        *("section", "header", "context", "actions", "divider", "image", "rich_text", "table"),
        *("markdown", "plan", "task_card", "alert", "data_table", "mrkdwn", "plain_text"),
        *("button", "text", "link", "raw_text", "rich_text_section", "rich_text_list", "nonsense"),
    ]
)
KEYS = st.sampled_from(
    [
        *("text", "title", "fields", "elements", "accessory", "rows", "tasks", "block_id"),
        *("action_id", "value", "style", "confirm", "task_id", "status", "details", "url"),
        *("image_url", "alt_text", "caption", "emoji", "column_settings", "indent", "extra"),
    ]
)
LEAVES = st.one_of(TEXTS, IDS, st.booleans(), st.sampled_from(["danger", "pending", "complete"]))
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.builds(
            lambda kind, rest: {**rest, "type": kind},
            KINDS,
            st.dictionaries(KEYS, inner, max_size=5),
        ),
    ),
    max_leaves=25,
)


def said(text: str, kind: str = "plain_text") -> dict[str, Any]:
    return {"type": kind, "text": text}


def button(text: str, id: str = "do:run") -> dict[str, Any]:
    return {"type": "button", "action_id": id, "text": said(text), "value": "run staging"}


def rich(*texts: str) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": [said(text, "text") for text in texts]}
    return {"type": "rich_text", "elements": [section]}


def task(id: str, title: str) -> dict[str, Any]:
    return {"type": "task_card", "task_id": id, "title": title, "status": "pending"}


def table(rows: int, text: str) -> dict[str, Any]:
    cells = [{"type": "raw_text", "text": text} for _ in range(3)]
    return {"type": "table", "rows": [list(cells) for _ in range(rows)]}


BLOCKS = st.one_of(
    st.builds(lambda text: {"type": "section", "text": said(text, "mrkdwn")}, TEXTS),
    st.builds(
        lambda texts: {"type": "section", "fields": [said(text, "mrkdwn") for text in texts]},
        st.lists(TEXTS, max_size=14),
    ),
    st.builds(lambda text: {"type": "header", "text": said(text)}, TEXTS),
    st.builds(
        lambda texts: {"type": "context", "elements": [said(text, "mrkdwn") for text in texts]},
        st.lists(TEXTS, max_size=14),
    ),
    st.builds(
        lambda texts: {"type": "actions", "elements": [button(text) for text in texts]},
        st.lists(TEXTS, max_size=30),
    ),
    st.builds(
        lambda title, texts: {
            "type": "plan",
            "title": title,
            "tasks": [task(f"t{len(text) % 3}", text) for text in texts],
        },
        TEXTS,
        st.lists(TEXTS, max_size=60),
    ),
    st.builds(table, st.integers(0, 120), TEXTS),
    st.builds(lambda text: {"type": "markdown", "text": text}, TEXTS),
    st.builds(lambda texts: rich(*texts), st.lists(TEXTS, max_size=8)),
    ANYTHING,
)


def refused(message: Message) -> list[str]:
    return problems({"text": message.text, "blocks": list(message.blocks)})


@given(text=TEXTS, blocks=st.lists(BLOCKS, max_size=12), times=st.sampled_from([1, 1, 9]))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_slack_refuses_nothing_that_was_made_to_fit(
    text: str, blocks: list[Any], times: int
) -> None:
    fitted = fit(Message(text=text, blocks=tuple(blocks * times)))
    assert refused(fitted) == []
    assert fit(fitted) == fitted


@pytest.mark.parametrize("length", [1, 76, 151, 2_001, 3_001, 12_001, 40_000])
@pytest.mark.parametrize("char", ["x", "😀", "&", "ä", "word "])
def test_text_of_any_length_in_any_block_is_taken(length: int, char: str) -> None:
    text = (char * length)[:length]
    blocks = (
        {"type": "header", "text": said(text)},
        {"type": "section", "text": said(text, "mrkdwn"), "fields": [said(text)]},
        rich(text),
        {"type": "actions", "elements": [button(text)]},
        {"type": "plan", "title": text, "tasks": [task("t", text)]},
        table(5, text),
        {"type": "markdown", "text": text},
    )
    for block in blocks:
        assert refused(fit(Message(text=text, blocks=(block,)))) == []
    assert refused(fit(Message(text=text, blocks=blocks))) == []


def test_a_message_that_fits_is_left_exactly_as_it_is() -> None:
    message = Message(
        text="staging works",
        blocks=(
            {"type": "header", "text": said("staging works")},
            rich("all ", "well"),
            {"type": "actions", "elements": [button("Re-run Check")], "block_id": "a1"},
            {"type": "plan", "title": "Checked", "tasks": [task("t1", "one"), task("t2", "two")]},
            {"type": "context", "elements": [said("took 2 s", "mrkdwn")]},
        ),
    )
    assert fit(message) == message


def test_of_too_many_blocks_the_first_and_the_last_are_kept() -> None:
    blocks = [{"type": "header", "text": said(f"part {number}")} for number in range(80)]
    fitted = fit(Message(text="x", blocks=tuple(blocks))).blocks
    assert (fitted[0], fitted[-1], len(fitted)) == (blocks[0], blocks[-1], 50)
    assert "31 parts of this message left out here" in str(fitted)


def test_of_a_message_that_weighs_too_much_beginning_and_end_are_kept() -> None:
    log = "\n".join(f"line {number}: {'x' * 80}" for number in range(400))
    blocks = ({"type": "header", "text": said("It failed")}, rich(log), rich("the cause"))
    fitted = fit(Message(text="x", blocks=blocks)).blocks
    assert (fitted[0], fitted[-1]) == (blocks[0], rich("the cause"))
    assert "line 0:" in str(fitted)
    assert "line 399:" in str(fitted)


def test_a_long_section_goes_on_in_the_next_one_with_its_code_block_open() -> None:
    lines = [f"{number} {'y' * 60}" for number in range(100)]
    section = {"type": "section", "text": said("```\n" + "\n".join(lines) + "\n```", "mrkdwn")}
    fitted = [block["text"]["text"] for block in fit(Message(text="x", blocks=(section,))).blocks]
    assert len(fitted) > 1
    assert all(text.count("```") == 2 for text in fitted)
    assert all(line in "".join(fitted) for line in lines)


def test_what_slack_does_not_know_is_said_as_plain_text() -> None:
    blocks = ({"type": "hologram", "title": "It <b>failed</b>", "beams": 3},)
    assert fit(Message(text="x", blocks=blocks)).blocks == (
        {"type": "section", "text": said("It <b>failed</b>")},
    )


def test_a_command_too_long_for_a_button_takes_the_button_away_instead_of_changing() -> None:
    broken = button("Long", "do:long") | {"value": "run " + "x" * 2_000}
    blocks = ({"type": "actions", "elements": [broken, button("Short")]},)
    [actions] = fit(Message(text="x", blocks=blocks)).blocks
    assert actions["elements"] == [button("Short")]


def test_two_buttons_with_one_id_become_two() -> None:
    blocks = ({"type": "actions", "elements": [button("A"), button("B")]},)
    [actions] = fit(Message(text="x", blocks=blocks)).blocks
    assert [element["action_id"] for element in actions["elements"]] == ["do:run", "do:run-2"]


def test_a_second_table_is_said_as_text() -> None:
    fitted = fit(Message(text="x", blocks=(table(2, "one"), table(2, "two")))).blocks
    assert [block["type"] for block in fitted] == ["table", "section"]
    assert "two" in fitted[1]["text"]["text"]


def test_a_table_keeps_its_first_and_last_rows_and_shortens_its_cells() -> None:
    wide = table(2, "y" * 1_700)
    [fitted] = fit(Message(text="x", blocks=(wide,))).blocks
    assert (fitted["type"], len(fitted["rows"])) == ("table", 2)
    rows = [[{"type": "raw_text", "text": f"{number} {'z' * 200}"}] for number in range(90)]
    [fitted] = fit(Message(text="x", blocks=({"type": "table", "rows": rows},))).blocks
    assert (fitted["rows"][0], fitted["rows"][-1]) == (rows[0], rows[-1])
    assert len(fitted["rows"]) < 60


def test_a_message_without_text_takes_it_from_its_blocks() -> None:
    assert fit(Message(text=" ", blocks=(rich("All is well"),))).text == "All is well"


def test_a_note_stands_at_the_end_of_a_message() -> None:
    noted = with_note(Message(text="x", blocks=(rich("one"),)), "Sent twice, perhaps.")
    assert noted.blocks[-1]["elements"] == [said("Sent twice, perhaps.")]


@given(st.text(), st.integers(1, 60))
def test_shortened_text_keeps_within_its_limit_and_keeps_both_ends(text: str, most: int) -> None:
    shortened = shorten(text, most)
    assert size(shortened) <= most
    if size(text) <= most:
        assert shortened == text


@given(st.text(alphabet="ab \n`<@&;>😀", max_size=400))
def test_pieces_of_a_text_leave_nothing_out(text: str) -> None:
    parts = list(pieces(text, 40))
    assert all(size(part) <= 40 for part in parts)
    kept = "".join(parts)
    for char in "ab@;😀":
        assert kept.count(char) == text.count(char)
