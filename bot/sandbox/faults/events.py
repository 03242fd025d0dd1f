"""Faults of section 6.5 in mid-stream, and of 6.6: requests and events."""

from bot.sandbox.behaviour import USER_MESSAGES, Act, Close, Shape
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import NO_ANSWER, RUN, Stage

_ENDS = {"agent_completed"}


def _events(
    name: str, summary: str, label: str, *script: str | Act | Close, area: Area = Area.PIPELINE
) -> Fault:
    """Return a fault whose stream differs in what it sends and nothing else."""
    return Fault(
        name=name,
        summary=summary,
        area=area,
        label=label,
        stage=Stage.STREAM,
        stops=RUN,
        # Nothing is read behind a frame that is too big.
        hides=NO_ANSWER if _ENDS - set(script) or Act.OVERSIZED in script else frozenset(),
        server={"script": script},
    )


SOCKET_FAULTS = (
    _events(
        "instance-replaced",
        "The instance goes away in mid-stream: the connection is cut without a close frame.",
        "instance_replaced",
        "agent_started",
        "agent_thinking",
        Act.ABORT,
        area=Area.SOCKET,
    ),
    _events(
        "instance-going-away",
        "The instance is shut down in mid-stream: 1001 going away.",
        "instance_replaced",
        "agent_started",
        "agent_thinking",
        Close(code=1001, reason=""),
        area=Area.SOCKET,
    ),
    _events(
        "internal-error-mid-stream",
        "1011 Internal error after the first events.",
        "ws_internal_close",
        "agent_started",
        "agent_thinking",
        Close(code=1011, reason="Internal error"),
        area=Area.SOCKET,
    ),
    Fault(
        name="socket-dies-at-age",
        summary="The load balancer cuts every socket at the same age, before a run can end.",
        area=Area.SOCKET,
        label="instance_replaced",
        stage=Stage.STREAM,
        stops=RUN,
        hides=NO_ANSWER,
        server={"connection_age_s": 1.2, "event_gap_s": 0.5},
    ),
)

REQUEST_FAULTS = (
    Fault(
        name="request-type-unknown",
        summary="The server knows no such request type and only acknowledges it.",
        area=Area.PIPELINE,
        label="pipeline_request_invalid",
        stage=Stage.REQUEST,
        stops=RUN,
        server={"handled": USER_MESSAGES},
    ),
    Fault(
        name="request-shadowed",
        summary='A built-in handler answers "Message received" before an agent sees the request.',
        area=Area.PIPELINE,
        label="pipeline_request_invalid",
        stage=Stage.REQUEST,
        stops=RUN,
        server={"shadowed": True},
    ),
    Fault(
        name="request-field-renamed",
        summary="The server wants the text of the request under another name.",
        area=Area.PIPELINE,
        label="pipeline_request_invalid",
        stage=Stage.REQUEST,
        stops=RUN,
        server={"request_field": "message"},
    ),
)

EVENT_FAULTS = (
    _events(
        "no-handler",
        "No handler is registered for the request: nothing but pings.",
        "event_timeout",
        Act.PINGS,
    ),
    _events(
        "silence",
        "The request is taken and nothing at all comes back.",
        "event_timeout",
        Act.SILENCE,
    ),
    _events(
        "agent-dies-silently",
        "The agent's task dies after triage; pings go on.",
        "event_timeout",
        "agent_started",
        "agent_update",
        Act.PINGS,
    ),
    _events(
        "never-finishes",
        "The agent thinks for ever; no event ends the run.",
        "event_timeout",
        "agent_started",
        Act.ENDLESS,
    ),
    _events(
        "events-lost",
        "An answer comes, but none of the five events: the registry has no socket manager.",
        "missing_events",
        "final_report",
        Act.PINGS,
    ),
    _events(
        "terminal-missing",
        "Events and the answer come, but no event ends the run.",
        "missing_events",
        "agent_started",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "final_report",
        Act.PINGS,
    ),
    _events(
        "started-missing",
        "The run ends well, but its agent_started was lost.",
        "missing_events",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "agent_completed",
    ),
    _events(
        "tool-completed-missing",
        "A tool is started and never reported as completed.",
        "event_contract_mismatch",
        "agent_started",
        "agent_thinking",
        "tool_executing",
        "agent_completed",
    ),
    _events(
        "tool-executing-missing",
        "A tool is completed that was never reported as started.",
        "event_contract_mismatch",
        "agent_started",
        "agent_thinking",
        "tool_completed",
        "agent_completed",
    ),
    _events(
        "events-out-of-order",
        "agent_started comes after the events it should precede.",
        "event_contract_mismatch",
        "agent_thinking",
        "tool_executing",
        "tool_completed",
        "agent_started",
        "agent_completed",
    ),
    Fault(
        name="two-terminals",
        summary="The run completes twice.",
        area=Area.PIPELINE,
        label="event_contract_mismatch",
        stage=Stage.STREAM,
        stops=RUN,
        # Nobody listens for long behind an end, so the second follows at once.
        server={
            "script": ("agent_started", "agent_thinking", "agent_completed", "agent_completed"),
            "event_gap_s": 0.0,
        },
    ),
    _events(
        "garbage-text",
        "Frames that are not JSON come in place of events.",
        "event_contract_mismatch",
        Act.TEXT,
        Act.PINGS,
    ),
    _events(
        "garbage-binary",
        "Binary frames come in place of events.",
        "event_contract_mismatch",
        Act.BINARY,
        Act.PINGS,
    ),
    _events(
        "garbage-encoding",
        "A text frame is not UTF-8.",
        "event_contract_mismatch",
        Act.BAD_UTF8,
        Act.PINGS,
    ),
    _events(
        "oversized-frame",
        "One frame of 5 MB comes in mid-stream.",
        "event_contract_mismatch",
        "agent_started",
        Act.OVERSIZED,
        "agent_completed",
    ),
    Fault(
        name="events-renamed",
        summary="Every event has a new name that no contract knows.",
        area=Area.PIPELINE,
        label="event_contract_mismatch",
        stage=Stage.STREAM,
        stops=RUN,
        hides=NO_ANSWER,
        server={"name_suffix": "_v2"},
    ),
    Fault(
        name="stale-answer",
        summary="The run looks right, but its answer is an old one: our nonce is not in it.",
        area=Area.PIPELINE,
        label="fake_execution",
        stage=Stage.CONTENT,
        server={"stale_answer": True},
    ),
    Fault(
        name="foreign-run",
        summary="The events carry the run, thread and user of somebody else.",
        area=Area.PIPELINE,
        label="event_contract_mismatch",
        stage=Stage.STREAM,
        stops=RUN,
        server={"foreign_ids": True},
    ),
    Fault(
        name="canned-fallback",
        summary="The fallback mock plays five perfect events; no agent ran.",
        area=Area.PIPELINE,
        label="fake_execution",
        stage=Stage.STREAM,
        stops=RUN,
        server={"shape": Shape.FALLBACK_MOCK},
    ),
    Fault(
        name="canned-request",
        summary="The mock handler of agent_request plays five perfect events; no agent ran.",
        area=Area.PIPELINE,
        label="fake_execution",
        stage=Stage.STREAM,
        stops=RUN,
        server={"shape": Shape.REQUEST_MOCK},
    ),
)
