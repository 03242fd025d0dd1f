"""Why the socket did not open, or was closed, when the server gave no telling words."""

from bot.diagnosis.combined import AllOf, AnyOf, Not
from bot.diagnosis.conditions import Above, Condition, Has, Is, Matches, Same
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.backend import BACKEND_IS_DOWN
from bot.diagnosis.rules.elsewhere import ELSEWHERE_RULES
from bot.diagnosis.rules.health import unplaced
from bot.diagnosis.rules.patience import asks_to_wait
from bot.diagnosis.rules.unreached import unreached
from bot.diagnosis.rules.works import (
    BACKEND_SILENT,
    BACKEND_WELL,
    FALLBACK_SENT,
    LOG,
    PASSED_BY,
    WHAT_CHANGED,
    opens,
    refused,
    works,
)
from bot.diagnosis.said import QUOTA, RATE_LIMIT, SOCKET_WORDS, SUBPROTOCOL, quote, says
from bot.labels import Label
from bot.model import WhyKind

_SAID = f'"{quote(SOCKET_WORDS)}"'
_WHY = "Why did the server refuse?"
_WHO_HOLDS_THEM = Open(
    question="Who holds the connections?",
    experiment="List the user's open sockets; if there are none, the server does not count them"
    " down.",
)


_FORBIDDEN: tuple[tuple[tuple[Condition, ...], str, Open], ...] = (
    (
        (Matches("connect.body", r"<!doctype|<html"),),
        'comes as a web page ("{connect.body}"), as of a guard in front of the application',
        Open(
            question="Whose page is it, and which of its rules did we meet?",
            experiment="Search the firewall or gateway in front of the target for this request; its"
            " page may carry an id to look for.",
        ),
    ),
    (
        (Has("connect.body"),),
        'says only "{connect.body}"',
        Open(
            question="What does the server mean by that?",
            experiment="Read the server's log for this upgrade.",
        ),
    ),
    (
        (),
        "gives no reason",
        Open(
            question="Is it the token, the user, a header or the path?",
            experiment="Read the server's log for this upgrade, and that of what stands in front"
            " of it; what was varied from here, one thing at a time, stands in the transcript.",
        ),
    ),
)


def _no_common_subprotocol(effect: str) -> Rule:
    return Rule(
        effect=effect,
        cause="no common subprotocol",
        when=(
            AnyOf(
                says(SUBPROTOCOL, ("connect.close_reason", "events.close_reason", "connect.body")),
                Matches("connect.error_text", SUBPROTOCOL),
                AllOf(Is("connect.status", 400, 401, 403), opens("no_subprotocol")),
            ),
        ),
        question=_WHY,
        answer="Client and server do not agree on a subprotocol"
        " ({connect.error_text|connect.close_reason|events.close_reason|connect.status}).",
        label=Label.WS_SUBPROTOCOL_REJECTED,
        confidence=0.9,
        signs=(
            Sign(
                when=opens("no_subprotocol"),
                confidence=0.97,
                says="Without any subprotocol offered, the socket opens.",
            ),
        ),
        open=Open(
            question="Which subprotocol does the server know?",
            experiment="Compare the offer in the target's configuration with the server's list.",
        ),
    )


def _intermittent(
    met: Condition, label: Label, *, effect: str = "refused", confidence: float = 0.6
) -> Rule:
    """Return the rule for what is over by itself: what met the first try names it, if anything."""
    is_refused = effect == "refused"
    met_then = (
        "The upgrade was answered with {connect.status}"
        if is_refused
        else "The socket did not open ({connect.error_text|connect.error})"
    )
    return Rule(
        effect=effect,
        cause="intermittent",
        when=(met, PASSED_BY),
        question=_WHY if is_refused else "Why did the socket not open?",
        answer=f"{met_then}; a moment later the same connection, with the same token, is accepted.",
        label=label,
        confidence=confidence,
        open=WHAT_CHANGED,
    )


