"""Since when it is so: what is another than in the last run that passed.

That something changed between the two runs is observed; that it is the reason is inferred. None
of these rules names a cause of its own; each goes one link deeper than one that does. Where a
change speaks for the cause that other evidence has found, `lifts_to` is the least confidence that
this cause then has:

* 0.93 where we changed what is refused or not found now: our key, our address, our header;
* 0.88 where our fallback secret changed, which the run that passed held and did not use;
* 0.80 where the target runs another revision, for revisions also change without harm.

A change of the other side that cannot be seen, such as of its key, lifts nothing: it is what is
left over, and not evidence.
"""

from bot.diagnosis.combined import AnyOf, OtherThanBefore, SameAsBefore
from bot.diagnosis.conditions import Is
from bot.diagnosis.history import (
    HadBefore,
    MetCertificate,
    Moved,
    NewRevision,
    SettingChanged,
    SlowerThanUsual,
)
from bot.diagnosis.rule import Open, Rule
from bot.diagnosis.rules.server import SERVER_RULES
from bot.model import WhyKind

_OURS, _HELD, _REVISION = 0.93, 0.88, 0.8
_SINCE = "Since when is that?"
_MEANT = Open(
    question="Was that change meant?",
    experiment="Look at the history of the configuration, and at the section on what changed.",
)

# A key or a secret that only lately is as it is now.
_SPOILED = tuple(
    Rule(
        effect=effect,
        cause="key spoiled lately",
        when=(OtherThanBefore("exchange.key_fingerprint"),),
        question=_SINCE,
        answer="Since {last_pass} passed: our key was #{before:exchange.key_fingerprint} then, and"
        " is #{exchange.key_fingerprint} now.",
        confidence=0.95,
        lifts_to=_OURS,
        open=_MEANT,
    )
    for effect in ("key spoiled", "key spoiled, likely")
)
_UNREADABLE = tuple(
    Rule(
        effect=effect,
        cause="key was there",
        when=(HadBefore("exchange.key_fingerprint"),),
        question=_SINCE,
        answer="Since {last_pass} passed: then there was a key, #{before:exchange.key_fingerprint}"
        " from {before:exchange.key_source}.",
        confidence=0.95,
        lifts_to=_OURS,
        open=_MEANT,
    )
    for effect in ("key unreadable", "key not configured")
)
_HEADER = Rule(
    effect="key did not arrive",
    cause="header renamed here",
    when=(SettingChanged("exchange.header", "exchange.detail"),),
    question="Why did it not arrive?",
    answer="We send it under another name since {last_pass} passed: the setting exchange.header"
    " {setting:exchange.header}. That is likely why.",
    kind=WhyKind.INFERRED,
    confidence=0.9,
    lifts_to=_OURS,
    open=_MEANT,
)
_OURS_DIFFERS = (
    *("fallback differs", "fallback secret differs, likely"),
    "auth service refuses it too",
)
_SECRETS = (
    *(
        Rule(
            effect=effect,
            cause="secret changed here",
            when=(OtherThanBefore("token.secret_fingerprint"),),
            question="Which of the two secrets changed?",
            answer="Ours is another one than when {last_pass} passed: #{token.secret_fingerprint}"
            " from {token.secret_source}, then #{before:token.secret_fingerprint}. That run did"
            " not need it, so that it was right then is only likely.",
            kind=WhyKind.INFERRED,
            confidence=0.8,
            lifts_to=_HELD,
            open=_MEANT,
        )
        for effect in _OURS_DIFFERS
    ),
    *(
        Rule(
            effect=effect,
            cause="secret unchanged here",
            when=(SameAsBefore("token.secret_fingerprint"),),
            question="Which of the two secrets changed?",
            answer="Not ours: it is the one held when {last_pass} passed"
            " (#{token.secret_fingerprint}). That run did not need it; if it was right then, the"
            " server's has changed.",
            kind=WhyKind.INFERRED,
            confidence=0.75,
            open=Open(
                question="Was our secret right before?",
                experiment="Look for an earlier run that worked with the fallback token, and at"
                " the history of the secret in the server's store.",
            ),
        )
        for effect in (*_OURS_DIFFERS, "auth service accepts it")
    ),
)

_STEPS = (
    *(f"health.{name}" for name in ("backend", "ready", "dependencies", "auth", "frontend")),
    "exchange",
    "connect",
)


def _address_changed(effect: str, step: str, *only_if: Is) -> Rule:
    return Rule(
        effect=effect,
        cause=f"{step}: address changed here",
        when=(*only_if, OtherThanBefore(f"{step}.url")),
        question=_SINCE,
        answer=f"Our configuration names another address since {{last_pass}} passed:"
        f" {{{step}.url}}, then {{before:{step}.url}}. That is likely why.",
        kind=WhyKind.INFERRED,
        confidence=0.9,
        lifts_to=_OURS,
        open=_MEANT,
    )


