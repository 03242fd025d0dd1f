"""Configuration provenance: each setting has exactly one source; what breaks that is named."""

from collections.abc import Sequence

from bot.report.words import count, listed
from bot.target import Setting


def settle(settings: Sequence[Setting]) -> tuple[tuple[Setting, ...], tuple[str, ...]]:
    """Return one setting per key, the one that counts, and what is wrong, as sentences.

    `settings` is in order of precedence: the first of a key is the one in use.
    """
    by_key: dict[str, list[Setting]] = {}
    for setting in settings:
        by_key.setdefault(setting.key, []).append(setting)
    used = tuple(same_key[0] for same_key in by_key.values())
    problems = [
        _competition(same_key) for same_key in by_key.values() if len(_sources(same_key)) > 1
    ]
    return used, (*problems, *_shared(used))


def _competition(settings: Sequence[Setting]) -> str:
    first, *others = settings
    sources = listed(_sources(settings))
    if len({setting.value for setting in settings}) > 1:
        kind = "Conflict"
        differ = "they disagree"
    else:
        kind = "Duplicate"
        differ = "they agree" if first.value else "their values are not compared here"
    return (
        f"{kind}: {first.key} is set in {count(len(others) + 1, 'place')} ({sources}); {differ}. "
        f"The one in use is {first.source}."
    )


def _shared(settings: Sequence[Setting]) -> list[str]:
    """Name secret references that feed two settings: mostly a copied line."""
    by_source: dict[str, list[str]] = {}
    for setting in settings:
        if setting.source.startswith(("env:", "file:", "${")) and not setting.value:
            by_source.setdefault(setting.source, []).append(setting.key)
    return [
        f"Shared: {listed(keys)} are read from the same {source}."
        for source, keys in by_source.items()
        if len(keys) > 1
    ]


def _sources(settings: Sequence[Setting]) -> list[str]:
    return list(dict.fromkeys(setting.source for setting in settings))
