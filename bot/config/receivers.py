"""Checks of the receivers of alerts: what a type cannot say about them."""

from collections.abc import Iterator
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.config.document import Node
from bot.config.limits import url_problem
from bot.config.problems import Problems
from bot.config.routes import RECEIVERS

# Only this machine may be spoken to in the clear: what is told may be of interest to others.
_LOCAL = ("localhost", "127.0.0.1", "::1")


def check_receivers(root: Node, problems: Problems) -> None:
    """Note every receiver that nothing can be sent to."""
    seen: dict[tuple[object, ...], str] = {}
    for where, entry in _receivers(root):
        given = [kind for kind in RECEIVERS if entry.child(kind)]
        if len(given) != 1:
            told = " and ".join(given) if given else "none"
            problems.add(
                entry.at,
                f"{where} needs exactly one of {', '.join(RECEIVERS)}; it has {told}.",
            )
            continue
        [kind] = given
        _check_urls(f"{where}.{kind}", entry, kind, problems)
        _check_zone(where, entry, problems)
        same = (_text(entry, "target"), kind, _text(entry, "name") or _where(entry, kind))
        if where.startswith("routes") and same in seen:
            problems.add(
                entry.at, f"{where} is {seen[same]} again. Leave one out, or give it a name."
            )
        seen.setdefault(same, where)


def zone_problem(name: str) -> str:
    """Say what is wrong with the name of a time zone, or return nothing."""
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder, or a path that leads elsewhere
        return f"{name} is no time zone, such as Europe/Berlin or UTC"
    return ""


def _check_urls(where: str, entry: Node, kind: str, problems: Problems) -> None:
    section = entry.child(kind)
    url = section.child("url") if section else None
    if url is None or not isinstance(url.value, str):
        return
    if problem := url_problem(url.value, ("https", "http")):
        problems.add(url.at, f"{where}.url {problem}.")
    elif url.value.startswith("http:") and urlsplit(url.value).hostname not in _LOCAL:
        problems.add(url.at, f"{where}.url must begin with https://, except on this machine.")


def _check_zone(where: str, entry: Node, problems: Problems) -> None:
    quiet = entry.child("quiet_hours")
    zone = quiet.child("timezone") if quiet else None
    if zone and isinstance(zone.value, str) and (problem := zone_problem(zone.value)):
        problems.add(zone.at, f"{where}.quiet_hours.timezone: {problem}.")


def _receivers(root: Node) -> Iterator[tuple[str, Node]]:
    routes = root.items.get("routes")
    if routes and isinstance(routes.value, list):
        for number, entry in enumerate(routes.value):
            if isinstance(entry.value, dict):
                yield f"routes[{number}]", entry
    if (owner := root.items.get("owner")) and isinstance(owner.value, dict):
        yield "owner", owner


def _where(entry: Node, kind: str) -> str:
    section = entry.child(kind)
    if section is not None and isinstance(section.value, str):
        return section.value.lstrip("#")
    url = section.child("url") if section else None
    # As far as the key of a receiver tells addresses apart.
    return urlsplit(str(url.value)).hostname or "" if url else ""


def _text(entry: Node, name: str) -> str:
    node = entry.child(name)
    return str(node.value) if node else ""