_LOST = ("refused locally", "refused", "no answer", "connection lost", "redirected")
_MISLED = {
    **{f"{step}: {how}": step for step in _STEPS for how in (*_LOST, "not understood")},
    **{f"{step}: {how}": step for step in _STEPS[:3] for how in ("no route", "another service")},
    "auth health elsewhere": "health.auth",
    "auth health not found": "health.auth",
    "no exchange route": "exchange",
    "no socket route": "connect",
}
_UNREACHED = tuple(
    rule
    for effect, step in _MISLED.items()
    for rule in (
        _address_changed(effect, step),
        Rule(
            effect=effect,
            cause=f"{step}: moved",
            when=(Moved(f"{step}.url"),),
            question=_SINCE,
            answer=f"The host of {{{step}.url}} has none of the addresses that it had when"
            " {last_pass} passed. That is likely why.",
            kind=WhyKind.INFERRED,
            confidence=0.75,
            open=Open(
                question="Is the new address the right one?",
                experiment="Ask the old address by hand, and look at the record's history.",
            ),
        ),
    )
)
_NAMES = tuple(
    _address_changed(effect, step, Is(f"{step}.error", "dns"))
    for effect in ("name mistyped", "no name known")
    for step in _STEPS
)
_CERTIFICATES = tuple(
    rule
    for effect in ("certificate for another name", "certificate out of date", "issuer unknown")
    for rule in (
        *(_address_changed(effect, step, Is(f"{step}.error", "tls")) for step in _STEPS),
        Rule(
            effect=effect,
            cause="authorities changed here",
            when=(
                AnyOf(*(SettingChanged("ca_file", f"{step}.error_text") for step in _STEPS)),
                AnyOf(*(Is(f"{step}.error", "tls") for step in _STEPS)),
            ),
            question=_SINCE,
            answer="We trust other authorities since {last_pass} passed: the setting ca_file"
            " {setting:ca_file}. That is likely why.",
            kind=WhyKind.INFERRED,
            confidence=0.85,
            lifts_to=_OURS,
            open=_MEANT,
        ),
        Rule(
            effect=effect,
            cause="certificate ended",
            when=(AnyOf(*(MetCertificate(step, is_over=True) for step in _STEPS)),),
            question=_SINCE,
            answer="The certificate that {last_pass} met there has come to its end since.",
            confidence=0.95,
            open=Open(
                question="Why was it not renewed?",
                experiment="Look at what renews the certificate, and at its last attempt.",
            ),
        ),
        Rule(
            effect=effect,
            cause="certificate accepted before",
            when=(AnyOf(*(MetCertificate(step) for step in _STEPS)),),
            question=_SINCE,
            answer="{last_pass} met a certificate there that was accepted: since then the"
            " certificate has changed, or what answers there.",
            confidence=0.9,
            open=Open(
                question="Was the certificate replaced, or does another machine answer?",
                experiment="Compare the address and the certificate of both runs, in the section"
                " on what changed.",
            ),
        ),
    )
)

# What can have come with a new revision of the target.
_CODE = (
    *dict.fromkeys(rule.cause for rule in SERVER_RULES if rule.cause.startswith("mistake: ")),
    *("exception before accept", "server exception", "start-up code error", "agent exception"),
    *("settings invalid", "own part failed", "backend down", "no instance"),
    "no instance for sockets",
)
_REVISIONS = tuple(
    Rule(
        effect=effect,
        cause="new revision",
        when=(NewRevision(),),
        question=_SINCE,
        answer="The revision changed in between: {last_pass} met {before:health.revision}, this"
        " run {health.revision}. It likely came with the new one.",
        kind=WhyKind.INFERRED,
        confidence=0.75,
        lifts_to=_REVISION,
        open=Open(
            question="What in revision {health.revision} brought it?",
            experiment="Compare the two revisions; the stack trace in the server's log tells"
            " where.",
        ),
    )
    for effect in _CODE
)

# Whether it is the target that is slow, or we who are impatient.
_USUALLY = tuple(
    Rule(
        effect=effect,
        cause="usually faster",
        when=(SlowerThanUsual(step),),
        question="Is that longer than usual?",
        answer=f"It is: the step had {{usual:{step}}}.",
        confidence=0.9,
        open=Open(
            question="What holds it up?",
            experiment="Read the target's log of the same minute and revision.",
        ),
    )
    for effect, step in (
        *((f"{step}: no answer", step.partition(".")[0]) for step in _STEPS),
        ("still at work", "events"),
    )
)

SINCE_RULES: tuple[Rule, ...] = (
    *_SPOILED,
    *_UNREADABLE,
    _HEADER,
    *_SECRETS,
    *_UNREACHED,
    *_NAMES,
    *_CERTIFICATES,
    *_REVISIONS,
    *_USUALLY,
)
