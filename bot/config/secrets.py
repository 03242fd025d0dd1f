"""Taking the references out of a configuration's tree: secrets, and addresses that hold one."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bot.config import references
from bot.config.document import Node
from bot.config.limits import URLS
from bot.config.problems import Problems
from bot.masking import Secret

SLACK = ("bot_token", "signing_secret", "app_token")
OAUTH = ("client_secret",)
SERVER = ("token",)
DEPLOY_HOOK = ("secret",)
RECEIVERS: Mapping[str, tuple[str, ...]] = {
    "webhook": ("secret",),
    "pagerduty": ("routing_key",),
    "apprise": ("url",),
}
TARGET = ("bypass_key", "jwt_secret", "proxy_credentials")
# What may list several references, of which one is used.
LISTED = ("bypass_key",)
MOST_CANDIDATES = 8

FieldPath = tuple[str, ...]


@dataclass(slots=True)
class Taken:
    """What was found at which setting."""

    secrets: dict[FieldPath, Secret] = field(default_factory=dict)
    addresses: dict[FieldPath, str] = field(default_factory=dict)
    """Addresses that came from a reference -> their source."""
    database: list[Secret] = field(default_factory=list)
    candidates: dict[FieldPath, tuple[Secret, ...]] = field(default_factory=dict)
    """Of what may be listed: all of them, in order."""


class Taker:
    """Replaces references by what they lead to, and secrets by nothing at all."""

    def __init__(self, *, env: Mapping[str, str], folder: Path, problems: Problems) -> None:
        self._env = env
        self._folder = folder
        self._problems = problems
        self.taken = Taken()

    def take(self, root: Node) -> Node:
        """Return `root` without secrets and with its addresses filled in."""
        items = dict(root.items)
        if slack := items.get("slack"):
            slack = self._without_secrets(slack, ("slack",), SLACK)
            if oauth := slack.items.get("oauth"):
                oauth = self._without_secrets(oauth, ("slack", "oauth"), OAUTH)
                slack = slack.with_value({**slack.items, "oauth": oauth})
            items["slack"] = self._with_addresses(slack, ("slack",), ("api_url",))
        if server := items.get("server"):
            items["server"] = self._without_secrets(server, ("server",), SERVER)
        if hook := items.get("deploy_hook"):
            items["deploy_hook"] = self._without_secrets(hook, ("deploy_hook",), DEPLOY_HOOK)
        if owner := items.get("owner"):
            items["owner"] = self._receiver(owner, ("owner",))
        if (routes := items.get("routes")) and isinstance(routes.value, list):
            kept = [
                self._receiver(route, ("routes", str(number)))
                for number, route in enumerate(routes.value)
            ]
            items["routes"] = routes.with_value(kept)
        if targets := items.get("targets"):
            items["targets"] = targets.with_value(
                {name: self._target(name, target) for name, target in targets.items.items()}
                if isinstance(targets.value, dict)
                else targets.value
            )
        if database := items.get("database"):
            items["database"] = self._database(database)
        return root.with_value(items)

    def _target(self, name: str, target: Node) -> Node:
        target = self._without_secrets(target, ("targets", name), TARGET)
        return self._with_addresses(target, ("targets", name), tuple(URLS))

    def _receiver(self, node: Node, path: FieldPath) -> Node:
        items = dict(node.items)
        for kind, names in RECEIVERS.items():
            if kind in items:
                items[kind] = self._without_secrets(items[kind], (*path, kind), names)
                items[kind] = self._with_addresses(items[kind], (*path, kind), ("url",))
        return node.with_value(items) if isinstance(node.value, dict) else node

    def _without_secrets(self, node: Node, path: FieldPath, names: tuple[str, ...]) -> Node:
        items = dict(node.items)
        for name in names:
            if name in items:
                held = items.pop(name)
                self._secret((*path, name), held)
        return node.with_value(items) if isinstance(node.value, dict) else node

    def _secret(self, path: FieldPath, node: Node) -> None:
        if node.value is None:
            return
        where = ".".join(path)
        listed = node.value if path[-1] in LISTED and isinstance(node.value, list) else [node]
        if not 1 <= len(listed) <= MOST_CANDIDATES:
            self._problems.add(
                node.at, f"{where} must list 1 to {MOST_CANDIDATES} references, not {len(listed)}."
            )
            return
        name = path[-1] if path[0] == "targets" else where
        found = [secret for one in listed if (secret := self._reference(name, where, one))]
        if found:
            self.taken.secrets[path] = first_set(found)
            self.taken.candidates[path] = tuple(found)

    def _reference(self, name: str, where: str, node: Node) -> Secret | None:
        if not isinstance(node.value, str) or not references.is_reference(node.value):
            self._problems.add(
                node.at, f"{where} is a secret and must be a reference. {references.ADVICE}"
            )
            return None
        return references.secret(name, node.value, env=self._env, folder=self._folder)

    def _with_addresses(self, node: Node, path: FieldPath, names: tuple[str, ...]) -> Node:
        items = dict(node.items)
        for name in names:
            if name in items and isinstance(items[name].value, str):
                items[name] = self._address(items[name], (*path, name))
        return node.with_value(items) if isinstance(node.value, dict) else node

    def _address(self, node: Node, path: FieldPath) -> Node:
        text, found = references.fill(str(node.value), env=self._env, folder=self._folder)
        for each in found:
            if each.problem:
                self._problems.add(node.at, f"{'.'.join(path)}: {each.problem}.")
        if any(each.problem for each in found):
            # Nothing more can be said about it; an address that is right keeps the rest quiet.
            return node.with_value(f"{URLS.get(path[-1], ('https',))[0]}://unknown.invalid")
        if found:
            self.taken.addresses[path] = ", ".join(each.source for each in found)
        return node.with_value(text)

    def _database(self, node: Node) -> Node:
        if not isinstance(node.value, str):
            return node
        password = re.search(r"://[^/@]*?:([^@]*)@", node.value)
        if password and not references.is_reference(password[1]):
            self._problems.add(
                node.at, f"database holds a password, which is a secret. {references.ADVICE}"
            )
        text, found = references.fill(node.value, env=self._env, folder=self._folder, quoted=True)
        for each in found:
            if each.problem:
                self._problems.add(node.at, f"database: {each.problem}.")
            self.taken.database.append(
                Secret(name="database", source=each.source, value=each.value)
            )
        if any(each.problem for each in found):
            return node.with_value("sqlite:///unknown")
        return node.with_value(text)


def first_set(secrets: Sequence[Secret]) -> Secret:
    """Return the first of `secrets` that has a value; if none has, the one most worth a look."""
    broken = [secret for secret in secrets if secret.unreadable]
    held = (secret for secret in secrets if secret.value is not None)
    return next(held, (*broken, *secrets)[0])
