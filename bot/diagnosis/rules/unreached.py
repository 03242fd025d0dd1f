"""Why a service gave no answer at all: the same few reasons for every step that calls one."""

from bot.diagnosis.conditions import Has, Is, Lacks, Matches
from bot.diagnosis.rule import Open, Rule, Sign
from bot.diagnosis.rules.works import LOOPBACK
from bot.diagnosis.said import says
from bot.labels import Label
from bot.model import WhyKind

# No certificate was shown at all: OpenSSL read something else than a TLS record.
_NO_TLS = r"(?i)wrong.version.number|http.request|record.layer.failure|packet.length.too.long"


def unreached(
    *, effect: str, step: str, server: str, down: Label, question: str = ""
) -> tuple[Rule, ...]:
    """Return the rules for a `step` that got no answer from `server`.

    `step` is a step, or a step and the service in it (``health.backend``). `down` is the label
    for a server that is there and does not answer; `question` is asked before each.
    """
    error, text, url = f"{step}.error", f"{step}.error_text", f"{step}.url"
    return (
        Rule(
            effect=effect,
            question=question,
            cause="name unknown",
            when=(Is(error, "dns"),),
            answer=f"The host name in {{{url}}} does not exist.",
            label=Label.DNS_FAILURE,
            confidence=0.75,
            signs=(
                Sign(
                    when=Has("health.hosts_resolved"),
                    confidence=0.95,
                    says="Its siblings resolve from here ({health.hosts_resolved}), so our own"
                    " resolver works.",
                ),
            ),
        ),
        Rule(
            effect=effect,
            question=question,
            cause=f"{step}: no TLS there",
            when=(Is(error, "tls"), Matches(text, _NO_TLS)),
            answer=f"{{{url}}} asks for TLS, and what answers there does not speak it: {{{text}}}.",
            label=Label.WRONG_TARGET,
            confidence=0.85,
            open=Open(
                question="Is the port or the scheme wrong, or has TLS been taken away there?",
                experiment="Ask the same port without TLS.",
            ),
        ),
        Rule(
            effect=effect,
            question=question,
            cause="certificate refused",
            when=(Is(error, "tls"),),
            answer=f"The TLS handshake with {{{url}}} failed: {{{text}}}.",
            label=Label.TLS_FAILURE,
            confidence=0.96,
        ),
        Rule(
            effect=effect,
            question=question,
            cause=f"{step}: refused locally",
            when=(Is(error, "refused"), Matches(url, LOOPBACK)),
            answer=f"Nothing listens at {{{url}}}, which is this machine itself.",
            label=Label.WRONG_TARGET,
            confidence=0.9,
        ),
        Rule(
            effect=effect,
            question=question,
            cause=f"{step}: refused",
            when=(Is(error, "refused"), Matches(url, r"://[^/]+:(?!80\b|443\b)\d+")),
            answer=f"Nothing listens at {{{url}}}.",
            label=Label.WRONG_TARGET,
            confidence=0.7,
            open=Open(
                question="Is the port wrong, or is the service down?",
                experiment="Compare the port with the one the service is published on.",
            ),
        ),
        Rule(
            effect=effect,
            question=question,
            cause=f"{step}: no answer",
            when=(Is(error, "timeout"),),
            answer=f"{server} gave no answer: {{{text}}}.",
            label=down,
            confidence=0.9,
        ),
        Rule(
            effect=effect,
            question=question,
            cause=f"{step}: connection lost",
            when=(Is(error, "reset", "refused"),),
            answer=f"{server} ended the connection without an answer: {{{text}}}.",
            label=down,
            confidence=0.8,
        ),
        Rule(
            effect=effect,
            question=question,
            cause=f"{step}: not reached by our proxy",
            when=(Is(error, "proxy_gateway"),),
            answer=f"{server} was not reached by our proxy, which does reach other services of the"
            f" target: {{{text}}}.",
            label=down,
            confidence=0.7,
            open=Open(
                question="Is the service away, or is the proxy's way to it?",
                experiment="Ask the service from a machine that needs no proxy.",
            ),
        ),
        Rule(
            effect=effect,
            question=question,
            cause=f"{step}: redirected",
            when=(Is(error, "redirect"),),
            answer=f"{{{url}}} sends us elsewhere: {{{text}}}.",
            label=Label.WRONG_TARGET,
            confidence=0.75,
        ),
        Rule(
            effect=effect,
            question=question,
            cause=f"{step}: not understood",
            when=(Is(error, "protocol", "decode", "too_large"),),
            answer=f"What {{{url}}} answered cannot be used: {{{text}}}.",
            label=Label.WRONG_TARGET,
            confidence=0.55,
            open=Open(
                question="Is this another service, or does the right one answer wrongly?",
                experiment="Ask the address by hand and look at the answer.",
            ),
        ),
    )


_TLS_WORDS = tuple(
    f"{step}.error_text"
    for step in (
        *(f"health.{name}" for name in ("backend", "ready", "dependencies", "auth", "frontend")),
        "exchange",
        "connect",
    )
)

# What can be said of a name or a certificate beyond that it failed, whoever asked for it.
UNREACHED_RULES: tuple[Rule, ...] = (
    Rule(
        effect="name unknown",
        cause="name mistyped",
        when=(Has("health.hosts_resolved"), Has("health.hosts_unresolved")),
        question="Why does the name not exist?",
        answer="Of the target's names only {health.hosts_unresolved} is unknown: it is mistyped"
        " in the configuration, or its record was never made.",
        kind=WhyKind.INFERRED,
        confidence=0.9,
        signs=(
            Sign(
                when=Has("sibling_hosts.variant"),
                confidence=0.95,
                says="A name that differs in one dot or dash does exist: {sibling_hosts.variant}.",
            ),
        ),
        open=Open(
            question="Is the name mistyped, or is its record missing?",
            experiment="Compare the name with the zone's records.",
        ),
    ),
    Rule(
        effect="name unknown",
        cause="no name known",
        when=(Lacks("health.hosts_resolved"),),
        question="Why does the name not exist?",
        answer="No other name of the target was seen to resolve from here.",
        confidence=0.75,
        open=Open(
            question="Is the name wrong, or does it resolve only inside a network?",
            experiment="Resolve the same name from another machine.",
        ),
    ),
    *(
        Rule(
            effect="certificate refused",
            cause=cause,
            when=(says(pattern, _TLS_WORDS),),
            question="Why is the certificate refused?",
            answer=answer,
            confidence=0.95,
        )
        for cause, pattern, answer in (
            (
                "certificate for another name",
                "hostname mismatch|not valid for|doesn't match|name mismatch",
                "It was issued for other names than the one that was asked for.",
            ),
            ("certificate out of date", "expired|not yet valid", "It is out of date."),
            (
                "issuer unknown",
                "self[- ]signed|unable to get (?:local )?issuer|unknown ca",
                "No authority that is trusted here has signed it: it is self-signed, or its"
                " authority is missing from ca_file.",
            ),
        )
    ),
)
