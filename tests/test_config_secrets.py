"""Secrets enter the configuration only as references, and never leave it in a text."""

import os
from pathlib import Path

import pytest

from bot.errors import ConfigError
from tests.configurations import (
    FULL,
    MINIMAL,
    SLACK_ENV,
    Env,
    loaded,
    refusal,
    refusal_under,
    setting,
    staging,
)


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    target = staging(tmp_path, "bypass_key: '${env:KEY}'", {"KEY": "s3cret-value"})
    assert target.bypass_key is not None
    assert (target.bypass_key.value, target.bypass_key.source) == ("s3cret-value", "env:KEY")


def test_a_file_is_relative_to_the_configuration_and_kept_to_the_last_byte(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"s3cret-value\r\n")
    target = staging(tmp_path, "bypass_key: '${file:key}'")
    assert target.bypass_key is not None
    assert target.bypass_key.value == "s3cret-value\r\n"


@pytest.mark.parametrize(
    ("env", "problem"),
    [
        ({}, "environment variable KEY is not set"),
        ({"KEY": " \n"}, "environment variable KEY is blank"),
    ],
)
def test_a_targets_unset_secret_is_a_problem_and_no_error(
    tmp_path: Path, env: Env, problem: str
) -> None:
    key = staging(tmp_path, "bypass_key: '${env:KEY}'", env).bypass_key
    assert key is not None
    assert (key.value, key.problem) == (None, problem)


@pytest.mark.parametrize(
    ("name", "problem", "unreadable"),
    [
        ("absent", "does not exist", False),
        ("absent/key", "does not exist", False),
        ("blank", "is blank", False),
        (".", "is a folder, not a regular file", True),
        ("pipe", "is a device or a pipe, not a regular file", True),
        ("dangling", "is a link to nowhere, where nothing is", True),
        ("binary", "is not UTF-8 text", True),
        ("huge", "is larger than", True),
        ("blank/key", "cannot be read: Not a directory", True),
        ("x" * 300, "cannot be read", True),
    ],
)
def test_a_file_that_holds_no_secret_is_a_problem_and_ours_if_something_is_there(
    tmp_path: Path, name: str, problem: str, unreadable: bool
) -> None:
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "blank").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "huge").write_bytes(b"k" * 70_000)
    key = staging(tmp_path, f"bypass_key: '${{file:{name}}}'").bypass_key
    assert key is not None
    assert problem in key.problem
    assert key.unreadable is unreadable


@pytest.mark.parametrize(
    "literal",
    [
        "hunter2-literal",
        "'${env:}'",
        "'$KEY'",
        "env:KEY",
        "'x${env:KEY}'",
        "17",
        "{value: hunter2-literal}",
    ],
)
def test_a_literal_secret_is_refused_and_not_printed(tmp_path: Path, literal: str) -> None:
    words = refusal_under(tmp_path, f"bypass_key: {literal}", {"KEY": "hunter2-literal"})
    assert words.startswith("stagecheck.yaml:6:17: targets.staging.bypass_key is a secret")
    assert "write ${env:NAME}" in words
    assert "hunter2" not in words


def test_no_secret_is_shown_by_the_settings_themselves(tmp_path: Path) -> None:
    env = {**SLACK_ENV, "E2E_OAUTH_SIMULATION_KEY": "bypass-value", "PW": "db-password"}
    text = FULL.replace("sqlite:///stagecheck.db", "postgresql://u:${env:PW}@db/stagecheck")
    settings = loaded(tmp_path, text, env)
    shown = repr(settings) + str(settings.targets) + repr(settings.slack_credentials())
    shown += settings.model_dump_json() + str(settings.model_dump())
    assert not [value for value in env.values() if value in shown]


def test_every_secret_is_offered_to_the_masker(tmp_path: Path) -> None:
    env = {**SLACK_ENV, "E2E_OAUTH_SIMULATION_KEY": "bypass-value", "PW": "db-password"}
    text = FULL.replace("sqlite:///stagecheck.db", "postgresql://u:${env:PW}@db/stagecheck")
    assert set(env.values()) <= {each.value for each in loaded(tmp_path, text, env).secrets}


def test_a_token_pasted_where_no_secret_belongs_is_refused_and_not_printed(tmp_path: Path) -> None:
    words = refusal_under(tmp_path, "impact: xoxb-111111111111-abcdefgh")
    assert "impact holds something shaped like a secret" in words
    assert "abcdefgh" not in words


def test_the_value_of_a_secret_written_out_elsewhere_is_refused_and_not_printed(
    tmp_path: Path,
) -> None:
    more = "bypass_key: '${env:KEY}'\nsocket: {headers: {X-Key: the-bypass-key}}"
    words = refusal_under(tmp_path, more, {"KEY": "the-bypass-key\n"})
    assert "socket.headers.X-Key holds the value of bypass_key" in words
    assert "the-bypass-key" not in words


