"""Events of a run, in each of the layouts that the reference system was seen to use."""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.sandbox.behaviour import Shape

# What the server's normaliser makes of the names of frames built with its message helper.
_COLLAPSED = {
    "agent_started": "start_agent",
    "agent_thinking": "agent_progress",
    "tool_executing": "agent_progress",
    "tool_completed": "agent_progress",
    "agent_completed": "agent_response_complete",
    "agent_failed": "agent_error",
    "agent_fallback": "agent_error",
}
_THOUGHT = "Looking at the request"
_TOOL = "search_documents"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One run of an agent, as its events describe it."""

    run_id: str
    thread_id: str
    request_id: str
    user_id: str
    text: str
    error: str

    @classmethod
    def start(cls, *, text: str, user_id: str, error: str) -> "Agent":
        """Return a new run; `text` is what the user asked."""
        ids = {name: f"{name}_{uuid.uuid4().hex[:12]}" for name in ("run", "thread", "request")}
        return cls(
            run_id=ids["run"],
            thread_id=ids["thread"],
            request_id=ids["request"],
            user_id=user_id,
            text=text,
            error=error,
        )

    @property
    def answer(self) -> str:
        return f"Here is what I found for: {self.text}"


def event(shape: Shape, name: str, agent: Agent) -> dict[str, object]:
    """Return the frame of the event `name`."""
    return _LAYOUTS[shape](name, agent)


def collapsed(frame: Mapping[str, object]) -> dict[str, object]:
    """Return `frame` with its type renamed the way the server's normaliser does."""
    name = str(frame["type"])
    return {**frame, "type": _COLLAPSED.get(name, name)}


def prefixed(frame: Mapping[str, object]) -> dict[str, object]:
    """Return `frame` with its type written the way an enumeration prints it."""
    return {**frame, "type": f"WebSocketEventType.{str(frame['type']).upper()}"}


def name_in_data(frame: Mapping[str, object]) -> dict[str, object]:
    """Return `frame` with its name in its data, and a type that says nothing."""
    data = frame.get("data")
    fields = data if isinstance(data, Mapping) else {}
    return {**frame, "type": "event", "data": {**fields, "event": frame["type"]}}


def _now() -> str:
    return datetime.now(UTC).isoformat()


def _emitter(name: str, agent: Agent) -> dict[str, object]:
    fields: dict[str, dict[str, object]] = {
        "agent_started": {"metadata": {}, "status": "started"},
        "agent_thinking": {"thought": _THOUGHT, "type": "reasoning"},
        "tool_executing": {"tool": _TOOL, "status": "executing"},
        "tool_completed": {"tool": _TOOL, "status": "completed", "result": {"documents": 3}},
        "agent_completed": {"status": "completed", "result": agent.answer},
        "agent_failed": {"status": "failed", "error": agent.error},
        "agent_error": {"status": "error", "error": agent.error},
        "agent_update": {"status": "triage completed"},
        "final_report": {"content": agent.answer},
        "agent_response": {"status": "…"},
        "agent_death": {"death_cause": agent.error, "recovery_action": "restart"},
        "agent_timeout_failure": {"status": "timeout", "error": agent.error},
    }
    data = {
        "agent_name": "supervisor",
        **fields.get(name, {}),
        "user_id": agent.user_id,
        "run_id": agent.run_id,
        "thread_id": agent.thread_id,
        "request_id": agent.request_id,
        "timestamp": _now(),
    }
    return {"type": name, "data": data, "timestamp": _now(), "critical": True, "attempt": None}


def _bridge(name: str, agent: Agent) -> dict[str, object]:
    payloads: dict[str, dict[str, object]] = {
        "agent_started": {"status": "started", "context": {}, "message": "supervisor started"},
        "agent_thinking": {
            "reasoning": _THOUGHT,
            "step_number": 1,
            "progress_percentage": 20,
            "status": "thinking",
        },
        "tool_executing": {
            "tool_name": _TOOL,
            "parameters": {"query": agent.text, "api_key": "[REDACTED]"},
            "status": "executing",
            "message": f"Executing {_TOOL}",
        },
        "tool_completed": {
            "tool_name": _TOOL,
            "result": {"documents": 3},
            "execution_time_ms": 18,
            "status": "completed",
        },
        "agent_completed": {
            "status": "completed",
            "result": agent.answer,
            "execution_time_ms": 84,
            "message": "supervisor completed",
        },
        "agent_error": {"error_message": agent.error, "error_context": {}},
        "agent_death": {"death_cause": agent.error, "recovery_action": "restart"},
    }
    return {
        "type": name,
        "run_id": agent.run_id,
        "thread_id": agent.thread_id,
        "agent_name": "supervisor",
        "timestamp": _now(),
        "payload": payloads.get(name, {"content": agent.answer, "error": agent.error}),
    }


def _fallback_mock(name: str, agent: Agent) -> dict[str, object]:
    reply = f"Agent processed your message: '{agent.text}'"
    fields: dict[str, dict[str, object]] = {
        "agent_started": {"message": "Processing your message"},
        "agent_thinking": {"reasoning": "Analyzing your request"},
        "tool_executing": {"tool_name": "response_generator", "parameters": {}},
        "tool_completed": {"tool_name": "response_generator", "result": reply},
        "agent_completed": {"final_response": reply},
    }
    return {
        "type": name,
        "event": name,
        "agent_name": "ChatAgent",
        "user_id": agent.user_id,
        "thread_id": agent.thread_id,
        "timestamp": time.time(),
        **fields.get(name, {}),
    }


def _request_mock(name: str, agent: Agent) -> dict[str, object]:
    types = {"agent_started": "system_message", "agent_completed": "agent_response_complete"}
    fields: dict[str, dict[str, object]] = {
        "tool_executing": {"tool_name": "analysis_tool"},
        "tool_completed": {"tool_name": "analysis_tool", "result": "Analysis complete"},
        "agent_completed": {
            "content": f"Processed: {agent.text}",
            "agents_involved": ["supervisor", "triage"],
            "orchestration_time": 0.8,
            "real_llm_used": False,
        },
    }
    data = {
        "event": name,
        "type": name,
        "message": "Agent processing",
        "user_id": agent.user_id,
        **fields.get(name, {}),
    }
    return {"type": types.get(name, "agent_progress"), "data": data, "timestamp": time.time()}


def _flat(name: str, agent: Agent) -> dict[str, object]:
    fields: dict[str, dict[str, object]] = {
        "agent_started": {"agent_name": "supervisor", "task_description": agent.text},
        "agent_thinking": {"reasoning": _THOUGHT},
        "tool_executing": {"tool_name": _TOOL, "parameters": {}},
        "tool_completed": {"tool_name": _TOOL, "results": 3, "duration": 0.02, "success": True},
        "agent_completed": {"status": "completed", "final_response": agent.answer},
    }
    ids = {"run_id": agent.run_id, "thread_id": agent.thread_id, "timestamp": _now()}
    return {"type": name, **fields.get(name, {"error": agent.error}), **ids}


def _october(name: str, agent: Agent) -> dict[str, object]:
    flat = _flat(name, agent)
    del flat["type"]
    if name == "agent_started":
        return {"type": name, "payload": flat}
    return {"type": "system_message", "event": name, "payload": flat}


_LAYOUTS: Mapping[Shape, Callable[[str, Agent], dict[str, object]]] = {
    Shape.EMITTER: _emitter,
    Shape.BRIDGE: _bridge,
    Shape.FALLBACK_MOCK: _fallback_mock,
    Shape.REQUEST_MOCK: _request_mock,
    Shape.FLAT: _flat,
    Shape.OCTOBER: _october,
}
