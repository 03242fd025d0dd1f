"""What the exchange's refusal means."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Has, Is, Lacks, Matches
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.key import (
    COMPARED_SIGN,
    DIFFERENT_KEY,
    KEY_ACCEPTED,
    KEY_FAULTED,
    KEY_MAY_BE_ACCEPTED,
    KEY_NAMED,
    KEY_REFUSED,
    KEY_SEEMS_REFUSED,
    NO_KEY_THERE_RULES,
    SAME_WITHOUT_KEY,
    STRIPPED_ACCEPTED,
)
from bot.diagnosis.rules.patience import asks_to_wait
from bot.diagnosis.rules.works import AUTH_WELL
from bot.diagnosis.said import (
    AUTH_WORDS,
    DATABASE_DOWN,
    EXCHANGE_WORDS,
    REDIS_DOWN,
    SCHEMA_MISSING,
    quote,
    says,
)
from bot.labels import Label
from bot.model import WhyKind

_TOLD = "\"{exchange.detail|exchange.body|'no words'}\""
_WHAT_IS_REFUSED = Open(
    question="What is refused, and by whom?",
    experiment="Read the auth service's log of this request; if it shows none, look at what stands"
    " before it.",
)


def _told(
    effect: str, words: tuple[str, ...], kind: WhyKind, confidence: float
) -> tuple[Rule, ...]:
    """Return the rules for what the auth service lacks, by its own words."""
    return tuple(
        Rule(
            effect=effect,
            cause=cause,
            when=(Above("exchange.status", 499), says(pattern, words)),
            question="Why did the exchange refuse?",
            answer=f'{answer}: "{quote(words)}".',
            label=label,
            kind=kind,
            confidence=confidence,
        )
        for cause, pattern, label, answer in (
            (
                "auth schema missing",
                SCHEMA_MISSING,
                Label.DB_SCHEMA_MISSING,
                "The auth service names a missing table",
            ),
            (
                "auth database down",
                DATABASE_DOWN,
                Label.DEPENDENCY_DB_DOWN,
                "The auth service does not reach its database",
            ),
            (
                "auth redis down",
                REDIS_DOWN,
                Label.DEPENDENCY_REDIS_DOWN,
                "The auth service does not reach Redis",
            ),
        )
    )


REFUSED_EXCHANGE_RULES: tuple[Rule, ...] = (
    # What the refusal means; the order is that of the server's own checks.
    *(_told("exchange refused", EXCHANGE_WORDS, WhyKind.OBSERVED, 0.9)),
    Rule(
        effect="exchange refused",
        cause="no exchange route",
        when=(Is("exchange.status", 404, 405, 410),),
        question="Why is the exchange not found?",
        answer="No route takes this request at {exchange.url}: the path is wrong, or the route"
        " was removed.",
        label=Label.WRONG_TARGET,
        confidence=0.85,
        signs=(
            Sign(
                when=AUTH_WELL,
                confidence=0.93,
                says="The same service's health answers {health.auth.status}.",
            ),
        ),
        open=Open(
            question="Is the path wrong, or was the route removed?",
            experiment="Look the path up in the auth service's OpenAPI document.",
        ),
    ),
    Rule(
        effect="exchange refused",
        cause="taken for production",
        when=(Is("exchange.status", 403), Matches("exchange.detail", "production|environment")),
        question="Why did the exchange refuse?",
        answer='The auth service takes itself for another environment: "{exchange.detail}".',
        label=Label.STARTUP_CONFIG_INVALID,
        confidence=0.75,
        open=Open(
            question="Is this the staging service with a wrong environment, or another service?",
            experiment="Compare the auth service's address and its environment setting with what"
            " is expected.",
        ),
    ),
    Rule(
        effect="exchange refused",
        cause="key did not arrive",
        when=(
            # A field of the body can be required, too.
            AnyOf(
                Is("exchange.status", 401, 403),
                AllOf(Is("exchange.status", 400), Matches("exchange.detail", r"\bkey\b|header")),
            ),
            Matches("exchange.detail", r"required|missing|not provided|no \w*[ -]?key"),
            Not(Matches("exchange.detail", "invalid|mismatch|wrong|incorrect")),
        ),
        question="Why did the exchange refuse?",
        answer='The server says that no key arrived: "{exchange.detail}".',
        label=Label.BYPASS_KEY_MISSING,
        signs=(
            Sign(
                when=Is("exchange.key_present", True),
                confidence=0.9,
                says="A key was sent, so the header has another name there or was dropped on the"
                " way.",
            ),
        ),
        open=Open(
            question="Where does the header get lost?",
            experiment="Compare the header's name in the target's configuration with the one the"
            " server reads.",
        ),
    ),
    *NO_KEY_THERE_RULES,
    Rule(
        effect="exchange refused",
        cause="too many exchanges",
        when=(Is("exchange.status", 429),),
        question="Why did the exchange refuse?",
        answer="The auth service limits how often it may be asked.",
        label=Label.RATE_LIMITED,
        confidence=0.95,
        signs=(asks_to_wait("exchange"),),
    ),
    Rule(
        effect="exchange refused",
        cause="key refused",
        when=(KEY_SEEMS_REFUSED,),
        question="Why did the exchange refuse?",
        answer="The server compared our key #{exchange.key_fingerprint} with its own and refused"
        " it.",
        label=Label.BYPASS_KEY_MISMATCH,
        confidence=0.9,
        signs=(
            Sign(
                when=AllOf(Not(KEY_NAMED), Not(KEY_FAULTED)),
                confidence=0.7,
                says="The words do not mention the key.",
            ),
            COMPARED_SIGN,
            Sign(
                when=AllOf(KEY_NAMED, KEY_REFUSED, Is("key_dummy.status", 401, 403)),
                confidence=0.97,
                says="A dummy key gets the same answer, and so does our key with a body that is"
                " not JSON ({key_non_json.status}), which an accepted key would get past.",
            ),
            Sign(
                when=AllOf(KEY_NAMED, KEY_REFUSED, Lacks("key_dummy.status")),
                confidence=0.95,
                says="Our key with a body that is not JSON gets {key_non_json.status}: an accepted"
                " key would get past that.",
            ),
            Sign(
                when=STRIPPED_ACCEPTED,
                confidence=0.97,
                says="Without what surrounds it, the key is accepted ({key_stripped.status}).",
            ),
        ),
        open=DIFFERENT_KEY,
    ),
    Rule(
        effect="exchange refused",
        cause="refused for another reason",
        when=(Is("exchange.status", 401, 403), KEY_ACCEPTED),
        question="Why did the exchange refuse?",
        answer=f"The key alone is not why: with a body that is not JSON the same one is accepted"
        f" ({{key_non_json.status}}). What was refused is told as {_TOLD}.",
        label=Label.INSUFFICIENT_EVIDENCE,
        confidence=0.5,
        open=_WHAT_IS_REFUSED,
    ),
    Rule(
        effect="exchange refused",
        cause="refused for another reason",
        when=(Is("exchange.status", 401, 403), KEY_MAY_BE_ACCEPTED),
        question="Why did the exchange refuse?",
        answer="Nothing shows that it was the key: with a body that is not JSON the same one gets"
        " {key_non_json.status}, as one that is accepted would. Whether a wrong one gets that too"
        f" was not seen. What was refused is told as {_TOLD}.",
        label=Label.INSUFFICIENT_EVIDENCE,
        confidence=0.5,
        open=_WHAT_IS_REFUSED,
    ),
    Rule(
        effect="exchange refused",
        cause="refused for another reason",
        when=(Is("exchange.status", 401, 403), SAME_WITHOUT_KEY),
        question="Why did the exchange refuse?",
        answer="Nothing shows that it was the key: without any key the answer is"
        f" {{key_none.status|exchange.none_status}} as well. What was refused is told as {_TOLD}.",
        label=Label.INSUFFICIENT_EVIDENCE,
        confidence=0.4,
        open=_WHAT_IS_REFUSED,
    ),
    Rule(
        effect="exchange refused",
        cause="key refused, likely",
        when=(Is("exchange.status", 401, 403),),
        question="Why did the exchange refuse?",
        answer="The server refused the request with our key #{exchange.key_fingerprint}. The"
        f" words do not mention the key: {_TOLD}.",
        label=Label.BYPASS_KEY_MISMATCH,
        confidence=0.6,
        open=Open(
            question="Is it the key?",
            experiment="Send a dummy key, and none: if the answer is the same, look at what stands"
            " before the auth service.",
        ),
    ),
    Rule(
        effect="exchange refused",
        cause="exchange body refused",
        when=(Is("exchange.status", 400, 413, 415, 422),),
        question="Why did the exchange refuse?",
        answer=f"What is refused is the request that carried the key, by its form: {_TOLD}.",
        label=Label.CLIENT_API_MISUSE,
        confidence=0.75,
        signs=(
            Sign(
                when=KEY_ACCEPTED,
                confidence=0.85,
                says="The key itself is accepted ({key_non_json.status} to a body that is not"
                " JSON).",
            ),
        ),
    ),
    Rule(
        effect="exchange refused",
        cause="exchange redirected",
        when=(Not(Above("exchange.status", 399)),),
        question="Why did the exchange give no token?",
        answer="The exchange redirects elsewhere: it does not live at {exchange.url}.",
        label=Label.WRONG_TARGET,
        confidence=0.75,
    ),
    # Its own health tells why; that this is why the exchange fails is likely.
    *(_told("exchange refused", AUTH_WORDS, WhyKind.INFERRED, 0.8)),
    Rule(
        effect="exchange refused",
        cause="auth service failing",
        when=(Above("exchange.status", 499),),
        question="Why did the exchange refuse?",
        answer="The auth service failed to answer properly; that is not about the key.",
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        confidence=0.85,
        signs=(
            asks_to_wait("exchange"),
            Sign(
                when=AnyOf(Above("health.auth.status", 499), Has("health.auth.error")),
                confidence=0.96,
                says="Its health says so, too ({health.auth.status|health.auth.error}).",
            ),
            Sign(
                when=AllOf(KEY_ACCEPTED, AUTH_WELL),
                confidence=0.9,
                says="The key itself is accepted ({key_non_json.status} to a body that is not"
                " JSON).",
            ),
        ),
        open=Open(
            question="Why does the auth service fail?",
            experiment="Read the auth service's log of the same minute and revision.",
        ),
    ),
)
