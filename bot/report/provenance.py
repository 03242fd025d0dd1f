"""Configuration provenance: each setting has exactly one source; what breaks that is named."""

from collections import Counter
from collections.abc import Iterator, Sequence

from bot.phrases import count, listed
from bot.target import Setting

# A note that only says that an optional setting was left out is no problem.
_HARMLESS = ("", "not set")


def provenance_problems(settings: Sequence[Setting]) -> tuple[str, ...]:
    """Return conflicts, duplicates and unreadable values as sentences."""
    return (*_twice(settings), *_noted(settings))


def set_on_purpose(settings: Sequence[Setting]) -> tuple[Setting, ...]:
    """Return the settings that somebody chose: neither a default nor the profile's."""
    return tuple(setting for setting in settings if not _inherited(setting))


def inherited_words(settings: Sequence[Setting]) -> str:
    """Return how many settings nobody chose and where they come from; empty for none."""
    sources = Counter(setting.source for setting in settings if _inherited(setting))
    if not sources:
        return ""
    parts = listed(
        count(number, source) if source == "default" else f"{number} from {source}"
        for source, number in sources.most_common()
    )
    return f"Not listed: {parts}. The JSON report has them all."


def _inherited(setting: Setting) -> bool:
    return setting.source == "default" or setting.source.startswith("profile ")


def _twice(settings: Sequence[Setting]) -> Iterator[str]:
    by_key: dict[str, list[Setting]] = {}
    for setting in settings:
        by_key.setdefault(setting.key, []).append(setting)
    for key, found in by_key.items():
        if len(found) > 1:
            kind = "Conflict" if len({one.value for one in found}) > 1 else "Duplicate"
            sources = listed(one.source for one in found)
            yield f"{kind}: {key} is set in {count(len(found), 'place')}, {sources}."


def _noted(settings: Sequence[Setting]) -> Iterator[str]:
    for setting in settings:
        if setting.note in _HARMLESS:
            continue
        kind = "Problem"
        if "different value" in setting.note:
            kind = "Conflict"
        elif "same value" in setting.note:
            kind = "Duplicate"
        yield f"{kind}: {setting.key} comes from {setting.source}; {setting.note.rstrip('.')}."
