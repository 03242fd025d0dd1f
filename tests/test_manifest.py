"""The manifest is valid, and asks Slack for exactly what the code uses."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from explaining import FOUNDING
from slack_house import house

from bot.commands import COMMANDS
from bot.sandbox import MiniSlack
from bot.slack import COMMAND, OPTIONAL, SCOPES, SHORTCUT

ROOT = Path(__file__).parent.parent
METHOD = re.compile(r"(chat|conversations|auth|apps|views|files|users|reactions|pins)\.[a-zA-Z.]+")


@pytest.fixture
def manifest() -> Any:
    return yaml.safe_load((ROOT / "manifest.yml").read_text())


def methods_called() -> Iterator[str]:
    for path in (ROOT / "bot" / "slack").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and METHOD.fullmatch(value):
                yield value


def test_the_manifest_is_what_slack_accepts(manifest: Any) -> None:
    # Slack's own schema: github.com/slackapi/manifest-schema, MIT.
    schema = json.loads((ROOT / "tests" / "data" / "slack-manifest.schema.json").read_text())
    jsonschema.Draft7Validator(schema).validate(manifest)


def test_it_asks_for_exactly_the_scopes_that_the_methods_we_call_need(manifest: Any) -> None:
    scopes = manifest["oauth_config"]["scopes"]
    assert set(methods_called()) == set(SCOPES)
    needed = {scope for scopes in SCOPES.values() for scope in scopes}
    assert set(scopes["bot"]) == {"commands"} | needed - OPTIONAL
    assert set(scopes["bot_optional"]) == OPTIONAL


def test_its_command_is_the_one_that_is_listened_to(manifest: Any) -> None:
    [command] = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is True
    hinted = set(re.findall(r"[a-z-]+", command["usage_hint"]))
    assert hinted | {"run"} == set(COMMANDS)


def test_its_shortcut_is_the_one_that_is_listened_to(manifest: Any) -> None:
    [shortcut] = manifest["features"]["shortcuts"]
    assert (shortcut["callback_id"], shortcut["type"]) == (SHORTCUT, "message")


async def test_with_no_more_than_the_needed_scopes_an_attached_log_is_explained(
    manifest: Any,
) -> None:
    slack = MiniSlack(scopes=manifest["oauth_config"]["scopes"]["bot"])
    async with house(slack=slack) as home:
        await home.ask("/stagecheck explain")
        file = slack.attach("tests.log", FOUNDING.encode())
        assert (await slack.submit({"file": [file]})).ok
        await home.idle()
        parent, *thread = slack.messages()
    assert "pasted log" in parent.text
    assert thread


async def test_with_no_more_than_the_needed_scopes_a_check_is_run_and_reported(
    manifest: Any,
) -> None:
    slack = MiniSlack(scopes=manifest["oauth_config"]["scopes"]["bot"])
    async with house(slack=slack) as home:
        await home.ask("/stagecheck staging")
        parent, *thread = slack.messages()
    assert "Passed" in parent.text
    assert thread


def test_it_subscribes_to_no_event_and_offers_nothing_that_is_not_there(manifest: Any) -> None:
    assert "event_subscriptions" not in manifest["settings"]
    assert set(manifest["features"]) == {"app_home", "bot_user", "shortcuts", "slash_commands"}
    assert manifest["features"]["app_home"]["home_tab_enabled"] is False
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert manifest["settings"]["token_rotation_enabled"] is False
