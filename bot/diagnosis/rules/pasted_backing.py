"""What a service stands on, and what it lets in, as a pasted log tells of it: rows of causes."""

from bot.diagnosis.combined import AnyOf
from bot.diagnosis.rule import Open
from bot.diagnosis.rules.pasted_causes import Behind
from bot.diagnosis.rules.pasted_words import ASKS_TO_WAIT, equals, quoted, seen
from bot.labels import Label
from bot.model import WhyKind

_BACKING = Open(
    question="Is it down, or can it not be reached from there?",
    experiment="Ask it from another service in the same network, and compare its own log.",
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
        cause="other identity in log",
        when=seen("other_identity"),
        says="The connection was accepted under another identity than the one presented:"
        f' "{quoted("other_identity")}".',
        label=Label.AUTH_SILENTLY_BYPASSED,
        confidence=0.8,
    ),
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
    Behind(
        cause="sent without a token in log",
        when=seen("sent_without_token"),
        says=f'The request as it was sent carries no token: "{quoted("sent_without_token")}".',
        label=Label.JWT_TOKEN_ABSENT,
        confidence=0.75,
        kind=WhyKind.INFERRED,
        open=Open(
            question="Was it left out of the dump, or not sent?",
            experiment="Send the same request with a token, and compare.",
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
)

BACKING: tuple[Behind, ...] = (
    Behind(
        cause="database down in log",
        when=seen("database_down", "part_down.database"),
        says="The database cannot be used from there:"
        f' "{quoted("database_down", "part_down.database")}".',
        label=Label.DEPENDENCY_DB_DOWN,
        confidence=0.92,
        open=_BACKING,
    ),
    Behind(
        cause="Redis down in log",
        when=seen("redis_down", "part_down.redis"),
        says=f'Redis cannot be used from there: "{quoted("redis_down", "part_down.redis")}".',
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
        says="ClickHouse cannot be used from there:"
        f' "{quoted("clickhouse_down", "part_down.clickhouse")}".',
        label=Label.DEPENDENCY_CLICKHOUSE_DOWN,
        open=_BACKING,
    ),
    Behind(
        cause="database slow in log",
        when=seen("part_slow.database"),
        says=f"The database is slow: {quoted('part_slow.database')}.",
        label=Label.DEPENDENCY_DB_DOWN,
        confidence=0.75,
        kind=WhyKind.INFERRED,
        open=_BACKING,
    ),
    Behind(
        cause="container does not listen in log",
        when=seen("not_listening"),
        says=f'The container did not come to listen: "{quoted("not_listening")}".',
        label=Label.STARTUP_CONFIG_INVALID,
        confidence=0.55,
        kind=WhyKind.INFERRED,
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
        signs=(ASKS_TO_WAIT,),
    ),
)
