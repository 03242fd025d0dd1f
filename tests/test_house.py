"""The house keeps its own rules: layers, types, lint, file sizes, and a README that is true."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parent.parent
SOURCES = sorted(path for folder in ("bot", "bench") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").glob("*.py"))
# A module is named for its job; these say only what kind of thing it is.
VAGUE = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "service",
    "base",
    "core",
}


def tool(*command: str) -> str:
    """Run a development tool in the repository; return what it printed if it complained."""
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("importlinter.cli", "lint-imports", "--no-cache"),
    ],
    ids=["lint", "format", "types", "imports"],
)
def test_tool_finds_nothing(command: tuple[str, ...]) -> None:
    assert tool(*command) == ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_file_has_one_job(path: Path) -> None:
    text = path.read_text()
    module = ast.parse(text)
    assert len(text.splitlines()) <= 300
    assert path.stem not in VAGUE
    assert ast.get_docstring(module)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_is_public_says_what_it_does(path: Path) -> None:
    # Of a command, its module and its `summary` say it.
    known = {path.stem} if path.parent.name == "commands" else set()
    bare = {
        node.name
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    }
    assert bare <= known


# Functions there are tables of rules, filled in for one kind of call after another.
CODE = [path for path in SOURCES if path.parent.name != "rules"]


@pytest.mark.parametrize("path", CODE, ids=lambda path: str(path.relative_to(ROOT)))
def test_functions_fit_a_screen(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            length = node.end_lineno - node.lineno + 1
            assert length <= 40, f"{node.name} is {length} lines long"


def test_whatever_is_there_is_reached_from_the_command_line() -> None:
    graph = grimp.build_graph("bot", cache_dir=None)
    reached = {"bot.__main__", *graph.find_upstream_modules("bot.__main__")}
    # Alembic finds the migrations by their folder; a package may be empty.
    lost = {
        name
        for name in graph.modules - reached
        if not name.startswith("bot.store.migrations") and not graph.find_children(name)
    }
    assert lost == set()


def test_no_test_is_imported() -> None:
    """What tests share lies in modules beside them: a test that is renamed breaks no other."""
    importing = re.compile(r"^\s*(?:from|import) (?:tests\.)?test_\w+", re.MULTILINE)
    assert [path.name for path in TESTS if importing.search(path.read_text())] == []


def test_exactly_one_broad_except() -> None:
    broad = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "bot").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    assert broad == ["bot/probe/runner.py"]


def _is_broad(node: ast.ExceptHandler) -> bool:
    names = {name.id for name in ast.walk(node.type or node) if isinstance(name, ast.Name)}
    return node.type is None or bool(names & {"Exception", "BaseException"})


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_name_hides_an_imported_one(path: Path) -> None:
    module = ast.parse(path.read_text())
    imported = {
        (alias.asname or alias.name).partition(".")[0]
        for node in module.body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported.isdisjoint(_bound_inside(module))


def _bound_inside(module: ast.Module) -> Iterator[str]:
    """Yield the parameters and variables of every function."""
    for node in ast.walk(module):
        if isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for name in ast.walk(node):
                if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                    yield name.id


def test_lock_pins_every_dependency_with_hashes_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==", lock, re.MULTILINE))
    wanted = {re.split(r"[><=\[;]", name)[0] for name in project["dependencies"]}
    assert wanted <= pinned
    assert lock.count("==") <= lock.count("--hash=sha256:")
    assert "://" not in lock


def test_repository_tracks_no_local_file() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    assert not [name for name in tracked if name.endswith(("uv.lock", ".db", ".env"))]
