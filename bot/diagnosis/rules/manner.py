"""What a stream can show although it reached its end; each a symptom of its own."""

from bot.diagnosis.combined import AnyOf
from bot.diagnosis.conditions import Has, Is
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.works import gets_in
from bot.labels import Label

MANNER_RULES: tuple[Rule, ...] = (
    Rule(
        effect="identity differs",
        cause="accepted as another",
        when=(Is("events.identity_match", "other"),),
        answer="The server greeted us as {events.welcome_user_id}, while the token was for"
        " {token.subject|'an unnamed user'}.",
        label=Label.AUTH_SILENTLY_BYPASSED,
        confidence=0.93,
        signs=(
            Sign(
                when=AnyOf(gets_in("token_garbage"), gets_in("token_none")),
                confidence=0.98,
                says="A garbage token, or none, is accepted as well.",
            ),
        ),
        open=Open(
            question="Is the check of tokens switched off?",
            experiment="Connect with a garbage token: if it is accepted, it is.",
        ),
    ),
    Rule(
        effect="canned answer",
        cause="mock handler",
        when=(Has("events.canned"),),
        answer="The events look right, but carry the marks of a mock ({events.canned}): no agent"
        " ran.",
        label=Label.FAKE_EXECUTION,
        confidence=0.9,
        open=Open(
            question="Why does a mock answer?",
            experiment="Look in the server's log whether the real handler was registered.",
        ),
    ),
    Rule(
        effect="foreign events",
        cause="events of another run",
        when=(Has("events.foreign_ids"),),
        answer="Events carry ids of another run or user: {events.foreign_ids}.",
        label=Label.EVENT_CONTRACT_MISMATCH,
        confidence=0.85,
    ),
    Rule(
        effect="answer not ours",
        cause="nonce missing",
        when=(Is("events.nonce_echoed", False),),
        answer="The answer does not repeat the nonce we sent ({request.nonce|'not shown'}), as a"
        " healthy one does: it was not made for this request.",
        label=Label.FAKE_EXECUTION,
        confidence=0.8,
        open=Open(
            question="Where does the answer come from?",
            experiment="Look for a cache or a mock between the request and the agent.",
        ),
    ),
)
