"""What can be behind a failure that a pasted log shows, the telling ones first, as data.

A row is a cause; `causes_of` makes rules of it for an effect. Rows are grouped by what they
can explain: a refused token is no reason for a 503, and a silent Redis none for a 403.
"""

from dataclasses import dataclass

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Condition
from bot.diagnosis.program_errors import Mistake
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.pasted_words import path, quoted, reads, seen
from bot.diagnosis.said import raises
from bot.labels import Label
from bot.model import WhyKind

_TRACE = Open(
    question="Where in the code is that, and since which revision?",
    experiment="Read the whole stack trace in the server's log of the same revision.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One possible cause: when it holds, and how it is told."""

    cause: str
    when: Condition
    says: str
    label: Label
    confidence: float = 0.9
    kind: WhyKind = WhyKind.OBSERVED
    open: Open | None = None
    signs: tuple[Sign, ...] = ()


def causes_of(effect: str, rows: tuple[Behind, ...], question: str) -> tuple[Rule, ...]:
    """Return the rules that explain `effect` by `rows`."""
    return tuple(
        Rule(
            effect=effect,
            cause=row.cause,
            when=(row.when,),
            question=question,
            answer=row.says,
            label=row.label,
            confidence=row.confidence,
            kind=row.kind,
            open=row.open,
            signs=row.signs,
        )
        for row in rows
    )


def _exception(place: str) -> str:
    return quoted(f"exception.{place}")


START: tuple[Behind, ...] = (
    Behind(
        cause="schema missing in log",
        when=seen("schema_missing"),
        says=f'The database lacks what the program needs: "{quoted("schema_missing")}".',
        label=Label.DB_SCHEMA_MISSING,
        confidence=0.95,
        open=Open(
            question="Why was it not created?",
            experiment="Compare the migrations that were applied with those of the revision.",
        ),
    ),
    Behind(
        cause="settings missing in log",
        when=seen("missing_config"),
        says=f'A required setting is missing: "{quoted("missing_config")}".',
        label=Label.STARTUP_CONFIG_INVALID,
        confidence=0.93,
        open=Open(
            question="Why is the setting not there?",
            experiment="Compare the settings mapped into the revision with those it requires.",
        ),
    ),
    Behind(
        cause="start-up exception in log",
        when=seen("exception.startup"),
        says=f'An exception of its code ended the start-up: "{_exception("startup")}".',
        label=Label.STARTUP_CODE_ERROR,
        confidence=0.95,
        open=_TRACE,
    ),
    Behind(
        cause="program not whole in log",
        when=seen("code_broken"),
        says=f'The program could not be loaded as it is: "{quoted("code_broken")}".',
        label=Label.STARTUP_CODE_ERROR,
        confidence=0.9,
        open=_TRACE,
    ),
)

IDENTITY: tuple[Behind, ...] = (
    Behind(
        cause="service identity refused in log",
        when=seen("service_identity_refused"),
        says="The service's own identity was refused, not a user's:"
        f' "{quoted("service_identity_refused")}".',
        label=Label.SERVICE_AUTH_MISCONFIGURED,
        confidence=0.92,
        open=Open(
            question="What is wrong with the service's credentials?",
            experiment="Check its id and secret for a missing value or a stray newline.",
        ),
    ),
    Behind(
        cause="user id refused in log",
        when=seen("user_id_refused"),
        says=f'The form of the user id is not accepted: "{quoted("user_id_refused")}".',
        label=Label.USER_ID_REJECTED,
    ),
    Behind(
        cause="no common subprotocol in log",
        when=seen("subprotocol_refused"),
        says=f'Client and server do not agree on a subprotocol: "{quoted("subprotocol_refused")}".',
        label=Label.WS_SUBPROTOCOL_REJECTED,
    ),
    Behind(
        cause="quota exceeded in log",
        when=seen("quota_exceeded"),
        says=f'More connections are open than are allowed: "{quoted("quota_exceeded")}".',
        label=Label.WS_QUOTA_EXCEEDED,
        open=Open(
            question="Who holds the connections?",
            experiment="Connect as a fresh user: if that works, old ones were not given back.",
        ),
    ),
)

MODEL: tuple[Behind, ...] = (
    Behind(
        cause="language model missing in log",
        when=AllOf(seen("llm_down"), Not(seen("llm_quota"))),
        says=f'The language model cannot be used from there: "{quoted("llm_down")}".',
        label=Label.DEPENDENCY_LLM_UNAVAILABLE,
        confidence=0.92,
        open=Open(
            question="Was it never initialised, or is its key missing?",
            experiment="Read the start-up log for the language model's part.",
        ),
    ),
    Behind(
        cause="language model quota in log",
        when=seen("llm_quota"),
        says=f'The provider of the language model refuses more: "{quoted("llm_quota")}".',
        label=Label.LLM_QUOTA,
        confidence=0.92,
    ),
)

CODE: tuple[Behind, ...] = (
    *MODEL,
    Behind(
        cause="socket exception in log",
        when=seen("exception.socket"),
        says=f"The server's own code failed on the socket's path: \"{_exception('socket')}\".",
        label=Label.WS_SERVER_CODE_ERROR,
        confidence=0.93,
        open=_TRACE,
    ),
    Behind(
        cause="agent exception in log",
        when=seen("exception.agent"),
        says=f'An exception ended the agent\'s run: "{_exception("agent")}".',
        label=Label.AGENT_EXECUTION_ERROR,
        confidence=0.93,
        open=_TRACE,
    ),
    Behind(
        cause="part of the server failed in log",
        when=AllOf(
            AnyOf(reads("ws_close_reason", "."), seen("event.error", "ws_error_code")),
            seen("own_part_failed"),
        ),
        says=f'It names a failure of a part of its own program: "{quoted("own_part_failed")}".',
        label=Label.WS_SERVER_CODE_ERROR,
        confidence=0.85,
        open=_TRACE,
    ),
)

# An exception that nothing places: on a server if a server's failure is what is explained.
UNPLACED_CODE: tuple[Behind, ...] = (
    Behind(
        cause="module missing in log",
        when=raises((path("exception.server"), path("exception.unknown")), Mistake.MISSING_MODULE),
        says="A program that cannot import its parts does not start:"
        f' "{quoted("exception.server", "exception.unknown")}".',
        label=Label.STARTUP_CODE_ERROR,
        confidence=0.75,
        kind=WhyKind.INFERRED,
        open=_TRACE,
    ),
    Behind(
        cause="server exception in log",
        when=AllOf(
            seen("exception.server", "exception.unknown"),
            seen("http_status.upgrade", "ws_close_code", "event.error", "ws_error_code"),
        ),
        says="The server quotes an exception of its code: "
        f'"{quoted("exception.server", "exception.unknown")}".',
        label=Label.WS_SERVER_CODE_ERROR,
        confidence=0.75,
        kind=WhyKind.INFERRED,
        open=_TRACE,
    ),
    Behind(
        cause="request exception in log",
        when=seen("exception.server", "exception.unknown"),
        says="The answer comes from an exception of the server's code: "
        f'"{quoted("exception.server", "exception.unknown")}".',
        label=Label.BACKEND_5XX,
        confidence=0.75,
        kind=WhyKind.INFERRED,
        open=_TRACE,
    ),
)
