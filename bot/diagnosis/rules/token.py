"""Why there was no token to send, and why the one that was sent did not do."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Below, Has, Is
from bot.diagnosis.rule import Open, Rule
from bot.diagnosis.rules.expiry import EXPIRY_RULES, SKEW_S
from bot.diagnosis.rules.works import (
    EXCHANGED_SENT,
    FALLBACK_SENT,
    UPGRADE_REFUSED,
    WHAT_CHANGED,
    opens,
    refused,
    works,
)
from bot.labels import Label
from bot.model import WhyKind

# The forged token is ours but for its signature.
_SIGNATURE_ACCEPTED = Is("token_garbage.same", False)

# What comes behind the upgrade is another matter.
_MINTED_OPENS = AllOf(UPGRADE_REFUSED, opens("token_minted"))

TOKEN_RULES: tuple[Rule, ...] = (
    Rule(
        effect="no token",
        cause="no fallback secret",
        when=(Is("token.secret_present", False),),
        answer="There is no token to send: the exchange gave none, and there is no secret to mint"
        " one with.",
        label=Label.JWT_TOKEN_ABSENT,
        confidence=0.95,
    ),
    Rule(
        effect="no token",
        cause="no token at all",
        when=(Is("token.source", "none"),),
        answer="There is no token to send: the exchange gave none, and none could be minted"
        " ({token.secret_problem|'for no reason that was recorded'}).",
        label=Label.JWT_TOKEN_ABSENT,
        confidence=0.9,
    ),
    Rule(
        effect="no fallback secret",
        cause="fallback secret unreadable",
        when=(Has("token.secret_problem"),),
        question="Why is there no secret?",
        answer="The reference {token.secret_source} gives none: {token.secret_problem}.",
        confidence=0.97,
    ),
    # One link deeper.
    Rule(
        effect="token refused",
        cause="token accepted later",
        when=(works("connect_again"), Not(Has("events.welcome_type"))),
        question="Why was the token refused?",
        answer="A moment later the same token is accepted: its signature and its claims are what"
        " the server wants.",
        kind=WhyKind.INFERRED,
        confidence=0.7,
        open=WHAT_CHANGED,
    ),
    Rule(
        effect="token refused",
        cause="claims missing",
        when=(works("token_full_claims"),),
        question="Why was the token refused?",
        answer="The same token with every claim the auth service sets is accepted: the fallback"
        " token lacks one the server wants.",
        confidence=0.97,
    ),
    Rule(
        effect="token refused",
        cause="fallback differs",
        when=(FALLBACK_SENT, works("token_exchanged")),
        question="Why was the token refused?",
        answer="A token from the exchange is accepted, ours is not: the secret we mint with, or a"
        " claim, differs.",
        confidence=0.96,
    ),
    Rule(
        effect="token refused",
        cause="auth service signs differently",
        when=(EXCHANGED_SENT, AnyOf(works("token_minted"), _MINTED_OPENS)),
        question="Why was the token refused?",
        answer="A token minted with our secret is accepted, the auth service's own is not: the"
        " auth service signs with another secret than the backend checks with, or a claim"
        " differs.",
        kind=WhyKind.INFERRED,
        confidence=0.95,
    ),
    Rule(
        effect="token refused",
        cause="clocks differ",
        when=(
            AnyOf(Above("health.backend.skew_s", SKEW_S), Below("health.backend.skew_s", -SKEW_S)),
            Not(Is("token_server_time.same", True)),
        ),
        question="Why was the token refused?",
        answer="The backend's clock is {health.backend.skew_s} s from ours, which moves the"
        " token's times out of what servers allow.",
        about_token=False,
        kind=WhyKind.INFERRED,
        confidence=0.75,
    ),
    Rule(
        effect="token refused",
        cause="auth service accepts it",
        when=(
            FALLBACK_SENT,
            Is("token_verified.valid", True),
            Is("token_verified.forged_valid", False),
            Not(_SIGNATURE_ACCEPTED),
        ),
        question="Why was the token refused?",
        answer="The auth service calls the very same token valid, and a forged one not: our secret"
        " is the auth service's. The backend checks with another secret, or asks for more than"
        " the auth service does.",
        about_token=False,
        kind=WhyKind.INFERRED,
        confidence=0.85,
        open=Open(
            question="Is it the backend's secret, or a claim that this token lacks?",
            experiment="Compare the fingerprint of the backend's secret with ours, and read what"
            " it logs when it refuses the token.",
        ),
    ),
    Rule(
        effect="token refused",
        cause="auth service refuses it too",
        when=(FALLBACK_SENT, Is("token_verified.valid", False), Not(_SIGNATURE_ACCEPTED)),
        question="Why was the token refused?",
        answer="The auth service does not accept the token either"
        " ({token_verified.detail|'it gives no reason'}): the secret from {token.secret_source},"
        " or a claim that we set, is not the target's.",
        kind=WhyKind.INFERRED,
        confidence=0.88,
        open=Open(
            question="Is it the secret or a claim?",
            experiment="Compare the fingerprints of the two secrets, and our claims with those of"
            " a token that the exchange gave.",
        ),
    ),
    Rule(
        effect="token refused",
        cause="signature accepted",
        when=(_SIGNATURE_ACCEPTED,),
        question="Why was the token refused?",
        answer="A forged signature is refused differently"
        " ({token_garbage.error_code|token_garbage.close_reason|token_garbage.outcome}): this one"
        " was accepted, and what was refused lies behind it.",
        kind=WhyKind.INFERRED,
        confidence=0.85,
        open=Open(
            question="What behind the signature is refused: a claim, the user, or the session?",
            experiment="Compare the claims of this token with those that the server asks for, and"
            " read its log of this refusal.",
        ),
    ),
    Rule(
        effect="token refused",
        cause="every token refused",
        when=(EXCHANGED_SENT, refused("token_minted"), Not(_MINTED_OPENS)),
        question="Why was the token refused?",
        answer="The auth service's token and one minted with our secret are both refused: the"
        " backend's own secret or its check is wrong.",
        kind=WhyKind.INFERRED,
        confidence=0.85,
        open=Open(
            question="Is it the backend's secret, a claim, or its call to the auth service?",
            experiment="Ask the auth service to validate the same token, and read what the"
            " backend logs of this refusal.",
        ),
    ),
    Rule(
        effect="token refused",
        cause="fallback secret differs, likely",
        when=(FALLBACK_SENT,),
        question="Why was the token refused?",
        answer="It was minted here with the secret from {token.secret_source}: that secret, or a"
        " claim, differs from what the server wants.",
        kind=WhyKind.INFERRED,
        confidence=0.75,
        open=Open(
            question="Is it the secret or a claim?",
            experiment="Get a token from the exchange: if that one is accepted, our secret or"
            " claims are wrong; if not, the server's are. Or read what the backend logs of this"
            " refusal.",
        ),
    ),
    Rule(
        effect="token refused",
        cause="exchanged token refused",
        when=(EXCHANGED_SENT,),
        question="Why was the token refused?",
        answer="The auth service issued it a moment before: the backend checks with another"
        " secret or wants other claims than the auth service sets.",
        kind=WhyKind.INFERRED,
        confidence=0.8,
        open=Open(
            question="Is it the secret or a claim?",
            experiment="Send a token minted with our secret: if it is accepted, the two services"
            " differ.",
        ),
    ),
    *EXPIRY_RULES,
    Rule(
        effect="token did not arrive",
        cause="token not sent",
        when=(Is("connect.authorization_sent", False),),
        question="Why did no token arrive?",
        answer="stagecheck did not send an Authorization header: the target's configuration says"
        " so.",
        confidence=0.95,
    ),
    Rule(
        effect="token did not arrive",
        cause="header lost on the way",
        when=(Is("connect.authorization_sent", True), Not(works("subprotocol_token"))),
        question="Why did no token arrive?",
        answer="stagecheck sent the Authorization header, so it was dropped between here and the"
        " application.",
        kind=WhyKind.INFERRED,
        confidence=0.9,
        open=Open(
            question="Which proxy drops it?",
            experiment="Check the load balancer's rules for upgrade requests.",
        ),
    ),
    Rule(
        effect="token did not arrive",
        cause="only the header is lost",
        when=(works("subprotocol_token"),),
        question="Why did no token arrive?",
        answer="The same token is accepted when it travels in the subprotocol: only the"
        " Authorization header is dropped on the way.",
        confidence=0.97,
        open=Open(
            question="Which proxy drops it?",
            experiment="Check the load balancer's rules for upgrade requests.",
        ),
    ),
)
