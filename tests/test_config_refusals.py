"""What a configuration must not say, and what its refusal says."""

from pathlib import Path

import pytest

from bot.probe import CHECKS
from bot.target import CHECK_NAMES
from tests.configurations import MINIMAL, loaded, refusal, refusal_under


def test_an_unknown_key_is_refused_with_its_place_and_the_nearest_key(tmp_path: Path) -> None:
    words = refusal_under(tmp_path, "timeouts:\n  stp_s: 3")
    assert words == (
        "stagecheck.yaml:7:7: targets.staging.timeouts.stp_s is not a setting. Did you mean step_s?"
    )


@pytest.mark.parametrize(
    ("url", "fits"),
    [
        ("https://slack.com/api/", True),
        ("http://127.0.0.1:8080/api/", True),
        ("http://localhost/api/", True),
        ("http://[::1]:8080/api/", True),
        ("http://slack.com/api/", False),
        ("http://127.0.0.1.example.test/api/", False),
        ("http://10.0.0.5/api/", False),
    ],
)
def test_slacks_tokens_go_nowhere_in_the_clear(tmp_path: Path, url: str, fits: bool) -> None:
    text = f"{MINIMAL}slack:\n  api_url: {url}\n"
    if fits:
        assert loaded(tmp_path, text).slack.api_url == url
    else:
        assert "slack.api_url must begin with https://" in refusal(tmp_path, text)


@pytest.mark.parametrize("ours", ["name: x", "provenance: []"])
def test_what_is_worked_out_cannot_be_set(tmp_path: Path, ours: str) -> None:
    assert "is not a setting" in refusal_under(tmp_path, ours)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("timeouts: {step_s: '15'}", 'timeouts.step_s must be a number, not "15".'),
        ("timeouts: 15", "timeouts must be a mapping, not 15."),
        ("socket: {send_authorization: yes}", 'must be true or false, not "yes".'),
        ("socket: {max_frame_bytes: 2048.5}", "must be a whole number, not 2048.5."),
        ("impact: [a]", "impact must be text (quote it), not a list."),
        ("events: {failed: agent_error}", 'events.failed must be a list, not "agent_error".'),
        ("events: {failed: [1]}", "events.failed[0] must be text (quote it), not 1."),
    ],
)
def test_a_wrong_type_says_what_was_expected_and_given(
    tmp_path: Path, more: str, words: str
) -> None:
    assert words in refusal_under(tmp_path, more)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("timeouts: {step_s: 0}", "timeouts.step_s must be from 0.05 to 600."),
        ("timeouts: {total_s: 86400}", "timeouts.total_s must be from 0.05 to 3600."),
        ("experiments: {most: 9}", "experiments.most must be from 0 to 8."),
        ("health: {backend: health}", "health.backend must be a path that begins with /."),
        ("exchange: {header: 'X Key'}", "exchange.header must be the name of a header."),
        ("token: {algorithm: none}", "token.algorithm must be HS256, HS384 or HS512"),
        ('socket: {headers: {X-A: "a\\r\\nX-B: c"}}', "X-A must be one line of plain ASCII."),
        ("socket: {headers: {'X A': b}}", "has a name that no header can have."),
        ("socket: {token_subprotocol: jwt}", "must hold {token} or {token_b64}."),
        ("owners: {bypas_key_mismatch: x}", "Did you mean bypass_key_mismatch?"),
        ("ca_file: absent.pem", "ca_file: there is no file"),
        ('ca_file: "a\\0b"', "ca_file: there is no file"),
    ],
)
def test_a_value_out_of_bounds_is_refused(tmp_path: Path, more: str, words: str) -> None:
    assert words in refusal_under(tmp_path, more)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://api.example.test", "must begin with https:// or http://."),
        ("wss://api.example.test", "must begin with https:// or http://."),
        ("https://", "has no host."),
        ("https://user:hunter2@api.example.test", "holds credentials"),
        ("https://hunter2@api.example.test", "holds credentials"),
        ("https://api.example.test:99999", "its host or port cannot be read."),
        ("https://[::1", "its host or port cannot be read."),
        ("https://api.example.test/#x", "must not hold white space or a #fragment."),
        ("''", "must begin with https:// or http://."),
    ],
)
def test_a_wrong_address_is_refused_without_repeating_it(
    tmp_path: Path, url: str, words: str
) -> None:
    refused = refusal(tmp_path, MINIMAL.replace("https://api.example.test", url))
    assert "stagecheck.yaml:3:14: targets.staging.api_url" in refused
    assert words in refused
    assert "hunter2" not in refused


