"""The secrets that a configuration leads to on this machine, for who only has to hide them."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from bot.config import references
from bot.config.document import Node, parse
from bot.config.files import read
from bot.config.problems import Problems
from bot.config.secrets import DEPLOY_HOOK, OAUTH, RECEIVERS, SERVER, SLACK, TARGET
from bot.errors import ConfigError
from bot.masking import Secret

_NAMES = frozenset((*SLACK, *OAUTH, *SERVER, *DEPLOY_HOOK, *TARGET))
_REFERENCE = re.compile(references.REFERENCE)
# To ask for these takes a network.
_ELSEWHERE = "${gsm:"
_PASSWORD = re.compile(r"://[^/\s:@]*:([^\s@]+)@")


def secrets_at_hand(path: Path, *, env: Mapping[str, str]) -> tuple[Secret, ...]:
    """Return the secrets of the configuration at `path` that are set here; none if there is none.

    Nothing is asked over a network, and whatever else is wrong with the file does not matter.
    """
    try:
        root = parse(read(path), str(path), Problems())
    except ConfigError:
        return ()
    if root is None:
        return ()
    folder = path.absolute().parent
    found = (
        references.secret(name, reference, env=env, folder=folder)
        for name, reference in dict.fromkeys(_references(root, "", ""))
        if not reference.startswith(_ELSEWHERE)
    )
    return tuple(_password(one) if one.name == "database" else one for one in found if one.value)


def _references(node: Node, key: str, above: str) -> Iterator[tuple[str, str]]:
    """Yield the secret settings below `node`, each with a reference that stands in it."""
    if isinstance(node.value, dict):
        for name, item in node.items.items():
            yield from _references(item, name, key)
    elif isinstance(node.value, list):
        for item in node.value:
            yield from _references(item, key, above)
    elif key in _NAMES or key == "database" or key in RECEIVERS.get(above, ()):
        yield from ((key, found[0]) for found in _REFERENCE.finditer(str(node.value)))


def _password(database: Secret) -> Secret:
    """Return the password alone, where the whole address of the database is kept elsewhere."""
    within = _PASSWORD.search(database.value or "")
    return Secret(name="database", source=database.source, value=within[1]) if within else database
