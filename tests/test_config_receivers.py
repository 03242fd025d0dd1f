"""Who hears is configured without a secret in the file, and mistakes are told with their line."""

from pathlib import Path

import pytest
from configurations import MINIMAL, loaded, refusal

ROUTES = """\
routes:
  - {target: staging, channel: "#alerts"}
  - {target: "*", webhook: {url: "https://hooks.example.test/in", secret: "${env:HOOK_SECRET}"}}
  - {target: staging, pagerduty: {routing_key: "${env:PD_KEY}"}}
  - {target: staging, apprise: {url: "${env:APPRISE_URL}"}}
owner: {channel: C0OPS}
"""


def test_receivers_have_keys_that_stay_and_hold_no_secret(tmp_path: Path) -> None:
    env = {
        "HOOK_SECRET": "whsec_c2VjcmV0LXZhbHVl",
        "PD_KEY": "pd-routing-key-0123",
        "APPRISE_URL": "j",
    }
    settings = loaded(tmp_path, MINIMAL + ROUTES, env)
    assert [route.key for route in settings.routes] == [
        "slack:alerts",
        "webhook:hooks.example.test",
        "pagerduty:env:PD_KEY",
        "apprise:env:APPRISE_URL",
    ]
    assert settings.owner is not None
    assert settings.owner.key == "slack:C0OPS"
    held = {secret.value for secret in settings.secrets}
    assert set(env.values()) <= held
    assert not any(value in repr(settings) for value in env.values() if len(value) > 1)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("{target: staging}", "routes[0] needs exactly one of"),
        ("{target: staging, channel: C1, pagerduty: {}}", "it has channel and pagerduty"),
        ("{target: nowhere, channel: C1}", "nowhere, which is no target"),
        ("{target: staging, pagerduty: {routing_key: literal}}", "must be a reference"),
        ("{target: staging, webhook: {url: 'ftp://x.test/'}}", "must begin with https://"),
        ("{target: staging, webhook: {url: 'http://x.test/'}}", "except on this machine"),
        (
            "{target: staging, channel: C1, quiet_hours: {since: '22:00', until: '07:00',"
            " timezone: Mars/Base}}",
            "is no time zone",
        ),
        ("{target: staging, channel: C1, quiet_hours: {since: '25:00', until: '07:00'}}", "since"),
    ],
)
def test_a_mistake_in_a_route_is_told(tmp_path: Path, given: str, told: str) -> None:
    assert told in refusal(tmp_path, MINIMAL + f"routes: [{given}]\n")


def test_the_same_receiver_twice_is_refused_unless_it_has_a_name(tmp_path: Path) -> None:
    one = "{target: staging, channel: C1}"
    assert "is routes[0] again" in refusal(tmp_path, MINIMAL + f"routes: [{one}, {one}]\n")
