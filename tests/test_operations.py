"""A running bot tells its operators how it is: metrics, logs and traces of real processes."""

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from crashing import PATIENCE_S, bot_of, until
from postgres import Postgres
from slack_house import house

from bot.durable import DurableEngine
from bot.engine import Backlog, LocalEngine
from bot.metrics import Metrics
from bot.model import Caller, CheckRequest, Trigger
from bot.sandbox import MiniSlack, Staging
from tests.collecting import collector

ROOT = Path(__file__).parent.parent


def lines(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


def names(text: str) -> set[str]:
    found = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
    return {name for name in found if not name.endswith("_created")}


async def test_every_line_about_a_run_names_it_and_its_trace_is_sent_though_it_ends_while_stopping(
    tmp_path: Path,
) -> None:
    async with (
        Staging(["seed"]) as staging,
        MiniSlack() as slack,
        collector() as (endpoint, taken),
        bot_of(tmp_path, staging, slack) as bot,
    ):
        slack.fail("chat.postMessage", how="500")
        await bot.start(env={"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "NO_PROXY": "127.0.0.1"})
        assert await bot.ask()
        assert await bot.stop() == 0
    told = {line["event"]: line for line in lines(bot.log)}
    run_id = told["run ended"]["run_id"]
    assert re.fullmatch(r"r[0-9a-f]{16}", run_id)
    for event in ("slack lost a call", "run begins", "run ended"):
        assert (told[event]["run_id"], told[event]["target"]) == (run_id, "staging")
    assert told["run ended"]["status"] == "failed"
    assert "run_id" not in told["ready"]
    spans = [span for each in taken for span in each.resource_spans[0].scope_spans[0].spans]
    ids = {item.value.string_value for item in spans[0].attributes}
    assert run_id in ids
    sent = b"".join(each.SerializeToString() for each in taken)
    for secret in staging.secrets.values():
        assert secret.strip().encode() not in sent
        assert secret.strip() not in bot.log


def shown(slack: MiniSlack) -> dict[str, str]:
    """What lets somebody read what is not for everybody, as `bot_of` configures it."""
    return {"Authorization": f"Bearer {slack.signing_secret}"}


async def test_a_serving_process_shows_every_metric_and_that_its_parts_can_serve(
    tmp_path: Path,
) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack) as bot,
        httpx.AsyncClient(headers=shown(slack)) as client,
    ):
        url = await bot.start()

        async def asked() -> str:
            return (await client.get(f"{url}/metrics")).text

        async with asyncio.timeout(PATIENCE_S):
            while 'stagecheck_ready{part="engine"} 1.0' not in await asked():
                await asyncio.sleep(0.05)
            while "stagecheck_retention_last_timestamp_seconds 0.0" in await asked():
                await asyncio.sleep(0.05)
        text = await asked()
        assert 'stagecheck_ready{part="store"} 1.0' in text
        assert names(text) == names(Metrics().render().decode())
        assert 'stagecheck_store_duration_seconds_count{operation="write"}' in text
        assert await bot.stop() == 0


@pytest.mark.parametrize("kind", ["durable", "local"])
async def test_a_run_is_counted_while_it_lasts_and_names_itself_to_the_log(
    tmp_path: Path, kind: str
) -> None:
    bound: list[dict[str, Any]] = []
    go_on = asyncio.Event()

    async def workflow(request: CheckRequest) -> None:
        bound.append(structlog.contextvars.get_contextvars())
        await go_on.wait()

    async def give_up(request: CheckRequest, reason: str) -> None:
        raise AssertionError(reason)

    engine: DurableEngine | LocalEngine = LocalEngine()
    if kind == "durable":
        engine = DurableEngine(f"sqlite:///{tmp_path}/runs.db", give_up_after_s=3600.0)
    engine.register({"check": workflow}, give_up=give_up)
    if isinstance(engine, DurableEngine):
        await engine.launch()
    assert await engine.backlog() == Backlog()
    asked = CheckRequest(
        run_id="r1", target="t", check="c", trigger=Trigger.SHELL, caller=Caller(id="u")
    )
    await engine.start("check", asked, id="a", slot="t/c")
    await until(lambda: bound)
    under_way = await engine.backlog()
    assert (under_way.waiting, under_way.running) == (0, 1)
    assert under_way.oldest_s > 0
    go_on.set()
    await engine.idle()
    assert await engine.backlog() == Backlog()
    await engine.close(deadline_s=5.0)
    assert bound == [{"run_id": "r1", "target": "t"}]
    assert "run_id" not in structlog.contextvars.get_contextvars()


async def test_what_slack_delivers_twice_is_counted_as_repeated() -> None:
    async with house() as home:
        delivery = await home.slack.command("/stagecheck targets")
        assert (await home.slack.redeliver(delivery)).ok
        await home.idle()
        text = home.deps.metrics.render().decode()
    assert 'stagecheck_slack_deliveries_total{delivery="first"} 1.0' in text
    assert 'stagecheck_slack_deliveries_total{delivery="repeated"} 1.0' in text


async def test_a_worker_with_a_port_can_be_asked_how_it_is(
    tmp_path: Path, postgres: Postgres
) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack, database=postgres.new_database()) as worker,
        httpx.AsyncClient(headers=shown(slack)) as client,
    ):
        url = await worker.start("worker", "--port", "0")
        assert (await client.get(f"{url}/healthz")).status_code == 200
        assert (await client.get(f"{url}/readyz")).json() == {"store": "ok", "engine": "ok"}
        assert "stagecheck_build_info" in (await client.get(f"{url}/metrics")).text
        assert (await client.post(f"{url}/slack/events")).status_code == 404
        assert await worker.stop() == 0


UNCAUGHT = """
import sys, threading
from bot import journal
from bot.masking import Masker, Secret

secret = Secret(name="key", source="env:KEY", value="a-secret-nobody-may-see")
journal.configure(Masker((secret,), pepper=b"0" * 32))
journal.log_uncaught()

def broken():
    raise KeyError(secret.value)

thread = threading.Thread(target=broken, name="aside")
thread.start()
thread.join()
broken()
"""


async def test_what_nobody_caught_is_logged_and_masked_too() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", UNCAUGHT), cwd=ROOT, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 1
    aside, end = lines(err.decode())
    assert (aside["event"], aside["name"]) == ("a thread broke", "aside")
    assert end["event"] == "stagecheck broke"
    assert "KeyError" in end["exception"]
    assert b"nobody-may-see" not in err


@pytest.mark.parametrize(("format", "is_json"), [("json", True), ("console", False)])
async def test_the_log_is_json_or_for_people_as_configured(
    tmp_path: Path, format: str, is_json: bool
) -> None:
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(tmp_path, staging, slack, log={"format": format, "level": "debug"}) as bot,
    ):
        await bot.begin()
        await until(lambda: "ready" in bot.log and bot.log.endswith("\n"))
        assert await bot.stop() == 0
    assert bot.log.startswith("{") is is_json
    assert "\x1b[" not in bot.log
