"""Block Kit's elements, composition objects and rich text: their keys and limits, as data.

Source: docs.slack.dev, Block Kit reference, and what slack_sdk 3.47 knows of the newest.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from bot.sandbox.blockkit.rules import (
    PLAIN,
    Anything,
    Chars,
    Choice,
    Flag,
    Items,
    Json,
    Number,
    Object,
    Rule,
    Shape,
    Surface,
    Text,
    Typed,
    wrong,
)

ID = Chars(255)
URL = Chars(3000, starts=("https://", "http://"))
LINK = Chars(3000, starts=("https://", "http://", "mailto:"))
STYLE = Choice(("primary", "danger"))
DISPATCH = Object(
    Shape({"trigger_actions_on": Items(Choice(("on_enter_pressed", "on_character_entered")), 1, 2)})
)
CONFIRM = Object(
    Shape(
        {
            "title": Text(100, PLAIN),
            "text": Text(300),
            "confirm": Text(30, PLAIN),
            "deny": Text(30, PLAIN),
            "style": STYLE,
        },
        needs=("title", "text", "confirm", "deny"),
    )
)
SLACK_FILE = Object(Shape({"id": ID, "url": URL}, either=("id", "url")))


def _option(label: Text) -> Object:
    return Object(
        Shape(
            {"text": label, "value": Chars(150), "description": Text(75), "url": URL},
            needs=("text", "value"),
        )
    )


OPTION = _option(Text(75, PLAIN))
RICH_OPTION = _option(Text(75))
"""Checkboxes and radio buttons may use mrkdwn, menus may not."""


def _initial_is_offered(value: Json, at: str) -> Iterator[str]:
    offered = list(value.get("options") or [])
    for group in value.get("option_groups") or []:
        offered += group.get("options", []) if isinstance(group, dict) else []
    initial = value.get("initial_options", [])
    if "initial_option" in value:
        initial = [*initial, value["initial_option"]]
    if any(one not in offered for one in initial):
        yield wrong("initial option is not among the options", at)
    if "options" in value and "option_groups" in value:
        yield wrong("options and option_groups exclude each other", at)
    values = [one.get("value") for one in offered if isinstance(one, dict)]
    if len(values) != len(set(values)):
        yield wrong("option values must be unique", at)


def _menu(extra: Mapping[str, Rule], *, several: bool = False, own: bool = False) -> Shape:
    """A select menu; `own` means that the options stand in the menu itself."""
    fields: dict[str, Rule] = {
        "action_id": ID,
        "placeholder": Text(150, PLAIN),
        "confirm": CONFIRM,
        "focus_on_load": Flag(),
        **extra,
    }
    if several:
        fields["max_selected_items"] = Number(least=1)
    if not own:
        return Shape(fields, needs=("action_id",))
    group = Shape(
        {"label": Text(75, PLAIN), "options": Items(OPTION, 1, 100)}, needs=("label", "options")
    )
    fields["options"] = Items(OPTION, 1, 100)
    fields["option_groups"] = Items(Object(group), 1, 100)
    needs, either = ("action_id",), ("options", "option_groups")
    return Shape(fields, needs=needs, either=either, also=_initial_is_offered)


def _input(extra: Mapping[str, Rule], *, placeholder: bool = True) -> Shape:
    """Something to type or pick; it stands in an input block, some in actions too."""
    fields: dict[str, Rule] = {"action_id": ID, "focus_on_load": Flag(), **extra}
    if placeholder:
        fields["placeholder"] = Text(150, PLAIN)
    return Shape(fields, needs=("action_id",))


FILTER = Object(
    Shape(
        {
            "include": Items(Choice(("im", "mpim", "private", "public")), 1, 4),
            "exclude_external_shared_channels": Flag(),
            "exclude_bot_users": Flag(),
        }
    )
)
IDS = Items(ID, 1, 100)
MENUS: Mapping[str, Shape] = MappingProxyType(
    {
        "static_select": _menu({"initial_option": OPTION}, own=True),
        "multi_static_select": _menu(
            {"initial_options": Items(OPTION, 1, 100)}, several=True, own=True
        ),
        "external_select": _menu({"initial_option": OPTION, "min_query_length": Number(least=0)}),
        "multi_external_select": _menu(
            {"initial_options": Items(OPTION, 1, 100), "min_query_length": Number(least=0)},
            several=True,
        ),
        "users_select": _menu({"initial_user": ID}),
        "multi_users_select": _menu({"initial_users": IDS}, several=True),
        "conversations_select": _menu(
            {
                "initial_conversation": ID,
                "default_to_current_conversation": Flag(),
                "response_url_enabled": Flag(),
                "filter": FILTER,
            }
        ),
        "multi_conversations_select": _menu(
            {
                "initial_conversations": IDS,
                "default_to_current_conversation": Flag(),
                "filter": FILTER,
            },
            several=True,
        ),
        "channels_select": _menu({"initial_channel": ID, "response_url_enabled": Flag()}),
        "multi_channels_select": _menu({"initial_channels": IDS}, several=True),
    }
)
PICKERS: Mapping[str, Shape] = MappingProxyType(
    {
        "datepicker": _input({"initial_date": Chars(10, least=10), "confirm": CONFIRM}),
        "timepicker": _input(
            {"initial_time": Chars(5, least=5), "timezone": Chars(100), "confirm": CONFIRM}
        ),
        "datetimepicker": _input(
            {"initial_date_time": Number(least=10**9, most=10**10 - 1), "confirm": CONFIRM},
            placeholder=False,
        ),
        "checkboxes": Shape(
            {
                "action_id": ID,
                "options": Items(RICH_OPTION, 1, 10),
                "initial_options": Items(RICH_OPTION, 1, 10),
                "confirm": CONFIRM,
                "focus_on_load": Flag(),
            },
            needs=("action_id", "options"),
            also=_initial_is_offered,
        ),
        "radio_buttons": Shape(
            {
                "action_id": ID,
                "options": Items(RICH_OPTION, 1, 10),
                "initial_option": RICH_OPTION,
                "confirm": CONFIRM,
                "focus_on_load": Flag(),
            },
            needs=("action_id", "options"),
            also=_initial_is_offered,
        ),
    }
)
FIELDS: Mapping[str, Shape] = MappingProxyType(
    {
        "plain_text_input": _input(
            {
                "initial_value": Chars(3000, least=0),
                "multiline": Flag(),
                "min_length": Number(least=0, most=3000),
                "max_length": Number(least=1, most=3000),
                "dispatch_action_config": DISPATCH,
            }
        ),
        "rich_text_input": _input(
            {"initial_value": Typed(("rich_text",)), "dispatch_action_config": DISPATCH}
        ),
        "email_text_input": _input({"initial_value": ID, "dispatch_action_config": DISPATCH}),
        "url_text_input": _input({"initial_value": LINK, "dispatch_action_config": DISPATCH}),
        "number_input": _input(
            {
                "is_decimal_allowed": Flag(),
                "initial_value": Chars(100),
                "min_value": Chars(100),
                "max_value": Chars(100),
                "dispatch_action_config": DISPATCH,
            }
        ),
        "file_input": replace(
            _input(
                {"filetypes": Items(Chars(20), 1, 100), "max_files": Number(least=1, most=10)},
                placeholder=False,
            ),
            surfaces=frozenset({Surface.MODAL}),
        ),
    }
)
FEEDBACK = Object(
    Shape(
        {"text": Text(75, PLAIN), "value": Chars(2000), "accessibility_label": Chars(75)},
        needs=("text", "value"),
    )
)
BUTTONS: Mapping[str, Shape] = MappingProxyType(
    {
        "button": Shape(
            {
                "action_id": ID,
                "text": Text(75, PLAIN),
                "value": Chars(2000),
                "url": URL,
                "style": STYLE,
                "confirm": CONFIRM,
                "accessibility_label": Chars(75),
                "agent_prompt": Chars(4000),
                "agent_prompt_display": Anything(),
                "visible_to_user_ids": IDS,
            },
            needs=("action_id", "text"),
        ),
        "workflow_button": Shape(
            {
                "action_id": ID,
                "text": Text(75, PLAIN),
                "workflow": Anything(),
                "style": STYLE,
                "accessibility_label": Chars(75),
            },
            needs=("action_id", "text", "workflow"),
        ),
        "overflow": Shape(
            {"action_id": ID, "options": Items(OPTION, 1, 5), "confirm": CONFIRM},
            needs=("action_id", "options"),
            also=_initial_is_offered,
        ),
        "feedback_buttons": Shape(
            {"action_id": ID, "positive_button": FEEDBACK, "negative_button": FEEDBACK},
            needs=("action_id", "positive_button", "negative_button"),
        ),
        "icon_button": Shape(
            {
                "action_id": ID,
                "icon": Chars(50),
                "text": Text(75, PLAIN),
                "value": Chars(2000),
                "confirm": CONFIRM,
                "accessibility_label": Chars(75),
                "visible_to_user_ids": IDS,
            },
            needs=("action_id", "icon", "text"),
        ),
    }
)
IMAGE: Mapping[str, Rule] = MappingProxyType(
    {"image_url": URL, "alt_text": Chars(2000), "slack_file": SLACK_FILE}
)
INNER: Mapping[str, Shape] = MappingProxyType(
    {
        "inner image": Shape(IMAGE, needs=("alt_text",), either=("image_url", "slack_file")),
        # 2000: what Slack's answers say of text in a context block.
        "inner plain_text": Shape({"text": Chars(2000), "emoji": Flag()}, needs=("text",)),
        "inner mrkdwn": Shape({"text": Chars(2000), "verbatim": Flag()}, needs=("text",)),
        "inner raw_text": Shape({"text": Chars(10_000)}, needs=("text",)),
        "inner raw_number": Shape(
            {"value": Number(whole=False), "text": Chars(10_000)}, needs=("value",)
        ),
    }
)
"""What stands inside blocks and is not interactive."""
IMAGE_ELEMENT = Typed(("image",), inner=True)
SOURCE = Object(
    Shape({"type": Choice(("url",)), "url": URL, "text": Chars(255)}, needs=("type", "url", "text"))
)
