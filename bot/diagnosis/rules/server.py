"""The server's own code: exceptions it lets out, and the parts that its messages name."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Is, Matches
from bot.diagnosis.program_errors import Mistake
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.works import BACKEND_WELL
from bot.diagnosis.said import (
    AGENT_WORDS,
    AT_STARTUP,
    AUTH_WORDED,
    BOOTING,
    CONFIG_INVALID,
    GARBAGE_DIFFERS,
    OWN_PART,
    SOCKET_WORDS,
    STARTUP_RACE,
    may_raise,
    quote,
    raises,
    says,
)
from bot.labels import Label
from bot.model import WhyKind

_SAID = f'"{quote(SOCKET_WORDS)}"'
_TRACE = "Read the stack trace of this exception in the server's log of the same revision."

_AUTH_WORDED = AnyOf(
    Matches("events.error_code", AUTH_WORDED),
    Matches("events.error_message", AUTH_WORDED),
    Matches("events.close_reason", AUTH_WORDED),
)

_MEANINGS = {
    Mistake.WRONG_CLASS: "A type check of the server refuses an object that the server built"
    " itself: it was made from another class than the one the check asks for.",
    Mistake.NOT_AWAITED: "A coroutine is used as if it were its result: an await is missing or"
    " misplaced.",
    Mistake.NONE_VALUE: "A part that the code relies on is None: it was never initialised.",
    Mistake.BAD_CALL: "A function is called with arguments that it does not take: the call and"
    " the definition were changed apart.",
    Mistake.MISSING_MODULE: "A module that the code imports is not there: it was moved, or is not"
    " in the image.",
    Mistake.UNDEFINED_NAME: "The code uses a name that is not defined there: an import or an"
    " assignment is missing.",
    Mistake.MISSING_ATTRIBUTE: "An object lacks what the code asks of it: the use and the"
    " definition were changed apart, or it is another object than the code expects.",
    Mistake.NOT_SERIALISABLE: "An object that has no JSON form or cannot be copied is put into a"
    " message, a log line or a copy.",
    Mistake.WRONG_ORDER: "Two parts of the program are used in an order that one of them forbids.",
    Mistake.WRONG_LOOP: "Something that belongs to one event loop, or to one task, is used from"
    " another, or after that loop was closed.",
    Mistake.CHANGED_MEANWHILE: "A collection is changed while other code goes through it.",
    Mistake.ENDLESS: "A function calls itself without end, or follows a cycle in its data.",
    Mistake.BAD_OPERATION: "The code does something to a value that this value does not allow: it"
    " is of another type, length or size than the code expects.",
    Mistake.INVALID_OBJECT: "The program built an object of its own from values that the object's"
    " class does not allow.",
}


def mistakes(effect: str, words: tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules that say what an exception quoted in `words` means for the program."""
    return tuple(
        Rule(
            effect=effect,
            cause=f"mistake: {mistake}",
            when=(may_raise(words, mistake),),
            question="Why is that exception raised?",
            answer=meaning,
            kind=WhyKind.INFERRED,
            confidence=0.93,
            open=Open(question="Where in the code is that, and since when?", experiment=_TRACE),
        )
        for mistake, meaning in _MEANINGS.items()
    )


