"""The same failure in another dress: names, numbers, encodings, colours and what came around it."""

import html
import json
import random
import re
from collections.abc import Callable

import pytest

from tests.explaining import EVERY_LOG, explained, first_cause

TEXTS = [
    (name, log.decode(), cause)
    for name, log, cause in EVERY_LOG
    if not log.startswith(b"\xff\xfe") and b"\x00" not in log
]
NOISE = (
    "2025-09-14 11:00:01,113 INFO worker: loaded 120 rows in 33 ms\n"
    "[INFO] starting run 4 of 9\n\n"
    '10.0.3.4 - - "GET /metrics HTTP/1.1" 200 812\n'
)


def each_line(dress: Callable[[int, str], str]) -> Callable[[str], str]:
    """Return what dresses every line of a text."""
    return lambda text: "\n".join(dress(n, line) for n, line in enumerate(text.split("\n")))


DRESSES: dict[str, Callable[[str], str | bytes]] = {
    "line ends of Windows": lambda text: text.replace("\n", "\r\n"),
    "colours": each_line(lambda _, line: f"\x1b[31m{line}\x1b[0m"),
    "indented": each_line(lambda _, line: f"    {line}"),
    "in a code block": lambda text: f"Look:\n```\n{text}\n```\n",
    "UTF-16": lambda text: text.encode("utf-16"),
    "with a mark of UTF-8": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "NUL bytes": lambda text: text.replace(" ", " \x00").encode(),
    "among other lines": lambda text: f"{NOISE}\n{text}\n{NOISE}",
    "quoted": each_line(lambda _, line: f"> {line}"),
    "numbered": each_line(lambda n, line: f"{n + 1:4} {line}"),
    "of a container": each_line(lambda _, line: f"web-1  | {line}"),
    "stamped by a CI": each_line(lambda n, line: f"2025-09-14T11:00:{n % 60:02}.1234567Z {line}"),
    "copied from a page": html.escape,
    "with a blank line after each": lambda text: text.replace("\n", "\n\n"),
}
# What only a whole log shows: two lines can begin alike by chance.
SHORTEST = 3


@pytest.mark.parametrize("dress", DRESSES)
def test_cause_does_not_depend_on_how_the_text_came_here(dress: str) -> None:
    wrong = {}
    # Each dress on every third log, another third for the next dress: all forms meet all dresses.
    for name, text, cause in TEXTS[list(DRESSES).index(dress) % 3 :: 3]:
        if len(text.strip().splitlines()) < SHORTEST and dress in (
            "quoted",
            "numbered",
            "of a container",
            "stamped by a CI",
            "with a blank line after each",
        ):
            continue
        dressed = DRESSES[dress](text)
        said = first_cause(dressed)
        if said != cause:
            wrong[name] = said
    assert wrong == {}


def test_json_is_read_alike_on_one_line_and_on_many() -> None:
    count = 0
    for name, text, cause in TEXTS:
        try:
            entry = json.loads(text)
        except ValueError:
            continue
        count += 1
        assert first_cause(json.dumps(entry)) == cause, name
        assert first_cause(json.dumps(entry, indent=4)) == cause, name
    assert count > 20


def renamed(text: str, seed: str) -> str:
    """Return `text` with other hosts, modules, services, classes and numbers."""
    chance = random.Random(seed)

    def word() -> str:
        return "".join(chance.choice("bdfgklmnprtvz") + chance.choice("aeiou") for _ in range(3))

    def host(found: re.Match[str]) -> str:
        job = next((job for job in ("auth", "api", "backend") if job in found[0]), "www")
        return f"{job}.{word()}.io"

    def number(found: re.Match[str]) -> str:
        value = found[0]
        is_code = len(value) == 3 or value in ("1000", "1001", "1006", "1008", "1011", "1225")
        return value if is_code else "".join(chance.choice("123456789") for _ in value)

    classes: dict[str, str] = {}

    def renamed_class(found: re.Match[str]) -> str:
        last = re.findall("[A-Z][a-z]+", found[0])[-1]
        if last in ("Error", "Exception", "Status", "Manager", "Timeout"):
            return found[0]
        return classes.setdefault(found[0], f"{word().title()}{last}")

    text = re.sub(r"[\w-]+(?:\.[\w-]+)*\.(?:test|example|internal)\b", host, text)
    text = re.sub(
        r"\b(?:backend\.app|app-backend|app-service|harbor|lumen|orbit|acme)\b",
        lambda _: word(),
        text,
    )
    text = re.sub(r"\b(?:[A-Z][a-z]+){3,}\b", renamed_class, text)
    return re.sub(r"(?<![\w.])\d{3,}(?![\w.])", number, text)


def test_cause_does_not_depend_on_any_name_or_number() -> None:
    said = {name: first_cause(renamed(text, name)) for name, text, _ in TEXTS}
    assert said == {name: cause for name, _, cause in TEXTS}


def test_lines_are_those_of_the_text_whatever_stood_before_them() -> None:
    plain = "start\nconnecting\n\nserver rejected WebSocket connection: HTTP 403\n"
    quoted = "".join(f"> {line}\n" for line in plain.split("\n"))
    for text in (plain, quoted, plain.replace("\n", "\r\n")):
        keys = [one.key for one in explained(text).observations]
        assert "http_status.upgrade.line_4" in keys


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_log_that_was_cut_is_read_as_far_as_it_goes(share: float) -> None:
    """Whatever is left of a log, an answer comes, and it is never that all is well."""
    for name, text, cause in TEXTS:
        if cause in ("healthy", "fake_execution") or re.search("PASS|passed|200|healthy", text):
            continue
        at = int(len(text) * share)
        for part in (text[:at], text[-at:]):
            assert first_cause(part) != "healthy", name
