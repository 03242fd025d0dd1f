"""The post-mortem: the timeline, and the report's own sections, every number with its source."""

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from incident_house import desk
from samples import HOSTILE, PASSED_DIAGNOSIS, PASSED_RUN, SEED_DIAGNOSIS, SEED_RUN
from typer.testing import CliRunner

from bot.alerting import Entry, Incident
from bot.cli import app
from bot.errors import NotFound
from bot.report import build_report
from bot.report.markdown import render_markdown
from bot.report.postmortem import MOST_ENTRIES, RunLine, render_postmortem
from bot.report.sections import SECTIONS
from bot.workflows.postmortem import postmortem_of
from tests.incident_samples import BY_HAND, OPEN, RESOLVED

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
REPORT = build_report(replace(SEED_RUN, id="r4"), SEED_DIAGNOSIS, previous=PASSED_RUN)
RUNS = tuple(
    RunLine(
        id=f"r{number}",
        check="pipeline",
        outcome="failed" if number < 5 else "passed",
        started_at=AT + timedelta(minutes=number),
        duration_s=2.9,
        cause="Bypass key differs" if number < 5 else "",
    )
    for number in range(1, 7)
)
TIMELINE = (
    Entry(at=AT, kind="trigger", text="2 failures of pipeline.", run_id="r2"),
    Entry(at=AT, kind="acknowledge", text="<@U0000ADA1> acknowledged it.", by="U0000ADA1"),
    Entry(at=AT, kind="resolve", text="Over: staging works again.", run_id="r6"),
)


def written(incident: Incident = RESOLVED, **how: object) -> str:
    given = {"runs": RUNS, "report": REPORT} | how
    return render_postmortem(
        replace(incident, first_run="r1", last_failure="r4", last_run="r6"),
        TIMELINE,
        written_at=AT,
        page_of=lambda run_id: f"https://bot.example.test/runs/{run_id}",
        **given,  # type: ignore[arg-type]  # as a test gives them
    )


def titles(markdown: str) -> list[str]:
    """The headings outside of quoted text."""
    bare = re.sub(r"^(`{3,}).*?^\1$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^## (.+)$", bare, re.MULTILINE)


def test_the_sections_are_those_of_the_report_in_its_order() -> None:
    found = [title for title in titles(written()) if title in SECTIONS]
    assert found == list(SECTIONS)
    assert titles(written())[:3] == ["Summary", "Runs", "Timeline"]
    assert found == titles(render_markdown(REPORT))


def test_outage_and_cause_come_first_and_name_the_runs_that_tell_them() -> None:
    [outage, cause] = re.findall(r"^- \*\*(?:Outage|Cause):\*\* .*$", written(), re.MULTILINE)
    assert "2 h 3 min" in outage
    assert "[`r1`](https://bot.example.test/runs/r1)" in outage
    assert "[`r6`](https://bot.example.test/runs/r6)" in outage
    assert "(confirmed, confidence 0.97)" in cause
    assert "[`r4`](https://bot.example.test/runs/r4)" in cause


def test_every_entry_of_the_timeline_has_its_time_and_its_source() -> None:
    lines = [line for line in written().splitlines() if line.startswith("- 2026-03-02 12:00:00")]
    assert lines == [
        "- 2026-03-02 12:00:00 UTC · policy: 2 failures of pipeline. "
        "([`r2`](https://bot.example.test/runs/r2))",
        "- 2026-03-02 12:00:00 UTC: Slack user U0000ADA1 acknowledged it.",
        "- 2026-03-02 12:00:00 UTC · policy: Over: staging works again. "
        "([`r6`](https://bot.example.test/runs/r6))",
    ]


def test_people_stand_by_their_names_where_those_are_known() -> None:
    text = written(BY_HAND, people={"U0000ADA1": "ada_l"})
    assert "resolved by ada_l" in text
    assert "ada_l acknowledged it." in text
    assert "U0000ADA1" not in text


