"""`stagecheck serve` as a process of its own, between a mini Slack and a simulated staging."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from crashing import Bot

from bot.config import load
from bot.hooks import SIGNATURE, TIMESTAMP, signed
from bot.sandbox import MiniSlack, Staging
from tests.serving import NOTHING, configure, secrets, served


@pytest.mark.parametrize("socket_mode", [False, True], ids=["http", "socket mode"])
async def test_serve_answers_a_slash_command_with_a_threaded_report(
    tmp_path: Path, socket_mode: bool
) -> None:
    async with Staging(["seed"]) as staging, MiniSlack() as slack:
        async with served(tmp_path, staging, slack, socket_mode=socket_mode) as url:
            slack.request_url = f"{url}/slack/events"
            delivery = await slack.command("/stagecheck staging")
            assert delivery.ok, delivery.error
            # Stopping lets what was acknowledged finish, so nothing needs to be waited for here.
        parent = slack.messages("staging")[0]
        assert "Failed" in parent.text
        assert "ws_server_code_error" in slack.transcript("staging")
        assert len(slack.thread("staging", parent.ts)) > 1


async def test_serve_refuses_what_slack_did_not_sign(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        served(tmp_path, staging, slack) as url,
        httpx.AsyncClient() as client,
    ):
        body = "command=%2Fstagecheck&text=staging"
        unsigned = [
            {},
            *(
                {"X-Slack-Request-Timestamp": at, "X-Slack-Signature": "v0=00"}
                for at in ("soon", "1", str(int(time.time())))
            ),
        ]
        answers = [
            await client.post(f"{url}/slack/events", content=body, headers=headers)
            for headers in unsigned
        ]
        assert [answer.status_code for answer in answers] == [401] * len(unsigned)
        assert slack.messages("staging") == []


async def test_serve_takes_a_deploy_and_shows_the_pages_that_are_configured(tmp_path: Path) -> None:
    also = {
        "deploy_hook": {"secret": "${env:STAGECHECK_SLACK_APP_TOKEN}", "wait_s": 0},
        "status_page": {"targets": ["staging"]},
    }
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        served(tmp_path, staging, slack, also=also) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        now, body = str(int(time.time())), json.dumps({"target": "staging", "revision": "3f9c2ab"})
        signature = signed(slack.app_token.encode(), now, body.encode())
        headers = {TIMESTAMP: now, SIGNATURE: signature}
        deployed = await client.post("/hooks/deploy", content=body, headers=headers)
        unsigned = await client.post("/hooks/deploy", content=body)
        shown = [
            await client.get(page) for page in ("/status", "/badge/staging.svg", "/runs/r000000000")
        ]
    assert (deployed.status_code, unsigned.status_code) == (202, 401)
    assert deployed.json()["target"] == "staging"
    assert [page.status_code for page in shown] == [200, 200, 404]
    assert "no such page" in shown[2].text


async def test_serve_says_whether_it_can_serve(tmp_path: Path) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        served(tmp_path, staging, slack, socket_mode=True) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        assert (await client.get("/healthz")).status_code == 200
        parts = ("store", "engine", "slack")
        assert (await client.get("/readyz")).json() == dict.fromkeys(parts, "ok")
        assert "stagecheck_runs_total" in (await client.get("/metrics")).text


async def test_who_comes_by_a_proxy_on_this_machine_is_no_neighbour(tmp_path: Path) -> None:
    """Many a proxy passes strangers on under our own name and address, and says nothing of it."""
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        served(tmp_path, staging, slack) as url,
        httpx.AsyncClient(base_url=url) as client,
    ):
        refused = await client.get("/metrics")
        assert (await client.get("/readyz")).status_code == 200
    assert refused.status_code == 403
    assert "server.token" in refused.text


DOORS: Mapping[str, Mapping[str, Any]] = {
    "a public address": {"server": {"public_url": "https://stagecheck.example.test"}},
    "deploys": {"deploy_hook": {"secret": "${env:STAGECHECK_SLACK_APP_TOKEN}"}},
    "a public page": {"status_page": {"targets": ["staging"]}},
}


@pytest.mark.parametrize("door", ["none", "deliveries over HTTP", *DOORS])
async def test_with_a_door_to_the_outside_nobody_is_a_neighbour(tmp_path: Path, door: str) -> None:
    async with Staging() as staging, MiniSlack() as slack:
        socket_mode, also = door != "deliveries over HTTP", DOORS.get(door, NOTHING)
        config = configure(tmp_path, staging, slack, socket_mode=socket_mode, also=also)
        env = secrets(slack)
        assert load(config, env=env).faces_outside == (door != "none")
        del env["STAGECHECK_SLACK_APP_TOKEN"]  # then Slack delivers over HTTP
        assert load(config, env=env).faces_outside


async def test_serve_says_when_slack_cannot_be_reached_and_leaves_it_to_be_started_again(
    tmp_path: Path,
) -> None:
    async with Staging() as staging, MiniSlack() as slack:
        bot = Bot(configure(tmp_path, staging, slack, socket_mode=False), slack)
    await bot.begin(env=secrets(slack))
    assert await bot.ended() == 5
    assert f"Slack does not answer at {slack.api_url}" in bot.log
    assert "Can this machine reach it?" in bot.log
    assert "Traceback" not in bot.log


async def test_serve_names_the_variable_that_is_missing(tmp_path: Path) -> None:
    async with Staging() as staging, MiniSlack() as slack:
        bot = Bot(configure(tmp_path, staging, slack, socket_mode=False), slack)
    await bot.begin()
    assert await bot.ended() == 2
    assert "STAGECHECK_SLACK_BOT_TOKEN" in bot.log
    assert "Bot User OAuth Token" in bot.log
