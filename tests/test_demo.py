"""The demo as a visitor meets it: lines typed at its prompt."""

import asyncio
import os
import pty
import re
import sys
from pathlib import Path

import aiohttp
import pytest

ROOT = Path(__file__).parent.parent


async def visit(*lines: str) -> tuple[int, str, str]:
    """Type `lines` into `stagecheck demo`; return its exit code, stdout and stderr."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "demo",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    typed = "".join(f"{line}\n" for line in lines).encode(errors="surrogateescape")
    out, err = await process.communicate(typed)
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


async def test_a_visitor_asks_breaks_staging_and_asks_again() -> None:
    code, out, err = await visit("staging", "break seed", "staging", "2", "quit")
    assert code == 0, err
    before, _, after = out.partition("Staging's faults now: seed")
    assert "Passed: pipeline on staging" in before
    assert "Failed: pipeline on staging" in after
    assert "[Verify Bypass Key]" in after


@pytest.mark.parametrize("key", [b"quit\n", b"\x03", b"\x04"], ids=["quit", "Ctrl-C", "Ctrl-D"])
async def test_a_visitor_leaves_from_a_terminal_in_peace(key: bytes) -> None:
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        "setsid",  # --ctty: so that Ctrl-C reaches it
        *("--ctty", "--wait", sys.executable, "-m", "bot", "demo"),
        cwd=ROOT,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    try:
        async with asyncio.timeout(120):
            while b"\r\n> " not in seen:
                seen += await asyncio.to_thread(os.read, ours, 10_000)
            os.write(ours, key)
            code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        os.close(ours)
    assert code == 0, seen.decode()


async def test_a_visitor_is_told_what_can_be_broken() -> None:
    code, out, err = await visit("faults", "quit")
    assert code == 0, err
    assert "  bypass-key-mismatch: " in out


async def test_what_the_prompt_cannot_do_is_said_and_ends_nothing() -> None:
    code, out, err = await visit("99", "²", "\udcff\udcfe", "break nothing-such", "fix", "")
    assert code == 0, err
    assert "There is no button 99." in out
    assert "There is no command or target `²`." in out
    assert "There is no fault nothing-such." in out
    assert out.count("Name faults that `faults` lists") == 2


async def test_a_visitor_pastes_a_log_into_the_form_whatever_its_length() -> None:
    long = [f"line {number} of many: nothing to see here" for number in range(100)]
    failure = "WebSocket closed: code 1008 reason AUTH_REQUIRED"
    code, out, err = await visit(
        "explain", failure, ".", "explain", *long, failure, ".", "explain", ".", "quit"
    )
    assert code == 0, err
    assert "Explain a log" in out
    assert "1 line read" in out
    assert "101 lines read, " in out
    assert "from pasted.log" in out
    assert "The form was closed; nothing was sent." in out


async def test_without_anybody_at_the_prompt_the_demo_stays_for_its_page() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "demo"),
        cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async for line in process.stdout:
        if found := re.search(rb"http://127\.0\.0\.1:\d+", line):
            break
    else:
        raise AssertionError("The demo ended without naming its page.")
    async with aiohttp.ClientSession() as session, session.get(found[0].decode()) as answer:
        assert b"<title>Mini Slack</title>" in await answer.read()
    process.terminate()
    await process.communicate()
    assert process.returncode == 0
