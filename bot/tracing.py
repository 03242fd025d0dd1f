"""Traces, for who has a collector: each run as a span, and its steps below it.

Nothing of OpenTelemetry is imported unless an endpoint is set. What a span says is what the
metrics say, and the run's id: names, statuses and times, never a text that came from a target.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot import __version__
from bot.model import Diagnosis, Run, Status, StepResult

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = structlog.get_logger(__name__)

Trace = Callable[[Run, Diagnosis], None]

NAME = "stagecheck"
CLOSE_S = 5.0
"""Longer than a collector that answers takes; what it has not taken by then is dropped."""
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def untraced(_run: Run, _diagnosis: Diagnosis) -> None:
    """Send nothing."""


@asynccontextmanager
async def tracing(env: Mapping[str, str]) -> AsyncIterator[Trace]:
    """Yield what sends a run to the collector that the ``OTEL_…`` variables in `env` name.

    The SDK reads them from the process's environment too; without an endpoint nothing is sent.
    """
    if not is_wanted(env):
        yield untraced
        return
    provider = _provider()
    if provider is None:
        log.warning("no traces are sent: OpenTelemetry is missing", package="stagecheck[otel]")
        yield untraced
        return
    try:
        yield tracer(provider)
    finally:
        await _shut_down(provider)


def is_wanted(env: Mapping[str, str]) -> bool:
    """Tell whether the standard variables ask for traces."""
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return False
    if env.get("OTEL_TRACES_EXPORTER", "otlp").strip() not in ("otlp", ""):
        return False
    return any(env.get(name, "").strip() for name in _ENDPOINTS)


def tracer(provider: "TracerProvider") -> Trace:
    """Return what records a run, once it has ended, as spans of `provider`."""
    from opentelemetry.context import Context
    from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context

    source = provider.get_tracer(NAME, __version__)

    def record(
        name: str, status: Status, times: tuple[int, int], above: Context, **said: str
    ) -> Context:
        attributes = {f"{NAME}.{key}": value for key, value in said.items()}
        span = source.start_span(
            name,
            context=above,
            kind=SpanKind.INTERNAL,
            attributes={**attributes, f"{NAME}.status": str(status)},
            start_time=times[0],
        )
        if status in (Status.FAILED, Status.ERRORED):
            span.set_status(StatusCode.ERROR, str(status))
        span.end(times[1])
        return set_span_in_context(span, above)

    def trace(run: Run, diagnosis: Diagnosis) -> None:
        began, ended = run.started_at, run.started_at + timedelta(seconds=run.duration_s)
        ids = {"run_id": run.id, "target": run.target, "check": run.check}
        said = {**ids, "trigger": str(run.trigger), "cause": _cause(diagnosis)}
        top = record(f"check {run.check}", run.status, _times(began, ended), Context(), **said)
        for result, began, ended in stretches(run):
            record(result.name, result.status, _times(began, ended), top, **ids, step=result.name)

    return trace


def stretches(run: Run) -> Iterator[tuple[StepResult, datetime, datetime]]:
    """Yield each step and experiment that was taken, and from when until when.

    They follow one another. A pause between two is seen by what the later one recorded, which
    cannot be later than its end.
    """
    reached = run.started_at
    for result in (*run.steps, *run.experiments):
        if result.status is Status.SKIPPED:
            continue
        took = timedelta(seconds=result.duration_s)
        seen = (one.at for one in run.observations if one.step == result.name)
        began = max(reached, max(seen, default=reached) - took)
        reached = began + took
        yield result, began, reached


def _cause(diagnosis: Diagnosis) -> str:
    return str(diagnosis.causes[0].label) if diagnosis.causes else ""


def _times(began: datetime, ended: datetime) -> tuple[int, int]:
    """Return both in nanoseconds since 1970, as OpenTelemetry counts."""
    return round(began.timestamp() * 1e6) * 1_000, round(ended.timestamp() * 1e6) * 1_000


def _provider() -> "TracerProvider | None":
    """Return the exporter's side of the SDK, set up by the environment; None if it is missing."""
    # Imported when it is wanted: it is an extra.
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import SERVICE_NAME, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        return None
    resource = Resource.create()
    if str(resource.attributes.get(SERVICE_NAME)).startswith("unknown_service"):
        resource = resource.merge(Resource({SERVICE_NAME: NAME}))
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


async def _shut_down(provider: "TracerProvider") -> None:
    """Send what is left; in a thread that nobody waits for, since a collector may hang."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def shut_down() -> None:
        provider.shutdown()
        with suppress(RuntimeError):  # so late that there is no loop any more
            loop.call_soon_threadsafe(done.set)

    threading.Thread(target=shut_down, name="traces", daemon=True).start()
    try:
        async with asyncio.timeout(CLOSE_S):
            await done.wait()
    except TimeoutError:
        log.warning("the last traces were not taken", within_s=CLOSE_S)
