"""The form in which a log is pasted or attached, and what comes of it when it is submitted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import Json, Place
from bot.slack.files import SlackFile, file_from, trouble_with

FORM = "explain_log"

# docs.slack.dev, plain-text input: no more than this fits.
MOST_TEXT = 3_000
_MOST_ORIGIN = 150
_LOG, _FILE, _ORIGIN = "log", "file", "origin"


def explain_form(place: Place) -> Json:
    """Return the view that asks for a log; it remembers where the answer belongs."""
    where = "here" if place.channel.startswith("D") else f"in <#{place.channel}>, for everybody"
    return {
        "type": "modal",
        "callback_id": FORM,
        "private_metadata": json.dumps({"channel": place.channel, "thread": place.thread}),
        "title": _plain("Explain a log"),
        "submit": _plain("Explain"),
        "close": _plain("Cancel"),
        "blocks": [
            _input(_LOG, "Log", _text(MOST_TEXT, multiline=True), _HINT),
            _input(_FILE, "Or a file", {"type": "file_input", "max_files": 1}, _FILE_HINT),
            _input(_ORIGIN, "Where it came from", _text(_MOST_ORIGIN), _ORIGIN_HINT),
            {
                "type": "context",
                "elements": [
                    {
                        "type": "mrkdwn",
                        "text": f"The answer is posted {where}. What looks like a secret is "
                        "masked. Nothing is executed.",
                    }
                ],
            },
        ],
    }


_HINT = f"Slack lets at most {MOST_TEXT:,} characters in here. Attach a longer log as a file below."
_FILE_HINT = "Text of up to 10 MB."
_ORIGIN_HINT = "For example: nightly tests, build 4711."


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What was entered in the form."""

    view: str
    """The same when one submission arrives twice."""
    place: Place
    text: str
    files: tuple[SlackFile, ...]
    origin: str

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong, by the field at which it is shown; empty if nothing is."""
        if trouble := next(filter(None, map(trouble_with, self.files)), ""):
            return {_FILE: trouble}
        if not self.files and not self.text.strip():
            return {_LOG: "Paste a log here, or attach one as a file below."}
        return {}


def submission_from(body: Mapping[str, Json]) -> Submission:
    """Take the `view_submission` payload of the form apart."""
    view = body.get("view") or {}
    values = (view.get("state") or {}).get("values") or {}
    where = json.loads(view.get("private_metadata") or "{}")
    files = _entered(values, _FILE).get("files") or ()
    return Submission(
        view=str(view.get("id", "")),
        place=Place(channel=str(where.get("channel", "")), thread=str(where.get("thread", ""))),
        text=str(_entered(values, _LOG).get("value") or ""),
        files=tuple(file_from(file) for file in files),
        origin=str(_entered(values, _ORIGIN).get("value") or "").strip(),
    )


def _entered(values: Mapping[str, Json], field: str) -> Mapping[str, Json]:
    entered: Mapping[str, Json] = (values.get(field) or {}).get(field) or {}
    return entered


def _input(field: str, label: str, element: Mapping[str, Json], hint: str) -> Json:
    return {
        "type": "input",
        "block_id": field,
        "optional": True,
        "label": _plain(label),
        "hint": _plain(hint),
        "element": {"action_id": field, **element},
    }


def _text(most: int, *, multiline: bool = False) -> Json:
    return {"type": "plain_text_input", "multiline": multiline, "max_length": most}


def _plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}
