"""Blocks that Slack would refuse are refused here, with a reason and a place."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block

from bot.sandbox.blockkit import problems, too_long
from bot.sandbox.blockkit.limits import SHAPES
from bot.sandbox.blockkit.rules import Surface
from tests.block_cases import (
    ACCEPTED,
    LIMITS,
    actions,
    button,
    card,
    cell,
    image,
    line_chart,
    menu,
    mrkdwn,
    option,
    plain,
    plan,
    rich,
    section,
    table,
    task,
    words,
)


@pytest.mark.parametrize("name", LIMITS)
def test_a_limit_is_reached_but_not_passed(name: str) -> None:
    build, most = LIMITS[name]
    assert problems([build(most)]) == []
    assert problems([build(most + 1)]) != []


REFUSED = {
    "unknown block": {"type": "sextion", "text": mrkdwn("x")},
    "no type": {"text": mrkdwn("x")},
    "unknown key": section(colour="red"),
    "empty text": section(""),
    "blank text": section("  "),
    "section with nothing": {"type": "section"},
    "mrkdwn header": {"type": "header", "text": mrkdwn("x")},
    "header emoji in mrkdwn text": section() | {"text": mrkdwn("x") | {"emoji": True}},
    "mrkdwn button": actions(button(text=mrkdwn("x"))),
    "blue button": actions(button(style="blue")),
    "button without action_id": actions({"type": "button", "text": plain("x")}),
    "button with a wrong address": actions(button(url="javascript:alert(1)")),
    "no actions": actions(),
    "same action_id": actions(button(), button()),
    "input element in actions": actions({"type": "plain_text_input", "action_id": "x"}),
    "alert in a message": {"type": "alert", "text": plain("x")},
    "image without alt_text": {"type": "image", "image_url": "https://x.test/a.png"},
    "image with empty alt_text": image(alt_text=""),
    "image without a source": {"type": "image", "alt_text": "x"},
    "initial option not offered": actions(menu(initial_option=option(2))),
    "options twice": actions(menu(options=[option(1), option(1)])),
    "plan without a title": {"type": "plan", "tasks": [task(1)]},
    "plan without tasks": plan(),
    "plan title as object": plan(task(1), title=plain("x")),
    "unknown task status": plan(task(1, status="done")),
    "task without status": plan({"task_id": "t", "title": "x"}),
    "same task_id": plan(task(1), task(1)),
    "task details as text": plan(task(1, details="x")),
    "pending outside a plan": {"type": "task_card"} | task(1),
    "empty table cell": table([cell("")]),
    "number cell in a table": table([{"type": "raw_number", "value": 1}]),
    "ragged table": table([cell("a"), cell("b")], [cell("c")]),
    "wrong alignment": table([cell("a")]) | {"column_settings": [{"align": "justify"}]},
    "rich text header cell in a data table": {
        "type": "data_table",
        "caption": "x",
        "rows": [[rich(words("a"))], [cell("b")]],
    },
    "rich text with an empty part": rich(words("")),
    "rich text with no parts": rich(),
    "rich text part unknown": rich({"type": "blink", "text": "x"}),
    "section outside rich text": {"type": "rich_text_section", "elements": [words("x")]},
    "link to nowhere": rich({"type": "link", "url": "nowhere"}),
    "card in a container": {"type": "container", "title": plain("x"), "child_blocks": [card()]},
    "collapsed for ever": {
        "type": "container",
        "title": plain("x"),
        "child_blocks": [section()],
        "default_collapsed": True,
    },
    "true as a number": line_chart() | {"title": True},
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_slack_refuses_is_refused(name: str) -> None:
    assert problems([REFUSED[name]]) != []


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_slack_accepts_is_accepted(name: str) -> None:
    assert problems([ACCEPTED[name]]) == []


@pytest.mark.parametrize(
    ("blocks", "place"),
    [
        ([section("x" * 3001)], "/blocks/0/text/text"),
        ([section(), actions(button(value="x" * 2001))], "/blocks/1/elements/0/value"),
        ([plan(task(1), task(2, status="done"))], "/blocks/0/tasks/1/status"),
        ([table([cell("a")], [cell("")])], "/blocks/0/rows/1/0/text"),
    ],
)
def test_a_problem_names_its_place(blocks: list[dict], place: str) -> None:
    (problem,) = problems(blocks)
    assert problem.endswith(f"[json-pointer:{place}]")


def test_a_message_holds_fifty_blocks_and_a_view_a_hundred() -> None:
    assert problems([section()] * 50) == []
    assert problems([section()] * 51) != []
    assert problems([section()] * 100, surface=Surface.HOME) == []
    assert problems([section()] * 101, surface=Surface.HOME) != []


@pytest.mark.parametrize(
    "blocks",
    [
        [actions(button()), actions(button())],
        [section(accessory=button()), actions(button())],
        [section(block_id="b"), section(block_id="b")],
        [plan(task(1)), plan(task(1))],
        [table([cell("a")]), table([cell("b")])],
        [line_chart(), line_chart(), line_chart()],
        [{"type": "markdown", "text": "x" * 6001}] * 2,
    ],
)
def test_what_is_fine_alone_may_be_too_much_together(blocks: list[dict]) -> None:
    assert all(problems([block]) == [] for block in blocks)
    assert problems(blocks) != []


def test_the_text_of_a_message_has_a_limit_of_its_own() -> None:
    assert not too_long([section("x" * 3000)] * 4)
    assert too_long([section("x" * 3000)] * 5)
    # Every block costs something, even when it has no text.
    assert too_long([section("x" * 3000)] * 4 + [{"type": "divider"}] * 8)


def modal(*blocks: dict, **changes) -> dict:
    return {"type": "modal", "title": plain("Mute"), "blocks": [*blocks] or [section()]} | changes


FIELD = {
    "type": "input",
    "label": plain("Reason"),
    "element": {"type": "plain_text_input", "action_id": "reason"},
}


@pytest.mark.parametrize(
    "view",
    [
        modal(title=plain("x" * 25)),
        modal(title=mrkdwn("x")),
        modal(FIELD),  # no submit
        modal(submit=plain("x" * 25)),
        modal(private_metadata="x" * 3001),
        modal(callback_id="x" * 256),
        modal(table([cell("x")])),
        modal(plan(task(1))),
        modal({"type": "markdown", "text": "x"}),
        modal(blocks=[]),
        modal(colour="red"),
        {"type": "modal", "blocks": [section()]},
        {"type": "home", "blocks": [section()], "title": plain("x")},
        {"type": "home", "blocks": [{"type": "alert", "text": plain("x")}]},
    ],
)
def test_a_view_that_slack_refuses_is_refused(view: dict) -> None:
    assert problems(view) != []


def test_views_and_messages_as_slack_takes_them_are_fine() -> None:
    assert problems(modal(FIELD, submit=plain("Mute"))) == []
    assert problems(modal({"type": "alert", "text": plain("No"), "level": "error"})) == []
    assert problems({"type": "home", "blocks": [table([cell("x")]), card()]}) == []
    assert problems({"text": "Staging passed", "blocks": [section()]}) == []


def test_a_message_needs_a_text_for_those_who_do_not_see_blocks() -> None:
    assert problems({"blocks": [section()]}) != []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
keys = sorted({name for shape in SHAPES.values() for name in shape.fields} | {"type"})
odd_blocks = st.recursive(
    json_values | st.sampled_from(sorted(SHAPES)),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(keys), inner, max_size=5)
    ),
    max_leaves=25,
)


@given(st.lists(odd_blocks | st.fixed_dictionaries({"type": st.sampled_from(sorted(SHAPES))})))
def test_nothing_that_json_can_say_breaks_the_judge(blocks: list) -> None:
    assert all("[json-pointer:" in problem for problem in problems(blocks))


@given(st.sampled_from(sorted(LIMITS)), st.integers(0, 5))
def test_the_judge_is_never_milder_than_the_sdk(name: str, beyond: int) -> None:
    build, most = LIMITS[name]
    block = json.loads(json.dumps(build(most + beyond)))
    if not problems([block]):
        parsed = Block.parse(json.loads(json.dumps(block)))
        try:
            parsed = parsed.to_dict() if parsed else None
        except SlackObjectFormationError as error:
            pytest.fail(f"{name} at {most + beyond} passes here, but the SDK says: {error}")
