"""Traces tell of each run and its steps, and of nothing that came from a target or is a secret."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from bot.model import Observation, Run, Status, StepResult
from bot.tracing import is_wanted, stretches, tracer
from tests.collecting import collector
from tests.storing import DIAGNOSIS, NOON, RUN

ROOT = Path(__file__).parent.parent
ENDPOINT = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
SCRIPT = """
import asyncio, os, sys
from bot.tracing import tracing
from tests.storing import DIAGNOSIS, RUN

async def main():
    async with tracing(os.environ) as trace:
        trace(RUN, DIAGNOSIS)

if "without" in sys.argv:
    sys.modules["opentelemetry.sdk.trace"] = None  # as where the extra is not installed
asyncio.run(main())
print(*sorted(name for name, module in sys.modules.items() if module))
"""


def step(name: str, status: Status = Status.PASSED, duration_s: float = 1.0) -> StepResult:
    return StepResult(name=name, title=name, status=status, duration_s=duration_s, detail="a body")


def traced(run: Run) -> list[ReadableSpan]:
    kept, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracer(provider)(run, DIAGNOSIS)
    provider.shutdown()
    return sorted(kept.get_finished_spans(), key=lambda span: span.start_time or 0)


def said(span: ReadableSpan) -> dict[str, object]:
    return dict(span.attributes or {})


def test_a_run_is_a_span_with_its_id_its_outcome_and_its_cause() -> None:
    top, *_ = traced(RUN)
    assert top.name == "check pipeline"
    assert top.parent is None
    assert said(top) == {
        "stagecheck.run_id": RUN.id,
        "stagecheck.target": "staging",
        "stagecheck.check": "pipeline",
        "stagecheck.status": "failed",
        "stagecheck.trigger": "command",
        "stagecheck.cause": "ws_server_code_error",
    }
    assert (top.end_time or 0) - (top.start_time or 0) == 4_250_000_000
    assert top.start_time == int(NOON.timestamp()) * 1_000_000_000 + 123_456_000


def test_each_step_and_experiment_is_a_span_below_its_run() -> None:
    top, *below = traced(RUN)
    assert [span.name for span in below] == ["events", "ping"]
    for span in below:
        assert span.parent is not None
        assert span.parent.span_id == top.context.span_id
        assert said(span)["stagecheck.run_id"] == RUN.id
    assert [said(span)["stagecheck.status"] for span in below] == ["failed", "passed"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.PASSED, StatusCode.UNSET),
        (Status.DEGRADED, StatusCode.UNSET),
        (Status.FAILED, StatusCode.ERROR),
        (Status.ERRORED, StatusCode.ERROR),
    ],
)
def test_what_did_not_work_is_an_error_for_the_collector(status: Status, code: StatusCode) -> None:
    assert traced(replace(RUN, status=status))[0].status.status_code is code


def test_a_step_that_was_not_taken_is_no_span() -> None:
    run = replace(RUN, steps=(step("health"), step("events", Status.SKIPPED)), experiments=())
    assert [span.name for span in traced(run)] == ["check pipeline", "health"]


def test_steps_follow_one_another_and_leave_room_for_what_came_between() -> None:
    later = Observation(id="o1", at=NOON + timedelta(seconds=5), step="b", key="k", value=1)
    run = replace(
        RUN, steps=(step("a"), step("b"), step("c")), experiments=(), observations=(later,)
    )
    begun = [(began - NOON).total_seconds() for _, began, _ in stretches(run)]
    assert begun == [0.0, 4.0, 5.0]


def test_no_span_says_what_a_target_said() -> None:
    steps = (step("events", Status.FAILED),)
    exported = " ".join(span.to_json() for span in traced(replace(RUN, steps=steps)))
    assert "run_id" in exported
    for text in ("a body", "é", "https://x", "Blocks every test", '{"type": "ping"}'):
        assert text not in exported


@pytest.mark.parametrize(
    ("env", "wanted"),
    [
        ({}, False),
        ({"OTEL_SERVICE_NAME": "x"}, False),
        (ENDPOINT, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": " "}, False),
        ({**ENDPOINT, "OTEL_SDK_DISABLED": "TRUE"}, False),
        ({**ENDPOINT, "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_the_standard_variables_decide(env: Mapping[str, str], wanted: bool) -> None:
    assert is_wanted(env) is wanted


async def ran(env: Mapping[str, str], *args: str) -> tuple[str, str]:
    """Trace a run in a process of its own; return the modules it has, and what it said."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("OTEL_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SCRIPT,
        *args,
        cwd=ROOT,
        env={**clean, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode(), err.decode()


async def test_without_an_endpoint_nothing_of_opentelemetry_is_imported() -> None:
    modules, _ = await ran({})
    assert "bot.tracing" in modules
    assert "opentelemetry" not in modules


async def test_without_the_extra_it_says_so_and_goes_on() -> None:
    out, _ = await ran(ENDPOINT, "without")
    assert "no traces are sent" in out
    assert "stagecheck[otel]" in out


async def test_what_was_traced_last_reaches_the_collector_before_the_process_ends() -> None:
    async with collector() as (url, taken):
        await ran({"OTEL_EXPORTER_OTLP_ENDPOINT": url, "NO_PROXY": "127.0.0.1"})
    [resource] = taken[0].resource_spans
    names = {item.key: item.value.string_value for item in resource.resource.attributes}
    assert names["service.name"] == "stagecheck"
    assert len(resource.scope_spans[0].spans) == 3
