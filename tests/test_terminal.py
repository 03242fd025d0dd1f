"""On a terminal: colours unless they are not wanted, live progress, and a card at the end."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from samples import HOSTILE, PASSED_RUN, SAMPLES, soaked

from bot.cli.looks import coloured, show_card, show_report
from bot.cli.terminal import Steps
from bot.model import Progress, Status, StepProgress
from bot.report import Report, build_report, render_text
from bot.report.text import brief_lines
from bot.report.visible import visible
from bot.sandbox import Staging
from tests.shell import stagecheck

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
FAILED_LOG = (
    "E   websockets.exceptions.ConnectionClosedError: received 1008 Authentication failed\n"
)


def report_of(name: str) -> Report:
    run, diagnosis = SAMPLES[name]
    return build_report(run, diagnosis, previous=PASSED_RUN)


async def on_a_terminal(*words: str, columns: int = 100, **env: str) -> tuple[int, str]:
    """Run the command line on a terminal of its own; return its exit code and all it printed."""
    main, other = pty.openpty()
    fcntl.ioctl(other, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    clean = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "CI")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        stdin=other,
        stdout=other,
        stderr=other,
        env={**clean, "TERM": "xterm-256color", **env},
    )
    os.close(other)
    printed = await asyncio.to_thread(drained, main)
    os.close(main)
    return await process.wait(), printed


def drained(terminal: int) -> str:
    pieces = []
    while True:
        try:
            piece = os.read(terminal, 65_536)
        except OSError:  # Linux says so when nobody has the other end any more
            break
        if not piece:
            break
        pieces.append(piece)
    return b"".join(pieces).decode()


def printed(report: Report, *, columns: int = 100, env: Mapping[str, str] | None = None) -> str:
    console = Console(
        force_terminal=True,
        width=columns,
        color_system="truecolor",
        _environ={"TERM": "xterm-256color", **(env or {})},
    )
    with console.capture() as captured:
        show_report(console, report)
    return captured.get()


async def test_a_run_on_a_terminal_shows_progress_colours_and_ends_with_the_card(
    tmp_path: Path,
) -> None:
    async with Staging(("seed",)) as staging:
        config = tmp_path / "stagecheck.yaml"
        staging.write_config(config)
        code, text = await on_a_terminal("run", "staging", "--config", str(config))
    assert code == 1
    assert "Checking staging" in text
    assert "steps," in text
    assert "\x1b[31m" in text
    last = COLOUR.sub("", text).split("╭")[-1]
    assert last.startswith("─  ✗ Failed: pipeline on staging")
    for label in ("Verdict", "Cause", "Next"):
        assert label in last
    assert last.rstrip().endswith("╯")


async def test_a_terminal_shows_the_short_form_unless_the_whole_text_is_asked_for(
    tmp_path: Path,
) -> None:
    log = tmp_path / "log.txt"
    log.write_text(FAILED_LOG)
    _, brief = await on_a_terminal("explain", str(log))
    _, whole = await on_a_terminal("explain", str(log), "--format", "text")
    assert "Five whys" in brief
    assert "Raw transcript" not in brief
    assert "The whole report: the same with --format text" in brief
    assert "Raw transcript" in whole


def test_the_short_form_has_why_and_what_to_do_without_the_evidence() -> None:
    brief = "\n".join(brief_lines(report_of("seed")))
    assert "Why did the run fail?" in brief
    assert "$ stagecheck verify-key staging" in brief
    assert "events.frame" not in brief
    assert brief_lines(report_of("passed")) == []


async def test_no_color_takes_every_colour_away(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text(FAILED_LOG)
    _, with_colours = await on_a_terminal("explain", str(log))
    code, without = await on_a_terminal("explain", str(log), NO_COLOR="1")
    hues = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-7]|9[0-7]|38;[0-9;]+)m")
    assert hues.search(with_colours)
    assert not hues.search(without)
    assert code == 1
    assert "╰" in without


async def test_a_dumb_terminal_gets_no_escapes_at_all(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text(FAILED_LOG)
    _, text = await on_a_terminal("explain", str(log), TERM="dumb")
    assert "\x1b" not in text
    assert "Verdict" in text


async def test_a_pipe_gets_the_plain_report_and_nothing_besides(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text(FAILED_LOG)
    code, out, err = await stagecheck("explain", str(log))
    assert (code, err) == (1, "")
    assert "\x1b" not in out
    assert "╭" not in out
    assert out.rstrip().endswith(": the log")


async def test_a_report_in_a_file_still_ends_with_the_card_on_a_terminal(tmp_path: Path) -> None:
    log, report = tmp_path / "log.txt", tmp_path / "report.html"
    log.write_text(FAILED_LOG)
    _, text = await on_a_terminal("explain", str(log), "--format", "html", "--output", str(report))
    assert "╭" in text
    assert f"The report is in {report}" in COLOUR.sub("", text).replace("\r\n", "")
    assert report.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("name", SAMPLES)
def test_colours_change_no_letter(name: str) -> None:
    lines = render_text(report_of(name)).split("\n")
    assert [text.plain for text in coloured(lines, report_of(name).status)] == lines


def test_only_outcomes_have_the_colour_of_one() -> None:
    lines = ["x", "", "Summary", "-------", "  A step  failed  3 ms  Authentication failed: no"]
    spans = [(one.start, one.end) for one in list(coloured(lines, Status.FAILED))[-1].spans]
    assert [lines[-1][start:end] for start, end in spans] == ["failed"]
    assert spans[0][0] == lines[-1].index("failed")


@pytest.mark.parametrize("columns", [60, 80, 100, 200])
def test_the_card_fits_the_terminal(columns: int) -> None:
    console = Console(width=columns, force_terminal=False)
    with console.capture() as captured:
        show_card(console, report_of("seed"))
    lines = captured.get().rstrip("\n").split("\n")
    assert max(map(len, lines)) <= min(columns, 100)
    assert len(lines) <= 20


def test_a_status_is_said_by_a_mark_and_a_word_too() -> None:
    assert "✗ Failed" in printed(report_of("seed"), env={"NO_COLOR": "1"})


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_a_target_sends_steers_no_terminal(text: str) -> None:
    attack = f"{text}\x1b]8;;http://evil.test\x07click\x1b[2J[red]x[/red][link=http://x]y[/link]\r"
    run, diagnosis = soaked(attack)
    shown = printed(build_report(run, diagnosis, previous=PASSED_RUN))
    left = COLOUR.sub("", shown)
    assert not set("\x1b\x07\x9b\r\x00\u202e") & set(left)
    assert "[red]x[/red]" in re.sub(r"[\s│]", "", left)


@given(lines=st.lists(st.text(max_size=120), max_size=20))
@settings(max_examples=200, deadline=None)
def test_no_line_breaks_the_colours(lines: list[str]) -> None:
    lines = [visible(line) for line in lines]
    assert [text.plain for text in coloured(lines, Status.FAILED)] == lines


def test_progress_tells_how_far_it_is_and_what_is_done_now() -> None:
    steps = Steps()
    steps.progress = Progress(
        run_id="r1",
        target="staging",
        check="pipeline",
        started_at=PASSED_RUN.started_at,
        current="b",
        steps=(
            StepProgress(name="a", title="First", status=Status.PASSED, detail="[bold]fine"),
            StepProgress(name="b", title="Second"),
            StepProgress(name="c", title="Third"),
        ),
    )
    console = Console(width=80, force_terminal=False)
    with console.capture() as captured:
        console.print(steps)
    text = captured.get()
    assert "1 of 3 steps" in text
    assert "[bold]fine" in text
    assert text.index("First") < text.index("Second") < text.index("Third")
