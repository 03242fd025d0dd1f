"""What would happen if only one cause were fixed, in words, and how that is known."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.diagnosis.causes import Found
from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Condition, Has, Is
from bot.diagnosis.index import Index
from bot.diagnosis.program_errors import Mistake
from bot.diagnosis.roles import EXCHANGE, PATH, TOKEN, without
from bot.diagnosis.rules.works import FALLBACK_SENT, refused
from bot.diagnosis.said import (
    AUTH_SERVICE,
    AUTH_WORDED,
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
from bot.diagnosis.wording import cut, fill, filled
from bot.model import Role, Status


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


_STILL = {
    Status.FAILED: "the run would still fail",
    Status.DEGRADED: "the run would still be degraded",
}


def counterfactual(place: int, causes: Sequence[Found], index: Index) -> str:
    """Return how the run would end if only the cause at `place` were fixed, and why."""
    cause, status = causes[place], index.run.status
    if status not in (Status.FAILED, Status.DEGRADED):
        return ""
    others = _labels([other for at, other in enumerate(causes) if at != place])
    match cause.role:
        case Role.SUFFICIENT:
            return _better(without(place, [one.broken for one in causes]), cause, others, index)
        case Role.CONTRIBUTING:
            return f"{_STILL[status]}: {others}."
        case Role.INCIDENTAL:
            return _the_same(cause, causes[0], index)


def _better(then: Status, cause: Found, others: str, index: Index) -> str:
    if index.run.status is Status.DEGRADED:
        return "the run would pass, as far as this run shows."
    unreached = [step.title for step in index.run.steps if step.status is Status.SKIPPED]
    beyond = f" What comes after that was not reached: {', '.join(unreached)}." if unreached else ""
    if EXCHANGE in cause.broken and PATH not in cause.broken:
        return f"the exchanged token would be sent, and not the one that was refused.{beyond}"
    if TOKEN in cause.broken:
        return f"the run would go on with the fallback token, so at best degraded.{beyond}"
    if then is Status.DEGRADED:
        return f"the run would get past this point, at best degraded: {others}.{beyond}"
    return f"the run would get past this point.{beyond}"


def is_undetermined(cause: Found, answer: Found, index: Index) -> bool:
    """Tell whether it is not known what the exchanged token would have met.

    So it is where the fallback token was turned away in no telling words: only the auth service
    can give another one.
    """
    if EXCHANGE not in cause.broken or cause.role is not Role.INCIDENTAL:
        return False
    end = answer.chain.links[-1].rule.cause
    if FALLBACK_SENT.support(index) is None or end not in (*_UNTOLD, _PERMISSION):
        return False
    return end == _PERMISSION or not _reasons(index)


# Where a chain ends that does not tell whether it is about the token.
_UNTOLD = ("refused", "upgrade forbidden", "policy close", "intermittent")
# That the fallback token was greeted says nothing of what it may ask for.
_PERMISSION = "permission refused"


def _reasons(index: Index) -> list[str]:
    held = ((reason, reason.when.support(index)) for reason in REASONS)
    return [fill(reason.says, index, ids) for reason, ids in held if ids is not None]


def _the_same(cause: Found, answer: Found, index: Index) -> str:
    if is_undetermined(cause, answer, index):
        return "Not known: no token of the auth service could be tried."
    said = [fill(answer.chain.naming[-1].rule.answer, index, answer.evidence)]
    if EXCHANGE in cause.broken:
        said = _reasons(index) or said
    reasons = "; ".join(said).rstrip(". ")
    return f"{_STILL[index.run.status]}: {cut(reasons, 500)}."


def _labels(causes: Sequence[Found]) -> str:
    return ", ".join(cause.label.value for cause in causes) or "nothing else was found"


def reasons_rest_on(index: Index) -> tuple[str, ...]:
    """Return the observations on which the reasons rest that hold, and which they show."""
    rests_on: list[str] = []
    for reason in REASONS:
        ids = reason.when.support(index)
        if ids is not None:
            rests_on += (*ids, *filled(reason.says, index, ids)[1])
    return tuple(dict.fromkeys(rests_on))
