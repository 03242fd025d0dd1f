"""Forms: what a person entered in a modal, as Slack reports it, and errors the app puts there."""

from collections.abc import Mapping

from bot.errors import UsageError
from bot.sandbox.slack.actions import actions, chosen, initial
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Json, Refusal


def entered(blocks: list[Json], values: Mapping[str, Json]) -> dict[str, dict[str, Json]]:
    """The state of a form. A form that Slack's client would not submit is a UsageError."""
    state: dict[str, dict[str, Json]] = {}
    unused = set(values)
    by_id = {str(block["block_id"]): block for block in blocks}
    for action in actions(blocks):
        if action.element["type"] in ("button", "overflow", "workflow_button"):
            continue
        block = by_id.get(action.block_id, {})
        names = (action.block_id, action.action_id, _label(block))
        given = next((name for name in names if name in values), None)
        reported = (
            initial(action.element) if given is None else chosen(action.element, values[given])
        )
        unused.discard(given or "")
        if block.get("type") == "input" and not block.get("optional") and not _filled(reported):
            raise UsageError(f"{_label(block)} has to be filled in before submitting.")
        state.setdefault(action.block_id, {})[action.action_id] = reported
    if unused:
        known = ", ".join(
            _label(block) or name for name, block in by_id.items() if "element" in block
        )
        unknown = ", ".join(sorted(unused))
        raise UsageError(f"There is no field {unknown}.", hint=f"Fields: {known}.")
    return state


def _label(block: Mapping[str, Json]) -> str:
    return str(block["label"]["text"]) if "label" in block else ""


def _filled(reported: Mapping[str, Json]) -> bool:
    return any(value not in (None, "", []) for key, value in reported.items() if key != "type")


def check_errors(errors: Json, view: View) -> None:
    """Errors stand at inputs, by block_id; any other key makes Slack drop the whole answer."""
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise Refusal("invalid_response_action_errors")
