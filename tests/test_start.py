"""What a command of a shell takes before its work begins: nothing that this work does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.configurations import FULL

ROOT = Path(__file__).parent.parent
LOG = ROOT / "tests" / "data" / "logs" / "healthy-pytest-summary.log"
# Each takes a tenth of a second or more from a cold start, and so do some of them together.
HEAVY = {
    *("aiohttp", "alembic", "apprise", "cryptography", "dbos", "google", "httpx", "jwt"),
    *("matplotlib", "opentelemetry", "prometheus_client", "pydantic", "requests", "slack_bolt"),
    *("slack_sdk", "sqlalchemy", "structlog", "websockets", "yaml"),
}


def printed(script: str, *arguments: str) -> list[str]:
    """Run `script` in a process of its own; return the words it printed."""
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("bot.cli", set()),
        ("bot.cli.explain", {"pydantic", "yaml"}),
        ("bot.cli.settings", {"pydantic", "yaml"}),
        ("bot.cli.sandbox", {"aiohttp", "cryptography", "jwt"}),
        ("bot.cli.replay", {"pydantic", "sqlalchemy", "structlog", "yaml"}),
        (
            "bot.cli.check",
            {
                *("httpx", "prometheus_client", "pydantic", "sqlalchemy", "structlog"),
                *("websockets", "yaml"),
            },
        ),
    ],
)
def test_a_command_loads_the_libraries_that_it_needs_and_no_other(
    module: str, needed: set[str]
) -> None:
    script = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    assert HEAVY & set(printed(script)) == needed


def test_of_a_configuration_only_the_whole_is_built_and_no_code_is_read(tmp_path: Path) -> None:
    (tmp_path / "stagecheck.yaml").write_text(FULL)
    script = (
        "import linecache, sys\n"
        "from pathlib import Path\n"
        "from bot.config import load\n"
        "from bot.config.section import Section\n"
        "def parts(kind):\n"
        "    return {kind}.union(*map(parts, kind.__subclasses__()))\n"
        "load(Path(sys.argv[1]), env={})\n"
        "print(*(each.__name__ for each in parts(Section) if each.__pydantic_complete__))\n"
        "print(*linecache.cache)\n"
    )
    assert printed(script, str(tmp_path / "stagecheck.yaml")) == ["File"]


def test_a_command_searches_for_garbage_neither_at_its_start_nor_at_its_end() -> None:
    script = (
        "import gc, sys\n"
        "from bot.cli import main\n"
        "before = gc.get_stats()\n"
        "sys.argv = ['stagecheck', 'explain', *sys.argv[1:]]\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    after = gc.get_stats()\n"
        "    print()\n"
        "    print(*(b['collections'] - a['collections'] for a, b in zip(before, after)))\n"
        "    print(gc.get_freeze_count() > 50_000)\n"
    )
    youngest, *older, is_kept = printed(script, str(LOG))[-4:]
    assert int(youngest) < 5
    assert [*older, is_kept] == ["0", "0", "True"]


def test_a_process_that_stays_searches_as_often_as_python_does() -> None:
    script = (
        "import gc\n"
        "usual = gc.get_threshold()\n"
        "from bot.cli.garbage import look_rarely, settle\n"
        "look_rarely()\n"
        "rarely = gc.get_threshold()\n"
        "settle()\n"
        "print(rarely > usual, gc.get_threshold() == usual)\n"
    )
    assert printed(script) == ["True", "True"]