def test_an_address_filled_in_from_a_secret_does_not_show_it(tmp_path: Path) -> None:
    text = MINIMAL.replace("/ws\n", "/ws?key=${env:KEY}\n") + "    bypass_key: '${env:KEY}'\n"
    target = loaded(tmp_path, text, {"KEY": "the-bypass-key"}).targets["staging"]
    assert target.ws_url.endswith("?key=the-bypass-key")
    assert setting(target, "ws_url").value == "wss://api.example.test/ws?key=[redacted bypass_key]"


def test_a_token_used_as_a_key_is_not_printed(tmp_path: Path) -> None:
    words = refusal_under(tmp_path, "xoxb-111111111111-abcdefgh: 1")
    assert "[redacted Slack token] is not a setting" in words


def test_a_reference_elsewhere_is_refused(tmp_path: Path) -> None:
    words = refusal_under(tmp_path, "impact: '${env:IMPACT}'", {"IMPACT": "x"})
    assert "impact cannot be a reference" in words


def test_an_address_may_come_from_the_environment(tmp_path: Path) -> None:
    text = MINIMAL.replace("https://api.example.test", "https://${env:HOST}")
    target = loaded(tmp_path, text, {"HOST": "api.example.test\n"}).targets["staging"]
    assert target.api_url == "https://api.example.test"
    assert setting(target, "api_url").source == "env:HOST"


def test_an_address_from_an_unset_variable_is_refused(tmp_path: Path) -> None:
    words = refusal(tmp_path, MINIMAL.replace("https://api.example.test", "${env:API}"))
    assert words == (
        "stagecheck.yaml:3:14: targets.staging.api_url: environment variable API is not set."
    )


def test_a_database_password_is_a_reference_and_is_encoded(tmp_path: Path) -> None:
    text = MINIMAL + "database: 'postgresql://bot:${env:PW}@db/stagecheck'\n"
    settings = loaded(tmp_path, text, {"PW": "p@ss/word"})
    assert settings.database == "postgresql://bot:p%40ss%2Fword@db/stagecheck"


def test_a_literal_database_password_is_refused_and_not_printed(tmp_path: Path) -> None:
    words = refusal(tmp_path, MINIMAL + "database: postgresql://bot:hunter2@db/stagecheck\n")
    assert "database holds a password" in words
    assert "hunter2" not in words


def test_without_an_app_token_slack_is_reached_over_http(tmp_path: Path) -> None:
    credentials = loaded(tmp_path, FULL, SLACK_ENV).slack_credentials()
    assert (credentials.app_token, credentials.signing_secret) == ("", "0123456789abcdef")


def test_socket_mode_needs_no_signing_secret(tmp_path: Path) -> None:
    env = {
        "STAGECHECK_SLACK_BOT_TOKEN": SLACK_ENV["STAGECHECK_SLACK_BOT_TOKEN"] + "\n",
        "STAGECHECK_SLACK_APP_TOKEN": "xapp-1-abcdefgh",
    }
    credentials = loaded(tmp_path, FULL, env).slack_credentials()
    assert (credentials.bot_token, credentials.app_token) == (
        "xoxb-111111111111",
        "xapp-1-abcdefgh",
    )


def test_missing_slack_credentials_are_named_with_the_page_to_find_them(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FULL, {"STAGECHECK_SLACK_BOT_TOKEN": " "})
    with pytest.raises(ConfigError) as refused:
        settings.slack_credentials()
    assert "STAGECHECK_SLACK_BOT_TOKEN is blank" in str(refused.value)
    assert "OAuth & Permissions > Bot User OAuth Token" in str(refused.value)
    assert "STAGECHECK_SLACK_SIGNING_SECRET is not set" in str(refused.value)


def test_swapped_slack_tokens_are_noticed_and_not_printed(tmp_path: Path) -> None:
    env = {
        **SLACK_ENV,
        "STAGECHECK_SLACK_BOT_TOKEN": "xapp-1-abcdefgh",
        "STAGECHECK_SLACK_APP_TOKEN": "xoxb-1-abcdefgh",
    }
    with pytest.raises(ConfigError) as refused:
        loaded(tmp_path, FULL, env).slack_credentials()
    assert "slack.bot_token is not a bot token" in str(refused.value)
    assert "slack.app_token is not an app token" in str(refused.value)
    assert "abcdefgh" not in str(refused.value)


def test_the_password_of_a_proxy_is_offered_to_the_masker_alone(tmp_path: Path) -> None:
    more = "proxy: http://proxy.example.test:3128\nproxy_credentials: '${env:PROXY}'"
    target = staging(tmp_path, more, {"PROXY": "svc:hunter2\n"})
    assert {"svc:hunter2\n", "hunter2"} <= {secret.value for secret in target.secrets}
