"""Why the token that was sent is not what a run failed on, as data."""

from dataclasses import dataclass

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Condition, Has, Is
from bot.diagnosis.index import Index
from bot.diagnosis.program_errors import Mistake
from bot.diagnosis.rules.works import FALLBACK_SENT, refused
from bot.diagnosis.said import (
    AUTH_SERVICE,
    AUTH_WORDED,
    CALL_FAILED,
    CLICKHOUSE_DOWN,
    CONFIG_INVALID,
    DATABASE_DOWN,
    JWT_ABSENT,
    LLM_DOWN,
    LLM_QUOTA,
    REDIS_DOWN,
    SCHEMA_MISSING,
    SOCKET_WORDS,
    STARTUP_RACE,
    quote,
    raises,
    says,
)
from bot.diagnosis.wording import fill, filled


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why the token that was sent is not what the run failed on."""

    when: Condition
    says: str


# How the run ended where no check of a token stood in the way.
NOT_THE_TOKEN = AnyOf(
    Above("connect.status", 499),
    # Some servers close with 1011 behind a frame about the token, too.
    AllOf(
        AnyOf(Is("events.close_code", 1011), Is("connect.close_code", 1011)),
        Not(says(AUTH_WORDED, SOCKET_WORDS)),
    ),
    Is("events.authorization_present", False),
    *(
        says(words, SOCKET_WORDS)
        for words in (
            *(JWT_ABSENT, STARTUP_RACE, CONFIG_INVALID, SCHEMA_MISSING, AUTH_SERVICE),
            CALL_FAILED,
            *(DATABASE_DOWN, REDIS_DOWN, CLICKHOUSE_DOWN, LLM_DOWN, LLM_QUOTA),
        )
    ),
)

REASONS: tuple[Reason, ...] = (
    Reason(
        when=AllOf(FALLBACK_SENT, Is("token_garbage.same", False)),
        says="the token on the wire passed its check, because a garbage one is refused differently"
        " ({token_garbage.error_code|token_garbage.close_reason|token_garbage.outcome})",
    ),
    Reason(
        when=AllOf(FALLBACK_SENT, Has("events.welcome_type")),
        says="the server greeted the fallback token ({events.welcome_type})",
    ),
    Reason(
        # A server that checks tokens refuses every bad one alike: that shows nothing of a good one.
        when=AllOf(Is("token_none.same", True), NOT_THE_TOKEN),
        says="the outcome is the same without any token",
    ),
    Reason(
        when=raises(SOCKET_WORDS, Mistake.WRONG_CLASS),
        says=f'"{quote(SOCKET_WORDS)}" is a type check inside the server, which no token changes',
    ),
    Reason(
        when=raises(SOCKET_WORDS, *(m for m in Mistake if m is not Mistake.WRONG_CLASS)),
        says=f'"{quote(SOCKET_WORDS)}" is an exception of the server\'s own code, which no token'
        " changes",
    ),
    Reason(
        when=AnyOf(refused("token_exchanged"), refused("token_minted")),
        says="another token is refused as well",
    ),
    Reason(
        when=Has("connect.error"),
        says="the socket did not even open ({connect.error})",
    ),
)


def reasons(index: Index) -> list[str]:
    """Return the reasons that hold, as parts of a sentence."""
    held = ((reason, reason.when.support(index)) for reason in REASONS)
    return [fill(reason.says, index, ids) for reason, ids in held if ids is not None]


def reasons_rest_on(index: Index) -> tuple[str, ...]:
    """Return the observations on which the reasons rest that hold, and which they show."""
    rests_on: list[str] = []
    for reason in REASONS:
        ids = reason.when.support(index)
        if ids is not None:
            rests_on += (*ids, *filled(reason.says, index, ids)[1])
    return tuple(dict.fromkeys(rests_on))
