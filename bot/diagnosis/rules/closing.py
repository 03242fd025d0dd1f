"""Why the server closed the socket, where only a close code is left to go by."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Condition, Has, Is, Lacks, Matches
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.works import PASSED_BY, WHAT_CHANGED, works
from bot.diagnosis.said import AUTH_WORDED, PERMISSION, says
from bot.labels import Label
from bot.model import WhyKind

_WHY = "Why did the server refuse?"
_CLOSE = "{events.close_code|connect.close_code}"


def _closed(*codes: int) -> AnyOf:
    return AnyOf(Is("events.close_code", *codes), Is("connect.close_code", *codes))


_CLOSED = AnyOf(Has("events.close_code"), Has("connect.close_code"))
# What an instance says, or leaves unsaid, when it goes away.
_GONE = (1001, 1005, 1006, 1012)

_REASON = "{events.close_reason|connect.close_reason|'none given'}"
_REASONS = ("events.close_reason", "connect.close_reason")
# Codes from 4000 on are the application's own; some follow the numbers of HTTP.
_OWN_CODE = AnyOf(Above("events.close_code", 3999), Above("connect.close_code", 3999))
_SPEAKS_OF_AUTH = AnyOf(says(f"{AUTH_WORDED}|{PERMISSION}", _REASONS), _closed(4401, 4403))
_SILENT = Lacks("events.error_message")
_WHAT_WENT_WRONG = Open(
    question="What went wrong inside the server?",
    experiment="Read the server's log for this connection: what it sent does not quote it.",
)

# What says no more than the code does.
_NO_REASON = (
    r"^\W*(?:an? )?(?:(?:unexpected|internal|server|main|mode|service|connection|auth\w*|policy|is"
    r"|has|was|the|to|temporarily|currently|graceful|retry|clean-?up|error|failed|failure|closed"
    r"|unavailable|overloaded|occurred|violation|required|pre|going|away|establish(?:ment|ed)?"
    r"|shut(?:ting)?|down|restart(?:ing)?)\W*)+$"
)
_WORDS = ("events.error_message", *_REASONS)
_UNPLACED = Sign(
    when=AnyOf(*(AllOf(Has(path), Not(Matches(path, _NO_REASON))) for path in _WORDS)),
    confidence=0.74,
    says="Why it did so may stand in these words; no rule can place them.",
)

# What was said beside the code, and how it is quoted.
_TOLD: tuple[tuple[tuple[Condition, ...], str], ...] = (
    (
        (Has("events.error_message"), Has("events.error_details")),
        'says only: "{events.error_message}", with the details {events.error_details}.',
    ),
    ((Has("events.error_message"),), 'says only: "{events.error_message}".'),
    (
        (),
        f"does not say which (reason: {_REASON}).",
    ),
)

CLOSING_RULES: tuple[Rule, ...] = (
    *(
        Rule(
            effect="refused",
            cause="intermittent",
            when=(met, PASSED_BY),
            question=_WHY,
            answer=f"The server closed with {_CLOSE}"
            f" (reason: {_REASON}); a moment later"
            " the same connection, with the same token, is accepted.",
            label=label,
            confidence=0.6,
            open=WHAT_CHANGED,
        )
        for met, label in (
            (_closed(1008), Label.WS_POLICY_CLOSE),
            (
                AllOf(_CLOSED, Not(_closed(*_GONE))),
                Label.WS_INTERNAL_CLOSE,
            ),
        )
    ),
    Rule(
        effect="refused",
        cause="own close code",
        when=(_OWN_CODE, _SPEAKS_OF_AUTH),
        question=_WHY,
        answer=f"The server closed with {_CLOSE}, a code of its own for what it does not let in"
        f" (reason: {_REASON}).",
        label=Label.JWT_REJECTED,
        about_token=True,
        confidence=0.7,
        signs=(
            Sign(
                when=Is("token_garbage.same", True),
                confidence=0.75,
                says="A garbage token fares the same.",
            ),
            Sign(
                when=Is("token_none.same", True),
                confidence=0.65,
                says="No token at all fares the same.",
            ),
        ),
        open=Open(
            question="Is it the token, the user, or the check itself?",
            experiment="Read the server's log for this connection; try another token and another"
            " user.",
        ),
    ),
    Rule(
        effect="refused",
        cause="own close code",
        when=(_OWN_CODE,),
        question=_WHY,
        answer=f"The server closed with {_CLOSE}, a code of its own (reason: {_REASON}).",
        label=Label.WS_POLICY_CLOSE,
        confidence=0.7,
        open=Open(
            question=f"What does the server mean by {_CLOSE}?",
            experiment="Look the code up in the server's documentation or code: codes from 4000"
            " on are each application's own.",
        ),
    ),
    Rule(
        effect="refused",
        cause="policy close",
        when=(_closed(1008), _SPEAKS_OF_AUTH, _SILENT),
        question=_WHY,
        answer=f"The server closed with {_CLOSE} and speaks of authentication in general"
        f' ("{_REASON}"), not of what it minds.',
        label=Label.WS_POLICY_CLOSE,
        confidence=0.8,
        signs=(
            Sign(
                when=Is("token_none.same", True),
                confidence=0.8,
                says="Without any token it does the same.",
            ),
        ),
        open=Open(
            question="Is it the token, the user, or the check itself?",
            experiment="Read the server's log for this connection; try another token and another"
            " user.",
        ),
    ),
    *(
        Rule(
            effect="refused",
            cause="policy close",
            when=(_closed(1008), *words),
            question=_WHY,
            answer=f"The server closed with {_CLOSE}, a policy of its own, and {told}",
            label=Label.WS_POLICY_CLOSE,
            confidence=0.8,
            signs=(_UNPLACED,),
            open=Open(
                question="Which policy is it?",
                experiment="Read the server's log for this connection; try another token and"
                " another user.",
            ),
        )
        for words, told in _TOLD
    ),
    Rule(
        effect="refused",
        cause="connection dropped",
        when=(_closed(*_GONE), works("connect_again")),
        question="Why did the connection end?",
        answer="The instance went away: a moment later the same connection is accepted.",
        label=Label.INSTANCE_REPLACED,
        kind=WhyKind.INFERRED,
        confidence=0.8,
    ),
    Rule(
        effect="refused",
        cause="internal close",
        when=(_closed(1000), _SILENT),
        question=_WHY,
        answer=f"The server closed with {_CLOSE}, as if all were done (reason: {_REASON}): its loop"
        " ended early.",
        label=Label.WS_INTERNAL_CLOSE,
        confidence=0.88,
        open=_WHAT_WENT_WRONG,
    ),
    Rule(
        effect="refused",
        cause="internal close",
        when=(_CLOSED, Not(_closed(*_GONE)), _SPEAKS_OF_AUTH, _SILENT),
        question=_WHY,
        answer=f"The server closed with {_CLOSE}, by which it calls the fault its own, and its"
        f' reason speaks of authentication ("{_REASON}"): which of the two it is, it does not'
        " say.",
        label=Label.WS_INTERNAL_CLOSE,
        confidence=0.7,
        signs=(
            Sign(
                when=Is("token_none.same", True),
                confidence=0.75,
                says="Without any token it does the same.",
            ),
        ),
        open=_WHAT_WENT_WRONG,
    ),
    *(
        Rule(
            effect="refused",
            cause="internal close",
            when=(_CLOSED, *words),
            question=_WHY,
            answer=f"The server closed with {_CLOSE}, a fault of its own, and {told}",
            label=Label.WS_INTERNAL_CLOSE,
            confidence=0.85,
            signs=(
                Sign(
                    when=AllOf(_closed(*_GONE), Lacks("connect_again.outcome")),
                    confidence=0.6,
                    says="Such an end can also come from outside the server.",
                ),
                Sign(
                    when=Is("connect_again.same", True),
                    confidence=0.92,
                    says="It is the same at the next try.",
                ),
                _UNPLACED,
            ),
            open=_WHAT_WENT_WRONG,
        )
        for words, told in _TOLD
    ),
)
