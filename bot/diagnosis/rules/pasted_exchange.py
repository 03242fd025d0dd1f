"""Why the bypass key was not exchanged for a token, as a pasted log tells it."""

from bot.diagnosis.conditions import Condition
from bot.diagnosis.rule import Open, Rule
from bot.diagnosis.rules.pasted_words import quoted, seen
from bot.labels import Label
from bot.model import WhyKind

EXCHANGE_FACTS = (
    "bypass_key_refused", "bypass_key_missing", "bypass_key_unset_server",
    "bypass_for_production", "token_minting_failed",
)  # fmt: skip

_DIFFERENT = Open(
    question="Why do the two keys differ?",
    experiment="Compare the fingerprint of the key here with the one in the server's secret"
    " store, and check that the revision was started after the last rotation.",
)


def _told(
    cause: str,
    when: Condition,
    label: Label,
    answer: str,
    confidence: float = 0.92,
    open: Open | None = None,
) -> Rule:
    return Rule(
        effect="log exchange",
        cause=cause,
        when=(when,),
        question="Why was the key not exchanged for a token?",
        answer=answer,
        label=label,
        confidence=confidence,
        kind=WhyKind.OBSERVED,
        open=open,
    )


PASTED_EXCHANGE_RULES: tuple[Rule, ...] = (
    _told(
        "taken for production in log",
        seen("bypass_for_production"),
        Label.STARTUP_CONFIG_INVALID,
        "The auth service takes itself for another environment:"
        f' "{quoted("bypass_for_production")}".',
        0.75,
    ),
    _told(
        "server has no key in log",
        seen("bypass_key_unset_server"),
        Label.BYPASS_KEY_MISSING,
        f'The server holds no key to compare with: "{quoted("bypass_key_unset_server")}".',
    ),
    _told(
        "key refused in log",
        seen("bypass_key_refused"),
        Label.BYPASS_KEY_MISMATCH,
        "The server compared the key with its own and refused it:"
        f' "{quoted("bypass_key_refused")}".',
        0.95,
        _DIFFERENT,
    ),
    _told(
        "no key arrived in log",
        seen("bypass_key_missing"),
        Label.BYPASS_KEY_MISSING,
        f'No key reached the server, or there was none to send: "{quoted("bypass_key_missing")}".',
    ),
    _told(
        "minting failed in log",
        seen("token_minting_failed"),
        Label.AUTH_SERVICE_UNAVAILABLE,
        "The key was accepted, and the auth service could not make a token:"
        f' "{quoted("token_minting_failed")}".',
        0.85,
    ),
)
