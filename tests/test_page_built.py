"""The page's bundle: the one that its source makes, whole, and part of what is installed."""

import json
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
import yaml

from bot.cli.house import SHORTCUTS, completions
from bot.commands import COMMANDS
from tests.missing import missing

ROOT = Path(__file__).parent.parent
UI = ROOT / "bot" / "sandbox" / "ui"
BUILT = UI / "built"
OLDEST_NODE = (20, 19)


def run(*command: str, folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def npm() -> str:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        missing("There is no npm.")
    version = run(node, "--version", folder=ROOT).strip()
    if tuple(map(int, version.lstrip("v").split(".")[:2])) < OLDEST_NODE:
        missing(f"Node is {version}; the build needs 20.19 or later.")
    return npm


def test_the_bundle_is_what_its_source_makes(npm: str, tmp_path: Path) -> None:
    folder = tmp_path / "ui"
    shutil.copytree(UI, folder, ignore=shutil.ignore_patterns("node_modules", "built"))
    run(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
    run(npm, "run", "build", folder=folder)
    made = {path.name: path.read_bytes() for path in (folder / "built").iterdir()}
    kept = {path.name: path.read_bytes() for path in BUILT.iterdir()}
    assert sorted(made) == sorted(kept)
    told = "The bundle is not what its source makes: npm run build in bot/sandbox/ui"
    assert [name for name in made if made[name] != kept[name]] == [], told


def test_the_bundle_names_no_machine_and_has_no_map() -> None:
    for path in BUILT.iterdir():
        text = path.read_text()
        assert "sourceMappingURL" not in text
        assert str(ROOT) not in text
        assert not re.search(r"/(home|root|Users|tmp)/\w", text), path
    assert not list(BUILT.glob("*.map"))


def test_the_lock_names_versions_and_digests_and_no_address() -> None:
    lock = json.loads((UI / "package-lock.json").read_text())
    packages = {name: about for name, about in lock["packages"].items() if name}
    assert all("resolved" not in about for about in packages.values())
    assert all(about["integrity"].startswith("sha512-") for about in packages.values())


def test_what_is_bundled_comes_with_its_licences() -> None:
    licences = (BUILT / "licences.txt").read_text()
    for package in ("preact", "slack-blocks-to-jsx", "node-emoji", "react-markdown"):
        assert re.search(rf"^{package} \d", licences, re.MULTILINE)


@pytest.mark.parametrize("path", sorted((UI / "src").rglob("*.ts*")), ids=lambda path: path.name)
def test_a_file_of_the_page_has_one_job_and_says_which(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert len(lines) <= 300
    assert lines[0].startswith("// ")


def test_the_wheel_has_the_page_and_not_its_source(tmp_path: Path) -> None:
    uv = shutil.which("uv")
    if uv is None:
        missing("There is no uv.")
    run(uv, "build", "--wheel", "--quiet", "--out-dir", str(tmp_path), folder=ROOT)
    wheel = zipfile.ZipFile(next(tmp_path.glob("*.whl")))
    found = {name for name in wheel.namelist() if name.startswith("bot/sandbox/ui/")}
    assert found == {f"bot/sandbox/ui/built/{path.name}" for path in BUILT.iterdir()}


def test_the_page_offers_the_shortcuts_of_the_manifest() -> None:
    manifest = yaml.safe_load((ROOT / "manifest.yml").read_text())
    named = {
        (one["callback_id"], one["name"], one["type"] == "message")
        for one in manifest["features"]["shortcuts"]
    }
    assert {(one.callback_id, one.name, one.of_message) for one in SHORTCUTS} == named


def test_the_composer_completes_every_command() -> None:
    offered = {one.line for one in completions()}
    assert {f"/stagecheck {name}" for name in COMMANDS} <= offered
