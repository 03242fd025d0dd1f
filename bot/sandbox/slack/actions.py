"""What a person can press, choose or fill in, found in blocks, and what Slack reports of it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from bot.errors import NotFound, UsageError
from bot.sandbox.slack.workspace import Json

# How each kind of element reports what was entered: the key of the state value, and its form.
REPORTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "button": ("value", "fixed"),
        "channels_select": ("selected_channel", "plain"),
        "checkboxes": ("selected_options", "options"),
        "conversations_select": ("selected_conversation", "plain"),
        "datepicker": ("selected_date", "plain"),
        "datetimepicker": ("selected_date_time", "plain"),
        "email_text_input": ("value", "plain"),
        "external_select": ("selected_option", "free_option"),
        "feedback_buttons": ("value", "fixed"),
        "file_input": ("files", "list"),
        "icon_button": ("value", "fixed"),
        "multi_channels_select": ("selected_channels", "list"),
        "multi_conversations_select": ("selected_conversations", "list"),
        "multi_external_select": ("selected_options", "free_options"),
        "multi_static_select": ("selected_options", "options"),
        "multi_users_select": ("selected_users", "list"),
        "number_input": ("value", "plain"),
        "overflow": ("selected_option", "option"),
        "plain_text_input": ("value", "plain"),
        "radio_buttons": ("selected_option", "option"),
        "rich_text_input": ("rich_text_value", "plain"),
        "static_select": ("selected_option", "option"),
        "timepicker": ("selected_time", "plain"),
        "url_text_input": ("value", "plain"),
        "users_select": ("selected_user", "plain"),
        "workflow_button": ("value", "fixed"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One interactive element of a message or view."""

    block_id: str
    element: Mapping[str, Json]

    @property
    def action_id(self) -> str:
        return str(self.element.get("action_id", ""))

    @property
    def label(self) -> str:
        """What a person reads on it: a button's text, a menu's placeholder."""
        for key in ("text", "placeholder"):
            text = self.element.get(key)
            if isinstance(text, dict):
                return str(text.get("text", ""))
        return "…" if self.element["type"] == "overflow" else self.action_id

    @property
    def is_button(self) -> bool:
        """It does something in the app when pressed; a mere link does too, as in Slack."""
        return bool(self.element["type"] == "button")


def actions(blocks: Iterable[Json]) -> Iterator[Action]:
    """Every interactive element, in reading order, however deep it stands."""
    for block in blocks:
        for element in _elements(block):
            yield Action(block_id=str(block.get("block_id", "")), element=element)
        for key in ("child_blocks", "elements"):
            children = block.get(key) or []
            if block["type"] in ("container", "carousel"):
                yield from actions(children)


def find_action(blocks: Iterable[Json], wanted: str, block_id: str = "") -> Action:
    """The element with this action_id or label, in a certain block. NotFound names what is there.

    The same action_id may stand in several blocks; without a block the first one is meant. A block
    that an update has given another id since it was looked at is known by its only such element.
    """
    everywhere = list(actions(blocks))
    there = [action for action in everywhere if block_id in ("", action.block_id)]
    alike = [action for action in everywhere if action.action_id == wanted]
    if not there and len(alike) == 1:
        there = alike
    for action in there:
        if wanted in (action.action_id, action.label):
            return action
    known = ", ".join(f"[{action.label}]" for action in there) or "none"
    raise NotFound(f"There is no {wanted} to press here.", hint=f"What is there: {known}.")


def chosen(element: Mapping[str, Json], value: Json) -> dict[str, Json]:
    """What Slack reports when `value` is entered into, or chosen from, an element."""
    kind = str(element["type"])
    key, form = REPORTED[kind]
    match form:
        case "fixed":
            return {"type": kind, key: element.get(key)} if key in element else {"type": kind}
        case "option":
            return {"type": kind, key: _option(element, value) if value is not None else None}
        case "options":
            return {"type": kind, key: [_option(element, one) for one in value or ()]}
        case "free_option":
            return {"type": kind, key: _free_option(value) if value is not None else None}
        case "free_options":
            return {"type": kind, key: [_free_option(one) for one in value or ()]}
        case "list":
            return {"type": kind, key: list(value or ())}
        case _:
            return {"type": kind, key: value}


def initial(element: Mapping[str, Json]) -> dict[str, Json]:
    """What an element reports before anyone touches it."""
    key, _ = REPORTED[str(element["type"])]
    preset = element.get("initial_value", element.get(key.replace("selected_", "initial_")))
    empty: Json = [] if key.endswith("s") else None
    return {"type": element["type"], key: empty if preset is None else preset}


def _elements(block: Json) -> Iterator[Mapping[str, Json]]:
    candidates = [block.get("accessory"), block.get("element")]
    if block["type"] in ("actions", "context_actions"):
        candidates += block.get("elements") or []
    if block["type"] == "card":
        candidates += block.get("actions") or []
    for element in candidates:
        if isinstance(element, dict) and element.get("type") in REPORTED:
            yield element


def _option(element: Mapping[str, Json], value: Json) -> Json:
    options = list(element.get("options") or [])
    for group in element.get("option_groups") or []:
        options += group["options"]
    for option in options:
        if value in (option.get("value"), option["text"]["text"]):
            return option
    known = ", ".join(str(option["text"]["text"]) for option in options)
    raise UsageError(f"{value} cannot be chosen here.", hint=f"Options: {known}.")


def _free_option(value: Json) -> Json:
    return {"text": {"type": "plain_text", "text": str(value)}, "value": str(value)}
