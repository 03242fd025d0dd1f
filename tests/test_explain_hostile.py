"""Any text at all: an answer comes, soon, and within bounded memory."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.diagnosis.logs import read_log
from bot.diagnosis.logs.signatures import SIGNATURES, Signature
from bot.report import RENDERERS
from tests.explaining import EVERY_LOG, explained, first_cause

ROOT = Path(__file__).parent.parent
WORDS = sorted({word for one in SIGNATURES for word in one.hints})
FRAGMENTS = st.sampled_from(
    [
        *WORDS,
        *(
            "{",
            "}",
            '{"status": ',
            '"',
            "'",
            ": ",
            "=",
            "\n",
            "\r",
            "\x1b[31m",
            "\\n",
            "503",
            "1011",
        ),
        *("Traceback (most recent call last):\n", '  File "/app/x.py", line 3\n', "E   "),
        *("TypeError: ", "PASSED (0.1s)", "1 passed in 0.5s", "\x00", "é", "🔴", "\ud800"),
    ]
)
MB = 1024 * 1024


@given(st.binary(max_size=3000))
@settings(max_examples=150, deadline=None)
def test_any_bytes_get_an_answer(log: bytes) -> None:
    report = explained(log)
    assert report.causes
    assert report.whys


@given(st.lists(FRAGMENTS, max_size=120).map("".join))
@settings(max_examples=150, deadline=None)
def test_any_mixture_of_telling_words_gets_an_answer_in_every_format(log: str) -> None:
    report = explained(log)
    assert report.causes
    for render in RENDERERS.values():
        assert render(report).strip()


@given(st.lists(st.sampled_from([log for _, log, _ in EVERY_LOG]), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_any_logs_one_after_another_get_an_answer(logs: list[bytes]) -> None:
    assert explained(b"\n".join(logs)).causes


@pytest.mark.parametrize(
    "signature", SIGNATURES, ids=[f"{one.key}-{at}" for at, one in enumerate(SIGNATURES)]
)
def test_no_line_makes_a_signature_slow(signature: Signature) -> None:
    """The worst that a line of the longest length can do: a telling word over and over."""
    for word in (*signature.hints, "failed", "timeout", "not ", "x" * 9, "A_B", "a_b ", "5s "):
        for line in ((word * 4000)[:4000], (f"{word} " * 4000)[:4000]):
            start = time.process_time()
            signature.pattern.search(line)
            # Usually under a millisecond; a catastrophe takes seconds.
            assert time.process_time() - start < 1, (signature, word)


@pytest.mark.parametrize(
    "log",
    [
        b"x" * 2 * MB,
        b"\n" * MB,
        b"{" * MB,
        b'{"a":' * (MB // 5),
        b'"' * MB,
        b"\x1b[" * (MB // 2),
        b"Error: " * (MB // 7),
        b"\\n" * (MB // 2) + b"Traceback (most recent call last)",
        b"1 passed in 0.1s " * (MB // 17),
        "🔴".encode() * (MB // 4),
    ],
    ids=["one line", "empty lines", "braces", "nesting", "quotes", "escapes", "errors", "packed",
         "summaries", "emoji"],
)  # fmt: skip
def test_a_megabyte_of_nonsense_ends_soon(log: bytes) -> None:
    start = time.process_time()
    assert first_cause(log)
    assert time.process_time() - start < 20


def test_a_failure_in_the_middle_of_a_large_log_is_found_and_shown() -> None:
    noise = "".join(f"2025-09-14 11:00:00 INFO step {n} done\n" for n in range(20_000))
    needle = "CRITICAL STARTUP FAILURE: Missing required config DATABASE_URL\n"
    run = read_log(noise + needle + noise)
    cited = [one for one in run.observations if one.key == "missing_config.line_20001"]
    assert cited
    shown = [line.text for line in run.transcript]
    assert needle.strip() in shown
    assert len(shown) < 1_000
    assert any("left out" in line for line in shown)
    assert first_cause(noise + needle + noise) == "startup_config_invalid"


def test_end_of_a_large_log_is_never_cut() -> None:
    run = read_log("a line\n" * 50_000 + "the end\n")
    assert run.transcript[-1].text == "the end"


def test_ten_megabytes_take_less_than_two_hundred() -> None:
    script = (
        "from bench.memory import peak_mb\n"
        "from tests.explaining import EVERY_LOG, first_cause\n"
        "whole = b'\\n\\n'.join(log for _, log, _ in EVERY_LOG)\n"
        "first_cause((whole * (10 * 1024 * 1024 // len(whole) + 1))[: 10 * 1024 * 1024])\n"
        "print(peak_mb())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 200
