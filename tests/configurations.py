"""Configurations for tests: the smallest, the documented example, and ways to load them."""

import os
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.config import Settings, load
from bot.errors import ConfigError
from bot.target import Setting, Target

MINIMAL = """\
targets:
  staging:
    api_url: https://api.example.test
    auth_url: https://auth.example.test
    ws_url: wss://api.example.test/ws
"""

FULL = """\
slack:
  bot_token: "${env:STAGECHECK_SLACK_BOT_TOKEN}"
  signing_secret: "${env:STAGECHECK_SLACK_SIGNING_SECRET}"
  app_token: "${env:STAGECHECK_SLACK_APP_TOKEN}"
  api_url: "https://slack.com/api/"
server:   {host: 127.0.0.1, port: 3000}
database: "sqlite:///stagecheck.db"
targets:
  staging:
    profile: reference
    api_url: https://api.staging.example.test
    auth_url: https://auth.staging.example.test
    ws_url: wss://api.staging.example.test/ws
    bypass_key: "${env:E2E_OAUTH_SIMULATION_KEY}"
    jwt_secret: "${env:JWT_SECRET_STAGING}"
    user: {id: staging-e2e-user-001, email: e2e@example.test}
    request: {type: start_agent, payload: {user_request: "ping"}}
    timeouts: {step_s: 15, gap_s: 30, total_s: 300}
    owners: {bypass_key_mismatch: "@secrets"}
    impact: "Blocks every authenticated end-to-end test"
schedules: [{target: staging, cron: "*/5 * * * *"}]
routes:    [{target: staging, channel: C0123}]
alerts:    {failure_threshold: 2, success_threshold: 2, reminder_interval_s: 3600}
"""

SLACK_ENV = {
    "STAGECHECK_SLACK_BOT_TOKEN": "xoxb-" + "1" * 12,
    "STAGECHECK_SLACK_SIGNING_SECRET": "0123456789abcdef",
}

Env = Mapping[str, str]


def loaded(folder: Path, text: str, env: Env | None = None) -> Settings:
    path = folder / "stagecheck.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, env=env or {})


def staging(folder: Path, more: str = "", env: Env | None = None) -> Target:
    """Return the target of the smallest file with `more` lines under it."""
    text = MINIMAL + textwrap.indent(textwrap.dedent(more), "    ")
    return loaded(folder, text, env).targets["staging"]


def refusal(folder: Path, text: str, env: Env | None = None) -> str:
    with pytest.raises(ConfigError) as refused:
        loaded(folder, text, env)
    return str(refused.value).replace(f"{folder}{os.sep}", "")


def refusal_under(folder: Path, more: str, env: Env | None = None) -> str:
    return refusal(folder, MINIMAL + textwrap.indent(textwrap.dedent(more), "    "), env)


def setting(target: Target, key: str) -> Setting:
    return {each.key: each for each in target.provenance}[key]
