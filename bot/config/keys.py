"""Every place a bypass key can come from, and reading them again while the bot is running."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bot.config import references
from bot.config.provenance import Origin
from bot.config.secrets import Taken, first_set
from bot.masking import Secret
from bot.target import KeyPlace, Target

_KEY = "bypass_key"
# A shorter value may be the same by chance, such as "true".
_LEAST_TWIN = 8


def key_places(name: str, taken: Taken, origin: Origin) -> tuple[KeyPlace, ...]:
    """Return the candidates that target `name` lists, and known variables that are set too."""
    listed = taken.candidates.get(("targets", name, _KEY), ())
    ranked = [(secret, rank) for rank, secret in enumerate(listed, start=1)]
    ranked += [(secret, 0) for secret in _unnamed(listed, origin)]
    return tuple(
        KeyPlace(secret=secret, rank=rank, twins=tuple(_twins(secret, name, taken, origin)))
        for secret, rank in ranked
    )


def refreshed(target: Target, *, env: Mapping[str, str], folder: Path) -> Target:
    """Return `target` with its secrets read again: they may have been rotated since the start.

    What a remote store does not tell just now stays as it was, with a note that says so.
    """

    def again(secret: Secret | None) -> Secret | None:
        if secret is None:
            return None
        fresh = references.secret(secret.name, f"${{{secret.source}}}", env=env, folder=folder)
        is_remote = secret.source.startswith("gsm:")
        if is_remote and fresh.unreadable and secret.value is not None:
            return replace(secret, notes=(*secret.notes, f"as it was before: {fresh.problem}"))
        return fresh

    read = {place.secret.source: again(place.secret) for place in target.keys}
    places = tuple(
        place if (fresh := read[place.secret.source]) is None else replace(place, secret=fresh)
        for place in target.keys
    )
    listed = [place.secret for place in places if place.rank]
    return replace(
        target,
        bypass_key=first_set(listed) if listed else again(target.bypass_key),
        jwt_secret=again(target.jwt_secret),
        proxy_credentials=again(target.proxy_credentials),
        keys=places,
    )


def _unnamed(listed: tuple[Secret, ...], origin: Origin) -> Iterator[Secret]:
    named = {secret.source for secret in listed}
    for name in origin.profile.other_names.get(_KEY, ()):
        source = f"env:{name}"
        if source not in named and (value := origin.env.get(name, "")).strip():
            yield Secret(name=_KEY, source=source, value=value)


def _twins(secret: Secret, target: str, taken: Taken, origin: Origin) -> Iterator[str]:
    """Yield what else holds the same value and is for something else."""
    value = (secret.value or "").strip()
    if len(value) < _LEAST_TWIN:
        return
    for path, other in taken.secrets.items():
        if path[-1] != _KEY and (other.value or "").strip() == value:
            yield path[-1] if path[:2] == ("targets", target) else ".".join(path)
    named = {each.source for each in taken.secrets.values()}
    named |= {each.source for many in taken.candidates.values() for each in many}
    known = origin.profile.other_names.get(_KEY, ())
    for name, other_value in origin.env.items():
        if f"env:{name}" not in named and name not in known and other_value.strip() == value:
            yield f"env:{name}"
