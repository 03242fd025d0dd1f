"""What is wrong on our side; it says nothing about the target."""

from bot.diagnosis.combined import AnyOf, RunIs
from bot.diagnosis.conditions import Above, Below, Has, Is
from bot.diagnosis.rule import Open, Rule
from bot.labels import Label
from bot.model import Status

_STEPS = ("health", "exchange", "token", "connect", "request", "events")
_CALLS = ("health.backend", "health.auth", "health.frontend", "exchange", "connect")


def _error(kind: str) -> AnyOf:
    return AnyOf(*(Is(f"{call}.error", kind) for call in _CALLS))


_TEXT = "{" + "|".join(f"{call}.error_text" for call in _CALLS) + "}"

OUR_RULES: tuple[Rule, ...] = (
    Rule(
        effect="our side",
        cause="our resolver",
        when=(_error("dns_temporary"),),
        answer=f"Our resolver does not answer ({_TEXT}); nothing was learnt about the target.",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.95,
    ),
    Rule(
        effect="our side",
        cause="our network",
        when=(_error("unreachable"),),
        answer=f"There is no route from here ({_TEXT}); nothing was learnt about the target.",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.93,
    ),
    Rule(
        effect="our side",
        cause="our machine",
        when=(_error("local"),),
        answer=f"This machine ran out of something ({_TEXT}); nothing was learnt about the target.",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.93,
    ),
    Rule(
        effect="our side",
        cause="our configuration",
        when=(_error("config"),),
        answer=f"Nothing could be sent with this configuration ({_TEXT}).",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.93,
    ),
    Rule(
        effect="our side",
        cause="no name known here",
        when=(_error("dns"),),
        answer=f"None of the target's names resolves from here ({_TEXT}).",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.75,
        open=Open(
            question="Do the names resolve elsewhere?",
            experiment="Resolve them from another machine.",
        ),
    ),
    Rule(
        effect="our side",
        cause="our clock",
        when=(AnyOf(Above("health.skew_s", 60), Below("health.skew_s", -60)),),
        answer="Our clock is {health.skew_s} s from that of every service of the target.",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.9,
    ),
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
    Rule(
        effect="our side",
        cause="our fault",
        when=(RunIs(Status.ERRORED),),
        answer="stagecheck itself could not carry the run out; nothing was learnt about the"
        " target.",
        label=Label.RUNNER_ENVIRONMENT,
        confidence=0.8,
        open=Open(
            question="What went wrong in stagecheck?",
            experiment="Read stagecheck's own log for this run.",
        ),
    ),
)
