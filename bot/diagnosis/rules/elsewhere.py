"""An upgrade that was asked of the wrong address or path."""

from bot.diagnosis.combined import AllOf
from bot.diagnosis.conditions import Above, Below, Is, Lacks, Matches
from bot.diagnosis.rule import Rule, Sign
from bot.diagnosis.rules.works import BACKEND_WELL, opens, works
from bot.labels import Label

_WHY = "Why did the server refuse?"

ELSEWHERE_RULES: tuple[Rule, ...] = (
    Rule(
        effect="refused",
        cause="no socket route",
        when=(Is("connect.status", 404, 405, 426),),
        question=_WHY,
        answer="No socket is served at {connect.url}.",
        label=Label.WRONG_TARGET,
        confidence=0.85,
        signs=(
            Sign(
                when=works("sibling_path"),
                confidence=0.97,
                says="A sibling path takes the connection.",
            ),
            Sign(
                when=AllOf(BACKEND_WELL, Lacks("sibling_path.outcome")),
                confidence=0.92,
                says="The same host's health answers {health.backend.status}.",
            ),
        ),
    ),
    Rule(
        effect="refused",
        cause="upgrade redirected",
        when=(Above("connect.status", 299), Below("connect.status", 400)),
        question=_WHY,
        answer="{connect.url} sends us elsewhere ({connect.error_text|connect.status}): the socket"
        " does not live there, or something in between asks for a login first.",
        label=Label.WRONG_TARGET,
        confidence=0.75,
    ),
    Rule(
        effect="refused",
        cause="no socket spoken",
        when=(Above("connect.status", 199), Below("connect.status", 300)),
        question=_WHY,
        answer="What answers at {connect.url} takes the upgrade for an ordinary request: it"
        " serves no socket.",
        label=Label.WRONG_TARGET,
        confidence=0.8,
        signs=(
            Sign(
                when=Matches("connect.body", r"<!doctype|<html"),
                confidence=0.93,
                says="Its answer is a web page.",
            ),
        ),
    ),
    Rule(
        effect="refused",
        cause="path guarded",
        when=(Is("connect.status", 401, 403), opens("sibling_path")),
        question=_WHY,
        answer="This path is closed to us, while a sibling path takes the same token.",
        label=Label.WRONG_TARGET,
        confidence=0.85,
    ),
)
