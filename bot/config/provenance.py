"""Where each setting of a target came from: exactly one source each, conflicts named."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bot.config.document import Node
from bot.config.known import leaves
from bot.config.limits import URLS
from bot.config.profile import SOURCE, Profile
from bot.config.secrets import Taken
from bot.masking import Masker, Secret, without_strays
from bot.target import Setting, Target

MAX_VALUE = 160

_SHAPES = Masker(pepper=b"")

# What other programs take a proxy from without being told. Here it is only said to be there.
_PROXY_NAMES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {"proxy": _PROXY_NAMES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a target was made of: its merged tree, its profile, the references in it."""

    node: Node
    profile: Profile
    taken: Taken
    env: Mapping[str, str]

    def settings(self, target: Target) -> tuple[Setting, ...]:
        """Return the source of every setting of `target`."""
        return tuple(self._settings(target))

    def _settings(self, target: Target) -> Iterator[Setting]:
        root = ("targets", target.name)
        for path in leaves(root):
            names = path[len(root) :]
            key = ".".join(names)
            value: Any = target
            for name in names:
                value = getattr(value, name)
            if isinstance(value, Secret):
                named = without_strays(value.source)
                yield Setting(key=key, source=named, note=self._secret(key, value, target))
                continue
            note = self._other_names(key, value, "")
            if source := self.taken.addresses.get(path):
                note = self._other_names(key, value, source)
                shown = _without(_shown(value), target.secrets)
                yield Setting(key=key, source=without_strays(source), value=shown, note=note)
            else:
                yield from _written(key, value, _find(self.node, names), note)

    def _secret(self, key: str, secret: Secret, target: Target) -> str:
        notes = [secret.problem, self._other_names(key, secret.value, secret.source)]
        other = target.bypass_key if key == "jwt_secret" else None
        if other and other.value is not None and other.value == secret.value:
            notes.append("has the same value as bypass_key")
        return "; ".join(filter(None, notes))

    def _other_names(self, key: str, value: str | None, source: str) -> str:
        """Name the variables that mean the same and are set too. Values are only compared."""
        notes = []
        for name in (*self.profile.other_names.get(key, ()), *_OTHER_NAMES.get(key, ())):
            other = self.env.get(name, "")
            if f"env:{name}" == source or not other.strip():
                continue
            if not value:
                notes.append(f"{name} is set, but not named here")
            elif other == value or (key in URLS and other.rstrip("/") == value):
                notes.append(f"{name} is also set, to the same value")
            else:
                notes.append(f"{name} is also set, to a different value, and not used")
        return "; ".join(notes)


def _written(key: str, value: Any, node: Node | None, note: str) -> Iterator[Setting]:
    """Yield one setting; where the file lays entries over the profile's, each of them as well."""
    if node is None:
        unset = "; ".join(filter(None, ("not set" if value is None else "", note)))
        yield Setting(key=key, source="default", value=_shown(value), note=unset)
        return
    inherited = [item for item in node.items.values() if _from_profile(item)]
    if not inherited or len(inherited) == len(node.items):
        source = _source(inherited[0] if inherited else node)
        yield Setting(key=key, source=source, value=_shown(value), note=note)
        return
    own = {name: item for name, item in node.items.items() if not _from_profile(item)}
    rest = {name: item for name, item in value.items() if name not in own}
    yield Setting(key=key, source=_source(inherited[0]), value=_shown(rest), note=note)
    for name, item in own.items():
        yield Setting(key=f"{key}.{name}", source=_source(item), value=_shown(value[name]))


def _from_profile(node: Node) -> bool:
    return node.at.source.startswith(SOURCE)


def _source(node: Node) -> str:
    if _from_profile(node):
        return node.at.source
    return f"{node.at.source.rpartition('/')[2]}:{node.key_at.line}"


def _find(node: Node, names: tuple[str, ...]) -> Node | None:
    found: Node | None = node
    for name in names:
        found = found.child(name) if found else None
    return found


def _without(text: str, secrets: tuple[Secret, ...]) -> str:
    """Leave secrets out of an address that was filled in from the same place as they were."""
    for secret in secrets:
        if secret.value and secret.value.strip():
            text = text.replace(secret.value.strip(), f"[redacted {secret.name}]")
    return text


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) > MAX_VALUE:
        text = f"{text[: MAX_VALUE // 2]} … {text[-MAX_VALUE // 2 :]}"
    return _SHAPES.mask(text)
