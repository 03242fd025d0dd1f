"""Checks of a configuration's values that need to know where they stand."""

import re
from collections.abc import Iterable, Iterator
from typing import TypeGuard
from urllib.parse import urlsplit

from bot.config.alerts import check_alerts
from bot.config.document import Node, walk
from bot.config.limits import PATTERNS, RANGES, URLS, cron_problem, is_of_this_machine, url_problem
from bot.config.pages import check_pages
from bot.config.problems import Position, Problems, dotted, nearest
from bot.config.receivers import check_receivers, zone_problem
from bot.config.references import is_reference
from bot.config.routes import EVERY_TARGET
from bot.config.settings import NAME
from bot.config.slack import REDIRECT_PATH
from bot.labels import Label
from bot.masking import Masker, Secret
from bot.target import CHECK_NAMES, unfit_address

# A shorter secret may be part of an ordinary word.
MIN_TELLING = 12

_ADDRESSES = (*URLS, "database")
_SHAPES = Masker(pepper=b"")


def check_values(root: Node, secrets: Iterable[Secret], problems: Problems) -> None:
    """Note every value that is of the right type and still cannot be right."""
    _check_texts(root, secrets, problems)
    targets = root.items.get("targets")
    names = targets.items if targets else {}
    for name, target in names.items():
        if not re.fullmatch(NAME, name):
            problems.add(
                target.key_at,
                f"targets.{name} is not a name: small letters, digits, - and _, up to 63.",
            )
        _check_target(f"targets.{name}", target, problems)
    for kind in ("schedules", "routes"):
        for where, entry in _entries(root, kind):
            _check_entry(where, entry, names, problems)
    check_alerts(root, names, problems)
    check_receivers(root, problems)
    check_pages(root, names, problems)
    if (slack := root.items.get("slack")) and (url := slack.child("api_url")):
        _check_url("slack.api_url", url, ("https", "http"), problems)
        _check_encrypted("slack.api_url", url, problems)  # every token goes there
    if oauth := slack.child("oauth") if slack else None:
        _check_oauth(oauth, problems)


def _check_texts(root: Node, secrets: Iterable[Secret], problems: Problems) -> None:
    values = {each.value.strip(): each.name for each in secrets if each.value}
    long = {value: name for value, name in values.items() if len(value) >= MIN_TELLING}
    for path, node in walk(root):
        if not isinstance(node.value, str):
            continue
        where = dotted(path)
        if is_reference(node.value):
            problems.add(node.at, f"{where} cannot be a reference; only secrets and addresses can.")
        elif path[-1] in _ADDRESSES:
            continue  # these have checks of their own
        elif _SHAPES.mask(node.value) != node.value:
            problems.add(
                node.at, f"{where} holds something shaped like a secret. Secrets are references."
            )
        elif name := next((name for value, name in long.items() if value in node.value), ""):
            problems.add(
                node.at, f"{where} holds the value of {name}, which may only be a reference."
            )


def _check_target(where: str, target: Node, problems: Problems) -> None:
    for setting, (low, high) in RANGES.items():
        node = _at(target, setting)
        if node and _is_number(node.value) and not low <= node.value <= high:
            problems.add(node.at, f"{where}.{setting} must be from {low:g} to {high:g}.")
    for setting, (pattern, rule) in PATTERNS.items():
        if node := _at(target, setting):
            for item in node.value if isinstance(node.value, list) else [node]:
                if isinstance(item.value, str) and not re.fullmatch(pattern, item.value):
                    problems.add(item.at, f"{where}.{setting} {rule}.")
    for setting, schemes in URLS.items():
        if node := target.child(setting):
            _check_url(f"{where}.{setting}", node, schemes, problems)
    _check_addresses(where, target, problems)
    if headers := _at(target, "socket.headers"):
        _check_headers(f"{where}.socket.headers", headers, problems)
    if owners := target.child("owners"):
        labels = [str(label) for label in Label]
        for label, node in owners.items.items():
            if label not in labels:
                advice = nearest(label, labels)
                problems.add(node.key_at, f"{where}.owners.{label} is not a label. {advice}")


