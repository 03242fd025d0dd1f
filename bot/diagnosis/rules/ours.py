"""What is wrong on our side; it says nothing about the target.

Each answer says that it is our side, what exactly, and what to do; a sign adds what was learnt of
the target all the same, or that nothing was. What explains a run was decided when our side was
looked at beside it (``ours.explains``); the rules after those read older runs, and what broke.
"""

from bot.diagnosis.combined import AllOf, AnyOf, Not, RunIs
from bot.diagnosis.conditions import Above, Below, Condition, Has, Is
from bot.diagnosis.rule import Open, Rule, Sign
from bot.labels import Label
from bot.model import Status

_STEPS = ("health", "exchange", "token", "connect", "request", "events")
_CALLS = ("health.backend", "health.auth", "health.frontend", "exchange", "connect")


def _error(*kinds: str) -> AnyOf:
    return AnyOf(*(Is(f"{call}.error", *kinds) for call in _CALLS))


def _explains(part: str) -> Is:
    return Is("ours.explains", part)


_TEXT = "{" + "|".join(f"{call}.error_text" for call in _CALLS) + "}"
_ANYTHING = AnyOf(
    *(Has(f"{call}.status") for call in ("health.backend", "health.auth", "exchange", "connect"))
)
_LEARNT = (
    "Of the target only this was learnt: backend's health {health.backend.status|'not seen'},"
    " auth service's health {health.auth.status|'not seen'}, exchange"
    " {exchange.status|'not seen'}, upgrade {connect.status|'not seen'}."
)
_NOTHING = "Nothing was learnt about the target."


# What was learnt about the target all the same.
_LEARNT_OF_IT = (
    Sign(when=_ANYTHING, says=_LEARNT),
    Sign(when=Not(_ANYTHING), says=_NOTHING),
)


def _ours(
    cause: str,
    when: Condition,
    answer: str,
    *,
    confidence: float,
    signs: tuple[Sign, ...] = (),
    open: Open | None = None,
) -> Rule:
    return Rule(
        effect="our side",
        cause=cause,
        when=(when,),
        answer=answer,
        label=Label.RUNNER_ENVIRONMENT,
        confidence=confidence,
        signs=(*_LEARNT_OF_IT, *signs),
        open=open,
    )


_PROXY_IN_ENVIRONMENT = Sign(
    when=Has("ours.proxy_ignored"),
    confidence=0.95,
    says="The environment names a proxy, which stagecheck does not take by itself: if this machine"
    " needs it, set proxy on the target.",
)

