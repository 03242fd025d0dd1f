"""Verifying a key tells apart whatever can be wrong with it, and never shows it."""

import asyncio
import base64
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bot.commands import dispatch, line_of
from bot.errors import Unavailable
from bot.model import Caller, Place, Status, Trigger
from bot.report import Report
from bot.workflows import spare_the_key
from tests.probing import KEY, response, run, serving, target_at
from tests.verifying import desk, facts_of, text_of

OTHER = "another-bypass-key-4417"


async def verified(folder: Path, *faults: str) -> Report:
    async with desk(folder, *faults) as at:
        return await at.ask()


def cause_of(report: Report) -> str:
    return report.causes[0].label.value


# -- each state of a key, by the words a person reads


async def test_the_right_key_is_accepted_without_a_token(tmp_path: Path) -> None:
    report = await verified(tmp_path)
    assert report.status is Status.PASSED
    assert "accepts it, as shown by a body that is no JSON" in text_of(report)
    assert "token_issued" not in {seen.key for seen in report.observations}


async def test_a_wrong_key_is_told(tmp_path: Path) -> None:
    report = await verified(tmp_path, "bypass-key-client-drift")
    assert (report.status, cause_of(report)) == (Status.FAILED, "bypass_key_mismatch")
    assert "refuses it: HTTP 401 Invalid E2E bypass key" in text_of(report)
    assert "never that we know of" in text_of(report)


async def test_a_key_with_a_newline_is_told_and_right_without_it(tmp_path: Path) -> None:
    report = await verified(tmp_path, "bypass-key-trailing-newline")
    assert cause_of(report) == "bypass_key_mismatch"
    assert "white space after it; a line break" in text_of(report)
    assert facts_of(report)["key_stripped.status"] == 422


async def test_a_quoted_key_is_told_and_right_without_quotes(tmp_path: Path) -> None:
    report = await verified(tmp_path, "bypass-key-quoted")
    assert cause_of(report) == "bypass_key_mismatch"
    assert "quotes around it" in text_of(report)
    assert facts_of(report)["key_stripped.status"] == 422


