"""Our own side is looked at beside a run that fails, and what is ours is never the target's."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from bot.config import load
from bot.diagnosis import diagnose
from bot.masking import Masker
from bot.model import Progress, Run, Status
from bot.probe import Network, OwnCheck, run_check
from bot.sandbox import Staging
from bot.sandbox.behaviour import Behaviour
from bot.target import Health, Setting
from tests.probing import (
    KEY,
    NO_HEALTH,
    PEPPER,
    SHORT,
    answering,
    broke,
    facts,
    forever,
    request,
    response,
    run,
    serving,
    staged,
    status_of,
    target_at,
    target_of,
)

UNKNOWN = {
    "api_url": "http://api-staging.invalid",
    "auth_url": "http://auth-staging.invalid",
    "ws_url": "ws://api-staging.invalid/ws",
    "frontend_url": "",
}


async def well() -> str:
    return ""


async def with_checks(target: Any, own_checks: Mapping[str, OwnCheck]) -> Run:
    async with Network() as network:
        return await run_check(
            target,
            request(),
            network=network,
            masker=Masker(target.secrets, pepper=PEPPER),
            own_checks=own_checks,
        )


def answer(result: Run) -> str:
    return diagnose(result).causes[0].label.value


async def test_a_run_that_passes_does_not_look_at_our_side(tmp_path: Path) -> None:
    assert not [path for path in facts(await staged(tmp_path)) if path.startswith("ours.")]


async def test_when_none_of_the_targets_names_is_known_it_is_ours() -> None:
    result = await run(target_at(1, **UNKNOWN))
    assert result.status is Status.ERRORED
    assert facts(result)["ours.dns"] in ("unknown", "unanswered")
    assert (answer(result), broke(result)) == ("runner_environment", [])


async def test_one_unknown_name_beside_services_that_answer_is_the_targets(tmp_path: Path) -> None:
    result = await staged(tmp_path, "dns-backend-host")
    assert result.status is Status.FAILED
    assert "ours.explains" not in facts(result)
    assert answer(result) == "dns_failure"


async def test_a_target_of_addresses_needs_no_name_service() -> None:
    result = await run(target_at(1))
    assert "ours.dns" not in facts(result)
    assert facts(result)["ours.route"] == "works"  # a refusal comes from the other side
    assert result.status is Status.FAILED


PORTAL = b"HTTP/1.1 511 Network Authentication Required\r\ncontent-length: 0\r\n\r\n"


async def test_a_network_that_answers_in_the_targets_place_is_ours() -> None:
    async with serving(answering(PORTAL)) as port:
        result = await run(target_at(port))
    assert result.status is Status.ERRORED
    assert (answer(result), broke(result)) == ("runner_environment", [])


async def test_one_service_that_answers_like_a_network_beside_others_is_the_targets(
    tmp_path: Path,
) -> None:
    async with serving(answering(PORTAL)) as port, Staging() as staging:
        at_portal = f"127.0.0.1:{port}"
        backend = {"api_url": f"http://{at_portal}", "ws_url": f"ws://{at_portal}/ws"}
        result = await run(replace(target_of(staging, tmp_path), **backend))
    assert result.status is Status.FAILED
    assert answer(result) == "backend_5xx"


AWAY = ("http://[2001:db8::1]:80", "http://[2001:db8::2]:80", "ws://[2001:db8::1]:80/ws")


async def away(own_checks: Mapping[str, OwnCheck]) -> Run:
    api, auth, ws = AWAY
    target = target_at(1, api_url=api, auth_url=auth, ws_url=ws, timeouts=SHORT)
    return await with_checks(target, own_checks)


async def test_when_nothing_at_all_can_be_reached_it_is_ours() -> None:
    async def slack() -> str:
        return "Slack does not answer."

    result = await away({"slack": slack})
    assert result.status is Status.ERRORED
    assert facts(result)["ours.route"] == "none"
    assert answer(result) == "runner_environment"


async def a_silent_target(own_checks: Mapping[str, OwnCheck]) -> Run:
    """Run against an address that takes connections and never answers."""
    async with Staging(["backend-hangs"]) as staging:
        port = int(staging.api_url.rpartition(":")[2])
        target = target_at(port, timeouts=SHORT, health=Health(backend="/health", auth="/health"))
        return await with_checks(target, own_checks)


async def test_a_target_that_hangs_is_not_taken_for_our_route() -> None:
    result = await a_silent_target({"slack": well})
    assert facts(result)["ours.route"] == "works"
    assert result.status is Status.FAILED


CLOCK = {"backend_clock_s": 3600.0, "auth_clock_s": 3600.0}


async def skewed(tmp_path: Path, *faults: str, clocks: Mapping[str, float]) -> Run:
    async with Staging(faults, behaviour=Behaviour(**clocks)) as staging:
        return await run(replace(target_of(staging, tmp_path), frontend_url=""))


async def test_our_clock_off_is_ours_and_no_refused_token(tmp_path: Path) -> None:
    result = await skewed(tmp_path, "bypass-key-mismatch", clocks=CLOCK)
    observed = facts(result)
    assert result.status is Status.ERRORED
    assert observed["ours.clock_skew_s"] == pytest.approx(3600, abs=5)
    assert observed["token_server_time.outcome"] == "greeted"
    cause = diagnose(result).causes[0]
    assert (cause.label.value, cause.confidence) == ("runner_environment", 0.98)


async def test_one_servers_clock_off_is_the_servers(tmp_path: Path) -> None:
    result = await staged(tmp_path, "bypass-key-mismatch", "backend-clock-ahead")
    assert result.status is Status.FAILED
    assert "ours.clock_skew_s" not in facts(result)
    assert answer(result) == "jwt_expired"


async def test_our_clock_off_does_not_explain_what_fails_with_any_token(tmp_path: Path) -> None:
    result = await skewed(tmp_path, "bypass-key-mismatch", "upgrade-500", clocks=CLOCK)
    assert result.status is Status.FAILED
    assert answer(result) != "runner_environment"


async def test_our_clock_off_does_not_explain_a_refused_token_of_the_server(
    tmp_path: Path,
) -> None:
    result = await skewed(tmp_path, "auth-secret-drift", clocks=CLOCK)
    assert result.status is Status.FAILED
    assert answer(result) == "jwt_rejected"


async def test_our_clock_off_does_no_harm_to_a_token_of_the_server(tmp_path: Path) -> None:
    assert (await skewed(tmp_path, clocks=CLOCK)).status is Status.PASSED


@pytest.mark.parametrize("how", ["folder", "dangling"])
async def test_a_key_file_that_cannot_be_used_is_ours(tmp_path: Path, how: str) -> None:
    path = tmp_path / "the-key"
    path.mkdir() if how == "folder" else path.symlink_to(tmp_path / "nowhere")
    result = await with_key_file(tmp_path, path)
    assert result.status is Status.ERRORED
    diagnosis = diagnose(result)
    assert [cause.label.value for cause in diagnosis.causes] == ["runner_environment"]
    assert str(path) in diagnosis.causes[0].summary
    assert "upgrade 101" in diagnosis.whys[0].answer  # what was learnt all the same


async def test_a_key_file_that_cannot_be_used_is_shown_as_ours_from_the_start(
    tmp_path: Path,
) -> None:
    told: list[Progress] = []
    result = await with_key_file(tmp_path, tmp_path, told=told)
    shown = {step.status for progress in told for step in progress.steps if step.name == "exchange"}
    assert shown == {None, Status.ERRORED}
    assert result.status is Status.ERRORED


async def test_a_key_file_that_nobody_wrote_is_a_missing_key(tmp_path: Path) -> None:
    result = await with_key_file(tmp_path, tmp_path / "the-key")
    assert result.status is Status.DEGRADED
    assert answer(result) == "bypass_key_missing"


async def with_key_file(folder: Path, path: Path, told: list[Progress] | None = None) -> Run:
    async with Staging() as staging:
        config = folder / "stagecheck.yaml"
        staging.write_config(config)
        lines = config.read_text().splitlines()
        changed = [
            line if "bypass_key:" not in line else line.partition(":")[0] + f": '${{file:{path}}}'"
            for line in lines
        ]
        config.write_text("\n".join(changed))
        return await run(load(config, env={}).targets["staging"], progress=told)


async def test_a_file_of_authorities_that_cannot_be_used_is_ours(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    result = await run(target_at(1, ca_file=str(tmp_path / "ca.pem")))
    assert result.status is Status.ERRORED
    assert "ca_file" in str(facts(result)["ours.files"])
    assert "ca.pem" in diagnose(result).causes[0].summary


async def test_a_fault_of_slack_or_the_database_is_told_and_explains_nothing(
    tmp_path: Path,
) -> None:
    async def slack() -> str:
        return "invalid_auth"

    async def database() -> str:
        await asyncio.Event().wait()
        return ""

    async with Staging(["upgrade-500"]) as staging:
        target = target_of(staging, tmp_path)
        result = await with_checks(target, {"slack": slack, "database": database})
    assert result.status is Status.FAILED
    assert facts(result)["ours.slack"] == "invalid_auth"
    assert facts(result)["ours.database"] == "no answer within 2 s"
    titles = [finding.title for finding in diagnose(result).findings]
    assert "Slack is out of reach for stagecheck" in titles
    assert "stagecheck's database is not well" in titles


async def test_parts_of_ours_that_are_well_are_recorded_as_such(tmp_path: Path) -> None:
    async with Staging(["upgrade-500"]) as staging:
        target = target_of(staging, tmp_path)
        result = await with_checks(target, {"slack": well, "database": well})
    assert (facts(result)["ours.slack"], facts(result)["ours.database"]) == ("well", "well")
    assert not [f for f in diagnose(result).findings if "stagecheck" in f.title]


async def test_a_part_of_ours_that_raises_does_not_hide_the_run(tmp_path: Path) -> None:
    async def database() -> str:
        raise KeyError("mistake")

    async with Staging(["upgrade-500"]) as staging:
        result = await with_checks(target_of(staging, tmp_path), {"database": database})
    assert result.status is Status.FAILED
    assert "KeyError" in facts(result)["ours.broke"]


async def test_a_proxy_of_the_environment_is_said_not_to_be_used() -> None:
    note = Setting(key="proxy", source="default", note="HTTPS_PROXY is set, but not named here")
    result = await run(target_at(1, provenance=(note,), health=NO_HEALTH, bypass_key=KEY))
    assert facts(result)["ours.proxy_ignored"] == note.note


async def test_a_proxy_that_is_away_is_told_with_its_address(tmp_path: Path) -> None:
    async with Staging() as staging:
        result = await run(replace(target_of(staging, tmp_path), proxy="http://127.0.0.1:1"))
    assert facts(result)["ours.proxy"] == "unreachable"
    assert status_of(result, "health") is Status.ERRORED
    assert "127.0.0.1:1 cannot be reached" in diagnose(result).causes[0].summary


def held_up(times: int, *, seconds: float) -> Any:
    """Return what holds up our own loop for so long, the first `times` it is asked."""
    asked = iter(range(times))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            until = monotonic() + (seconds if next(asked, None) is not None else 0.0)
            while monotonic() < until:
                pass  # the loop is blocked, as by a machine that gives it no processor
            writer.write(response(b"{}"))

    return serve


SLOW = replace(SHORT, step_s=1.5, total_s=3.0)


async def test_what_passes_while_we_stand_still_is_done_again_and_that_is_said() -> None:
    async with serving(held_up(1, seconds=2.5)) as port:
        result = await run(replace(target_at(port), timeouts=SLOW))
    told = " ".join(result.not_checked)
    assert "stagecheck itself stood still for 2." in told
    assert "begun again" in told
    assert "health.backend.error" not in facts(result)
    assert result.status is not Status.ERRORED


async def test_where_we_stand_still_again_that_is_ours_and_no_fault_of_the_target() -> None:
    async with serving(held_up(99, seconds=2.5)) as port:
        result = await run(replace(target_at(port), timeouts=SLOW))
    assert result.status is Status.ERRORED
    assert facts(result)["ours.explains"] == "standstill"
    assert answer(result) == "runner_environment"
    assert "stood still for" in diagnose(result).causes[0].summary


async def test_a_target_that_is_silent_while_we_run_is_the_targets() -> None:
    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await forever()

    async with serving(silent) as port:
        result = await run(replace(target_at(port), timeouts=SLOW))
    assert result.status is Status.FAILED
    assert "ours.stood_still_s" not in facts(result)
