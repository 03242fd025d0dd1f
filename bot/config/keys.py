"""Every place a bypass key can come from, and reading them again while the bot is running."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from bot.config import references
from bot.config.provenance import Origin
from bot.config.secrets import Taken, first_set
from bot.masking import Secret
from bot.target import KeyPlace, Rivals, Target

_KEY = "bypass_key"
_REMOTE = "gsm:"
# A shorter value may be the same by chance, such as "true".
_LEAST_TWIN = 8


def key_places(name: str, taken: Taken, origin: Origin) -> tuple[KeyPlace, ...]:
    """Return the candidates that target `name` lists, and known variables that are set too."""
    listed = taken.candidates.get(("targets", name, _KEY), ())
    ranked = [(secret, rank) for rank, secret in enumerate(listed, start=1)]
    ranked += [(secret, 0) for secret in _unnamed(listed, origin)]
    rivals = _rivals(name, taken, origin)
    places = (KeyPlace(secret=secret, rank=rank, rivals=rivals) for secret, rank in ranked)
    return tuple(_with_twins(place, origin.env) for place in places)


def refreshed(target: Target, *, env: Mapping[str, str], folder: Path) -> Target:
    """Return `target` with its secrets read again: they may have been rotated since the start.

    What a remote store does not tell just now stays as it was, with a note that says so.
    """

    def again(secret: Secret | None) -> Secret | None:
        if secret is None:
            return None
        fresh = references.secret(secret.name, f"${{{secret.source}}}", env=env, folder=folder)
        is_remote = secret.source.startswith(_REMOTE)
        if is_remote and fresh.unreadable and secret.value is not None:
            return replace(secret, notes=(*secret.notes, f"as it was before: {fresh.problem}"))
        return fresh

    jwt_secret = again(target.jwt_secret)
    rivals = Rivals()
    if target.keys:
        rivals = _reread(target.keys[0].rivals, jwt_secret, env=env, folder=folder)
    places = tuple(
        _with_twins(replace(place, secret=again(place.secret) or place.secret, rivals=rivals), env)
        for place in target.keys
    )
    listed = [place.secret for place in places if place.rank]
    return replace(
        target,
        bypass_key=first_set(listed) if listed else again(target.bypass_key),
        jwt_secret=jwt_secret,
        proxy_credentials=again(target.proxy_credentials),
        keys=places,
    )


def _unnamed(listed: tuple[Secret, ...], origin: Origin) -> Iterator[Secret]:
    named = {secret.source for secret in listed}
    for name in origin.profile.other_names.get(_KEY, ()):
        source = f"env:{name}"
        if source not in named and (value := origin.env.get(name, "")).strip():
            yield Secret(name=_KEY, source=source, value=value)


def _rivals(target: str, taken: Taken, origin: Origin) -> Rivals:
    secrets = tuple(
        (path[-1] if path[:2] == ("targets", target) else ".".join(path), other)
        for path, other in taken.secrets.items()
        if path[-1] != _KEY
    )
    named = {each.source for each in taken.secrets.values()}
    named |= {each.source for many in taken.candidates.values() for each in many}
    named |= {f"env:{name}" for name in origin.profile.other_names.get(_KEY, ())}
    return Rivals(secrets=secrets, named=frozenset(named))


def _reread(rivals: Rivals, own: Secret | None, *, env: Mapping[str, str], folder: Path) -> Rivals:
    """Return `rivals` with their values of now; those of a remote store stay as they were."""

    def again(secret: Secret) -> Secret:
        if own is not None and own.source == secret.source:
            return own
        if secret.source.startswith(_REMOTE):
            return secret
        return references.secret(secret.name, f"${{{secret.source}}}", env=env, folder=folder)

    return replace(rivals, secrets=tuple((name, again(one)) for name, one in rivals.secrets))


def _with_twins(place: KeyPlace, env: Mapping[str, str]) -> KeyPlace:
    return replace(place, twins=tuple(_twins(place.secret, place.rivals, env)))


def _twins(secret: Secret, rivals: Rivals, env: Mapping[str, str]) -> Iterator[str]:
    """Yield what else holds the same value and is for something else."""
    value = (secret.value or "").strip()
    if len(value) < _LEAST_TWIN:
        return
    for name, other in rivals.secrets:
        if (other.value or "").strip() == value:
            yield name
    for variable, other_value in env.items():
        if f"env:{variable}" not in rivals.named and other_value.strip() == value:
            yield f"env:{variable}"