def test_every_observation_that_is_cited_is_listed_as_evidence() -> None:
    text = written()
    body, evidence = text.split("## Evidence", 1)
    cited = set(re.findall(r"\bo\d+\b", " ".join(re.findall(r"\[(o[\d, o]+)\]", body))))
    assert cited
    assert cited <= set(re.findall(r"^(o\d+) ", evidence, re.MULTILINE))
    assert "What follows is of run [`r4`]" in body


def test_every_run_is_a_row_that_leads_to_it() -> None:
    rows = [line for line in written().splitlines() if line.startswith("| [`r")]
    assert len(rows) == len(RUNS)
    assert "2.9 s" in rows[0]


def test_of_a_long_timeline_the_beginning_and_the_end_are_shown() -> None:
    entries = [Entry(at=AT, kind="continue", text=f"Line {n}.") for n in range(MOST_ENTRIES + 7)]
    text = render_postmortem(RESOLVED, entries, written_at=AT, page_of=lambda _: "")
    section = text.split("## Timeline")[1].split("## Causes")[0]
    shown = re.findall(r"Line (\d+)", section)
    assert len(shown) == MOST_ENTRIES
    assert (shown[0], shown[-1]) == ("0", str(MOST_ENTRIES + 6))
    assert section.count("7 entries in between are left out") == 1


def test_runs_that_are_left_out_are_said_to_be() -> None:
    assert "These are the newest 6 of this outage" in written(are_more=True)
    assert "These are the newest" not in written()


async def test_the_runs_of_an_outage_are_found_however_many_came_after_it() -> None:
    async with desk() as it:
        first = await it.failed(2)
        await it.passed(2)
        it.clock.passes(hours=1)
        sample = replace(PASSED_RUN, target="staging", started_at=it.clock())
        for number in range(510):
            await it.home.deps.store.save_run(replace(sample, id=f"n{number}"), PASSED_DIAGNOSIS)
        store, incident = it.home.deps.store, await it.incident()
        text = await postmortem_of(store, incident, now=it.clock())
    rows = [line for line in text.splitlines() if line.startswith("| `r")]
    assert len(rows) == 4
    assert any(first in row for row in rows)
    assert "`n1`" not in text


def test_what_is_not_stored_any_more_is_said_to_be_missing() -> None:
    text = written(runs=(), report=None)
    assert "No run of this outage is stored any more." in text
    assert "The run that told the cause is no longer stored." in text
    assert "## Impact" in text


def test_an_outage_that_lasts_is_no_last_word() -> None:
    assert "it lasts; this is not its last word" in written(OPEN)
    assert "resolved by Slack user U0000ADA1" in written(BY_HAND)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_stays_text(name: str) -> None:
    incident = replace(RESOLVED, title=HOSTILE[name], summary=HOSTILE[name], impact=HOSTILE[name])
    text = render_postmortem(
        incident,
        (Entry(at=AT, kind="note", text=HOSTILE[name], by=HOSTILE[name]),),
        written_at=AT,
        page_of=lambda _: "",
    )
    assert titles(text) == ["Summary", "Runs", "Timeline", "Causes", "Impact"]
    assert "\x1b" not in text


async def test_it_is_exported_from_a_shell_too(tmp_path: Path) -> None:
    output = tmp_path / "out.md"
    async with desk() as it:
        await it.failed(2)
        await it.ask("/stagecheck note seen before")
        await it.passed(2)
        file = str(it.home.deps.settings.path)
        told = await asyncio.to_thread(
            CliRunner().invoke, app, ["postmortem", "i1", "--config", file]
        )
        line = ["postmortem", "I1", "--config", file, "--output", str(output)]
        kept = await asyncio.to_thread(CliRunner().invoke, app, line)
        none = await asyncio.to_thread(
            CliRunner().invoke, app, ["postmortem", "i9", "--config", file]
        )
    assert told.exit_code == 0, told.output
    assert told.stdout.startswith("# Post-mortem of i1: staging")
    assert "seen before" in told.stdout
    assert kept.exit_code == 0
    assert output.read_text().startswith("# Post-mortem of i1")
    assert isinstance(none.exception, NotFound)
