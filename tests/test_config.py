"""The configuration: what is read, and how the profile is completed."""

from pathlib import Path

import jsonschema
import pytest
import yaml

from bot.config import json_schema, load
from bot.config.settings import File
from bot.errors import ConfigError, NotFound
from tests.configurations import FULL, MINIMAL, loaded, refusal, refusal_under, staging


def test_the_documented_example_is_accepted(tmp_path: Path) -> None:
    settings = loaded(tmp_path, FULL)
    assert settings.targets["staging"].owners == {"bypass_key_mismatch": "@secrets"}
    assert settings.schedules[0].check == "pipeline"


def test_three_addresses_make_a_target(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL)
    assert settings.targets["staging"].name == "staging"
    assert (settings.server.port, settings.alerts.failure_threshold) == (3000, 2)


def test_every_section_that_the_file_has_arrives(tmp_path: Path) -> None:
    given = {
        "server": {"port": 3001},
        "schedules": [{"target": "staging", "cron": "0 * * * *"}],
        "routes": [{"target": "staging", "channel": "C1"}],
        "alerts": {"failure_threshold": 3},
        "maintenance": [{"target": "*", "since": "02:00", "until": "03:00"}],
        "severities": [{"cause": "rate_limited", "severity": "low"}],
        "permissions": {"mute": ["S0123", "channel"]},
        "engine": {"give_up_after_s": 61},
        "owner": {"channel": "C2"},
        "deploy_hook": {"wait_s": 60},
        "retention": {"days": 7, "runs_per_target": 500},
        "status_page": {"targets": ["staging"]},
        "log": {"format": "console", "level": "debug"},
    }
    settings = loaded(tmp_path, MINIMAL + yaml.safe_dump(given))
    assert set(given) == set(File.model_fields) - {"slack", "database", "targets"}
    for name in given:
        assert getattr(settings, name) != File.model_fields[name].default


def test_an_unknown_target_is_not_found_with_the_nearest(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL)
    assert settings.target("staging") is settings.targets["staging"]
    with pytest.raises(NotFound, match=r"There is no target stagin\. Did you mean staging\?"):
        settings.target("stagin")
    with pytest.raises(NotFound, match=r"There is no target zzz\. Known: staging\."):
        settings.target("zzz")


def test_the_file_is_named_by_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere.yaml"
    path.write_text(MINIMAL)
    assert load(None, env={"STAGECHECK_CONFIG": str(path)}).path == path


def test_a_blank_stagecheck_config_counts_as_unset() -> None:
    with pytest.raises(ConfigError, match=r"There is no configuration at stagecheck\.yaml"):
        load(None, env={"STAGECHECK_CONFIG": "  "})


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "stagecheck.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + MINIMAL.replace("\n", "\r\n").encode())
    assert load(path, env={}).targets["staging"].ws_url == "wss://api.example.test/ws"


def test_a_database_file_lies_beside_the_configuration(tmp_path: Path) -> None:
    assert loaded(tmp_path, MINIMAL).database == f"sqlite:///{tmp_path}/stagecheck.db"


def test_an_absolute_database_path_is_kept(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL + "database: sqlite:////var/lib/stagecheck.db\n")
    assert settings.database == "sqlite:////var/lib/stagecheck.db"


def test_a_trailing_slash_of_an_address_is_dropped(tmp_path: Path) -> None:
    text = MINIMAL.replace("api.example.test\n", "api.example.test/\n")
    assert loaded(tmp_path, text).targets["staging"].api_url == "https://api.example.test"


def test_anchors_and_merge_keys_share_settings(tmp_path: Path) -> None:
    text = (
        MINIMAL.replace("staging:", "staging: &base") + "  other:\n    <<: *base\n    impact: x\n"
    )
    settings = loaded(tmp_path, text)
    assert settings.targets["other"].api_url == settings.targets["staging"].api_url
    assert settings.targets["other"].impact == "x"


def test_plain_words_mean_what_yaml_1_2_says(tmp_path: Path) -> None:
    target = staging(tmp_path, "request: {payload: {on: no, at: 12:30, n: 010, f: 1e3, t: true}}")
    payload = target.request.payload
    assert {"on": "no", "at": "12:30", "n": 10, "f": 1000.0, "t": True}.items() <= payload.items()


def test_an_empty_section_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL + "schedules:\nslack:\nalerts: {failure_threshold: }\n")
    assert (settings.schedules, settings.alerts.failure_threshold) == ((), 2)


def test_the_profile_fills_what_the_file_leaves_open(tmp_path: Path) -> None:
    target = staging(tmp_path)
    assert target.exchange.header == "X-E2E-Bypass-Key"
    assert target.socket.subprotocol == "jwt-auth"
    assert target.events.aliases["agent_response_complete"] == "agent_completed"
    assert (target.timeouts.step_s, target.timeouts.gap_s, target.timeouts.total_s) == (15, 30, 300)


def test_mappings_are_laid_over_the_profile_entry_by_entry(tmp_path: Path) -> None:
    target = staging(tmp_path, "socket: {headers: {X-Test-Type: integration, X-Mine: '1'}}")
    assert target.socket.headers["X-Test-Type"] == "integration"
    assert target.socket.headers["X-Mine"] == "1"
    assert target.socket.headers["X-Test-Environment"] == "staging"


def test_a_list_replaces_the_profiles_list(tmp_path: Path) -> None:
    assert staging(tmp_path, "events: {welcome: [hello]}").events.welcome == ("hello",)


def test_null_takes_a_value_of_the_profile_away(tmp_path: Path) -> None:
    target = staging(tmp_path, "socket: {headers: {X-Test-Type: }, subprotocol: null}")
    assert "X-Test-Type" not in target.socket.headers
    assert target.socket.subprotocol == ""


def test_an_unknown_profile_is_refused_with_the_nearest(tmp_path: Path) -> None:
    assert "Did you mean reference?" in refusal_under(tmp_path, "profile: refrence")


def test_the_schema_is_one_and_accepts_the_documented_example() -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema())
    jsonschema.Draft202012Validator(json_schema()).validate(yaml.safe_load(FULL))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("${env:E2E_OAUTH_SIMULATION_KEY}", "literal"),
        ("wss://", "https://"),
        ("step_s: 15", "step_s: 0"),
        ("profile: reference", "name: staging"),
        ("bypass_key_mismatch", "bypas_key_mismatch"),
        ("  staging:", "  Staging:"),
    ],
)
def test_the_schema_refuses_what_loading_refuses(tmp_path: Path, old: str, new: str) -> None:
    text = FULL.replace(old, new)
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(yaml.safe_load(text))
    assert refusal(tmp_path, text)
