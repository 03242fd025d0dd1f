"""Forms ask for what a line lacks; what is filled in arrives as it was typed."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from incident_house import desk

from bot.commands import Field, FieldKind, Form, line_of, wrong
from bot.commands.grammar import Parameter, Syntax, parse
from bot.model import Place
from bot.slack.forms import filled_from, form_view

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
REST = Parameter(name="text", placeholder="TEXT", rest=True)
SYNTAXES = (
    Syntax(name="run", parameters=(), implied=True),
    Syntax(name="note", parameters=(REST,)),
)
LINES = {
    "mute": "/stagecheck mute",
    "severity": "/stagecheck severity i1",
    "note": "/stagecheck note i1",
    "assign": "/stagecheck assign i1",
}


@pytest.mark.parametrize("name", LINES)
async def test_a_line_that_lacks_something_opens_a_form_that_slack_takes(name: str) -> None:
    async with desk() as it:
        await it.failed(2)
        await it.ask(LINES[name])
        view = it.home.slack.modal()
        assert view is not None
        assert len(view.body["title"]["text"]) <= 24
        assert it.whispers() == []


async def test_who_is_picked_in_a_form_has_the_incident() -> None:
    async with desk() as it:
        await it.failed(2)
        await it.ask("/stagecheck assign i1")
        delivery = await it.submit({"user": it.id_of("grace")})
        assert delivery.ok, delivery.error
        assert (await it.incident()).assigned_to == it.id_of("grace")


async def test_where_no_form_can_be_opened_the_whole_line_is_asked_for() -> None:
    async with desk() as it:
        await it.failed(2)
        _ = await it.home.slack.mention("severity i1")
        await it.told()
    assert "Something is missing in this line" in it.whispers()[-1]


async def test_a_form_remembers_by_itself_what_it_is_about_and_where_it_was_opened() -> None:
    async with desk() as it:
        await it.failed(2)
        await it.press("…", value="Add a Note…")
        view = it.home.slack.modal()
        assert view is not None
        kept = json.loads(view.body["private_metadata"])
    assert kept["line"] == "note i1 {text}"
    assert (kept["channel"], kept["thread"]) == (it.parent.channel, it.parent.ts)


# Whatever may be typed in a field: Slack keeps no control characters.
TYPED = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn"]), min_size=1
).filter(lambda text: text.strip() == text)


@given(TYPED)
@example("a &lt; b &amp;amp; c")
@example("<@U1|ada> in <#C1|staging>")
def test_what_is_typed_in_a_field_arrives_letter_by_letter(text: str) -> None:
    line = line_of("note {text}", {"text": text})
    assert parse(line, SYNTAXES, {}).arguments["text"] == text


def test_a_field_that_is_left_empty_is_nothing() -> None:
    assert line_of("mute staging {duration} {reason}", {"duration": "2h"}) == "mute staging 2h"


def test_a_field_cannot_fill_another() -> None:
    assert line_of("mute {a} {b}", {"a": "{b}", "b": "x"}) == "mute {b} x"


@pytest.mark.parametrize(
    ("duration", "said"),
    [
        ("2h", ""),
        ("soon", "soon is no duration."),
        ("", "For how long?"),
        ("2h now", "nothing more"),
    ],
)
def test_a_wrong_duration_is_said_at_its_field(duration: str, said: str) -> None:
    found = wrong({"duration": duration, "reason": "2h now"}, now=NOW)
    assert set(found) == ({"duration"} if said else set())
    assert said in found.get("duration", "")
    assert "`" not in found.get("duration", "")


def test_a_long_message_that_goes_along_is_cut_rather_than_refused() -> None:
    form = Form(
        title="Open an incident",
        submit="Open Incident",
        line="incident open {target} {title}",
        fields=(Field(name="title", label="What"),),
        about="ä" * 5_000,
    )
    view = form_view(form, Place(channel="C1", thread="1.2"))
    assert len(view["private_metadata"]) <= 3_000
    body: dict[str, Any] = {
        "view": {
            **view,
            "id": "V1",
            "state": {
                "values": {
                    "title": {"title": {"type": "plain_text_input", "value": "Down"}},
                    "target": {"target": {"selected_option": {"value": "staging"}}},
                }
            },
        }
    }
    filled = filled_from(body, now=NOW)
    assert filled.line == "incident open staging Down"
    assert filled.place == Place(channel="C1", thread="1.2")
    assert filled.about.startswith("äää")


@pytest.mark.parametrize("kind", FieldKind)
def test_every_kind_of_field_is_one_that_slack_has(kind: FieldKind) -> None:
    view = form_view(
        Form(
            title="T", submit="S", line="note {a}", fields=(Field(name="a", label="A", kind=kind),)
        ),
        Place(),
    )
    assert view["blocks"][0]["element"]["type"] in (
        "plain_text_input",
        "static_select",
        "users_select",
    )
