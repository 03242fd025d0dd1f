"""Why the server closed the socket, where only a close code is left to go by."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Condition, Has, Is, Lacks
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.works import PASSED_BY, WHAT_CHANGED, works
from bot.labels import Label
from bot.model import WhyKind

_WHY = "Why did the server refuse?"
_CLOSE = "{events.close_code|connect.close_code}"


def _closed(*codes: int) -> AnyOf:
    return AnyOf(Is("events.close_code", *codes), Is("connect.close_code", *codes))


_CLOSED = AnyOf(Has("events.close_code"), Has("connect.close_code"))
# What an instance says, or leaves unsaid, when it goes away.
_GONE = (1001, 1005, 1006, 1012)

# What was said beside the code, and how it is quoted.
_TOLD: tuple[tuple[tuple[Condition, ...], str], ...] = (
    (
        (Has("events.error_message"), Has("events.error_details")),
        'says only: "{events.error_message}", with the details {events.error_details}.',
    ),
    ((Has("events.error_message"),), 'says only: "{events.error_message}".'),
    (
        (),
        "does not say which (reason: {events.close_reason|connect.close_reason|'none given'}).",
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
            " (reason: {events.close_reason|connect.close_reason|'none given'}); a moment later"
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
    *(
        Rule(
            effect="refused",
            cause="policy close",
            when=(_closed(1008), *words),
            question=_WHY,
            answer=f"The server closed with {_CLOSE}, a policy of its own, and {told}",
            label=Label.WS_POLICY_CLOSE,
            confidence=0.8,
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
                    when=_closed(1000),
                    confidence=0.88,
                    says="A clean close before any event is a loop that ended early.",
                ),
                Sign(
                    when=Is("connect_again.same", True),
                    confidence=0.92,
                    says="It is the same at the next try.",
                ),
            ),
            open=Open(
                question="What went wrong inside the server?",
                experiment="Read the server's log for this connection: what it sent does not"
                " quote it.",
            ),
        )
        for words, told in _TOLD
    ),
)
