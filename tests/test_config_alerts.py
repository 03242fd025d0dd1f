"""Thresholds, maintenance and severities are read; mistakes in them are told with their line."""

from pathlib import Path

import pytest
from configurations import MINIMAL, loaded, refusal

ALERTS = """\
alerts:
  failure_threshold: 3
  failures_of: 5
  degraded: alert
  flap: {changes: 4, window: 10, stable: 3}
maintenance:
  - {target: staging, reason: nightly deploy, since: 02:00, until: 03:30, timezone: Europe/Berlin,
     days: [mon, tue]}
  - {target: "*", since: 2026-12-01 10:00, until: 2026-12-02 10:00}
severities:
  - {cause: bypass_key_mismatch, severity: critical}
  - {cause: rate_limited, target: staging, severity: low}
"""


def test_alerts_maintenance_and_severities_are_read(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINIMAL + ALERTS)
    assert (settings.alerts.failures_of, settings.alerts.flap.stable) == (5, 3)
    assert [window.is_daily for window in settings.maintenance] == [True, False]
    assert [(row.target, row.severity) for row in settings.severities] == [
        ("*", "critical"),
        ("staging", "low"),
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("alerts: {failure_threshold: 3, failures_of: 2}", "never holds the 3 failures"),
        ("alerts: {failures_of: 1}", "never holds the 2 failures"),
        ("alerts: {flap: {changes: 9, window: 10}}", "more than 9 never come"),
        ("alerts: {flap: {window: 5}}", "more than 6 never come"),
        ("alerts: {degrade: alert}", "Did you mean degraded?"),
        ("maintenance: [{target: stagin, since: 02:00, until: 03:00}]", "Did you mean staging?"),
        ("severities: [{cause: rate_limit, severity: low}]", "Did you mean rate_limited?"),
        ("severities: [{cause: rate_limited, severity: low, target: prod}]", "no target"),
        (
            "severities: [{cause: rate_limited, severity: low},"
            " {cause: rate_limited, target: '*', severity: high}]",
            "severities[1] says it again of what severities[0] is about",
        ),
    ],
)
def test_what_can_never_be_or_names_nothing_is_told(tmp_path: Path, given: str, told: str) -> None:
    assert told in refusal(tmp_path, f"{MINIMAL}{given}\n")


@pytest.mark.parametrize(
    ("since", "until", "more", "told"),
    [
        ("02:00", "2026-01-01 03:00", "", "both a time of day, or both a date"),
        ("2026-01-02 02:00", "2026-01-02 02:00", "", "until is not after since"),
        ("2026-02-30 02:00", "2026-03-01 02:00", "", "dates of the calendar"),
        ("02:00", "03:00", "timezone: Mars", "Mars is no time zone"),
        ("2026-01-01 02:00", "2026-01-02 02:00", "days: [mon]", "days is for a daily time"),
    ],
)
def test_a_window_that_never_opens_is_told(
    tmp_path: Path, since: str, until: str, more: str, told: str
) -> None:
    window = f"{{target: staging, since: {since}, until: {until}, {more}}}"
    assert told in refusal(tmp_path, f"{MINIMAL}maintenance: [{window}]\n")
