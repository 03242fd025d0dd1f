"""What docs/slack.md says can be typed, written and found."""

import re
import shlex
from pathlib import Path

import typer.main
import yaml

from bot.cli import app
from bot.config import INSTALL_PATH, load
from bot.slack import STEP, manifest
from tests.configurations import MINIMAL

ROOT = Path(__file__).parent.parent
DOCS = (ROOT / "docs" / "slack.md").read_text()


def test_the_configuration_of_several_workspaces_is_valid(tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", DOCS, re.DOTALL)
    file = tmp_path / "stagecheck.yaml"
    file.write_text(MINIMAL + example)
    names = ("SIGNING_SECRET", "CLIENT_SECRET")
    settings = load(file, env={f"STAGECHECK_SLACK_{name}": "s3cret" for name in names})
    held = settings.slack_credentials()
    assert held.oauth is not None
    assert held.oauth.workspaces == {"T0123ABCD", "E0456EFGH"}
    assert held.oauth.redirect_url in str(manifest(oauth="https://stagecheck.example.com"))
    assert f"https://stagecheck.example.com{INSTALL_PATH}" in DOCS


def test_every_command_can_be_typed() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.main.TyperGroup)
    [block] = re.findall(r"```console\n(.*?)```", DOCS, re.DOTALL)
    for line in block.strip().splitlines():
        program, name, *rest = shlex.split(line)
        assert program == "stagecheck"
        options = {option for each in group.commands[name].params for option in each.opts}
        assert {word for word in rest if word.startswith("--")} <= options


def test_the_step_answers_what_is_written() -> None:
    step = manifest()["functions"][STEP]
    part = DOCS.split("## A step for workflows", 1)[1].split("\n## ", 1)[0]
    assert step["title"] in part
    for output in step["output_parameters"]["properties"]:
        assert f"`{output}`" in part


def test_the_example_is_one_that_slack_takes() -> None:
    assert yaml.safe_load((ROOT / "manifest.yml").read_text()) == manifest()


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\(([^):#]+)\)", DOCS)
    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []
