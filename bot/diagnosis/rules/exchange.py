"""Why the exchange gave no token, before its refusal is looked into."""

from bot.diagnosis.combined import Not, RunIs
from bot.diagnosis.conditions import Above, Has, Is, Matches
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.key import DIFFERENT_KEY, KEY_FAULTED, STRIPPED_ACCEPTED
from bot.diagnosis.rules.unreached import unreached
from bot.diagnosis.rules.works import FALLBACK_SENT
from bot.labels import Label
from bot.model import Status

WHY_FALLBACK = "Why was that token sent?"
WHY_NONE = "Why did the exchange give no token?"

EXCHANGE_RULES: tuple[Rule, ...] = (
    Rule(
        effect="proper token missing",
        cause="exchange failed",
        when=(RunIs(Status.DEGRADED), FALLBACK_SENT),
        question=WHY_FALLBACK,
        answer="It worked only with the fallback token for {token.subject|'an unnamed user'}; the"
        " exchange gave none.",
        confidence=0.99,
    ),
    Rule(
        effect="proper token missing",
        cause="exchange failed",
        when=(FALLBACK_SENT,),
        question=WHY_FALLBACK,
        answer="It is the fallback token for {token.subject|'an unnamed user'}, sent because the"
        " exchange gave none.",
        confidence=0.99,
    ),
    Rule(
        effect="proper token missing",
        cause="exchange failed",
        when=(Is("token.source", "none"),),
        question=WHY_FALLBACK,
        answer="There was no token to connect with: the exchange gave none, and none was minted"
        " instead.",
        confidence=0.97,
    ),
    Rule(
        effect="proper token missing",
        cause="exchange failed",
        when=(Not(Has("connect.identity")),),
        question=WHY_FALLBACK,
        answer="The exchange of the bypass key gave no token.",
        confidence=0.97,
    ),
    Rule(
        effect="exchange failed",
        question=WHY_NONE,
        cause="no key here",
        when=(Is("exchange.key_present", False),),
        answer="stagecheck holds no bypass key, so none was sent.",
        label=Label.BYPASS_KEY_MISSING,
        confidence=0.97,
    ),
    Rule(
        effect="exchange failed",
        cause="key refused",
        when=(Is("exchange.error", "config"),),
        question=WHY_NONE,
        answer="Our key cannot be sent as it is: {exchange.error_text}.",
        label=Label.BYPASS_KEY_MISMATCH,
        confidence=0.9,
        signs=(
            Sign(
                when=STRIPPED_ACCEPTED,
                confidence=0.98,
                says="Without that the server accepts it ({key_stripped.status}).",
            ),
            Sign(
                when=Is("key_stripped.status", 401, 403),
                confidence=0.9,
                says="Without that the server refuses it all the same ({key_stripped.status}).",
            ),
        ),
    ),
    Rule(
        effect="exchange failed",
        question=WHY_NONE,
        cause="key refused",
        when=(Is("exchange.status", 200), Is("exchange.token_issued", False), KEY_FAULTED),
        answer="The exchange answered {exchange.status}, and refuses our key in words:"
        ' "{exchange.detail}".',
        label=Label.BYPASS_KEY_MISMATCH,
        confidence=0.85,
        open=DIFFERENT_KEY,
    ),
    Rule(
        effect="exchange failed",
        question=WHY_NONE,
        cause="no token in answer",
        when=(Is("exchange.status", 200), Is("exchange.token_issued", False)),
        answer="The exchange answered {exchange.status}, but its answer holds no token.",
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        confidence=0.6,
        open=Open(
            question="Why does the answer hold no token?",
            experiment="Compare the exchange's answer with the field named in the target's"
            " configuration.",
        ),
    ),
    *unreached(
        effect="exchange failed",
        question=WHY_NONE,
        step="exchange",
        server="The auth service",
        down=Label.AUTH_SERVICE_UNAVAILABLE,
    ),
    Rule(
        effect="exchange failed",
        question=WHY_NONE,
        cause="guard refuses the exchange",
        when=(
            Is("exchange.status", 401, 403, 406),
            Matches("exchange.body", r"<!doctype|<html"),
            Not(KEY_FAULTED),
        ),
        answer="The exchange was answered {exchange.status} with a web page"
        ' ("{exchange.body}"), as by a guard in front of the auth service: nothing shows that it'
        " was about the key.",
        label=Label.INSUFFICIENT_EVIDENCE,
        confidence=0.5,
        open=Open(
            question="Whose page is it, and which of its rules did we meet?",
            experiment="Search the firewall or gateway in front of the auth service for this"
            " request; its page may carry an id to look for.",
        ),
    ),
    Rule(
        effect="exchange failed",
        question=WHY_NONE,
        cause="exchange refused",
        when=(Above("exchange.status", 299),),
        answer="The exchange answered {exchange.status}"
        " \"{exchange.detail|exchange.body|'no words'}\".",
        confidence=0.99,
    ),
)
