"""`stagecheck doctor` finds what is wrong, says what to click, and tells no secret."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
import yaml
from slack_house import client_of, credentials, house, oauth_of

from bot.cli.doctor import doctor
from bot.config import SlackCredentials, load
from bot.masking import Masker
from bot.sandbox import MiniSlack, Staging
from bot.sandbox.slack.api import ALL_SCOPES
from bot.sandbox.slack.workspace import HOME
from bot.slack import Finding, State, connect, examine
from bot.slack.examine import _clock
from bot.store import Store

SIGNING = "8f742231b10e8888abcd00112233445a"


async def examined(
    slack: MiniSlack, *channels: str, change: Callable[[SlackCredentials], Any] | None = None
) -> dict[str, Finding]:
    held = credentials(slack, socket_mode=slack.app_token != "")
    async with client_of(slack) as client:
        found = [
            finding
            async for finding in examine(
                change(held) if change else held, client, channels=channels
            )
        ]
    return {finding.part: finding for finding in found}


async def test_what_is_well_is_said_to_be() -> None:
    async with MiniSlack() as slack:
        channel = slack.workspace.channel("staging").id
        found = await examined(slack, channel)
    assert {name: finding.state for name, finding in found.items() if name != "scopes"} == {
        "signing secret": State.WELL,
        "app token": State.WELL,
        "bot token": State.WELL,
        "clock": State.WELL,
        f"channel {channel}": State.WELL,
    }


async def test_a_scope_that_is_lacking_is_named_with_where_to_add_it() -> None:
    async with MiniSlack(scopes=set(ALL_SCOPES) - {"chat:write"}) as slack:
        finding = (await examined(slack))["scopes"]
    assert finding.state is State.BROKEN
    assert "chat:write" in finding.said
    assert "Add an OAuth Scope: chat:write" in finding.do
    assert "Reinstall" in finding.do


@pytest.mark.parametrize(
    ("method", "how", "part", "click"),
    [
        ("auth.test", "invalid_auth", "bot token", "OAuth & Permissions"),
        ("auth.test", "account_inactive", "bot token", "OAuth & Permissions"),
        ("auth.test", "500", "bot token", "status.slack.com"),
        ("apps.connections.open", "not_allowed_token_type", "app token", "connections:write"),
        ("conversations.history", "not_in_channel", "channel C0123456", "/invite @stagecheck"),
        ("conversations.history", "channel_not_found", "channel C0123456", "/invite @stagecheck"),
    ],
)
async def test_what_slack_refuses_is_told_with_what_to_click(
    method: str, how: str, part: str, click: str
) -> None:
    async with MiniSlack() as slack:
        slack.fail(method, how=how)
        finding = (await examined(slack, "C0123456"))[part]
    assert finding.state is State.BROKEN
    assert click in finding.do


async def test_a_channel_that_is_named_by_name_cannot_be_asked_for() -> None:
    async with MiniSlack() as slack:
        finding = (await examined(slack, "#staging"))["channel #staging"]
    assert finding.state is State.ODD
    assert "by its id" in finding.do


@pytest.mark.parametrize(
    ("skew_s", "state"),
    [
        (0, State.WELL),
        (-10, State.WELL),
        (60, State.ODD),
        (-280, State.BROKEN),
        (9000, State.BROKEN),
    ],
)
def test_a_clock_that_is_off_is_told_before_it_refuses_everything(
    skew_s: int, state: State
) -> None:
    finding = _clock(formatdate(time.time() - skew_s), time.time())
    assert finding.state is state
    assert ("timedatectl" in finding.do) == (state is not State.WELL)


def configuration(folder: Path, staging: Staging, slack: MiniSlack, **changes: str) -> Path:
    config = folder / "stagecheck.yaml"
    staging.write_config(config)
    document = yaml.safe_load(config.read_text())
    held = {"bot_token": slack.bot_token, "signing_secret": SIGNING} | changes
    for name, value in held.items():
        (folder / name).write_text(value)
    document["slack"] = {name: f"${{file:{folder / name}}}" for name in held}
    document["slack"]["api_url"] = slack.api_url
    document["routes"] = [{"target": "staging", "channel": slack.workspace.channel("staging").id}]
    config.write_text(yaml.safe_dump(document))
    return config


async def test_a_bot_that_can_work_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Staging() as staging, MiniSlack() as slack:
        config = configuration(tmp_path, staging, slack)
        code = await asyncio.to_thread(doctor, config)
    said = capsys.readouterr().out
    assert (code, said.splitlines()[-1]) == (0, "The bot can work.")
    for part in ("configuration", "database", "bot token", "scopes", "clock", "target staging"):
        assert f" {part}: " in said
    assert "FAIL" not in said
    assert slack.messages() == []


async def test_the_first_trouble_gives_the_exit_code_and_no_secret_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with MiniSlack() as slack:
        async with Staging() as staging:
            config = configuration(tmp_path, staging, slack, bot_token="xoxb-not-the-right-one")
        # Nobody listens where the target was.
        code = await asyncio.to_thread(doctor, config)
    said = capsys.readouterr().out
    assert code == 5
    assert said.splitlines()[-1] == "Something is to be done."
    assert "FAIL  bot token: Slack does not accept our bot token." in said
    assert "FAIL  target staging: " in said
    assert "xoxb-not-the-right-one" not in said
    assert SIGNING not in said


async def test_an_app_token_that_is_refused_is_called_one() -> None:
    async with MiniSlack() as slack:
        slack.fail("apps.connections.open", how="invalid_auth")
        finding = (await examined(slack))["app token"]
    assert "does not accept our app token" in finding.said
    assert "App-Level Tokens" in finding.do


async def test_tokens_that_are_exchanged_are_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Staging() as staging, MiniSlack() as slack:
        exchanged = {"bot_token": slack.app_token, "app_token": slack.bot_token}
        config = configuration(tmp_path, staging, slack, **exchanged)
        code = await asyncio.to_thread(doctor, config)
    said = capsys.readouterr().out
    assert code == 5
    assert "bot_token is not a bot token (xoxb-…), but an app token: are the two exchanged?" in said
    assert "app_token is not an app token (xapp-…), but a bot token: are the two exchanged?" in said


async def test_each_workspace_is_looked_at_although_the_token_of_one_does_not_open() -> None:
    other = "T0SECOND"
    async with MiniSlack() as slack, house(slack=slack, allowed=(HOME, other)) as home:
        assert home.connected.workspaces is not None
        for team in (HOME, other):
            answer = {"team": {"id": team, "name": team}, "access_token": slack.bot_token}
            await home.connected.workspaces.install(answer, bot="B0")
        store = home.deps.store.installations
        kept = {each.key: each for each in await store.all()}
        await store.save(replace(kept[HOME], sealed=kept[other].sealed))
        oauth = credentials(slack, oauth=oauth_of(slack, (HOME, other)))
        later = connect(oauth, store=home.deps.store, masker=home.deps.masker)
        looking = examine(oauth, later.client, workspaces=later.workspaces, channels=["C0UNKNOWN"])
        found = {finding.part: finding async for finding in looking}
        await later.close()
    assert "sealed with another client secret" in found[f"workspace {HOME}"].said
    assert "/slack/install" in found[f"workspace {HOME}"].do
    assert found[f"workspace {other}"].state is State.WELL
    assert found["channel C0UNKNOWN"].do == "Mention the bot there once: @stagecheck help"


async def test_what_is_said_in_the_clear_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Staging() as staging, MiniSlack() as slack:
        config = configuration(tmp_path, staging, slack)
        document = yaml.safe_load(config.read_text())
        # An address of documentation, where nobody answers.
        document["targets"]["staging"]["auth_url"] = "http://192.0.2.1"
        document["targets"]["staging"]["timeouts"] = {"step_s": 0.2}
        config.write_text(yaml.safe_dump(document))
        await asyncio.to_thread(doctor, config)
    said = capsys.readouterr().out
    assert "note  target staging: Not encrypted: http://192.0.2.1." in said


async def test_a_fingerprint_that_the_doctor_shows_is_of_this_installation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made with a pepper that everybody has, it could be looked up in a table of guesses."""

    async def repeats(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 " + key.encode() + b"\r\n\r\n")
        await writer.drain()
        writer.close()

    async with Staging() as staging, MiniSlack() as slack:
        config = configuration(tmp_path, staging, slack)
        server = await asyncio.start_server(repeats, "127.0.0.1", 0)
        document = yaml.safe_load(config.read_text())
        port = server.sockets[0].getsockname()[1]
        document["targets"]["staging"]["api_url"] = f"http://127.0.0.1:{port}"
        config.write_text(yaml.safe_dump(document))
        settings = load(config, env={})
        key = (settings.targets["staging"].bypass_key.value or "").strip()
        await asyncio.to_thread(doctor, config)
        server.close()
        store = await Store.open(settings.database)
        pepper = await store.pepper()
        await store.close()
    said = capsys.readouterr().out
    assert key not in said
    assert f"#{Masker(pepper=pepper).fingerprint(key)}" in said


async def test_alerts_that_nobody_took_are_told_with_the_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async with Staging() as staging, MiniSlack() as slack:
        config = configuration(tmp_path, staging, slack)
        store, now = await Store.open(load(config, env={}).database), datetime.now(UTC)
        await store.alerts.tell("staging", "slack:C0OLD", "Something.", at=now)
        [lane] = await store.alerts.lanes(now)
        [untold] = await store.alerts.pending(lane)
        await store.alerts.bury((untold.id,), at=now, error="The channel is archived.")
        await store.close()
        code = await asyncio.to_thread(doctor, config)
    said = capsys.readouterr().out
    assert code == 0
    assert "route slack:C0OLD: It refused what was told at " in said
    assert "The channel is archived." in said
