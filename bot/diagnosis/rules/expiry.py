"""Why a token had expired when it was looked at."""

from bot.diagnosis.combined import Not
from bot.diagnosis.conditions import Above, Below, ClaimOver, Has
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.works import EXCHANGED_SENT
from bot.model import WhyKind

# A clock this far off moves `iat` and `exp` beyond the leeway servers usually give.
SKEW_S = 60.0

EXPIRY_RULES: tuple[Rule, ...] = (
    Rule(
        effect="token expired",
        cause="clock of the target ahead",
        when=(Above("health.backend.skew_s", SKEW_S),),
        question="Why had it expired?",
        answer="The backend's clock is {health.backend.skew_s} s ahead of ours.",
        about_token=False,
        confidence=0.93,
        open=Open(
            question="Which of the two clocks is wrong?",
            experiment="Compare both with a third clock.",
        ),
    ),
    Rule(
        effect="token expired",
        cause="token born expired",
        when=(EXCHANGED_SENT, ClaimOver("token.claims", "exp")),
        question="Why had it expired?",
        answer="The auth service issued it with an expiry that was over when we got it: its clock"
        " is behind.",
        kind=WhyKind.INFERRED,
        confidence=0.9,
        signs=(
            Sign(
                when=Below("health.auth.skew_s", -SKEW_S),
                confidence=0.97,
                says="Its Date header is {health.auth.skew_s} s from our clock.",
            ),
        ),
    ),
    Rule(
        effect="token expired",
        cause="token too short",
        when=(Below("token.ttl_s", 60),),
        question="Why had it expired?",
        answer="It was made to live for {token.ttl_s} s only.",
        confidence=0.85,
    ),
    Rule(
        effect="token expired",
        cause="verdict from memory, likely",
        when=(
            Has("token.claims"),
            Not(ClaimOver("token.claims", "exp")),
            Below("health.backend.skew_s", SKEW_S),
            Above("health.backend.skew_s", -SKEW_S),
        ),
        question="Why had it expired?",
        answer="The token is still good by our clock and by the backend's, which are"
        " {health.backend.skew_s} s apart: the server answers from memory, or looks at another"
        " time than the token's.",
        kind=WhyKind.INFERRED,
        confidence=0.8,
        open=Open(
            question="Is an old verdict cached?",
            experiment="Run again after a minute with a new token.",
        ),
    ),
    Rule(
        effect="token expired",
        cause="clock of the backend ahead, likely",
        when=(Has("token.claims"), Not(ClaimOver("token.claims", "exp"))),
        question="Why had it expired?",
        answer="By our clock the token is still good; so the backend's clock is ahead, or it"
        " answers from memory.",
        about_token=False,
        kind=WhyKind.INFERRED,
        confidence=0.85,
        open=Open(
            question="Is the backend's clock ahead, or is an old verdict cached?",
            experiment="Run again after a minute with a new token; compare the backend's Date"
            " header with ours.",
        ),
    ),
)
