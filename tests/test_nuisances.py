"""A nuisance is there on the wire, and a run under it ends as it would without."""

import asyncio
import dataclasses
import json
import ssl
import time
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import cycle, islice
from pathlib import Path

import httpx
import pytest

from bot.diagnosis import diagnose
from bot.errors import UsageError
from bot.model import Run
from bot.sandbox import FAULTS, NUISANCES, Staging, expected
from bot.sandbox.behaviour import Answer, Behaviour, Close, Refusal
from bot.sandbox.wordings import VOICES, reworded
from bot.target import Target, Timeouts
from tests.crowds import UNHURRIED, checked, outcomes_of
from tests.staging_client import Visit, visited

TIMEOUTS = Timeouts(step_s=4.0, welcome_s=0.5, gap_s=0.6, total_s=4.0)


# One of every kind, for a nuisance to be tried with: each gets some of them, in turn.
TYPICAL = (
    "seed",
    "bypass-key-mismatch",
    "server-without-key",
    "exchange-in-production",
    "authorization-stripped",
    "jwt-secret-drift",
    "backend-clock-ahead",
    "user-id-refused",
    "startup-code-error",
    "not-ready-database",
    "redis-down",
    "upgrade-403",
    "policy-close",
    "undefined-name",
    "too-many-connections",
    "instance-replaced",
    "request-type-unknown",
    "silence",
    "terminal-missing",
    "stale-answer",
    "llm-quota",
    "agent-error",
)
EACH = 2


def companions() -> list[tuple[str, str]]:
    """Return nuisances with faults that they can be there with; a healthy staging is ``""``."""
    found = []
    rest = cycle(TYPICAL)
    for nuisance in NUISANCES:
        found.append(("", nuisance))
        turn = islice(rest, 2 * EACH)
        can_be = [fault for fault in turn if combines(fault, nuisance)]
        # What is held back may be misunderstood, and must not be learnt from here.
        found += [(fault, nuisance) for fault in can_be[:EACH]] * (
            not NUISANCES[nuisance].held_back
        )
    return found


def combines(fault: str, nuisance: str) -> bool:
    try:
        Staging([fault], [nuisance])
    except UsageError:
        return False
    return True


PAIRS = companions()


async def check(pair: tuple[str, str], folder: Path) -> Run:
    """Run the pipeline check against a staging with this fault and this nuisance."""
    fault, nuisance = pair
    name = f"{fault}.{nuisance}"
    faults = [fault] if fault else []
    return await checked(name, folder, faults=faults, nuisances=[nuisance], timeouts=TIMEOUTS)


Runs = Mapping[tuple[str, str], Run | BaseException]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """One run under every pair of a fault and a nuisance."""
    run = partial(check, folder=tmp_path_factory.mktemp("nuisances"))
    return asyncio.run(
        outcomes_of(PAIRS, run, is_right=lambda pair, run: answer(run) == right(pair))
    )


Outcome = tuple[str, list[tuple[str, str]]]


def answer(run: Run | BaseException) -> Outcome:
    """Return the status of a run and its causes with their roles."""
    if isinstance(run, BaseException):
        return type(run).__name__, []
    causes = diagnose(run).causes
    return run.status.value, [(cause.label.value, cause.role.value) for cause in causes]


def right(pair: tuple[str, str]) -> Outcome:
    """Return what the fault of a pair declares; nothing is broken without one."""
    declared = expected([pair[0]] if pair[0] else [])
    return declared.status, [(cause.label, cause.role) for cause in declared.causes]


def is_right(pair: tuple[str, str], run: Run | BaseException) -> bool:
    return answer(run) == right(pair)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: " + ".join(filter(None, pair)))
def test_the_answer_is_that_of_the_fault_alone(pair: tuple[str, str], runs: Runs) -> None:
    assert answer(runs[pair]) == right(pair)


@pytest.mark.parametrize("name", NUISANCES)
def test_row_is_complete_and_names_what_exists(name: str) -> None:
    nuisance = NUISANCES[name]
    assert nuisance.name == name == name.lower().replace("_", "-")
    assert nuisance.summary.endswith(".")
    assert nuisance.server or nuisance.client
    assert nuisance.server.keys() <= {field.name for field in dataclasses.fields(Behaviour)}
    assert nuisance.client.keys() <= {field.name for field in dataclasses.fields(Target)}
    assert nuisance.not_with <= FAULTS.keys()


def test_there_are_many_and_no_two_are_the_same() -> None:
    rows = [json.dumps([n.server, n.client], default=str) for n in NUISANCES.values()]
    assert len(rows) >= 20
    assert len(set(rows)) == len(rows)


def test_unknown_nuisance_is_answered_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="There is no nuisance") as refusal:
        Staging((), ["long-silense"])
    assert refusal.value.hint == "Did you mean long-silence?"


@pytest.mark.parametrize(
    ("faults", "nuisances"),
    [
        (["events-lost"], ["no-tools"]),
        (["dns-backend-host"], ["over-tls"]),
        (["tool-completed-missing"], ["collapsed-names"]),
        ([], ["flat-events", "bridge-events"]),
    ],
)
def test_what_takes_hold_at_the_same_place_cannot_be_combined(
    faults: list[str], nuisances: list[str]
) -> None:
    with pytest.raises(UsageError, match="cannot be combined"):
        Staging(faults, nuisances)


