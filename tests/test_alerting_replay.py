"""A history is replayed through a policy: what would have been told, by other settings too."""

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alerting import CHANNEL, DATABASE, KEY, PLAIN, START, Day
from samples import PASSED_DIAGNOSIS, PASSED_RUN, SEED_DIAGNOSIS, SEED_RUN

from bot.alerting import Escalation, Policy, Replayed, RunEnded, replay
from bot.cli.alerts import dry_run
from bot.config import Alerts, overridden
from bot.errors import NotFound, UsageError
from bot.labels import Label
from bot.model import Status, Trigger
from bot.store import Store


def history(text: str, *, every: float = 5, cause: Label = KEY) -> list[RunEnded]:
    """Return a run every so many minutes: F failed, P passed, E errored."""
    letters = {"F": Status.FAILED, "P": Status.PASSED, "E": Status.ERRORED}
    day = Day()
    for number, letter in enumerate(text):
        status = letters[letter]
        day.run(number * every, status, cause if status is Status.FAILED else None)
    return [event for event, _ in day.decisions if isinstance(event, RunEnded)]


def replayed(text: str, policy: Policy = PLAIN, *, hours: float = 2) -> Replayed:
    return replay("staging", history(text), policy, until=START + timedelta(hours=hours))


def test_a_history_says_what_would_have_been_told() -> None:
    found = replayed("PFPFFFPPP")
    assert (found.runs, found.failures, found.alerts, found.recoveries) == (9, 4, 1, 1)
    assert (found.failures_untold, found.held, found.flaps, found.reminders) == (1, 0, 0, 0)
    [outage] = found.outages
    assert outage.delay == timedelta(minutes=6)
    assert outage.ended_at == START + timedelta(minutes=30)
    assert found.typical_delay == found.longest_delay == timedelta(minutes=6)


def test_a_higher_threshold_alerts_less_and_later() -> None:
    policy = replace(PLAIN, failure_threshold=3, failures_of=3)
    found = replayed("PFFPPFFFPP", policy)
    assert (found.alerts, found.failures_untold) == (1, 2)
    assert found.longest_delay == timedelta(minutes=11)


def test_reminders_and_escalations_come_in_the_minutes_between_runs() -> None:
    route = replace(CHANNEL, escalation=Escalation(after_s=900))
    found = replayed("FF", replace(PLAIN, routes=(route,)), hours=3)
    assert (found.reminders, found.escalations, found.recoveries) == (2, 1, 0)
    assert found.outages[0].ended_at is None


def test_flaps_and_our_own_trouble_are_counted() -> None:
    policy = replace(PLAIN, flap_changes=3, flap_window=8)
    assert replayed("FFPFPFPF", policy).flaps == 1
    found = replayed("EEEEPEEE")
    assert (found.own_trouble, found.errored, found.alerts) == (2, 7, 0)


def test_of_no_history_nothing_is_told() -> None:
    found = replay("staging", [], PLAIN, until=START)
    assert (found.runs, found.alerts, found.typical_delay) == (0, 0, None)


# From a shell.


def kept(folder: Path, text: str, more: str = "", trigger: Trigger = Trigger.SCHEDULE) -> Path:
    """Keep a run every five minutes up to now, and return the configuration."""
    begin = datetime.now(UTC) - timedelta(minutes=5 * len(text))

    async def save() -> None:
        store = await Store.open(f"sqlite:///{folder}/runs.db")
        for number, event in enumerate(history(text)):
            failed = event.status is Status.FAILED
            run = SEED_RUN if failed else PASSED_RUN
            meaning = SEED_DIAGNOSIS if failed else PASSED_DIAGNOSIS
            run = replace(
                run,
                id=f"run{number:05}",
                target="staging",
                check="pipeline",
                trigger=trigger,
                started_at=begin + timedelta(minutes=5 * number),
            )
            await store.save_run(run, meaning)
        await store.close()

    asyncio.run(save())
    path = folder / "stagecheck.yaml"
    path.write_text(
        f"database: sqlite:///{folder}/runs.db\n"
        "targets: {staging: {api_url: 'http://a.test', auth_url: 'http://a.test',"
        f" ws_url: 'ws://a.test/ws'}}}}\n{more}"
    )
    return path


ROUTES = "routes: [{target: staging, channel: C1}]\n"


def rows(path: Path, capsys: pytest.CaptureFixture[str], *assignments: str, since: str = "30d"):
    arguments = {"target": None, "format": "json", "config": path}
    assert dry_run(since=since, assignments=assignments, **arguments) == 0
    return json.loads(capsys.readouterr().out)["replays"]


