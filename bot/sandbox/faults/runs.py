"""More faults of section 6.6: requests that reach no agent, agents and events that fail."""

from bot.sandbox.behaviour import USER_MESSAGES, Act, Close, Refusal, Shape
from bot.sandbox.faults.agents import agent_fails
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import NO_ANSWER, RUN, Stage


def _request(
    name: str, summary: str, request: dict[str, object] | None = None, **server: object
) -> Fault:
    """Return a request that the server does not understand."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.PIPELINE,
        label="pipeline_request_invalid",
        stage=Stage.REQUEST,
        stops=RUN,
        server=server,
        client={"request": request} if request else {},
    )


def _script(name: str, summary: str, label: str, *script: str | Act | Close | Refusal) -> Fault:
    return Fault(
        name=name,
        summary=summary,
        area=Area.PIPELINE,
        label=label,
        stage=Stage.STREAM,
        stops=RUN,
        hides=NO_ANSWER,
        server={"script": script},
    )


def _refusal(code: str, message: str, error: str, close: Close | None = None) -> Refusal:
    details = {"environment": "staging", "error": error}
    return Refusal(code=code, message=message, details=details, close=close)


RUN_FAULTS = (
    _request(
        "request-type-old",
        "The client asks with a type that the server only acknowledges.",
        {"type": "execute_agent"},
    ),
    _request(
        "request-type-refused",
        "The server knows no such request type, and says so in an error frame.",
        handled=USER_MESSAGES,
        refuses_unknown=True,
    ),
    _request(
        "request-text-missing",
        "The client's request has its text under a name that the server does not read.",
        {"payload": {"user_request": None, "content": None, "prompt": "ping {nonce}"}},
    ),
    _script(
        "request-handler-fails",
        "The handler of agent requests raises before its agent says anything.",
        "agent_execution_error",
        _refusal(
            "AGENT_REQUEST_ERROR",
            "Failed to process the agent request",
            "NameError: name 'execution_result' is not defined",
        ),
    ),
    _script(
        "supervisor-missing",
        "There is no supervisor to give the request to: nothing but pings.",
        "event_timeout",
        Act.PINGS,
    ),
    _script(
        "dead-after-triage",
        "The agent answers that it has begun, and dies; pings go on.",
        "event_timeout",
        "agent_started",
        "agent_response",
        Act.PINGS,
    ),
    _script(
        "frames-are-lists",
        "Frames are JSON, but none is an object.",
        "event_contract_mismatch",
        Act.LISTS,
        Act.PINGS,
    ),
    Fault(
        name="required-tools-missing",
        summary="The contract asks for tool events, and the engine never sends them.",
        area=Area.PIPELINE,
        label="missing_events",
        stage=Stage.STREAM,
        stops=RUN,
        server={"script": ("agent_started", "agent_thinking", "agent_completed")},
        client={
            "events": {
                "required": ["agent_started", "tool_executing", "tool_completed", "agent_completed"]
            }
        },
    ),
    Fault(
        name="canned-service-mode",
        summary="The server says that it runs in fallback mode, and plays five perfect events.",
        area=Area.PIPELINE,
        label="fake_execution",
        stage=Stage.STREAM,
        stops=RUN,
        server={"shape": Shape.FALLBACK_MOCK, "service_info": True},
    ),
    agent_fails(
        "agent-dies",
        "The agent's death is reported.",
        "agent_execution_error",
        "RuntimeError: agent task was cancelled after an unhandled exception",
        ending="agent_death",
    ),
    agent_fails(
        "agent-fails",
        "The agent reports that it failed: its registry has another interface.",
        "agent_execution_error",
        "'AgentRegistryAdapter' object has no attribute 'get_async'",
        ending="agent_failed",
    ),
    agent_fails(
        "agent-coroutine",
        "The agent forgets to await its context.",
        "agent_execution_error",
        "'coroutine' object has no attribute '_user_id'",
    ),
    agent_fails(
        "llm-manager-missing",
        "Agents find no manager of language models.",
        "dependency_llm_unavailable",
        "LLM Manager is None",
    ),
    agent_fails(
        "llm-key-missing",
        "Agents have no key for the model's provider.",
        "dependency_llm_unavailable",
        "LLM provider not configured: GEMINI_API_KEY is missing",
    ),
    agent_fails(
        "agent-redis",
        "Health is green, but the agent's Redis refuses its password.",
        "dependency_redis_down",
        "redis: AUTH <password> called without any password configured for the default user",
    ),
    agent_fails(
        "agent-database",
        "Health is green, but the agent's database does not answer.",
        "dependency_db_down",
        "QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00",
    ),
    agent_fails(
        "agent-table-missing",
        "A migration was not run: the agent's table lacks a column.",
        "db_schema_missing",
        'column "run_metadata" of relation "agent_executions" does not exist',
    ),
)
