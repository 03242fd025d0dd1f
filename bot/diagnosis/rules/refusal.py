"""What the server says when it refuses a token, a user, or itself."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Has, Is, Lacks, Matches
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.works import AUTH_WELL, works
from bot.diagnosis.said import (
    AUTH_SERVICE,
    AUTH_WORDED,
    CALL_FAILED,
    JWT_ABSENT,
    JWT_EXPIRED,
    JWT_REFUSED,
    PERMISSION,
    SERVICE_AUTH,
    SOCKET_WORDS,
    USER_ID_REFUSED,
    USER_UNKNOWN,
    quote,
    says,
)
from bot.labels import Label
from bot.model import WhyKind

_SAID = f'"{quote(SOCKET_WORDS)}"'
_FRAME = ("events.error_code", "events.error_message", "events.error_detail")
_ANOTHER_ACCEPTED = Sign(
    when=AnyOf(works("token_exchanged"), works("token_minted"), works("token_full_claims")),
    confidence=0.96,
    says="Another token is accepted.",
)
_WHY = "Why did the server refuse?"

# How the server words a refusal that concerns the token; program exceptions were ruled out before.
REFUSED_TOKEN_RULES: tuple[Rule, ...] = (
    Rule(
        effect="refused",
        cause="service identity refused",
        # A frame can name who was refused beside its words.
        when=(
            AnyOf(
                says(SERVICE_AUTH, SOCKET_WORDS),
                AllOf(
                    Matches("events.error_details", r"\bservice:[\w.-]+"),
                    Has("events.error_message"),
                ),
            ),
        ),
        question=_WHY,
        answer=f"The backend's own identity was refused, not ours: {_SAID}.",
        label=Label.SERVICE_AUTH_MISCONFIGURED,
        confidence=0.88,
        open=Open(
            question="What is wrong with the backend's service credentials?",
            experiment="Check its service id and secret for a missing value or a stray newline.",
        ),
    ),
    Rule(
        effect="refused",
        cause="auth service failing",
        when=(says(AUTH_SERVICE, SOCKET_WORDS),),
        question=_WHY,
        answer=f"The backend got no verdict from the auth service: {_SAID}.",
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        confidence=0.85,
        signs=(
            Sign(
                when=AUTH_WELL,
                confidence=0.75,
                says="The auth service answers us in {health.auth.latency_ms} ms, so the call"
                " between the two fails.",
            ),
            Sign(
                when=AnyOf(Above("health.auth.status", 499), Has("health.auth.error")),
                confidence=0.95,
                says="The auth service does not answer us either"
                " ({health.auth.status|health.auth.error}).",
            ),
        ),
        open=Open(
            question="Is the auth service down, too slow for the backend, or refusing it?",
            experiment="Read the backend's log for the call to the auth service.",
        ),
    ),
    Rule(
        effect="refused",
        cause="auth service failing",
        # Whatever it is that the check of a token asks: it was not reached, so nothing was refused.
        when=(says(AUTH_WORDED, _FRAME), says(CALL_FAILED, _FRAME)),
        question=_WHY,
        answer="The words are about authentication, but what failed is a connection of the"
        f" backend's own: {_SAID}.",
        label=Label.AUTH_SERVICE_UNAVAILABLE,
        kind=WhyKind.INFERRED,
        confidence=0.7,
        signs=(
            Sign(
                when=AUTH_WELL,
                confidence=0.65,
                says="The auth service answers us in {health.auth.latency_ms} ms; what the backend"
                " calls may be another part.",
            ),
        ),
        open=Open(
            question="What does the backend call there?",
            experiment="Look the address up that is quoted, or read the backend's log of this"
            " call.",
        ),
    ),
    Rule(
        effect="refused",
        cause="token expired",
        when=(says(JWT_EXPIRED, SOCKET_WORDS),),
        question=_WHY,
        answer=f"The server says that the token has expired: {_SAID}.",
        label=Label.JWT_EXPIRED,
        about_token=True,
        confidence=0.9,
        open=Open(
            question="Why had it expired?",
            experiment="Compare the token's times with the clocks of the services.",
        ),
    ),
    Rule(
        effect="refused",
        cause="user id refused",
        when=(says(USER_ID_REFUSED, SOCKET_WORDS),),
        question=_WHY,
        answer=f"The server does not accept the form of the user id: {_SAID}.",
        label=Label.USER_ID_REJECTED,
        signs=(
            Sign(
                when=works("fresh_user"),
                confidence=0.97,
                says="A token for another user id is accepted.",
            ),
        ),
        open=Open(
            question="Which user ids does the server accept?",
            experiment="Change only the subject of the token and keep the secret.",
        ),
    ),
    Rule(
        effect="refused",
        cause="user unknown",
        when=(says(USER_UNKNOWN, SOCKET_WORDS),),
        question=_WHY,
        answer=f"The server does not know the user: {_SAID}.",
        label=Label.USER_NOT_FOUND,
        open=Open(
            question="Does the user {token.subject|'an unnamed user'} exist?",
            experiment="Look the user up in the target's database.",
        ),
    ),
    Rule(
        effect="refused",
        cause="token did not arrive",
        when=(
            AnyOf(
                says(JWT_ABSENT, SOCKET_WORDS),
                AllOf(
                    Is("events.authorization_present", False),
                    Has("events.error_code"),
                    # A token can come another way than in the header, and be read and refused.
                    Not(says(JWT_REFUSED, SOCKET_WORDS)),
                    Not(Is("token_none.same", False)),
                ),
            ),
        ),
        question=_WHY,
        answer=f"The server says that no token arrived: {_SAID}.",
        label=Label.JWT_TOKEN_ABSENT,
        confidence=0.85,
        signs=(
            Sign(
                when=Is("events.authorization_present", False),
                confidence=0.96,
                says="Its details say that there was no Authorization header.",
            ),
        ),
    ),
    Rule(
        effect="refused",
        cause="token refused",
        when=(says(JWT_REFUSED, SOCKET_WORDS),),
        question=_WHY,
        answer=f"The server read the token and refused it: {_SAID}.",
        label=Label.JWT_REJECTED,
        about_token=True,
        confidence=0.85,
        signs=(_ANOTHER_ACCEPTED,),
    ),
    Rule(
        effect="refused",
        cause="token refused",
        when=(
            # Whatever the words are: it is the token that makes the difference.
            AnyOf(Is("events.close_code", 1008), Has("events.error_code")),
            Not(Is("events.close_code", 1011)),
            Lacks("events.welcome_type"),
            Is("token_garbage.same", True),
            Is("token_none.same", False),
        ),
        question=_WHY,
        answer=f"Our token is turned away as a garbage one is ({_SAID}), and no token at all is"
        " answered differently: the server reads it and does not accept it.",
        label=Label.JWT_REJECTED,
        about_token=True,
        confidence=0.8,
        signs=(_ANOTHER_ACCEPTED,),
    ),
    Rule(
        effect="refused",
        cause="permission refused",
        when=(
            AnyOf(says(AUTH_WORDED, _FRAME), says(PERMISSION, _FRAME)),
            Has("events.welcome_type"),
            Is("request.sent", True),
            AnyOf(Has("events.error_message"), Has("events.error_code")),
        ),
        question=_WHY,
        answer="The server greeted the token and then refused the request: what is missing is a"
        f" permission rather than a signature: {_SAID}.",
        label=Label.JWT_REJECTED,
        about_token=False,
        confidence=0.6,
        kind=WhyKind.INFERRED,
        open=Open(
            question="What may the user {token.subject|'of this token'} do?",
            experiment="Look up the permissions of that user, and those that the request asks for.",
        ),
    ),
    Rule(
        effect="refused",
        cause="token refused",
        when=(
            says(AUTH_WORDED, _FRAME),
            AnyOf(Has("events.error_message"), Has("events.error_code")),
        ),
        question=_WHY,
        answer="The server words this as an authentication failure and says nothing more:"
        f" {_SAID}.",
        label=Label.JWT_REJECTED,
        about_token=True,
        confidence=0.65,
        signs=(
            Sign(
                when=Is("token_garbage.same", True),
                confidence=0.75,
                says="A garbage token is refused in the same words.",
            ),
            Sign(
                when=Is("token_garbage.same", False),
                confidence=0.5,
                says="A garbage token is refused differently"
                " ({token_garbage.error_code|token_garbage.close_reason|token_garbage.outcome}).",
            ),
            _ANOTHER_ACCEPTED,
        ),
    ),
)