OUR_RULES: tuple[Rule, ...] = (
    Rule(
        effect="our side",
        cause="our mistake",
        when=(AnyOf(*(Has(f"{step}.broke") for step in _STEPS)),),
        answer="stagecheck itself broke: {" + "|".join(f"{step}.broke" for step in _STEPS) + "}.",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.97,
        open=Open(
            question="Where in stagecheck is that?",
            experiment="Read stagecheck's own log for this run, and report it.",
        ),
    ),
    _ours(
        "our file",
        _explains("files"),
        "A file on our side is there and cannot be used ({ours.files}). Make it a file that the"
        " user who runs stagecheck may read.",
        confidence=0.97,
    ),
    _ours(
        "our proxy is away",
        AllOf(_explains("proxy"), Is("ours.proxy", "unreachable")),
        "Our own proxy cannot be reached: {ours.proxy_text}. Start it, or correct proxy on the"
        " target.",
        confidence=0.97,
    ),
    _ours(
        "our proxy refuses us",
        AllOf(_explains("proxy"), Is("ours.proxy", "refuses")),
        "Our own proxy does not let us through: {ours.proxy_text}. Correct proxy_credentials, or"
        " have the proxy allow CONNECT to the target.",
        confidence=0.97,
    ),
    _ours(
        "our proxy finds no way",
        AllOf(_explains("proxy"), Is("ours.proxy", "no_way")),
        "Our own proxy is there, and reaches none of the target's services: {ours.proxy_text}."
        " Look at the proxy's own log.",
        confidence=0.75,
        open=Open(
            question="Is it the proxy, or is the whole target away?",
            experiment="Ask the target from a machine that needs no proxy.",
        ),
    ),
    Rule(
        effect="our side",
        cause="our network wants a sign-in",
        when=(_error("portal"),),
        answer="The network of the machine that runs stagecheck answers in the target's place, and"
        f" wants somebody to sign in ({_TEXT}). Sign this machine in there, or move it to a network"
        f" that lets it out. {_NOTHING}",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.95,
    ),
    _ours(
        "our resolver",
        AllOf(_explains("dns"), Is("ours.dns", "unanswered")),
        "Our own resolver gives no answer ({ours.dns_names}). Check the name servers of the"
        " machine that runs stagecheck.",
        confidence=0.96,
    ),
    _ours(
        "no name known here",
        AllOf(_explains("dns"), Is("ours.dns", "unknown")),
        "None of the target's names is known to our resolver ({ours.dns_names}). Check that this"
        " machine is in the network where they are known, and the names in the configuration.",
        confidence=0.75,
        signs=(
            Sign(
                when=Is("ours.slack", "well"),
                confidence=0.75,
                says="Slack is reached from here, so other names may well be known.",
            ),
        ),
        open=Open(
            question="Do the names exist elsewhere?",
            experiment="Resolve them from another machine.",
        ),
    ),
    _ours(
        "our route",
        _explains("route"),
        "Nothing can be reached from here, neither the target nor anything else that was tried"
        " ({ours.route_hosts}). Check the network and the firewall of the machine that runs"
        " stagecheck.",
        confidence=0.93,
        signs=(_PROXY_IN_ENVIRONMENT,),
    ),
    _ours(
        "our process stood still",
        _explains("standstill"),
        "stagecheck itself stood still for {ours.stood_still_s} s while it waited for an answer, so"
        " the target did not have the time that it is given. See what keeps stagecheck from"
        " running: a limit of its processor, a machine that is suspended or has too much to do.",
        confidence=0.95,
    ),
    _ours(
        "our clock",
        _explains("clock"),
        "Our own clock is {ours.clock_skew_s} s from that of every server asked"
        " ({ours.clock_hosts}), and the token was made here, by our time. Set the clock of the"
        " machine that runs stagecheck.",
        confidence=0.9,
        signs=(
            Sign(
                when=Is("token_server_time.outcome", "accepted", "greeted"),
                confidence=0.98,
                says="A token made by the server's time is accepted.",
            ),
        ),
    ),
    _ours(
        "resolver silent",
        _error("dns_temporary"),
        f"Our own resolver does not answer ({_TEXT}). Check the name servers of the machine that"
        " runs stagecheck.",
        confidence=0.95,
    ),
    _ours(
        "our network",
        _error("unreachable"),
        f"There is no route from here ({_TEXT}). Check the network of the machine that runs"
        " stagecheck.",
        confidence=0.93,
        signs=(_PROXY_IN_ENVIRONMENT,),
    ),
    _ours(
        "our machine",
        _error("local"),
        f"The machine that runs stagecheck ran out of something ({_TEXT}). See what else takes it"
        " up.",
        confidence=0.93,
    ),
    _ours(
        "our configuration",
        _error("config"),
        f"Nothing could be sent with this configuration of ours ({_TEXT}). Correct it.",
        confidence=0.93,
    ),
    _ours(
        "no name known",
        _error("dns"),
        f"None of the target's names resolves from here ({_TEXT}). Check that this machine is in"
        " the network where they are known.",
        confidence=0.75,
        open=Open(
            question="Do the names resolve elsewhere?",
            experiment="Resolve them from another machine.",
        ),
    ),
    _ours(
        "clock off",
        AnyOf(Above("health.skew_s", 60), Below("health.skew_s", -60)),
        "Our own clock is {health.skew_s} s from that of every service of the target. Set the"
        " clock of the machine that runs stagecheck.",
        confidence=0.9,
    ),
    Rule(
        effect="our side",
        cause="our fault",
        when=(RunIs(Status.ERRORED),),
        answer="stagecheck itself could not carry the run out. Nothing was learnt about the"
        " target.",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.8,
        open=Open(
            question="What went wrong in stagecheck?",
            experiment="Read stagecheck's own log for this run.",
        ),
    ),
)