def _check_addresses(where: str, target: Node, problems: Problems) -> None:
    allowed = target.child("allow_link_local")
    if allowed is not None and allowed.value is True:
        return
    for setting in (name for name in URLS if name != "proxy"):
        node = target.child(setting)
        if (
            node is None
            or not isinstance(node.value, str)
            or url_problem(node.value, URLS[setting])
        ):
            continue
        if why := unfit_address(urlsplit(node.value).hostname or ""):
            problems.add(
                node.at,
                f"{where}.{setting} is {why}. If that is meant, set allow_link_local: true.",
            )


def _check_headers(where: str, headers: Node, problems: Problems) -> None:
    for name, node in headers.items.items():
        if not re.fullmatch(PATTERNS["exchange.header"][0], name):
            problems.add(node.key_at, f"{where} has a name that no header can have.")
        if isinstance(node.value, str) and not re.fullmatch(r"[\t -~]*", node.value):
            problems.add(node.at, f"{where}.{name} must be one line of plain ASCII.")


def _check_url(where: str, node: Node, schemes: tuple[str, ...], problems: Problems) -> None:
    optional = where.endswith((".frontend_url", ".proxy"))
    if not isinstance(node.value, str) or (not node.value and optional):
        return
    if problem := url_problem(node.value, schemes):
        is_proxy = "credentials" in problem and where.endswith(".proxy")
        advice = " Put them in proxy_credentials, as user:password." if is_proxy else ""
        problems.add(node.at, f"{where} {problem}.{advice}")


def _check_encrypted(where: str, node: Node, problems: Problems) -> None:
    """Note an address whose traffic could be read on its way."""
    url = node.value
    if not isinstance(url, str) or url_problem(url, ("http",)) or is_of_this_machine(url):
        return
    problems.add(node.at, f"{where} must begin with https://, except on this machine.")


def _check_oauth(oauth: Node, problems: Problems) -> None:
    where = "slack.oauth.redirect_url"
    url = oauth.child("redirect_url")
    if url and isinstance(url.value, str):
        _check_url(where, url, ("https", "http"), problems)
        _check_encrypted(where, url, problems)  # what installs the app comes back there
        if not url.value.endswith(REDIRECT_PATH):
            problems.add(url.at, f"{where} must end with {REDIRECT_PATH}, where the bot listens.")
    allowed = oauth.child("workspaces")
    for item in allowed.value if allowed and isinstance(allowed.value, list) else []:
        if isinstance(item.value, str) and not re.fullmatch(r"[TE][A-Z0-9]{2,20}", item.value):
            problems.add(
                item.at,
                f"slack.oauth.workspaces: {item.value} is no workspace's id, such as T0123ABCD:"
                " it stands in the address of the workspace at app.slack.com.",
            )


def _check_entry(where: str, entry: Node, names: dict[str, Node], problems: Problems) -> None:
    target = entry.child("target")
    every = where.startswith("routes") and target and target.value == EVERY_TARGET
    if target and isinstance(target.value, str) and target.value not in names and not every:
        problems.add(
            target.at,
            f"{where}.target is {target.value}, which is no target. {nearest(target.value, names)}",
        )
    check = entry.child("check")
    if check and isinstance(check.value, str) and check.value not in CHECK_NAMES:
        problems.add(
            check.at,
            f"{where}.check is {check.value}, which is no check. "
            f"{nearest(check.value, CHECK_NAMES)}",
        )
    cron = entry.child("cron")
    if cron and isinstance(cron.value, str) and (problem := cron_problem(cron.value)):
        problems.add(cron.at, f"{where}.cron {problem}.")
    zone = entry.child("timezone")
    if zone and isinstance(zone.value, str) and (problem := zone_problem(zone.value)):
        problems.add(zone.at, f"{where}.timezone: {problem}.")


def _entries(root: Node, kind: str) -> Iterator[tuple[str, Node]]:
    entries = root.items.get(kind)
    if entries and isinstance(entries.value, list):
        yield from ((f"{kind}[{number}]", entry) for number, entry in enumerate(entries.value))


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _at(node: Node, setting: str) -> Node | None:
    found: Node | None = node
    for name in setting.split("."):
        found = found.child(name) if found else None
    return found


def position(root: Node, path: tuple[str | int, ...]) -> Position:
    """Return where `path` stands, or the nearest thing above it that stands anywhere."""
    node = root
    for name in path:
        below = node.child(name)
        if below is None:
            return node.key_at
        node = below
    return node.at
