"""What is wrong with the bypass key."""

from bot.diagnosis.combined import AllOf, AnyOf, Not, OtherThanBefore, SameAsBefore
from bot.diagnosis.conditions import Differs, Has, Is, IsNot, Lacks, Matches, Same
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.said import EXCHANGE_WORDS
from bot.labels import Label
from bot.model import WhyKind

_CAME_PAST = Is("key_non_json.status", 200, 422)
# A server that looks into the body first gives this to any key, and one that fails tells nothing:
# only where a wrong key is refused has ours been accepted.
_WRONG_REFUSED = AnyOf(Is("key_dummy.status", 401, 403), Is("key_non_json.wrong_refused", True))
KEY_ACCEPTED = AllOf(_CAME_PAST, _WRONG_REFUSED)
KEY_MAY_BE_ACCEPTED = AllOf(
    _CAME_PAST,
    Not(_WRONG_REFUSED),
    Not(AnyOf(Is("key_dummy.status", 200, 422), Is("key_non_json.wrong_refused", False))),
)
KEY_REFUSED = Is("key_non_json.status", 401, 403)
STRIPPED_ACCEPTED = AnyOf(
    Is("key_stripped.wrong_refused", True),
    # In runs of older versions nobody asked what a wrong one gets.
    AllOf(Is("key_stripped.status", 200, 422), Lacks("key_stripped.wrong_refused")),
)

# The exchange itself looked at what a wrong key gets, and none.
KEY_COMPARED = AllOf(Is("exchange.key_accepted", False), Has("exchange.none_status"))
KEY_NAMED = Matches("exchange.detail", r"key\b")
_NO_KEY_DIFFERS = AnyOf(
    Differs("key_none.status", "exchange.status"), Differs("key_none.detail", "exchange.detail")
)
_WRONG = r"(?:invalid|wrong|incorrect|mismatch|unknown|not valid|does not match|revoked|expired)"
# Not every server refuses a key with 401 or 403.
KEY_FAULTED = AnyOf(
    *(
        Matches(path, rf"key\b[^\n]{{0,40}}\b{_WRONG}\b|\b{_WRONG}\b[^\n]{{0,40}}key\b")
        for path in EXCHANGE_WORDS
    )
)
KEY_SEEMS_REFUSED = AllOf(
    AnyOf(
        AllOf(
            Is("exchange.status", 401, 403),
            AnyOf(KEY_NAMED, STRIPPED_ACCEPTED, AllOf(_NO_KEY_DIFFERS, KEY_REFUSED), KEY_COMPARED),
        ),
        AllOf(Is("exchange.status", 400, 422), KEY_FAULTED),
    ),
    Not(AnyOf(KEY_ACCEPTED, KEY_MAY_BE_ACCEPTED)),
)

SAME_WITHOUT_KEY = AnyOf(
    Same("key_none.status", "exchange.status"), Same("exchange.none_status", "exchange.status")
)
COMPARED_SIGN = Sign(
    when=KEY_COMPARED,
    confidence=0.95,
    says="A made-up key gets the same answer, and without a key it is another"
    " ({exchange.none_status}).",
)

_FAILS = Is("exchange.status", 500, 501, 503)
_NO_KEY_THERE = Open(
    question="Why does the server hold no key?",
    experiment="Check that the key's secret is mapped into the running revision and that it runs"
    " as staging.",
)
NO_KEY_THERE_RULES: tuple[Rule, ...] = (
    Rule(
        effect="exchange refused",
        cause="server has no key",
        when=(
            _FAILS,
            Matches("exchange.detail", "not configured|not enabled|disabled|no key|not set"),
        ),
        question="Why did the exchange refuse?",
        answer='The server holds no key to compare with: "{exchange.detail}".',
        label=Label.BYPASS_KEY_MISSING,
        signs=(
            Sign(
                when=Is("key_dummy.status", 500, 501, 503),
                confidence=0.97,
                says="A dummy key gets the same answer ({key_dummy.status}).",
            ),
        ),
        open=_NO_KEY_THERE,
    ),
    Rule(
        effect="exchange refused",
        cause="server has no key",
        # Whatever the words: it looks for a key before it fails, and any key makes it fail.
        when=(
            _FAILS,
            Same("key_dummy.status", "exchange.status"),
            Is("key_none.status", 400, 401, 403),
        ),
        question="Why did the exchange refuse?",
        answer="Without a key it asks for one ({key_none.status}); with ours, and with a dummy one,"
        " it fails alike ({exchange.status} \"{exchange.detail|'no words'}\"): it has none to"
        " compare with.",
        label=Label.BYPASS_KEY_MISSING,
        kind=WhyKind.INFERRED,
        confidence=0.85,
        open=_NO_KEY_THERE,
    ),
)

DIFFERENT_KEY = Open(
    question="Why do the two keys differ?",
    experiment=(
        "Compare the fingerprint of our key with the one in the server's secret store, and check"
        " that the running revision was started after the last rotation."
    ),
)

