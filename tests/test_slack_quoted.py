"""What a message says is read once, whatever app wrote it and however deep it is nested."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.quoted import files_of, text_of


def rich(*elements: dict[str, Any], kind: str = "rich_text_section") -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": kind, "elements": list(elements)}]}


def words(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def test_the_words_a_client_sends_twice_are_read_once() -> None:
    block = rich(words("it broke:\nclose code "), {"type": "text", "text": "4401"})
    assert text_of({"text": "it broke:\nclose code 4401", "blocks": [block]}) == (
        "it broke:\nclose code 4401"
    )


def test_a_summary_that_the_blocks_say_in_full_is_left_out() -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "Build 7 failed: 401"}}
    assert text_of({"text": "Build 7 failed", "blocks": [section]}) == "Build 7 failed: 401"


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (rich(words("a "), {"type": "link", "url": "https://x.test"}), "a https://x.test"),
        (rich(words("a "), {"type": "link", "url": "https://x.test", "text": "b"}), "a b"),
        (rich(words("x\n  y"), kind="rich_text_preformatted"), "x\n  y"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "&lt;a&gt; <@U1>"}}, "<a> @U1"),
        ({"type": "section", "fields": [words("a"), words("b")]}, "a\nb"),
        ({"type": "header", "text": words("401")}, "401"),
        ({"type": "context", "elements": [words("a"), {"type": "image", "alt_text": "b"}]}, "a\nb"),
        ({"type": "markdown", "text": "# a"}, "# a"),
        ({"type": "table", "rows": [[{"type": "raw_text", "text": "a"}]]}, "a"),
        ({"type": "container", "child_blocks": [{"type": "markdown", "text": "a"}]}, "a"),
        ({"type": "plan", "title": "a", "tasks": [{"title": "b", "status": "error"}]}, "a\nb"),
        ({"type": "actions", "elements": [{"type": "button", "value": "run x"}]}, ""),
        ({"type": "divider"}, ""),
    ],
)
def test_every_kind_of_block_is_read(block: dict[str, Any], text: str) -> None:
    assert text_of({"blocks": [block]}) == text


def test_attachments_are_read_in_the_order_in_which_they_are_drawn() -> None:
    attachment = {
        "text": "refused",
        "pretext": "before",
        "title": "auth",
        "fields": [{"title": "Code", "value": "4401", "short": True}],
        "fallback": "never drawn",
        "footer": "jenkins",
    }
    said = text_of({"text": "", "attachments": [attachment, {"fallback": "only this"}]})
    assert said == "before\nauth\nrefused\nCode\n4401\nonly this"


def test_what_a_forwarded_message_has_attached_counts_once() -> None:
    file = {"id": "F1", "name": "a.log", "size": 1, "url_private": "x"}
    message = {"files": [file], "attachments": [{"files": [file, file | {"id": "F2"}]}]}
    assert [one.id for one in files_of(message)] == ["F1", "F2"]


def test_a_message_nested_without_end_is_read_as_far_as_anybody_would() -> None:
    block: dict[str, Any] = words("deep")
    for _ in range(3_000):
        block = {"type": "container", "child_blocks": [block]}
    assert text_of({"text": "shallow", "blocks": [block]}) == "shallow"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "fields", "title", "value", "files", "id"]
            ),
            inner,
        )
    ),
    max_leaves=20,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(("blocks", "attachments", "files"), JSON)))
def test_whatever_stands_in_a_message_is_read_or_passed_over(message: dict[str, Any]) -> None:
    assert isinstance(text_of(message), str)
    assert isinstance(files_of(message), tuple)
