"""No text that a target or a stranger makes up holds a pattern up for ever; TLS is never off."""

import ast
import importlib
import json
import pkgutil
import re
import re._constants as codes  # type: ignore[import-not-found]
import re._parser as parser  # type: ignore[import-not-found]
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.config import json_schema

ROOT = Path(__file__).parent.parent
REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT)
# Enough for a pattern whose cost doubles with each character to never end.
PUMPED = 300
PUMPS = (
    *("a", "A", "0", " ", "=", "_", ".", "-", ":", "/", "\\", "{", "[", "(", '"', "'", "\n", "\t"),
    *("aA0", "a ", "a.", "a_", "a-", "0:", "a=", "[a", "a,", " :", "%", "x\n", "\x00", "é", "@a"),
)
DEADLINE_S = 240


def patterns() -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Yield every compiled pattern that stands in a module of ours, with the module's name."""
    seen: set[tuple[Any, int]] = set()
    for info in pkgutil.walk_packages(bot.__path__, "bot."):
        if info.name.endswith("__main__") or ".migrations" in info.name:
            continue
        module = vars(importlib.import_module(info.name))
        for value in [module[name] for name in module if not name.startswith("__")]:
            for pattern in _in(value, 3):
                if (pattern.pattern, pattern.flags) not in seen:
                    seen.add((pattern.pattern, pattern.flags))
                    yield info.name, pattern


def _in(value: Any, depth: int) -> Iterator[re.Pattern[Any]]:
    inner: Iterable[Any] = ()
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, list | tuple | set | frozenset):
        inner = value
    elif isinstance(value, dict) or type(value).__name__ == "mappingproxy":
        inner = (*value.keys(), *value.values())
    elif is_dataclass(value) and not isinstance(value, type):
        inner = [getattr(value, field.name, None) for field in fields(value)]
    if depth:
        for each in inner:
            yield from _in(each, depth - 1)


def nested(parts: Any) -> bool:
    """Whether a repeat without bound stands in another, with nothing that keeps them apart."""
    return any(
        (op in REPEATS and _endless(given) and _ambiguous(given[2]))
        or any(map(nested, _below(part)))
        for part in parts
        for op, given in (part,)
    )


def _endless(repeat: Any) -> bool:
    return bool(repeat[1] == codes.MAXREPEAT or repeat[1] > 50)


def _ambiguous(parts: Any) -> bool:
    """What begins with a character of its own can be divided in one way only."""
    begins = parts[0][0] if len(parts) else None
    return begins is not codes.LITERAL and _has_endless(parts)


def _has_endless(parts: Any) -> bool:
    return any(
        (op in REPEATS and (_endless(given) or _has_endless(given[2])))
        or any(map(_has_endless, _below((op, given))))
        for op, given in parts
    )


def _below(part: Any) -> Iterator[Any]:
    op, given = part
    if op in REPEATS:
        yield given[2]
    elif op is codes.SUBPATTERN:
        yield given[3]
    elif op is codes.BRANCH:
        yield from given[1]
    elif op in (codes.ASSERT, codes.ASSERT_NOT):
        yield given[1]


def dangerous(pattern: re.Pattern[Any]) -> bool:
    text, flags = pattern.pattern, pattern.flags
    if isinstance(text, bytes):
        text, flags = text.decode("latin-1"), flags & ~re.UNICODE
    return nested(parser.parse(text, flags))


@pytest.mark.parametrize("text", [r"(a+)+$", r"(\w*\s*)*x", r"(?:a|b+)*c", r"([a-z]+[0-9]*)+!"])
def test_a_pattern_that_can_blow_up_is_recognised(text: str) -> None:
    assert dangerous(re.compile(text))


def test_no_pattern_of_ours_can_blow_up() -> None:
    found = list(patterns())
    assert len(found) > 200
    assert [(name, each.pattern) for name, each in found if dangerous(each)] == []


def test_every_pattern_gets_through_every_pumped_text() -> None:
    """In a process of its own: what does not end is stopped, and has failed."""
    script = "from tests.test_blow_ups import pump; pump()"
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert (done.returncode, done.stdout) == (0, "through\n"), done.stderr[-500:]


def pump() -> None:
    for _, pattern in patterns():
        for unit in PUMPS:
            text = (unit * PUMPED)[:PUMPED] + "\x01!"
            if isinstance(pattern.pattern, bytes):
                pattern.search(text.encode())
            else:
                pattern.search(text)
    sys.stdout.write("through\n")


# What turns the verification of certificates off, as an argument or as an attribute.
UNVERIFIED = frozenset({"verify", "check_hostname", "ssl", "verify_ssl"})


def test_nothing_of_ours_turns_the_verification_of_certificates_off() -> None:
    found = [
        (path.name, ast.unparse(node))
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if _unverified(node)
    ]
    assert found == []


def _unverified(node: ast.AST) -> bool:
    names = {getattr(node, "attr", ""), getattr(node, "id", "")}
    if names & {"CERT_NONE", "CERT_OPTIONAL", "_create_unverified_context"}:
        return True
    value = getattr(node, "value", None)
    if not (isinstance(value, ast.Constant) and value.value is False):
        return False
    if isinstance(node, ast.keyword):
        return node.arg in UNVERIFIED
    targets = node.targets if isinstance(node, ast.Assign) else []
    return any(getattr(target, "attr", "") in UNVERIFIED for target in targets)


@pytest.mark.parametrize(
    "code",
    ["connect(verify=False)", "get(ssl=False)", "c.check_hostname = False", "x = ssl.CERT_NONE"],
)
def test_where_it_is_turned_off_it_is_seen(code: str) -> None:
    assert any(map(_unverified, ast.walk(ast.parse(code))))


def test_no_setting_turns_it_off() -> None:
    words = re.findall(r'"([a-z_]*(?:verify|insecure|tls|ssl)[a-z_]*)":', json.dumps(json_schema()))
    assert set(words) <= {"verify_path", "verify_key"}  # of a token; who may try the key