async def test_a_refused_change_changes_nothing() -> None:
    async with Staging(["redis-down"], ["no-tools"]) as staging:
        with pytest.raises(UsageError):
            staging.faults = ("events-lost",)
        with pytest.raises(UsageError):
            staging.nuisances = ("no-tools", "no-thoughts")
        assert (staging.faults, staging.nuisances) == (("redis-down",), ("no-tools",))
        staging.nuisances = ()
        staging.faults = ("events-lost",)


# Names of things, and not words about them.
_NAMES = ("environment", "error_code", "error_type", "startup_phase", "missing_service")


def texts(said: object) -> Iterator[str]:
    """Yield what a row of a fault says in words."""
    match said:
        case Refusal():
            yield said.message
            yield from texts({k: v for k, v in said.details.items() if k not in _NAMES})
            yield from texts(said.close)
        case Close() if said.reason:
            yield said.reason
        case Answer(json=Mapping()):
            told = (said.json.get("detail"), said.json.get("reason"))
            yield from (text for text in told if isinstance(text, str))
        case Mapping():
            for value in said.values():
                yield from [value] if type(value) is str else texts(value)
        case list() | tuple():
            for item in said:
                yield from texts(item)  # a bare text here is an event's name or a form's
        case _:
            return


@pytest.mark.parametrize("name", FAULTS)
def test_every_text_of_a_fault_has_three_voices(name: str) -> None:
    server = FAULTS[name].server
    said = [*texts(list(server.values())), *filter(None, [str(server.get("agent_error", ""))])]
    for text in said:
        # What the web's own servers say is not ours to reword.
        if text not in ("Not Found", "Internal Server Error"):
            assert len({reworded(text, voice) for voice in VOICES}) == len(VOICES), text


async def heard(*nuisances: str) -> tuple[Visit, httpx.Response]:
    """Return what a plain client sees of a run and of the backend's health."""
    async with Staging((), nuisances, behaviour=UNHURRIED) as staging:
        verify = ssl.create_default_context(cafile=staging.target_settings().get("ca_file"))
        async with httpx.AsyncClient(trust_env=False, verify=verify) as client:
            answer = await client.get(f"{staging.api_url}/health")
        return await visited(staging), answer


async def test_nuisances_of_http_are_on_the_wire() -> None:
    _, answer = await heard("extra-headers", "upper-case-headers", "chunked-bodies")
    assert answer.headers["via"] == "1.1 google"
    assert answer.headers["transfer-encoding"] == "chunked"
    assert all(name.isupper() for name in (raw.decode() for raw, _ in answer.headers.raw))
    _, answer = await heard("connections-closed", "reversed-keys", "other-health-states")
    assert answer.headers["connection"] == "close"
    assert list(answer.json()) == ["timestamp", "version", "service", "status"]
    assert answer.json()["status"] == "ok"
    _, answer = await heard("unknown-fields", "indented-json", "other-service-names")
    assert answer.text.startswith("{\n  ")
    assert answer.json()["region"]
    assert answer.json()["service"] == "api-gateway-eu"


async def test_nuisances_of_the_greeting_are_on_the_wire() -> None:
    visit, _ = await heard("greeting-pings-first", "greeting-handshake-validation")
    assert visit.names[:5] == ["handshake_validation", "ping", "ping", "ping", "ping"]
    visit, _ = await heard("greeting-welcome-first", "greeting-flat", "greeting-thread")
    assert visit.first("connection_established")["user_id"] == "e2e-e2e"
    assert visit.names[0] == "connection_established"
    assert visit.names[1:5] == [
        "ping",
        "handshake_response",
        "handshake_complete",
        "thread_created",
    ]
    visit, _ = await heard("greeting-factory")
    assert "factory_connection_established" in visit.names


async def test_nuisances_of_events_are_on_the_wire() -> None:
    visit, _ = await heard("nested-agents", "repeated-progress", "no-thoughts")
    assert visit.events == ["agent_started"] * 4 + ["agent_completed"]
    visit, _ = await heard("retried-events", "heartbeats-between", "repeated-progress")
    assert visit.events.count("agent_thinking") == 6
    assert visit.first("agent_completed")["attempt"] == 2
    assert visit.names.count("heartbeat") == 5
    visit, _ = await heard("names-in-data", "prefixed-names")
    assert {frame["type"] for frame in visit.frames if frame} == {"event", "ping", "system_message"}
    visit, _ = await heard("large-frames")
    assert len(str(visit.first("agent_completed"))) > 200_000


async def test_a_healthy_staging_may_be_slow_in_every_phase() -> None:
    began = time.monotonic()
    phases = ("slow-health", "slow-exchange", "slow-upgrade", "slow-welcome", "slow-events")
    visit, _ = await heard(*phases, "long-silence")
    # Health twice, then the exchange, the upgrade, the welcome, and five events.
    assert time.monotonic() - began >= 10 * UNHURRIED.pause_s + UNHURRIED.silence_s
    assert visit.events[-1] == "agent_completed"