KEY_RULES: tuple[Rule, ...] = (
    # One link deeper.
    Rule(
        effect="no key here",
        cause="key unreadable",
        when=(Has("exchange.key_problem"),),
        question="Why is there no key?",
        answer="The reference {exchange.key_source} gives none: {exchange.key_problem}.",
        confidence=0.97,
    ),
    Rule(
        effect="no key here",
        cause="key not configured",
        when=(Lacks("exchange.key_problem"),),
        question="Why is there no key?",
        answer="The target's configuration names none.",
        confidence=0.9,
    ),
    Rule(
        effect="key refused",
        cause="key spoiled",
        when=(STRIPPED_ACCEPTED, Has("exchange.key_lint")),
        question="Why do the two keys differ?",
        answer="Our copy has something around it that does not belong there"
        " ({exchange.key_lint}): without it the server accepts the key"
        " ({key_stripped.status}).",
        confidence=0.97,
    ),
    Rule(
        effect="key refused",
        cause="key spoiled, likely",
        when=(Has("exchange.key_lint"), Lacks("key_stripped.status")),
        question="Why do the two keys differ?",
        answer="Our copy from {exchange.key_source} looks spoiled: {exchange.key_lint}.",
        kind=WhyKind.INFERRED,
        confidence=0.8,
        open=Open(
            question="Is that all that is wrong with the key?",
            experiment="Send the key without what surrounds it.",
        ),
    ),
    *(
        Rule(
            effect="key refused",
            cause="another key accepted",
            when=(Has(f"{step}.accepted_source"),),
            question="Which key would be accepted?",
            answer=f"The one from {{{step}.accepted_source}} (#{{{step}.accepted_fingerprint}}),"
            " which we hold and did not use: staging accepts it, and not the one from"
            " {exchange.key_source} (#{exchange.key_fingerprint}).",
            confidence=0.97,
            lifts_to=0.97,
        )
        for step in ("other_keys", "key_others")
    ),
    Rule(
        effect="key refused",
        cause="key of something else",
        when=(Has("exchange.key_same_as"),),
        question="Why do the two keys differ?",
        answer="What {exchange.key_source} holds is the value of {exchange.key_same_as}: it is"
        " likely in the wrong variable.",
        kind=WhyKind.INFERRED,
        confidence=0.93,
        lifts_to=0.93,
        open=Open(
            question="Where is the right key?",
            experiment="Put the bypass key where {exchange.key_source} points, and verify again.",
        ),
    ),
    Rule(
        effect="key refused",
        cause="key changed on the server",
        # Since then it was accepted in a run that did not pass, or in one of another check.
        when=(
            Is("exchange.key_since", "theirs"),
            Not(SameAsBefore("exchange.key_fingerprint")),
        ),
        question="Why do the two keys differ?",
        answer="Our key is the one that was accepted at {exchange.key_last_accepted_at}"
        " (#{exchange.key_fingerprint}), so the server's has changed.",
        kind=WhyKind.INFERRED,
        confidence=0.9,
        open=Open(
            question="Who changed the server's key, and when?",
            experiment="Read the history of the key in the server's secret store.",
        ),
    ),
    Rule(
        effect="key refused",
        cause="key changed here",
        when=(
            Is("exchange.key_since", "ours"),
            Not(OtherThanBefore("exchange.key_fingerprint")),
        ),
        question="Why do the two keys differ?",
        answer="Our key is another one than that accepted at {exchange.key_last_accepted_at}: it is"
        " now #{exchange.key_fingerprint} from {exchange.key_source}, and was"
        " #{exchange.key_last_accepted_fingerprint}. Our change is likely why.",
        kind=WhyKind.INFERRED,
        confidence=0.85,
        lifts_to=0.93,
        open=DIFFERENT_KEY,
    ),
    Rule(
        effect="key refused",
        cause="key changed on the server",
        when=(
            SameAsBefore("exchange.key_fingerprint"),
            Not(Is("exchange.key_since", "ours")),
        ),
        question="Why do the two keys differ?",
        answer="Our key is the one with which {last_pass} passed (#{exchange.key_fingerprint}), so"
        " the server's has changed.",
        kind=WhyKind.INFERRED,
        confidence=0.9,
        open=Open(
            question="Who changed the server's key, and when?",
            experiment="Read the history of the key in the server's secret store.",
        ),
    ),
    Rule(
        effect="key refused",
        cause="key changed here",
        when=(
            OtherThanBefore("exchange.key_fingerprint"),
            Not(Is("exchange.key_since", "theirs")),
        ),
        question="Why do the two keys differ?",
        answer="Our key is another one than when {last_pass} passed: it is now"
        " #{exchange.key_fingerprint} from {exchange.key_source}, and was"
        " #{before:exchange.key_fingerprint}. Our change is likely why.",
        kind=WhyKind.INFERRED,
        confidence=0.85,
        lifts_to=0.93,  # as in `since`: we changed what is refused now
        open=DIFFERENT_KEY,
    ),
    Rule(
        effect="auth service failing",
        cause="auth edge answers",
        when=(
            AnyOf(Is("health.auth.edge", True), Is("exchange.status", 502, 503, 504)),
            IsNot("health.auth.status", 200),
        ),
        question="Why does the auth service fail?",
        answer="No instance of it answers; {health.auth.status} comes from what stands before it.",
        kind=WhyKind.INFERRED,
        confidence=0.8,
        open=Open(
            question="Why is no instance serving?",
            experiment="Read the last error lines of the auth service's newest revision.",
        ),
    ),
)
