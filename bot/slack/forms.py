"""Forms that make a line: how one looks as a view, and what comes of it when it is submitted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.commands import Field, FieldKind, Form, line_of, wrong
from bot.model import Json, Place

LINE_FORM = "line_form"

# docs.slack.dev: of a title and a button, of a text field, of private_metadata.
_MOST_TITLE, _MOST_TEXT, _MOST_KEPT = 24, 3_000, 3_000
_MOST_HINT, _MOST_OPTION = 500, 75


def form_view(form: Form, place: Place) -> Json:
    """Return the view that asks for what `form` lacks; it remembers where the answer belongs."""
    blocks = [_input(field) for field in form.fields]
    if form.note:
        text = {"type": "plain_text", "text": form.note[:_MOST_TEXT], "emoji": False}
        blocks.append({"type": "context", "elements": [text]})
    return {
        "type": "modal",
        "callback_id": LINE_FORM,
        "private_metadata": _kept(form, place),
        "title": _plain(form.title[:_MOST_TITLE]),
        "submit": _plain(form.submit[:_MOST_TITLE]),
        "close": _plain("Cancel"),
        "blocks": blocks,
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A form that somebody submitted, as the line it makes."""

    view: str
    """The same when one submission arrives twice."""
    place: Place
    line: str
    about: str
    errors: Mapping[str, str]
    """What is wrong, by the field at which it is shown; empty if nothing is."""


def filled_from(body: Mapping[str, Json], *, now: datetime) -> Filled:
    """Take the `view_submission` payload of such a form apart."""
    view = body.get("view") or {}
    kept = json.loads(view.get("private_metadata") or "{}")
    state = (view.get("state") or {}).get("values") or {}
    values = {name: _entered(fields) for name, fields in state.items()}
    return Filled(
        view=str(view.get("id", "")),
        place=Place(channel=str(kept.get("channel", "")), thread=str(kept.get("thread", ""))),
        line=line_of(str(kept.get("line", "")), values),
        about=str(kept.get("about", "")),
        errors=wrong(values, now=now),
    )


def _kept(form: Form, place: Place) -> str:
    kept = {"channel": place.channel, "thread": place.thread, "line": form.line}
    about = form.about
    while about and len(json.dumps(kept | {"about": about})) > _MOST_KEPT:
        about = about[: len(about) * 9 // 10]
    return json.dumps(kept | {"about": about})


def _input(field: Field) -> Json:
    block: dict[str, Json] = {
        "type": "input",
        "block_id": field.name,
        "optional": field.optional,
        "label": _plain(field.label),
        "element": {"action_id": field.name, **_element(field)},
    }
    return block | {"hint": _plain(field.hint[:_MOST_HINT])} if field.hint else block


def _element(field: Field) -> dict[str, Json]:
    match field.kind:
        case FieldKind.TEXT | FieldKind.LONG:
            initial = {"initial_value": field.initial} if field.initial else {}
            return {
                "type": "plain_text_input",
                "multiline": field.kind is FieldKind.LONG,
                "max_length": min(field.most, _MOST_TEXT),
                **initial,
            }
        case FieldKind.CHOICE:
            options = [
                {"text": _plain(choice.label[:_MOST_OPTION]), "value": choice.value}
                for choice in field.choices
            ]
            chosen = [one for one in options if one["value"] == field.initial]
            initial_option = {"initial_option": chosen[0]} if chosen else {}
            return {"type": "static_select", "options": options, **initial_option}
        case FieldKind.USER:
            return {"type": "users_select"}


def _entered(fields: Mapping[str, Json]) -> str:
    """Return what one field holds: what was typed, chosen, or the id of who was picked."""
    for entered in fields.values():
        chosen = entered.get("selected_option") or {}
        found = entered.get("value") or entered.get("selected_user") or chosen.get("value")
        return str(found or "")
    return ""


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}
