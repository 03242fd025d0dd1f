"""What can be behind a failure that a pasted log shows, the telling ones first, as data.

A row is a cause; `causes_of` makes rules of it for an effect. Rows are grouped by what they
can explain: a refused token is no reason for a 503, and a silent Redis none for a 403.
"""

from dataclasses import dataclass

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Condition
from bot.diagnosis.rule import Open, Rule
from bot.diagnosis.rules.pasted_words import equals, quoted, reads, seen
from bot.labels import Label
from bot.model import WhyKind

_OBSERVED, _INFERRED = WhyKind.OBSERVED, WhyKind.INFERRED
_TRACE = Open(
    question="Where in the code is that, and since which revision?",
    experiment="Read the whole stack trace in the server's log of the same revision.",
)
_BACKING = Open(
    question="Is it down, or can it not be reached from there?",
    experiment="Ask it from another service in the same network, and compare its own log.",
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
        says=f'Too many connections are counted for the user: "{quoted("quota_exceeded")}".',
        label=Label.WS_QUOTA_EXCEEDED,
        open=Open(
            question="Who holds the connections?",
            experiment="Connect as a fresh user: if that works, old ones were not given back.",
        ),
    ),
)

CODE: tuple[Behind, ...] = (
    Behind(
        cause="language model missing in log",
        when=AllOf(seen("llm_down"), Not(seen("llm_quota"))),
        says=f'The language model is not there: "{quoted("llm_down")}".',
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
        cause="server exception in log",
        when=seen("exception.server", "exception.unknown"),
        says="The server quotes an exception of its code: "
        f'"{quoted("exception.server", "exception.unknown")}".',
        label=Label.WS_SERVER_CODE_ERROR,
        confidence=0.75,
        kind=_INFERRED,
        open=_TRACE,
    ),
)

AUTH_SERVICE: tuple[Behind, ...] = (
    Behind(
        cause="auth service down in log",
        when=AnyOf(seen("auth_service_down", "part_down.auth")),
        says="The auth service gave no verdict:"
        f' "{quoted("auth_service_down", "part_down.auth")}".',
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        confidence=0.88,
        open=Open(
            question="Is it down, too slow, or unreachable from there?",
            experiment="Ask its health directly, and note how long it takes.",
        ),
    ),
)

TOKEN: tuple[Behind, ...] = (
    Behind(
        cause="token expired in log",
        when=seen("token_expired"),
        says=f'The token had expired: "{quoted("token_expired")}".',
        label=Label.JWT_EXPIRED,
        confidence=0.92,
    ),
    Behind(
        cause="user unknown in log",
        when=seen("user_unknown"),
        says=f'The user does not exist there: "{quoted("user_unknown")}".',
        label=Label.USER_NOT_FOUND,
        confidence=0.85,
    ),
    Behind(
        cause="token absent in log",
        when=seen("token_absent"),
        says=f'No token arrived: "{quoted("token_absent")}".',
        label=Label.JWT_TOKEN_ABSENT,
        confidence=0.92,
        open=Open(
            question="Was it not sent, or was the header dropped on the way?",
            experiment="Send the same token in the subprotocol as well, and compare.",
        ),
    ),
    *AUTH_SERVICE,
    Behind(
        cause="token refused in log",
        when=seen("token_refused"),
        says=f'The token was read and refused: "{quoted("token_refused")}".',
        label=Label.JWT_REJECTED,
        confidence=0.88,
        open=Open(
            question="Is it the secret or a claim?",
            experiment="Send a token of the exchange: if that one is accepted, the secret or the"
            " claims of this one are wrong.",
        ),
    ),
    Behind(
        cause="other identity in log",
        when=seen("other_identity"),
        says="The connection was accepted under another identity than the one presented:"
        f' "{quoted("other_identity")}".',
        label=Label.AUTH_SILENTLY_BYPASSED,
        confidence=0.8,
    ),
)

BACKING: tuple[Behind, ...] = (
    Behind(
        cause="database down in log",
        when=seen("database_down", "part_down.database"),
        says=f'The database does not answer: "{quoted("database_down", "part_down.database")}".',
        label=Label.DEPENDENCY_DB_DOWN,
        confidence=0.92,
        open=_BACKING,
    ),
    Behind(
        cause="Redis down in log",
        when=seen("redis_down", "part_down.redis"),
        says=f'Redis does not answer: "{quoted("redis_down", "part_down.redis")}".',
        label=Label.DEPENDENCY_REDIS_DOWN,
        confidence=0.92,
        open=_BACKING,
    ),
    Behind(
        cause="settings illegal in log",
        when=seen("illegal_config"),
        says=f'The configuration is not allowed there: "{quoted("illegal_config")}".',
        label=Label.STARTUP_CONFIG_INVALID,
    ),
    Behind(
        cause="start-up not finished in log",
        when=seen("startup_race"),
        says=f'The start-up had not got that far: "{quoted("startup_race")}".',
        label=Label.STARTUP_RACE,
        open=Open(
            question="Does it ever get there?",
            experiment="Try again in a minute; if it stays, read the start-up log.",
        ),
    ),
    Behind(
        cause="language model down in log",
        when=seen("part_down.llm"),
        says=f'The language model is not well: "{quoted("part_down.llm")}".',
        label=Label.DEPENDENCY_LLM_UNAVAILABLE,
    ),
    Behind(
        cause="ClickHouse down in log",
        when=seen("clickhouse_down", "part_down.clickhouse"),
        says=f'ClickHouse does not answer: "{quoted("clickhouse_down", "part_down.clickhouse")}".',
        label=Label.DEPENDENCY_CLICKHOUSE_DOWN,
        open=_BACKING,
    ),
    Behind(
        cause="database slow in log",
        when=seen("part_slow.database"),
        says=f"The database is slow: {quoted('part_slow.database')}.",
        label=Label.DEPENDENCY_DB_DOWN,
        confidence=0.75,
        kind=_INFERRED,
        open=_BACKING,
    ),
    Behind(
        cause="container does not listen in log",
        when=seen("not_listening"),
        says=f'The container did not come to listen: "{quoted("not_listening")}".',
        label=Label.STARTUP_CONFIG_INVALID,
        confidence=0.55,
        kind=_INFERRED,
        open=Open(
            question="Is it the port, too little memory, or an error before listening?",
            experiment="Read the last error lines of the new revision.",
        ),
    ),
)

LIMITS: tuple[Behind, ...] = (
    Behind(
        cause="rate limited in log",
        when=AnyOf(seen("rate_limited"), equals("http_status", 429)),
        says=f'It limits how often it may be asked: "{quoted("rate_limited", "http_status")}".',
        label=Label.RATE_LIMITED,
        confidence=0.9,
    ),
)
