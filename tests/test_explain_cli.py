"""`stagecheck explain` as a person meets it: a file or a pipe, formats, exit codes, no network."""

import fcntl
import gzip
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path

import pytest

from bot.cli.caller import login
from bot.diagnosis.logs import MOST_BYTES
from tests.explaining import FOUNDING, OWN, PAYLOAD

ROOT = Path(__file__).parent.parent
PASSED = "test_a PASSED (1.2s)\ntest_b PASSED (2.5s)\n"


def explain(*words: str, given: str | None = None) -> "subprocess.CompletedProcess[str]":
    """Run `stagecheck explain` with `given` on standard input."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "explain", *words],
        cwd=ROOT,
        input=given,
        stdin=None if given is not None else subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("log", "code"),
    [
        (PASSED, 0),
        ('{"status": "degraded"}', 0),
        (FOUNDING, 1),
        ("something\n", 1),
    ],
    ids=["passed", "degraded", "failed", "nothing"],
)
def test_exit_code_is_that_of_the_run_the_log_is_of(log: str, code: int) -> None:
    assert explain("-", given=log).returncode == code
    assert explain(given=log).returncode == code


def test_a_file_and_a_pipe_give_the_same_bytes_every_time(tmp_path: Path) -> None:
    log = tmp_path / "pasted.log"
    log.write_text(FOUNDING + PAYLOAD)
    for name in ("text", "json"):
        from_file = explain(str(log), "--format", name)
        from_pipe = explain("--format", name, given=FOUNDING + PAYLOAD)
        assert from_file.stdout == from_pipe.stdout
        assert from_file.returncode == 1, from_file.stderr
        assert "ws_server_code_error" in from_file.stdout


def test_the_report_says_who_asked() -> None:
    assert f"Who asked  {login()}, from a shell" in explain(given=FOUNDING).stdout


def test_a_narrow_terminal_gets_lines_that_fit(tmp_path: Path) -> None:
    log = tmp_path / "pasted.log"
    log.write_text(FOUNDING + PAYLOAD)
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    words = [sys.executable, "-m", "bot", "explain", str(log)]
    env = {name: value for name, value in os.environ.items() if name != "COLUMNS"}
    env["NO_COLOR"] = "1"
    with os.fdopen(ours, "rb") as screen:
        with subprocess.Popen(words, cwd=ROOT, env=env, stdout=theirs) as shell:
            os.close(theirs)
            seen = b""
            # The end of a terminal is an error on Linux, and nothing more to read elsewhere.
            with suppress(OSError):
                while more := screen.read1():
                    seen += more
        assert shell.returncode == 1
    lines = re.sub(r"\x1b\[[0-9;]*m", "", seen.decode()).splitlines()
    assert "Five whys" in lines
    assert 70 < max(map(len, lines)) <= 80


def test_json_has_the_keys_of_the_report_and_says_that_nothing_was_run() -> None:
    report = json.loads(explain("--format", "json", given=FOUNDING + PAYLOAD).stdout)
    assert report["schema"] == 1
    assert report["executed"] is False
    assert report["causes"][0]["role"] == "sufficient"
    assert report["causes"][1] | {"evidence": []} == {
        "label": "bypass_key_mismatch",
        "role": "incidental",
        "confidence": 0.95,
        "evidence": [],
    }


def test_output_goes_to_a_file(tmp_path: Path) -> None:
    output = tmp_path / "report.md"
    done = explain("--format", "markdown", "--output", str(output), given=FOUNDING)
    assert done.stdout == ""
    assert str(output) in done.stderr
    assert "insufficient_evidence" in output.read_text()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nowhere.log",), 3, "nowhere.log"),
        ((".",), 2, "cannot be read"),
        (("--format", "jsn", "-"), 2, "Formats:"),
        (("-", "--output", "/nowhere/at/all.txt"), 2, "/nowhere/at/all.txt"),
        (("--fromat", "json"), 2, "--format"),
    ],
)
def test_wrong_words_say_what_would_be_right(words: tuple[str, ...], code: int, said: str) -> None:
    done = explain(*words, given="")
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_terminal_without_a_log_is_asked_for_one() -> None:
    script = (
        "import os, pty, sys\n"
        "status = pty.spawn([sys.executable, '-m', 'bot', 'explain'])\n"
        "sys.exit(os.waitstatus_to_exitcode(status))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "There is no log to explain" in done.stdout


def test_no_network_library_is_even_loaded_and_no_configuration_is_read(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "sys.argv = ['stagecheck', 'explain', sys.argv[1]]\n"
        "sys.addaudithook(lambda event, _: event.startswith('socket') and sys.exit(99))\n"
        "from bot.cli import main\n"
        "try:\n"
        "    main()\n"
        "except SystemExit as left:\n"
        "    heavy = {'httpx', 'websockets', 'aiohttp', 'sqlalchemy', 'slack_sdk'}\n"
        "    print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
        "    sys.exit(left.code)\n"
    )
    (tmp_path / "stagecheck.yaml").write_text("not: [valid")
    done = subprocess.run(
        [sys.executable, "-c", script, str(OWN / "healthy-pytest-summary.log")],
        cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "STAGECHECK_CONFIG": "stagecheck.yaml"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stderr.strip().endswith("[]")


@pytest.mark.parametrize(
    ("log", "said"),
    [
        (b"", "The log is empty."),
        (b" \r\n\t\n", "The log is empty."),
        (b"\xff\xfe", "The log is empty."),
        (gzip.compress(b"1 failed in 2.0s"), "Unpack it: gunzip -c"),
        (b"PK\x03\x04 and so on", "Unpack it: unzip -p"),
        (bytes(range(256)) * 8, "This is no text."),
        (b"\x7fELF\x02\x01\x01" + b"\0" * 500, "This is no text."),
        (b"1 failed in 2.0s\n" + b"." * MOST_BYTES, "tail -c 10M"),
    ],
    ids=["empty", "white space", "only a mark", "gzip", "zip", "bytes", "program", "too large"],
)
def test_what_is_no_log_is_refused_in_words(log: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "given.log").write_bytes(log)
    done = explain(str(tmp_path / "given.log"))
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "log",
    [
        "1 failed in 2.0s".encode("utf-16"),
        "1 failed in 2.0s – façade".encode("cp1252"),
        b"\x1b[31m1 failed in 2.0s\x1b[0m\x00\x00",
        b"1 failed in 2.0s\n" + b"." * (MOST_BYTES - 17),
    ],
    ids=["Windows PowerShell", "Windows console", "colours and NULs", "as large as may be"],
)
def test_text_of_any_encoding_is_read(log: bytes, tmp_path: Path) -> None:
    (tmp_path / "given.log").write_bytes(log)
    done = explain(str(tmp_path / "given.log"), "--format", "json")
    keys = {one["key"] for one in json.loads(done.stdout)["observations"]}
    assert "tests_failed.line_1" in {key.removeprefix("log.") for key in keys}


def test_closed_standard_input_is_told() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", '"$0" -m bot explain - <&-', sys.executable], cwd=ROOT,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "There is no log to explain" in done.stderr