HANDSHAKE_RULES: tuple[Rule, ...] = (
    *(_no_common_subprotocol(effect) for effect in ("refused", "socket unopened")),
    _intermittent(
        Is("connect.error", "timeout", "reset", "refused"),
        Label.BACKEND_UNRESPONSIVE,
        effect="socket unopened",
    ),
    *unreached(
        effect="socket unopened",
        step="connect",
        server="The server",
        question="Why did the socket not open?",
        down=Label.BACKEND_UNRESPONSIVE,
    ),
    Rule(
        effect="refused",
        cause="too many connections of one user",
        when=(says(QUOTA, SOCKET_WORDS), works("fresh_user")),
        question=_WHY,
        answer=f"The server counts too many connections for this user: {_SAID}. Another user id"
        " gets in.",
        label=Label.WS_QUOTA_EXCEEDED,
        confidence=0.97,
        open=_WHO_HOLDS_THEM,
    ),
    Rule(
        effect="refused",
        cause="too many connections",
        when=(says(QUOTA, SOCKET_WORDS),),
        question=_WHY,
        answer=f"The server counts too many connections: {_SAID}.",
        label=Label.WS_QUOTA_EXCEEDED,
        confidence=0.9,
        open=_WHO_HOLDS_THEM,
    ),
    Rule(
        effect="refused",
        cause="too many requests",
        when=(AnyOf(says(RATE_LIMIT, SOCKET_WORDS), Is("connect.status", 429)),),
        question=_WHY,
        answer=f"The server limits how often it may be asked: {_SAID}.",
        label=Label.RATE_LIMITED,
        confidence=0.92,
        signs=(asks_to_wait("connect"),),
    ),
    # The address and the path are those that work by now.
    _intermittent(Is("connect.status", 404, 405, 426), Label.INSUFFICIENT_EVIDENCE, confidence=0.4),
    # One of two instances, a cached verdict, a guard that waits: a bare refusal tells none of them.
    _intermittent(Is("connect.status", 400, 401, 403), Label.WS_HANDSHAKE_FORBIDDEN),
    _intermittent(
        AllOf(Is("connect.status", 500), Not(BACKEND_IS_DOWN)), Label.WS_SERVER_CODE_ERROR
    ),
    *ELSEWHERE_RULES,
    Rule(
        effect="refused",
        cause="token refused",
        when=(
            Is("connect.status", 401, 403),
            AnyOf(opens("token_exchanged"), opens("token_minted"), opens("token_full_claims")),
        ),
        question=_WHY,
        answer="The refusal depends on the token: another one gets its upgrade with the same"
        " headers.",
        label=Label.JWT_REJECTED,
        about_token=True,
        confidence=0.95,
    ),
    Rule(
        effect="refused",
        cause="user refused",
        when=(
            Is("connect.status", 401, 403),
            works("fresh_user"),
            # A fresh user comes with a token minted here: that must not be the difference.
            AnyOf(FALLBACK_SENT, refused("token_minted")),
        ),
        question=_WHY,
        answer="The refusal depends on the user: a token for another user id is accepted.",
        label=Label.USER_ID_REJECTED,
        confidence=0.9,
    ),
    *(
        Rule(
            effect="refused",
            cause="upgrade forbidden",
            when=(Is("connect.status", 401, 403), *words),
            question=_WHY,
            answer=f"The refusal came before the socket was accepted, and {told}.",
            label=Label.WS_HANDSHAKE_FORBIDDEN,
            confidence=0.8,
            signs=(
                Sign(
                    when=AnyOf(
                        Same("token_none.status", "connect.status"),
                        Same("token_garbage.status", "connect.status"),
                    ),
                    confidence=0.9,
                    says="Without a token, or with a garbage one, the answer is the same.",
                ),
            ),
            open=asked,
        )
        for words, told, asked in _FORBIDDEN
    ),
    Rule(
        effect="refused",
        cause="exception before accept",
        when=(
            Is("connect.status", 500),
            Not(Above("health.backend.status", 499)),
            Not(BACKEND_SILENT),
        ),
        question=_WHY,
        answer="An HTTP 500 before the socket was accepted is an exception in the code on the"
        " socket's path.",
        label=Label.WS_SERVER_CODE_ERROR,
        kind=WhyKind.INFERRED,
        confidence=0.65,
        signs=(
            Sign(
                when=BACKEND_WELL,
                confidence=0.85,
                says="The backend's health answers {health.backend.status}.",
            ),
            Sign(
                when=AnyOf(Is("token_none.status", 500), Is("token_garbage.status", 500)),
                confidence=0.93,
                says="Without a token, or with a garbage one, it is the same 500.",
            ),
            Sign(
                when=works("sibling_path"),
                confidence=0.96,
                says="A sibling path of the same backend takes the connection.",
            ),
        ),
        open=Open(
            question="Which exception is it?",
            experiment="Read the server's log of this upgrade: the answer itself does not quote"
            " it.",
        ),
    ),
    Rule(
        effect="refused",
        cause="backend down",
        when=(Above("connect.status", 499), BACKEND_IS_DOWN),
        question=_WHY,
        answer="The backend as a whole does not answer properly: its health gives"
        " {cited:health.backend.error|health.backend.status|health.ready.status}.",
        label=Label.BACKEND_5XX,
        confidence=0.93,
        signs=(
            Sign(
                when=works("connect_again"),
                confidence=0.75,
                says="A moment later the same connection is accepted.",
            ),
            unplaced("health.backend"),
        ),
        open=Open(question="Why does the backend not answer properly?", experiment=LOG),
    ),
    Rule(
        effect="refused",
        cause="cold start",
        when=(Above("connect.status", 499), works("connect_again")),
        question=_WHY,
        answer="Nothing took the upgrade at that moment: a moment later the same connection is"
        " accepted.",
        label=Label.STARTUP_RACE,
        kind=WhyKind.INFERRED,
        confidence=0.8,
    ),
    Rule(
        effect="refused",
        cause="upgrade unavailable",
        when=(Above("connect.status", 499),),
        question=_WHY,
        answer="Nothing behind the edge takes the upgrade, while the backend's health answers"
        " {health.backend.status}.",
        label=Label.BACKEND_5XX,
        confidence=0.8,
        signs=(asks_to_wait("connect"),),
        open=Open(question="Why does the upgrade get {connect.status}?", experiment=LOG),
    ),
)
