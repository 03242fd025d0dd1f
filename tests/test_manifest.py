"""The manifest is valid, and asks Slack for exactly what the code uses."""

import ast
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from explaining import FOUNDING
from slack_house import house

from bot.cli.manifest import manifest as print_manifest
from bot.commands import COMMANDS
from bot.errors import UsageError
from bot.sandbox import MiniSlack
from bot.slack import (
    COMMAND,
    EVENTS,
    OF_EVENTS,
    OPTIONAL,
    SCOPES,
    SHORTCUT,
    STEP,
    manifest_text,
)
from bot.slack.listeners import OPEN_INCIDENT

ROOT = Path(__file__).parent.parent
METHOD = re.compile(
    r"(api|chat|conversations|auth|apps|functions|oauth|views|files|usergroups|users|reactions|pins)"
    r"\.[a-zA-Z.0-9]+"
)


@pytest.fixture
def manifest() -> Any:
    return yaml.safe_load((ROOT / "manifest.yml").read_text())


def methods_called() -> Iterator[str]:
    for path in (ROOT / "bot" / "slack").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and METHOD.fullmatch(value):
                yield value


URL = "https://bot.example.test"
KINDS: Mapping[str, Mapping[str, str]] = {
    "socket": {},
    "http": {"http": URL},
    "socket, several workspaces": {"oauth": URL},
    "http, several workspaces": {"http": URL, "oauth": URL},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_manifest_is_what_slack_accepts(kind: str) -> None:
    # Slack's own schema: github.com/slackapi/manifest-schema, MIT.
    schema = json.loads((ROOT / "tests" / "data" / "slack-manifest.schema.json").read_text())
    made = yaml.safe_load(manifest_text(**KINDS[kind]))
    jsonschema.Draft7Validator(schema).validate(made)
    assert made["settings"]["socket_mode_enabled"] == ("http" not in KINDS[kind])


def test_the_file_is_what_the_command_prints() -> None:
    assert (ROOT / "manifest.yml").read_text() == manifest_text()


def test_over_http_every_address_is_that_of_the_bot() -> None:
    made = yaml.safe_load(manifest_text(http=f"{URL}/", oauth=URL))
    [command] = made["features"]["slash_commands"]
    found = (
        command["url"],
        made["settings"]["event_subscriptions"]["request_url"],
        made["settings"]["interactivity"]["request_url"],
    )
    assert set(found) == {f"{URL}/slack/events"}
    assert made["oauth_config"]["redirect_urls"] == [f"{URL}/slack/oauth_redirect"]
    assert made["settings"]["token_rotation_enabled"] is True
    assert URL not in manifest_text()


@pytest.mark.parametrize("url", ["http://bot.example.test", "bot.example.test", "https://"])
def test_an_address_that_slack_would_not_take_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="public address"):
        print_manifest(http=url, oauth="")


def test_it_asks_for_exactly_the_scopes_that_the_methods_we_call_need(manifest: Any) -> None:
    scopes = manifest["oauth_config"]["scopes"]
    assert set(methods_called()) == set(SCOPES)
    needed = {scope for scopes in SCOPES.values() for scope in scopes}
    assert set(scopes["bot"]) == (set(OF_EVENTS) | needed) - OPTIONAL
    assert set(scopes["bot_optional"]) == OPTIONAL


def test_its_command_is_the_one_that_is_listened_to(manifest: Any) -> None:
    [command] = manifest["features"]["slash_commands"]
    assert command["command"] == COMMAND
    assert command["should_escape"] is True
    hinted = set(re.findall(r"[a-z-]+", command["usage_hint"]))
    left_out = {"run", "list"}  # as they may be in a line
    assert hinted | left_out == {word for name in COMMANDS for word in name.split()}


def test_its_shortcuts_are_those_that_are_listened_to(manifest: Any) -> None:
    shortcuts = {(each["callback_id"], each["type"]) for each in manifest["features"]["shortcuts"]}
    assert shortcuts == {(SHORTCUT, "message"), (OPEN_INCIDENT, "message")}


def test_its_events_are_those_that_are_listened_to(manifest: Any) -> None:
    source = (ROOT / "bot" / "slack" / "bolt.py").read_text()
    words = {
        node.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    subscribed = set(manifest["settings"]["event_subscriptions"]["bot_events"])
    assert subscribed == set(EVENTS)
    assert subscribed - words == {"function_executed"}
    assert STEP in manifest["functions"]
    heard = set(re.findall(r'bolt\.event\("(\w+)"\)', source))
    assert heard <= subscribed


async def test_what_a_step_answers_is_what_the_manifest_says(manifest: Any) -> None:
    declared = manifest["functions"][STEP]["output_parameters"]["properties"]
    async with house() as home:
        target = {"target": "staging", "channel": home.slack.workspace.channel("staging").id}
        execution, event = home.slack.api.steps.begin(STEP, target)
        assert (await home.slack.event(event)).ok
        await home.idle()
        outputs = home.slack.api.steps.executions[execution.id].outputs
    assert outputs is not None
    assert set(outputs) == set(declared)


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


def test_it_offers_nothing_that_is_not_there(manifest: Any) -> None:
    offered = {"app_home", "bot_user", "shortcuts", "slash_commands"}
    assert set(manifest["features"]) == offered
    assert manifest["features"]["app_home"]["home_tab_enabled"] is True
    assert manifest["settings"]["interactivity"] == {"is_enabled": True}
    assert manifest["settings"]["token_rotation_enabled"] is False
