"""Sentences with observed values in them: ``{step.key}`` is replaced by what was observed."""

import json
import re
from collections.abc import Collection
from datetime import UTC

from bot.diagnosis.index import Index
from bot.model import Json, Run, Usual

# A sentence stays readable with a value of this length in it; the whole value is in the evidence.
LONGEST_VALUE = 180

_CITED, _BEFORE, _SETTING, _LAST_PASS = "cited:", "before:", "setting:", "last_pass"
_USUAL = "usual:"
_SLOT = re.compile(r"\{([^{}]+)\}")


def fill(template: str, index: Index, cited: Collection[str] = ()) -> str:
    """Return `template` with each ``{path}`` replaced by its value, long ones cut in the middle.

    ``{a.b|c.d|'nothing'}`` takes the first path that was observed, or the words in quotes.
    ``{cited:a.b|c.d}`` takes the first observation whose id is in `cited`, if there is one.
    ``{before:a.b}`` takes it from the last run that passed, which ``{last_pass}`` names; what
    became of a setting since then is ``{setting:KEY}``. ``{usual:STEP}`` is how long a step took
    this time and usually takes. Of several observations at one path a
    cited one is taken, then the latest.
    """
    return filled(template, index, cited)[0]


def filled(template: str, index: Index, cited: Collection[str] = ()) -> tuple[str, tuple[str, ...]]:
    """Return what `fill` does, and the ids of the observations whose values are shown."""
    shown: dict[str, None] = {}

    def value(slot: re.Match[str]) -> str:
        text, rests_on = _shown(slot[1], index, cited)
        shown.update(dict.fromkeys(rests_on))
        return _unended(text)

    return _SLOT.sub(value, template), tuple(shown)


def slots(template: str) -> tuple[str, ...]:
    """Return the paths that `template` quotes."""
    found = (
        slot
        for slot in _SLOT.findall(template)
        if slot != _LAST_PASS and not slot.startswith((_SETTING, _USUAL))
    )
    slots_found = (slot.removeprefix(_CITED).removeprefix(_BEFORE) for slot in found)
    parts = (part for slot in slots_found for part in slot.split("|"))
    return tuple(part for part in parts if not part.startswith("'"))


def cut(text: str, limit: int = LONGEST_VALUE) -> str:
    """Return `text` on one line, cut in the middle to `limit` characters: both ends can matter."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    head = (limit - 3) * 2 // 3
    return f"{line[:head]} … {line[len(line) - (limit - 3 - head) :]}"


def plain(value: Json) -> str:
    """Return a JSON value as a person would write it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "yes" if value else "no"
        case str():
            return _gist(value)
        case float():
            return f"{round(value, 3) + 0.0:g}" if abs(value) < 1e6 else f"{value:.0f}"
        case list() | tuple():
            return ", ".join(plain(item) for item in value) or "none"
        case _:
            return json.dumps(value, ensure_ascii=False, default=str)


def _shown(slot: str, index: Index, cited: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """Return the text for a slot, and the id of what it shows if that is of this run."""
    if slot.startswith(_USUAL):
        return _beside_usual(slot.removeprefix(_USUAL), index), ()
    if index.before is not None:
        past = index.before.run
        if slot == _LAST_PASS:
            return f"run {past.id} of {past.started_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC", ()
        if slot.startswith(_SETTING):
            return _became(slot.removeprefix(_SETTING), index.run, past), ()
        if slot.startswith(_BEFORE):
            return _shown(slot.removeprefix(_BEFORE), index.before, ())[0], ()
    paths = slot.removeprefix(_CITED).split("|")
    by_path = [index.find(path) for path in paths]
    among_cited = [o for found in by_path for o in found if o.id in cited]
    if slot.startswith(_CITED) and among_cited:
        return cut(plain(among_cited[0].value)), (among_cited[0].id,)
    for found in filter(None, by_path):
        one = ([o for o in found if o.id in cited] or found)[-1]
        return cut(plain(one.value)), (one.id,)
    return paths[-1].strip("'") if paths[-1].startswith("'") else "not recorded", ()


def usually(usual: Usual) -> str:
    """Return what is usual, such as ``usually 0.4 s (p95 0.6 s of 37 passes)``."""
    return f"usually {usual.median_s:.1f} s (p95 {usual.p95_s:.1f} s of {usual.count} passes)"


def _beside_usual(name: str, index: Index) -> str:
    took = next((step.duration_s for step in index.run.steps if step.name == name), 0.0)
    usual = index.usual.get(name)
    return f"{took:.1f} s, {usually(usual)}" if usual else f"{took:.1f} s"


def _became(key: str, run: Run, past: Run) -> str:
    was, now = (
        next((cut(one.value) for one in each.provenance if one.key == key and one.value), "not set")
        for each in (past, run)
    )
    return f"is {now}, and was {was}"


def _unended(text: str) -> str:
    """Return `text` without its full stop: the sentence around it has its own."""
    return text[:-1] if text.endswith(".") and not text.endswith("..") else text


def _gist(text: str) -> str:
    """Return what a JSON answer says in its own words, where it has a field for them."""
    if not text.startswith("{"):
        return text
    try:
        body = json.loads(text)
    except ValueError:
        return text
    told = (body.get(key) for key in ("detail", "error", "message", "reason"))
    return next((words for words in told if isinstance(words, str) and words), text)