def test_kept_runs_are_counted_as_configured_and_with_other_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = kept(tmp_path, "PPFFPPPFFFFPPP", ROUTES)
    configured, other = rows(path, capsys, "failure_threshold=3", "flap.window=30")
    assert (configured["policy"], configured["alerts"], configured["recoveries"]) == (
        "as configured",
        2,
        2,
    )
    assert (other["policy"], other["alerts"]) == ("with failure_threshold=3 flap.window=30", 1)
    assert other["detection_longest_s"] > configured["detection_longest_s"]
    assert configured["incidents"][0]["causes"] == [str(SEED_DIAGNOSIS.causes[0].label)]


def test_only_runs_since_then_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = kept(tmp_path, "FFPPPPPPPPPP", ROUTES)
    assert rows(path, capsys, since="26m")[0]["runs"] == 5
    assert rows(path, capsys, since="2020-01-01")[0]["alerts"] == 1


def test_a_table_says_it_to_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = kept(tmp_path, "PFFPPP", ROUTES)
    arguments = {"target": "staging", "format": "text", "config": path}
    assert dry_run(since="1d", assignments=[], **arguments) == 0
    text = capsys.readouterr().out
    assert "had nobody acted" in text
    assert "as configured" in text
    assert "Code error in the socket's path · told after" in text


def test_what_the_figures_do_not_show_is_said_beside_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = kept(tmp_path, "FF", trigger=Trigger.SHELL)
    arguments = {"target": None, "format": "text", "config": path}
    assert dry_run(since="1d", assignments=[], **arguments) == 0
    told = capsys.readouterr().err
    assert "those of a shell do not" in told
    assert "no route hears of staging; counted as if one did" in told


def test_it_is_typed_in_a_shell(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "bot", "alerts", "dry-run", "--since", "2d", "--set"]
    typed = [*command, "failure_threshold=1", "--target", "staging", "--format", "json"]
    path = kept(tmp_path, "PFPPP", ROUTES)
    done = subprocess.run([*typed, "--config", path], capture_output=True, text=True, check=True)
    replays = json.loads(done.stdout)["replays"]
    assert [one["alerts"] for one in replays] == [0, 1]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"since": "yesterday"}, "yesterday is no time to begin at"),
        ({"since": "2999-01-01"}, "has not come yet"),
        ({"format": "xml"}, "There is no format xml"),
        ({"assignments": ["failure_treshold=3"]}, "is not a setting of alerts"),
    ],
)
def test_a_wrong_word_is_refused(
    tmp_path: Path, arguments: dict[str, object], problem: str
) -> None:
    given: dict[str, object] = {"since": "1d", "assignments": [], "format": "text"}
    with pytest.raises(UsageError, match=problem):
        dry_run(target=None, config=kept(tmp_path, ""), **(given | arguments))  # type: ignore[arg-type]


def test_a_target_that_is_none_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no target stagin"):
        dry_run(
            since="1d",
            target="stagin",
            assignments=[],
            format="text",
            config=kept(tmp_path, ""),
        )


@pytest.mark.parametrize(
    ("assignment", "problem"),
    [
        ("failure_treshold=3", "failure_treshold is not a setting of alerts"),
        ("flap=3", "flap is not a setting"),
        ("failure_threshold", "sets nothing"),
        ("failure_threshold=0", "alerts.failure_threshold must be at least 1"),
        ("failure_threshold=two", 'must be a whole number, not "two"'),
        ("failures_of=1", "never holds the 2 failures"),
        ("flap.window=6", "more than 6 never come"),
        ("degraded=maybe", "alerts.degraded: Input should be 'pass' or 'alert'"),
    ],
)
def test_a_setting_that_cannot_be_is_told(assignment: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        overridden(Alerts(), [assignment])


def test_a_misspelt_setting_names_the_nearest() -> None:
    with pytest.raises(UsageError) as told:
        overridden(Alerts(), ["failure_treshold=3"])
    assert told.value.hint == "Did you mean failure_threshold?"


def test_settings_are_taken_with_and_without_the_name_of_the_section() -> None:
    alerts = overridden(Alerts(), ["alerts.failures_of=4", "flap.stable = 7", "degraded=alert"])
    assert (alerts.failures_of, alerts.flap.stable, alerts.degraded) == (4, 7, "alert")
    assert overridden(alerts, ["failures_of=null"]).failures_of is None


def test_another_cause_is_counted_with_the_outage_it_came_in() -> None:
    events = history("FFFF")
    events[-1] = replace(events[-1], cause=DATABASE)
    [outage] = replay("staging", events, PLAIN, until=START + timedelta(hours=1)).outages
    assert outage.causes == (KEY, DATABASE)