async def test_a_key_in_the_wrong_variable_is_told_by_name(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        at.key_file.write_bytes(at.key_file.with_name("jwt_secret").read_bytes())
        env = {"KEY": at.key_file.read_text()}
    async with desk(tmp_path, env=env, rewritten='"${env:KEY}"') as at:
        report = await at.ask()
    assert cause_of(report) == "bypass_key_mismatch"
    assert "same value as jwt_secret" in text_of(report)
    assert "What env:KEY holds is the value of jwt_secret" in text_of(report)


async def test_a_server_without_a_key_is_told(tmp_path: Path) -> None:
    report = await verified(tmp_path, "server-without-key")
    assert cause_of(report) == "bypass_key_missing"
    assert "judged no key: HTTP 503 E2E authentication not configured" in text_of(report)


async def test_a_missing_route_is_told(tmp_path: Path) -> None:
    report = await verified(tmp_path, "exchange-route-missing")
    assert cause_of(report) == "wrong_target"
    assert "judged no key: HTTP 404" in text_of(report)


async def test_an_auth_service_that_is_down_is_told(tmp_path: Path) -> None:
    report = await verified(tmp_path, "auth-service-down")
    assert cause_of(report) == "auth_service_unavailable"
    assert "judged no key: HTTP 503" in text_of(report)


@pytest.mark.parametrize("before", ["key", "pipeline"])
async def test_a_key_rotated_on_staging_since_it_was_accepted_is_told(
    tmp_path: Path, before: str
) -> None:
    async with desk(tmp_path) as at:
        first = await at.ask(before)
        at.staging.faults = ("bypass-key-mismatch",)
        report = await at.ask()
    assert f"in run {first.run_id}" in text_of(report)
    assert "Ours is still the same: staging's key changed since." in text_of(report)
    assert "so the server's has changed" in text_of(report)


async def test_a_key_changed_here_since_it_was_accepted_is_told_without_a_restart(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as at:
        first = await at.ask()
        at.key_file.write_text(OTHER)
        report = await at.ask()
    then, now = (facts_of(one)["exchange.key_fingerprint"] for one in (first, report))
    assert "Ours is another one now: it changed here since." in text_of(report)
    assert f"it is now #{now}" in text_of(report)
    assert f"and was #{then}" in text_of(report)
    assert OTHER not in text_of(report)


@pytest.mark.parametrize(
    ("fault", "key", "since"),
    [
        ("auth-service-down", OTHER, "Ours is another one now: it changed here since."),
        ("exchange-route-missing", OTHER, "Ours is another one now: it changed here since."),
        ("server-without-key", OTHER, "Ours is another one now: it changed here since."),
        ("bypass-key-mismatch", f"{OTHER}\n", "Ours is another one now: it changed here since."),
        ("auth-service-down", None, "Ours is still the same; whether staging's changed"),
        ("exchange-in-production", None, "Ours is still the same; whether staging's changed"),
    ],
)
async def test_since_when_is_told_whatever_staging_answers(
    tmp_path: Path, fault: str, key: str | None, since: str
) -> None:
    async with desk(tmp_path) as at:
        await at.ask()
        at.staging.faults = (fault,)
        at.key_file.write_text(key or at.key_file.read_text())
        report = await at.ask()
    assert since in text_of(report)
    assert "staging's key changed since" not in text_of(report)


async def test_a_key_rotated_on_both_sides_is_accepted_and_told(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.ask()
        at.staging.faults = ("bypass-key-mismatch",)
        at.key_file.write_text("sandbox-bypass-key-rotated-3d90")
        report = await at.ask()
    assert report.status is Status.PASSED
    assert "Ours is another one now, and is accepted: staging's changed too, or it" in text_of(
        report
    )


# -- the places a key can come from


async def test_the_first_candidate_that_is_set_counts_and_the_next_is_tried(
    tmp_path: Path,
) -> None:
    async with desk(tmp_path) as at:
        right = at.key_file.read_text()
    env = {"CURRENT": OTHER, "NEXT": right, "E2E_BYPASS_KEY": "a-legacy-key-0001"}
    listed = '["${env:UNSET}", "${env:CURRENT}", "${env:NEXT}"]'
    async with desk(tmp_path, env=env, rewritten=listed) as at:
        report = await at.ask()
    text = text_of(report)
    assert "env:CURRENT is the first that is set: env:UNSET has none" in text
    assert "environment variable UNSET is not set" in text
    assert "env:NEXT, env:E2E_BYPASS_KEY hold another value than the one used" in text
    assert "The one from env:NEXT" in text
    assert not [value for value in env.values() if value in text]


async def test_a_failing_run_of_the_pipeline_tries_the_next_key_too(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        right = at.key_file.read_text()
    env = {"CURRENT": OTHER, "NEXT": right}
    async with desk(tmp_path, env=env, rewritten='["${env:CURRENT}", "${env:NEXT}"]') as at:
        report = await at.ask("pipeline")
    assert facts_of(report)["key_others.accepted_source"] == "env:NEXT"
    assert "Bypass key" in text_of(report)


async def test_a_key_in_base64_is_told_by_being_accepted_once_decoded(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        right = at.key_file.read_bytes()
        at.key_file.write_bytes(base64.b64encode(right + b" " * (-len(right) % 3)))
        report = await at.ask()
    assert "may be base64 of the key" in text_of(report)
    source = facts_of(report)["other_keys.accepted_source"]
    assert source.endswith("bypass_key, decoded from base64")


async def test_a_dotenv_file_is_a_place(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        right = at.key_file.read_text()
    (tmp_path / ".env").write_text(f'OLD=1\nKEY="{right}"\n')
    async with desk(tmp_path, rewritten='"${dotenv:.env#KEY}"') as at:
        report = await at.ask()
    assert report.status is Status.PASSED
    assert "dotenv:.env#KEY" in text_of(report)
    assert "docker --env-file takes such quotes for a part of the value" in text_of(report)


# -- care


@pytest.mark.parametrize(
    ("key", "status", "words"),
    [(KEY.value, Status.PASSED, "so a token was issued"), (OTHER, Status.FAILED, "HTTP 401")],
)
async def test_what_a_wrong_key_gets_as_well_proves_nothing(
    key: str, status: Status, words: str
) -> None:
    """A server that looks at the body first answers 422 to any key."""
    async with serving(body_first) as port:
        result = await run(target_at(port, bypass_key=replace(KEY, value=key)), "key")
    assert result.status is status
    assert words in result.steps[1].detail


async def body_first(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    sized = re.search(rb"content-length: (\d+)", head.lower())
    body = await reader.readexactly(int(sized[1])) if sized else b""
    if head.startswith(b"GET"):
        answer = response(b'{"status": "healthy"}')
    elif not body.startswith(b"{"):
        answer = response(b'{"detail": "Invalid JSON body"}', status="422 Unprocessable")
    elif (KEY.value or "").encode() in head:
        answer = response(b'{"access_token": "a-token-0123456789"}')
    else:
        answer = response(b'{"detail": "Invalid key"}', status="401 Unauthorized")
    writer.write(answer)
    await writer.drain()
    writer.close()


async def test_no_key_of_any_place_is_shown_or_kept(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        right = at.key_file.read_text()
    env = {"CURRENT": "c7Qw9-current-Lk20x", "NEXT": right, "E2E_BYPASS_KEY": "u81-legacy-Zp3m0"}
    async with desk(tmp_path, env=env, rewritten='["${env:CURRENT}", "${env:NEXT}"]') as at:
        report = await at.ask()
        said = text_of(report) + repr(report)
    kept = (tmp_path / "stagecheck.db").read_bytes()
    for value in env.values():
        for piece in (value, value[:6], value[::-1]):
            assert piece not in said
            assert piece.encode() not in kept


async def test_a_key_is_not_verified_more_often_than_it_takes(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        for _ in range(4):
            await spare_the_key(at.deps, "staging")
        with pytest.raises(Unavailable, match="verified 4 times within 80 s"):
            await spare_the_key(at.deps, "staging")
        await spare_the_key(at.deps, "another-target")


async def test_a_verification_is_kept_with_who_asked(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        report = await at.ask()
        kept = await at.deps.store.run(report.run_id)
    assert (kept.check, kept.caller.id, kept.trigger.value) == ("key", "tester", "shell")


async def test_of_many_targets_a_form_asks_which_one(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        names = [f"staging-{number:02}" for number in range(12)]
        many = dict.fromkeys(names, at.deps.targets["staging"])
        deps = replace(at.deps, targets=many)
        reply = await dispatch(deps, "verify-key", Caller(id="U1"), Place(), trigger=Trigger.SHELL)
    assert reply.form is not None
    [field] = reply.form.fields
    assert [choice.value for choice in field.choices] == names
    assert line_of(reply.form.line, {"target": "staging-03"}) == "verify-key staging-03"
