"""Why nothing followed the request, or what followed broke the contract."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Has, Is, Lacks, Matches
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.works import works
from bot.diagnosis.said import REQUEST_REFUSED, SOCKET_WORDS, quote, says
from bot.labels import Label
from bot.model import WhyKind

_SAID = f'"{quote(SOCKET_WORDS)}"'
_SILENT = Is("events.end", "gap_timeout", "total_timeout")
# A final word anywhere, or a response as the very first event: that is an answer without its
# events. A response after others may just as well be the last sign of life of an agent.
_ANSWER = r'final|report|result|^\["[^"]*(?:response|answer)'
_WHY_SILENT = "Why did nothing follow?"

_OTHER_WORKS = (
    "Another request type gets events at once ({other_request.names|other_request.outcome})."
)

REFUSED_REQUEST_RULES: tuple[Rule, ...] = (
    Rule(
        effect="refused",
        cause="request refused",
        when=(says(REQUEST_REFUSED, (*SOCKET_WORDS[:4], "events.error_code")),),
        question="Why did the server refuse?",
        answer=f"The server does not accept the request of type {{request.type}}: {_SAID}.",
        label=Label.PIPELINE_REQUEST_INVALID,
        confidence=0.88,
    ),
)

SILENCE_RULES: tuple[Rule, ...] = (
    # Why the request was refused, or nothing followed.
    Rule(
        effect="silence",
        cause="answer late",
        # An agent that has begun and goes on and on is not late: it may never end.
        when=(
            AnyOf(
                Is("wait_long.outcome", "terminal"),
                AllOf(Is("wait_long.outcome", "events"), Lacks("events.names")),
            ),
            Has("wait_long.after_s"),
        ),
        question=_WHY_SILENT,
        answer="It was only late: {wait_long.names} came {wait_long.after_s} s after the request,"
        " when we had listened for {events.window_s} s and waited on.",
        label=Label.LATENCY_SLO_EXCEEDED,
        confidence=0.9,
        signs=(Sign(when=Is("wait_long.outcome", "terminal"), confidence=0.96),),
    ),
    Rule(
        effect="silence",
        cause="request only acknowledged",
        when=(Has("events.ack_type"), Lacks("events.names")),
        question=_WHY_SILENT,
        answer="The server only acknowledged the type {events.ack_type}: it knows no handler for"
        " it.",
        label=Label.PIPELINE_REQUEST_INVALID,
        confidence=0.92,
        signs=(
            Sign(
                when=works("other_request"),
                confidence=0.97,
                says=_OTHER_WORKS,
            ),
        ),
    ),
    Rule(
        effect="silence",
        cause="request shadowed",
        when=(Is("events.acknowledged", True), Lacks("events.names")),
        question=_WHY_SILENT,
        answer="The server said that it received the message, and did nothing more: a handler"
        " that only acknowledges took it before an agent could.",
        label=Label.PIPELINE_REQUEST_INVALID,
        kind=WhyKind.INFERRED,
        confidence=0.85,
        signs=(
            Sign(
                when=works("other_request"),
                confidence=0.97,
                says=_OTHER_WORKS,
            ),
        ),
    ),
    Rule(
        effect="silence",
        cause="request type unhandled",
        when=(works("other_request"), Lacks("events.names")),
        question=_WHY_SILENT,
        answer="The type {request.type} has no handler: another request type gets events at once"
        " ({other_request.names|other_request.outcome}).",
        label=Label.PIPELINE_REQUEST_INVALID,
        confidence=0.9,
    ),
    Rule(
        effect="silence",
        cause="answer without events",
        when=(
            AnyOf(Matches("events.unknown_types", _ANSWER), Matches("events.names", _ANSWER)),
            Has("events.missing"),
        ),
        question=_WHY_SILENT,
        answer="An answer arrived ({events.unknown_types|events.names}), but never"
        " {events.missing}: those events are lost between the run and the socket.",
        label=Label.MISSING_EVENTS,
        kind=WhyKind.INFERRED,
        confidence=0.8,
    ),
    Rule(
        effect="silence",
        cause="frames unusable",
        when=(Has("events.garbage"),),
        question=_WHY_SILENT,
        answer="What followed cannot be read: {events.garbage}.",
        label=Label.EVENT_CONTRACT_MISMATCH,
        confidence=0.75,
        signs=(Sign(when=Lacks("events.names"), confidence=0.88),),
    ),
    Rule(
        effect="silence",
        cause="names unknown",
        when=(
            AnyOf(
                AllOf(Has("events.unknown_types"), Lacks("events.names")),
                Matches("events.unknown_types", "done|finish|complet|success|ended"),
            ),
        ),
        question=_WHY_SILENT,
        answer="The run did send something, under names that the contract does not know:"
        " {events.unknown_types}.",
        label=Label.EVENT_CONTRACT_MISMATCH,
        confidence=0.8,
    ),
    Rule(
        effect="silence",
        cause="still at work",
        when=(
            Is("events.end", "total_timeout"),
            Has("events.names"),
            Not(Is("events.gap_warning", True)),
        ),
        question="Why was it not done in time?",
        answer="Events kept coming until the time was up ({events.frames} frames in"
        " {events.duration_s} s): it works, but too slowly, or never ends.",
        label=Label.EVENT_TIMEOUT,
        confidence=0.8,
        open=Open(
            question="Would it have ended?",
            experiment="Raise the total time-out once and run again.",
        ),
    ),
    Rule(
        effect="silence",
        cause="agent stopped",
        when=(Has("events.names"),),
        question=_WHY_SILENT,
        answer="The agent had begun, and then nothing came for {events.window_s|'some'} s: it died"
        " without saying so, or its events are lost.",
        label=Label.EVENT_TIMEOUT,
        confidence=0.85,
        open=Open(
            question="Did the agent die, or are its events lost?",
            experiment="Find the run in the server's log and see whether it ended there.",
        ),
    ),
    Rule(
        effect="silence",
        cause="no handler answers",
        when=(_SILENT,),
        question=_WHY_SILENT,
        answer="The request of type {request.type} was taken without an acknowledgement, an error"
        " or an event, while the connection stayed open ({events.frames} frames).",
        label=Label.EVENT_TIMEOUT,
        confidence=0.85,
        open=Open(
            question="Does a handler take the request, and does an agent start?",
            experiment="Send another request type, or find the request in the server's log.",
        ),
    ),
    Rule(
        effect="contract broken",
        cause="events missing",
        when=(Has("events.missing"), Lacks("events.unknown_types")),
        question="Which part of the contract is broken?",
        answer="The run never sent {events.missing}.",
        label=Label.MISSING_EVENTS,
        confidence=0.92,
        open=Open(
            question="Were they not sent, or lost on the way?",
            experiment="Find the run in the server's log and see whether it emitted them.",
        ),
    ),
    Rule(
        effect="contract broken",
        cause="events out of contract",
        when=(AnyOf(Has("events.violations"), Has("events.missing"), Has("events.garbage")),),
        question="Which part of the contract is broken?",
        answer="The events break the contract (broken: {events.violations|'nothing'}; missing:"
        " {events.missing|'nothing'}; unreadable: {events.garbage|'nothing'}).",
        label=Label.EVENT_CONTRACT_MISMATCH,
        confidence=0.9,
    ),
)
