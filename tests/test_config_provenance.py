"""Every setting of a target has exactly one source, and conflicts are named."""

from pathlib import Path

import pytest

from tests.configurations import setting, staging


def test_each_setting_has_exactly_one_source(tmp_path: Path) -> None:
    target = staging(tmp_path, "timeouts: {step_s: 3}\nsocket: {headers: {X-Mine: a}}")
    keys = [each.key for each in target.provenance]
    assert len(keys) == len(set(keys))
    assert setting(target, "api_url").source == "stagecheck.yaml:3"
    assert setting(target, "timeouts.step_s").source == "stagecheck.yaml:6"
    assert setting(target, "timeouts.gap_s").source == "profile reference"
    assert setting(target, "socket.headers.X-Mine").source == "stagecheck.yaml:7"
    assert setting(target, "experiments.most").source == "default"


def test_the_provenance_of_a_secret_never_holds_its_value(tmp_path: Path) -> None:
    env = {"KEY": "bypass-value", "E2E_BYPASS_KEY": "legacy-value"}
    target = staging(tmp_path, "bypass_key: '${env:KEY}'", env)
    assert setting(target, "bypass_key").source == "env:KEY"
    assert not [value for value in env.values() if value in repr(target.provenance)]


@pytest.mark.parametrize(
    ("legacy", "note"),
    [
        ("same-value", "E2E_BYPASS_KEY is also set, to the same value"),
        ("other-value", "E2E_BYPASS_KEY is also set, to a different value, and not used"),
        (" ", ""),
    ],
)
def test_a_legacy_variable_set_beside_the_key_is_named(
    tmp_path: Path, legacy: str, note: str
) -> None:
    env = {"E2E_OAUTH_SIMULATION_KEY": "same-value", "E2E_BYPASS_KEY": legacy}
    target = staging(tmp_path, "bypass_key: '${env:E2E_OAUTH_SIMULATION_KEY}'", env)
    assert setting(target, "bypass_key").note == note


def test_a_key_in_the_environment_that_the_file_does_not_name_is_named(tmp_path: Path) -> None:
    target = staging(tmp_path, env={"E2E_OAUTH_SIMULATION_KEY": "some-value"})
    assert setting(target, "bypass_key").note == (
        "not set; E2E_OAUTH_SIMULATION_KEY is set, but not named here"
    )


def test_one_value_used_as_key_and_as_secret_is_named(tmp_path: Path) -> None:
    target = staging(tmp_path, "bypass_key: '${env:K}'\njwt_secret: '${env:K}'", {"K": "one-value"})
    assert setting(target, "jwt_secret").note == "has the same value as bypass_key"


def test_an_address_the_environment_contradicts_is_named(tmp_path: Path) -> None:
    target = staging(tmp_path, env={"STAGING_AUTH_URL": "http://localhost:8083"})
    assert setting(target, "auth_url").note == (
        "STAGING_AUTH_URL is also set, to a different value, and not used"
    )


def test_a_proxy_of_the_environment_is_named_and_not_taken(tmp_path: Path) -> None:
    env = {"HTTPS_PROXY": "http://ada:secret-word@proxy.example.test:3128"}
    target = staging(tmp_path, env=env)
    assert target.proxy == ""
    assert setting(target, "proxy").note == "HTTPS_PROXY is set, but not named here"
    assert "secret-word" not in repr(target.provenance)


def test_a_proxy_and_its_credentials_have_a_source_each(tmp_path: Path) -> None:
    env = {"PROXY": "http://proxy.example.test:3128/", "PROXY_LOGIN": "ada:secret-word"}
    fields = "proxy: '${env:PROXY}'\nproxy_credentials: '${env:PROXY_LOGIN}'"
    target = staging(tmp_path, fields, env)
    assert target.proxy == "http://proxy.example.test:3128"
    assert target.proxy_credentials in target.secrets
    assert setting(target, "proxy").source == "env:PROXY"
    assert setting(target, "proxy_credentials").source == "env:PROXY_LOGIN"
    assert "secret-word" not in repr(target.provenance)