def test_a_socket_address_must_be_one(tmp_path: Path) -> None:
    words = refusal(tmp_path, MINIMAL.replace("wss://", "https://"))
    assert "targets.staging.ws_url must begin with wss:// or ws://." in words


@pytest.mark.parametrize("name", ["Prod", "-x", "a b", "é", "x" * 64, "a.b"])
def test_a_target_has_a_plain_name(tmp_path: Path, name: str) -> None:
    assert "is not a name" in refusal(tmp_path, MINIMAL.replace("staging:", f"'{name}':"))


@pytest.mark.parametrize(
    "url", ["mysql://db/x", "sqlite://", "sqlite:///:memory:", "sqlite:///", "stagecheck.db"]
)
def test_a_database_that_cannot_keep_anything_is_refused(tmp_path: Path, url: str) -> None:
    assert "database must be sqlite:///FILE or postgresql://" in refusal(
        tmp_path, MINIMAL + f"database: '{url}'\n"
    )


@pytest.mark.parametrize(
    "cron", ["*/5 * * * *", "0 9-17 * * mon-fri", "0,30 0 1 jan,jul *", "59 23 31 12 7"]
)
def test_a_cron_line_is_accepted(tmp_path: Path, cron: str) -> None:
    settings = loaded(tmp_path, MINIMAL + f"schedules: [{{target: staging, cron: '{cron}'}}]\n")
    assert settings.schedules[0].cron == cron


@pytest.mark.parametrize(
    "cron",
    [
        "* * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "5-1 * * * *",
        "*/0 * * * *",
        "* * * * mo",
        "1- * * * *",
        "a * * * *",
        "* * * mon *",
        "",
        "², * * * *",
    ],
)
def test_a_cron_line_that_never_works_is_refused(tmp_path: Path, cron: str) -> None:
    words = refusal(tmp_path, MINIMAL + f"schedules: [{{target: staging, cron: '{cron}'}}]\n")
    assert "schedules[0].cron has " in words


@pytest.mark.parametrize("kind", ["schedules", "routes"])
def test_what_refers_to_an_unknown_target_is_refused(tmp_path: Path, kind: str) -> None:
    entry = (
        "{target: stagin, cron: '* * * * *'}"
        if kind == "schedules"
        else "{target: stagin, channel: C1}"
    )
    words = refusal(tmp_path, MINIMAL + f"{kind}: [{entry}]\n")
    assert f"{kind}[0].target is stagin, which is no target. Did you mean staging?" in words


@pytest.mark.parametrize(
    ("check", "advice"),
    [
        ("pipline", "Did you mean pipeline?"),
        ("Key", "Did you mean key?"),
        ("smoke", "Known: key, pipeline."),
    ],
)
def test_a_schedule_of_a_check_that_is_none_is_refused(
    tmp_path: Path, check: str, advice: str
) -> None:
    entry = f"{{target: staging, check: {check}, cron: '* * * * *'}}"
    words = refusal(tmp_path, MINIMAL + f"schedules: [{entry}]\n")
    assert f"schedules[0].check is {check}, which is no check. {advice}" in words


def test_every_check_there_is_may_be_scheduled(tmp_path: Path) -> None:
    entries = [f"{{target: staging, check: {name}, cron: '* * * * *'}}" for name in CHECKS]
    settings = loaded(tmp_path, MINIMAL + f"schedules: [{', '.join(entries)}]\n")
    assert tuple(one.check for one in settings.schedules) == tuple(CHECKS) == CHECK_NAMES


def test_a_configuration_without_a_target_is_refused(tmp_path: Path) -> None:
    assert "targets is required." in refusal(tmp_path, "server: {port: 3000}\n")
    assert "targets must hold at least one entry." in refusal(tmp_path, "targets: {}\n")


def test_every_problem_is_told_at_once_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = "server: {port: x}\n" + MINIMAL + "    bypass_key: literal\n    impct: 1\nalert: {}\n"
    lines = refusal(tmp_path, text).splitlines()
    assert [line.split(":")[1] for line in lines] == ["1", "7", "8", "9"]


@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        ("http://ada:hunter2@proxy.example.test:3128", "Put them in proxy_credentials"),
        ("https://proxy.example.test:3128", "must begin with http://."),
        ("socks5://proxy.example.test", "must begin with http://."),
        ("proxy.example.test:3128", "must begin with http://."),
    ],
)
def test_a_proxy_is_one_plain_http_address(tmp_path: Path, proxy: str, words: str) -> None:
    refused = refusal(tmp_path, MINIMAL + f"    proxy: '{proxy}'\n")
    assert "targets.staging.proxy" in refused
    assert words in refused
    assert "hunter2" not in refused