SERVER_RULES: tuple[Rule, ...] = (
    Rule(
        effect="refused",
        cause="start-up code error",
        when=(
            may_raise(SOCKET_WORDS),
            says(AT_STARTUP, SOCKET_WORDS),
            # A service that is up initialises parts for every connection, too.
            AnyOf(says(BOOTING, SOCKET_WORDS), Not(AllOf(BACKEND_WELL, Is("connect.status", 101)))),
        ),
        question="Why did the server refuse?",
        answer=f"The server's start-up failed with an exception of its own code: {_SAID}.",
        label=Label.STARTUP_CODE_ERROR,
        confidence=0.9,
        open=Open(question="Where in the start-up is that?", experiment=_TRACE),
    ),
    Rule(
        effect="refused",
        cause="start-up code error",
        when=(
            Above("connect.status", 499),
            may_raise(SOCKET_WORDS),
            Above("health.backend.status", 499),
            may_raise(("health.backend.reason", "health.backend.body")),
        ),
        question="Why did the server refuse?",
        answer="Whatever the backend is asked, its health included, it answers with an exception"
        f" of its own code: {_SAID}.",
        label=Label.STARTUP_CODE_ERROR,
        confidence=0.85,
        open=Open(question="Where in the start-up is that?", experiment=_TRACE),
    ),
    Rule(
        effect="refused",
        cause="settings invalid",
        when=(says(CONFIG_INVALID, SOCKET_WORDS),),
        question="Why did the server refuse?",
        answer=f"The server's configuration is incomplete or not allowed: {_SAID}.",
        label=Label.STARTUP_CONFIG_INVALID,
        confidence=0.9,
    ),
    Rule(
        effect="refused",
        cause="server exception",
        when=(raises(SOCKET_WORDS),),
        question="Why did the server refuse?",
        answer="The server's own code raised an exception while it set the connection up:"
        f" {_SAID}.",
        label=Label.WS_SERVER_CODE_ERROR,
        confidence=0.93,
        signs=(
            Sign(
                when=GARBAGE_DIFFERS,
                confidence=0.97,
                says="A garbage token is refused differently"
                " ({token_garbage.error_code|token_garbage.close_reason|token_garbage.outcome}),"
                " so the one on the wire had passed its check.",
            ),
        ),
        open=Open(question="Where in the code is that?", experiment=_TRACE),
    ),
    Rule(
        effect="refused",
        cause="exception or refusal",
        when=(may_raise(SOCKET_WORDS), Is("token_garbage.same", True)),
        question="Why did the server refuse?",
        answer=f"What the server says reads like an exception of its own code: {_SAID}. A garbage"
        " token gets the same answer, so it can also be how a refused token is worded.",
        label=Label.WS_SERVER_CODE_ERROR,
        confidence=0.6,
        open=Open(
            question="Does the code fail, or does it refuse the token?",
            experiment="Look for the stack trace of these words in the server's log, and compare"
            " the fingerprints of the secrets that sign and check the token.",
        ),
    ),
    Rule(
        effect="refused",
        cause="server exception",
        when=(may_raise(SOCKET_WORDS),),
        question="Why did the server refuse?",
        answer="The server's own code seems to have raised an exception while it set the"
        f" connection up: {_SAID}.",
        label=Label.WS_SERVER_CODE_ERROR,
        confidence=0.75,
        open=Open(
            question="Where in the code is that, and would a garbage token get the same answer?",
            experiment=_TRACE,
        ),
    ),
    Rule(
        effect="refused",
        cause="start-up not finished",
        when=(says(STARTUP_RACE, SOCKET_WORDS),),
        question="Why did the server refuse?",
        answer=f"The server had not finished starting: {_SAID}.",
        label=Label.STARTUP_RACE,
        confidence=0.9,
        signs=(
            Sign(
                when=Is("connect_again.outcome", "accepted", "greeted"),
                confidence=0.97,
                says="A moment later it accepts the same connection.",
            ),
        ),
        open=Open(
            question="Does it ever finish?",
            experiment="Run the check again in a minute; if it stays, read the start-up log.",
        ),
    ),
    Rule(
        effect="refused",
        cause="own part failed",
        when=(
            says(
                OWN_PART,
                (
                    "events.close_reason",
                    "connect.close_reason",
                    "events.error_detail",
                    "events.error_message",
                ),
            ),
            Not(says(r"token|jwt|user[ _]?id", SOCKET_WORDS[1:4])),
        ),
        question="Why did the server refuse?",
        answer=f"The server names a failure of a part of its own program: {_SAID}.",
        label=Label.WS_SERVER_CODE_ERROR,
        confidence=0.85,
        open=Open(question="What exactly failed there?", experiment=_TRACE),
    ),
    # One link deeper.
    Rule(
        effect="server exception",
        cause="exception behind auth words",
        when=(_AUTH_WORDED,),
        question="Why does it speak of authentication?",
        answer="The code that caught the exception words everything at this stage as"
        ' "{events.error_code|events.close_reason}". What it caught concerns the program, not'
        " the token.",
        kind=WhyKind.INFERRED,
        confidence=0.93,
        open=Open(question="Where in the code is that?", experiment=_TRACE),
    ),
    *mistakes("server exception", SOCKET_WORDS),
    *mistakes("exception behind auth words", SOCKET_WORDS),
    *mistakes("start-up code error", SOCKET_WORDS),
    *mistakes("agent exception", AGENT_WORDS),
)
