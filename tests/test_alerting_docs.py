"""What the guide to alerts says is true: its settings, their defaults, severities and example."""

import re
from pathlib import Path

from configurations import MINIMAL, loaded

from bot.alerting.severity import severity_of
from bot.config import Alerts
from bot.config.known import leaves
from bot.labels import Label
from bot.model import Severity, Status

GUIDE = (Path(__file__).parent.parent / "docs" / "alerting.md").read_text()


def test_every_setting_of_alerts_is_in_the_guide_with_its_default() -> None:
    table = GUIDE.split("| `alerts:` |", 1)[1].split("\n\n", 1)[0]
    told = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+?) \|", table, re.MULTILINE))
    defaults: dict[str, str] = {}
    for path in leaves(("alerts",)):
        value: object = Alerts()
        for name in path[1:]:
            value = getattr(value, name)
        defaults[".".join(path[1:])] = "as many" if value is None else f"`{value}`"
    assert told == defaults


def test_the_example_of_the_guide_is_valid(tmp_path: Path) -> None:
    [example] = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
    settings = loaded(tmp_path, MINIMAL + example)
    assert (len(settings.routes), len(settings.maintenance), len(settings.severities)) == (2, 2, 2)


def test_severities_are_as_the_guide_has_them() -> None:
    table = GUIDE.split("| severity | causes |", 1)[1].split("\n\n", 1)[0]
    told = {
        label: severity
        for severity, causes in re.findall(r"^\| (\w+) \| (.+) \|$", table, re.MULTILINE)
        for label in re.findall(r"`(\w+)`", causes)
    }
    for label in Label:
        expected = Severity(told.get(label, "high"))
        assert severity_of(label, Status.FAILED, {}) is expected
    assert severity_of(None, Status.DEGRADED, {}) is Severity.MEDIUM
