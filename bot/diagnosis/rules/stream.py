"""How the run's own path ended: the first link of most chains, and streams that were cut."""

from bot.diagnosis.combined import AllOf, AnyOf, Step
from bot.diagnosis.conditions import Has, Is, Matches
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.works import LOG, UPGRADE_REFUSED, works
from bot.labels import Label
from bot.model import Status, WhyKind

_FAILED = Status.FAILED

# How the run's own path ended; the first link of most chains.
STREAM_RULES: tuple[Rule, ...] = (
    Rule(
        effect="path broken",
        cause="refused",
        when=(UPGRADE_REFUSED,),
        answer="The server answered the upgrade with {connect.status} and opened no socket.",
        confidence=0.99,
        open=Open(question="Why does it answer the upgrade like this?", experiment=LOG),
    ),
    Rule(
        effect="path broken",
        cause="agent failed",
        when=(
            AnyOf(
                Has("events.agent_error"),
                AllOf(
                    Is("events.end", "terminal"),
                    Matches("events.terminal", "fail|error|death|abort|timeout"),
                ),
                AllOf(Is("events.end", "error_frame"), Has("events.names")),
                Matches("events.error_code", "^AGENT"),
            ),
        ),
        answer="The agent's run ended with {events.terminal|events.error_code|events.error_type}:"
        " \"{events.agent_error|events.error_message|'no message'}\".",
        confidence=0.98,
    ),
    Rule(
        effect="path broken",
        cause="refused",
        when=(AnyOf(Is("events.end", "error_frame"), Has("events.error_code")),),
        answer="The server sent an error frame instead of the pipeline's events:"
        " {events.error_code|events.error_type|'without a code'}"
        " \"{events.error_message|'no message'}\".",
        confidence=0.99,
        open=Open(question="What does the server mean by that?", experiment=LOG),
    ),
    Rule(
        effect="path broken",
        cause="refused",
        when=(Has("connect.close_code"),),
        answer="The server closed the socket as soon as it was open:"
        " {connect.close_code} ({connect.close_reason|'no reason given'}).",
        confidence=0.98,
    ),
    Rule(
        effect="path broken",
        cause="cut off",
        when=(Is("events.end", "closed"), Has("events.names")),
        answer="The connection ended in the middle of the run, after {events.names}: close code"
        " {events.close_code}.",
        confidence=0.98,
    ),
    Rule(
        effect="path broken",
        cause="refused",
        when=(Is("events.end", "closed"),),
        answer="The server closed the socket before any event of the pipeline:"
        " {events.close_code} ({events.close_reason|'no reason given'}).",
        confidence=0.98,
    ),
    Rule(
        effect="path broken",
        cause="silence",
        when=(Is("events.end", "gap_timeout", "total_timeout"),),
        answer="No event ended the run within {events.duration_s|events.window_s|'some'} s; seen"
        " of the contract: {events.names}.",
        confidence=0.98,
    ),
    Rule(
        effect="path broken",
        cause="illegal close",
        when=(
            Is("events.end", "garbage"),
            # What a receiver says of a close frame that nobody may send.
            Matches("events.close_reason", r"invalid (?:status|close) code"),
        ),
        answer="The server closed the socket with a code that no close frame may carry"
        ' ("{events.close_reason}"): its code passes on something else, such as an HTTP status.',
        label=Label.WS_SERVER_CODE_ERROR,
        confidence=0.88,
        open=Open(question="Which code is it, and what did it stand for?", experiment=LOG),
    ),
    Rule(
        effect="path broken",
        cause="frames unusable",
        when=(Is("events.end", "garbage", "frame_too_big"),),
        answer="The stream holds frames that are none of its kind"
        " ({events.end}: {events.garbage|events.close_reason|'not shown'}).",
        label=Label.EVENT_CONTRACT_MISMATCH,
        confidence=0.9,
    ),
    Rule(
        effect="path broken",
        cause="contract broken",
        when=(AnyOf(Has("events.violations"), Has("events.missing"), Has("events.garbage")),),
        answer="The run ended with {events.terminal|'no terminal event'}, but not as the event"
        " contract asks (broken: {events.violations|'nothing'}; missing:"
        " {events.missing|'nothing'}).",
        confidence=0.95,
    ),
    Rule(
        effect="path broken",
        cause="socket unopened",
        when=(Has("connect.error"),),
        answer="The socket to {connect.url} did not open: {connect.error_text|connect.error}.",
        confidence=0.97,
    ),
    Rule(
        effect="path broken",
        cause="request unsent",
        when=(Step("request", _FAILED),),
        answer="The request could not be sent: {request.error_text|request.error}.",
        confidence=0.9,
        open=Open(question="Why did the connection not take the request?", experiment=LOG),
    ),
    Rule(
        effect="cut off",
        cause="loop ended early",
        when=(Is("events.close_code", 1000),),
        question="Why did the connection end?",
        answer="The server closed it cleanly"
        " ({events.close_reason|'no reason given'}) before the run had ended: its loop left early.",
        label=Label.WS_INTERNAL_CLOSE,
        confidence=0.85,
        open=Open(question="Why did its loop leave?", experiment=LOG),
    ),
    Rule(
        effect="cut off",
        cause="refused",
        when=(Is("events.close_code", 1008, 1011, 1013),),
        question="Why did the connection end?",
        answer="The server ended it on its own account: {events.close_code}"
        " ({events.close_reason|'no reason given'}).",
        confidence=0.98,
    ),
    *(
        Rule(
            effect="cut off",
            cause="instance gone",
            when=(met,),
            question="Why did the connection end?",
            answer=answer,
            label=Label.INSTANCE_REPLACED,
            kind=WhyKind.INFERRED,
            confidence=0.7,
            signs=(
                Sign(
                    when=AnyOf(works("connect_again"), Is("health_again.status", 200)),
                    confidence=0.8,
                    says="The server is there again.",
                ),
            ),
            open=Open(
                question="Was the instance replaced, or does something cut every connection at"
                " this age?",
                experiment="Run again: a cut at the same age is a proxy's time-out.",
            ),
        )
        for met, answer in (
            (
                Is("events.close_code", 1001, 1012),
                "The connection was closed with {events.close_code} after"
                " {events.closed_after_s} s: whoever held it said that it goes away.",
            ),
            (
                Has("events.close_code"),
                "The connection was cut without a proper close after {events.closed_after_s} s:"
                " the instance behind it went away, or something between cut it.",
            ),
        )
    ),
)
