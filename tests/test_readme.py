"""What the README says is true: its tables, its configuration, its commands and its links."""

import re
import shlex
from pathlib import Path

import typer.main

from bot.cli import app
from bot.commands import COMMANDS
from bot.config import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def rows(header: str) -> dict[str, str]:
    """Return the two columns of the README's table that starts with `header`."""
    table = README.split(f"| {header} |", 1)[1].split("\n\n", 1)[0]
    found = re.findall(r"^\| `(.+?)` \| (.+?) \|$", table, re.MULTILINE)
    assert len(dict(found)) == len(found)
    return {left.replace(r"\|", "|"): right for left, right in found}


def shell_commands(group: typer.main.TyperGroup, prefix: str) -> dict[str, str]:
    """Return every command below `group` with the first line of its help."""
    found: dict[str, str] = {}
    for name, command in group.commands.items():
        if isinstance(command, typer.main.TyperGroup):
            found |= shell_commands(command, f"{prefix} {name}")
        else:
            found[f"{prefix} {name}"] = (command.help or "").splitlines()[0]
    return found


def test_shell_commands_are_listed_as_they_are() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.main.TyperGroup)
    assert rows("Command") == shell_commands(group, "stagecheck")


def test_slack_lines_are_listed_as_they_are() -> None:
    listed = {f"/stagecheck {spec.syntax.usage}": spec.summary for spec in COMMANDS.values()}
    assert rows("Line") == listed


def test_configuration_example_is_valid(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)[0]
    file = tmp_path / "stagecheck.yaml"
    file.write_text(example)
    settings = load(file, env={})
    assert "E2E_OAUTH_SIMULATION_KEY" in settings.targets["staging"].secrets[0].problem


def test_the_database_named_for_a_container_lies_in_its_volume(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)[0]
    [in_container] = re.findall(r'`(database: "sqlite:////.*?")`', README)
    file = tmp_path / "stagecheck.yaml"
    file.write_text(re.sub(r"^database:.*$", in_container, example, flags=re.MULTILINE))
    assert load(file, env={}).database == "sqlite:////data/stagecheck.db"
    assert "VOLUME /data" in (ROOT / "Dockerfile").read_text()


def test_commands_use_options_that_exist() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, typer.main.TyperGroup)
    lines = re.findall(r"uv run stagecheck (.+?)(?:$|`)", README, re.MULTILINE)
    assert lines
    for line in lines:
        name, *rest = shlex.split(line)
        command = group.commands[name]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in rest if word.startswith("--")} <= options


def test_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^):#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
