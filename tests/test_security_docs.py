"""What docs/security.md promises is held up by tests that are there."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = (ROOT / "docs" / "security.md").read_text()
REFERENCE = re.compile(r"`(test_\w+\.py)(?:::(test_\w+))?`")
ROWS = [
    line
    for table in re.findall(r"\|[^\n]*held up by \|\n\|[-|]+\|\n((?:\|[^\n]*\n)+)", DOCS)
    for line in table.splitlines()
]


@cache
def names_in(name: str) -> frozenset[str]:
    nodes = ast.walk(ast.parse((ROOT / "tests" / name).read_text()))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in nodes if isinstance(node, functions))


def test_there_are_promises() -> None:
    assert len(ROWS) >= 35
    assert DOCS.count("held up by |") == 7


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("|")[1].strip()[:60])
def test_every_promise_names_tests_that_are_there(row: str) -> None:
    found = REFERENCE.findall(row.rsplit("|", 2)[1])
    assert found
    for name, test in found:
        assert (ROOT / "tests" / name).is_file(), name
        assert not test or test in names_in(name), f"{name}::{test}"


def test_every_reference_is_in_a_promise() -> None:
    assert len(REFERENCE.findall(DOCS)) == sum(len(REFERENCE.findall(row)) for row in ROWS)


@pytest.mark.parametrize(
    "actor",
    ["A channel member", "A target under an attacker's control", "Forged Slack", "A log reader"],
)
def test_every_actor_has_a_part(actor: str) -> None:
    assert f"\n## {actor}\n" in DOCS
