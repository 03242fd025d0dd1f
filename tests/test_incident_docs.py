"""What the guide to incidents says is true: its buttons, its lines, its permissions."""

import re
from pathlib import Path

from configurations import MINIMAL, loaded

from bot.commands import COMMANDS
from bot.commands.durations import EXAMPLES, MOST
from bot.config import Permissions
from bot.report.controls import open_controls
from bot.report.incident import incident_message
from bot.slack.groups import GOOD_S
from tests.incident_samples import OPEN, labels

GUIDE = (Path(__file__).parent.parent / "docs" / "incidents.md").read_text()


def rows(header: str) -> list[list[str]]:
    table = GUIDE.split(header, 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in table.splitlines()[2:]]


def test_every_button_and_choice_of_the_message_is_in_the_guide() -> None:
    [menu] = [one for one in open_controls(OPEN)["elements"] if one["type"] == "overflow"]
    choices = [option["text"]["text"] for option in menu["options"]]
    shown = [label for label in labels(incident_message(OPEN)) if label != "…"]
    told = [row[0].strip("*") for row in rows("| In the message |")]
    assert sorted(told) == sorted([*shown, *choices])


def test_every_line_of_the_guide_is_a_command() -> None:
    lines = [row[1].strip("`") for row in rows("| In the message |")]
    assert {line.split()[0] for line in lines} <= set(COMMANDS)


def test_durations_are_those_that_are_understood() -> None:
    for example in re.findall(r"`([^`]+)`", EXAMPLES):
        assert f"`{example}`" in GUIDE
    assert f"{MOST.days} days at most" in GUIDE


def test_permissions_are_listed_with_their_defaults() -> None:
    told = {row[0].strip("`"): row[1].strip("`") for row in rows("| `permissions:` |")}
    kept = {name: ", ".join(who) for name, who in Permissions().model_dump().items()}
    assert told == kept


def test_the_example_is_valid(tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    assert loaded(tmp_path, MINIMAL + example).permissions.resolve == ("S0123ABCD",)


def test_groups_are_asked_for_as_often_as_it_says() -> None:
    assert GOOD_S == 300
    assert "at most every five minutes" in GUIDE
