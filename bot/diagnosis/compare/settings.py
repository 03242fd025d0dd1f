"""Which settings are others, or come from elsewhere."""

import re
from collections.abc import Iterator

from bot.diagnosis.compare.change import Change, ChangeKind
from bot.diagnosis.wording import cut
from bot.model import Run
from bot.target import Setting

# A line more or less at the top of the file moves every setting below it.
_LINE = re.compile(r":\d+$")
_NOT_SET = "not set"


def settings(run: Run, previous: Run) -> Iterator[Change]:
    """Yield the settings of `run` that differ from those of `previous`."""
    before = {setting.key: setting for setting in previous.provenance}
    after = {setting.key: setting for setting in run.provenance}
    if not before or not after:
        return
    for key in dict.fromkeys((*after, *before)):
        yield from _setting(key, after.get(key), before.get(key))


def changed(key: str, run: Run, previous: Run) -> tuple[str, str] | None:
    """Return what a setting was and is, if it is another one now."""
    of_key = [
        next((one for one in each.provenance if one.key == key), None) for each in (previous, run)
    ]
    found = list(_setting(key, of_key[1], of_key[0]))
    return (found[0].before, found[0].after) if found else None


def _setting(key: str, new: Setting | None, old: Setting | None) -> Iterator[Change]:
    what = f"The setting {key}"
    if new is None or old is None:
        given = new or old
        # One that nobody gave comes and goes with our own versions.
        if given is not None and _is_given(given):
            shown = cut(given.value) or f"from {place(given)}"
            yield _change(what, "" if old is None else shown, "" if new is None else shown)
    elif new.value != old.value:
        yield _change(what, cut(old.value) or _NOT_SET, cut(new.value) or _NOT_SET)
    elif place(new) != place(old):
        yield _change(f"The source of the setting {key}", place(old), place(new))


def place(setting: Setting) -> str:
    """Return where a setting comes from, without the line in that file."""
    return _LINE.sub("", setting.source)


def _is_given(setting: Setting) -> bool:
    return bool(_LINE.search(setting.source)) or setting.source.startswith(("env:", "file:"))


def _change(what: str, before: str, after: str) -> Change:
    return Change(kind=ChangeKind.SETTING, what=what, before=before, after=after)
