"""Forms: what a person entered in a modal, as Slack reports it, and errors the app puts there."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath

from bot.errors import UsageError
from bot.sandbox.slack.actions import Action, actions, chosen, initial
from bot.sandbox.slack.files import Files
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Json, Refusal

TEXT_MOST = 3000  # docs.slack.dev, plain-text input: max_length is at most 3000
FILES_MOST = 10  # docs.slack.dev, file input: max_files is at most 10


def entered(
    blocks: list[Json], values: Mapping[str, Json], files: Files
) -> dict[str, dict[str, Json]]:
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
        value = None if given is None else _given(action, values[given], files)
        reported = initial(action.element) if given is None else chosen(action.element, value)
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


def _given(action: Action, value: Json, files: Files) -> Json:
    """What goes into a field, as far as Slack's client lets it in."""
    if problem := next(_refused(action.element, value, files), ""):
        raise UsageError(f"{action.action_id} {problem}.")
    if action.element["type"] == "file_input":
        return [files.give(one) for one in value or ()]
    return value


def _refused(element: Mapping[str, Json], value: Json, files: Files) -> Iterator[str]:
    match element["type"]:
        case "plain_text_input" if value:
            most = min(TEXT_MOST, element.get("max_length", TEXT_MOST))
            if len(value) > most:
                yield f"holds at most {most} characters"
            if len(value) < element.get("min_length", 0):
                yield f"needs {element['min_length']} characters"
        case "file_input":
            most = element.get("max_files", FILES_MOST)
            if len(value or ()) > most:
                yield f"takes at most {most} files"
            endings = element.get("filetypes")
            for one in value or ():
                ending = PurePath(files.known(one).name).suffix.lstrip(".")
                if endings and ending not in endings:
                    yield f"does not take .{ending}"
        case _:
            pass


def _label(block: Mapping[str, Json]) -> str:
    return str(block["label"]["text"]) if "label" in block else ""


def _filled(reported: Mapping[str, Json]) -> bool:
    return any(value not in (None, "", []) for key, value in reported.items() if key != "type")


def check_errors(errors: Json, view: View) -> None:
    """Errors stand at inputs, by block_id; any other key makes Slack drop the whole answer."""
    inputs = {block["block_id"] for block in view.body["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise Refusal("invalid_response_action_errors")
