"""What a person should know although it is no cause of the outcome, as data."""

from dataclasses import dataclass

from bot.diagnosis.combined import AllOf, AnyOf, Not, RunIs
from bot.diagnosis.conditions import Above, Below, Condition, Has, Is, IsNot, Matches
from bot.diagnosis.index import Index
from bot.diagnosis.said import AUTH_WORDED, SOCKET_WORDS, raises
from bot.diagnosis.wording import filled
from bot.model import Finding, Severity, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A finding that holds whenever `when` does."""

    title: str
    when: Condition
    location: str
    issue: str
    impact: str
    severity: Severity


NOTICES: tuple[Notice, ...] = (
    Notice(
        title="Exceptions are worded as authentication failures",
        when=AllOf(
            raises(SOCKET_WORDS),
            AnyOf(
                Matches("events.error_code", AUTH_WORDED),
                Matches("events.error_message", AUTH_WORDED),
            ),
        ),
        location="The server's error handling around the authentication of a socket",
        issue='The frame says {events.error_code} "{events.error_message}", while what happened is'
        ' "{events.exception|events.error_detail|events.error_message}".',
        impact="People look for the fault in keys and tokens, where it is not.",
        severity=Severity.MEDIUM,
    ),
    Notice(
        title="The listening window was used up to the end",
        when=Is("events.equals_window", True),
        location="The event stream of this run",
        issue="The stream lasted {events.duration_s} s, as long as we listened"
        " ({events.window_s} s).",
        impact="A duration that equals its time-out proves nothing about the pipeline.",
        severity=Severity.LOW,
    ),
    Notice(
        title="A long silence in the stream",
        when=Is("events.gap_warning", True),
        location="The event stream of this run",
        issue="For {events.longest_gap_s} s no event came.",
        impact="Healthy runs were seen to do so; people who wait do not know that.",
        severity=Severity.LOW,
    ),
    Notice(
        title="Clocks differ",
        when=AnyOf(Above("health.skew_s", 30), Below("health.skew_s", -30)),
        location="The clocks of the target and of this machine",
        issue="The target's clock is {health.skew_s} s from ours.",
        impact="Tokens can be refused as expired, or as issued in the future.",
        severity=Severity.MEDIUM,
    ),
    Notice(
        title="Event names were rewritten",
        when=Has("events.renamed"),
        location="The server's event normaliser",
        issue="Events came under other names than the contract's: {events.renamed}.",
        impact="Clients without the same list of aliases miss them.",
        severity=Severity.LOW,
    ),
    Notice(
        title="The bypass key has something around it",
        when=AllOf(Has("exchange.key_lint"), IsNot("exchange.status", 401)),
        location="{exchange.key_source}",
        issue="The key as stored here shows: {exchange.key_lint}.",
        impact="Servers that compare the whole text refuse it.",
        severity=Severity.LOW,
    ),
    Notice(
        title="Slack is out of reach for stagecheck",
        when=IsNot("ours.slack", "well"),
        location="The connection of stagecheck to Slack",
        issue="Asked beside this run, it was not well: {ours.slack}.",
        impact="Nobody may hear of this run in Slack. It does not explain what the target did.",
        severity=Severity.MEDIUM,
    ),
    Notice(
        title="stagecheck's database is not well",
        when=IsNot("ours.database", "well"),
        location="The database of stagecheck",
        issue="Asked beside this run, it was not well: {ours.database}.",
        impact="This run may not be kept. It does not explain what the target did.",
        severity=Severity.MEDIUM,
    ),
    Notice(
        title="A file of ours cannot be used",
        when=AllOf(Has("ours.files"), Not(Is("ours.explains", "files"))),
        location="The machine that runs stagecheck",
        issue="{ours.files}.",
        impact="This run did not need it; the next one may.",
        severity=Severity.MEDIUM,
    ),
    Notice(
        title="A proxy of the environment is not used",
        when=AllOf(Has("ours.proxy_ignored"), Is("ours.route", "none", "unproven")),
        location="The configuration of the target",
        issue="{ours.proxy_ignored}. stagecheck takes no proxy by itself.",
        impact="Where the target can only be reached through it, no check can work.",
        severity=Severity.MEDIUM,
    ),
    # Of pasted text.
    Notice(
        title="Success is claimed without a reply",
        when=AllOf(Has("log.claim_unbacked.*"), Not(RunIs(Status.PASSED))),
        location="The pasted text, where the program that wrote it prints success",
        issue='Nothing that the target answered backs it: "{cited:log.claim_unbacked.*}".',
        impact="Whoever skims the log takes a print for a proof.",
        severity=Severity.MEDIUM,
    ),
    Notice(
        title="A mock stood in for the target",
        when=Has("log.mock_used.*"),
        location="The pasted text, where the test chooses what it talks to",
        issue='"{cited:log.mock_used.*}".',
        impact="What follows in the log says nothing about the target.",
        severity=Severity.HIGH,
    ),
    Notice(
        title="A failure was counted as a pass",
        when=Has("log.fake.failure_counted.*"),
        location="The pasted text, where the test judges what came",
        issue="The text claims a pass, and shows this: {cited:log.fake.failure_counted.*}.",
        impact="The suite stays green while this lasts.",
        severity=Severity.HIGH,
    ),
    Notice(
        title="It failed first, and the run got round it",
        when=Has("log.overcome.*"),
        location="The pasted text, before the run came to its end",
        issue="What stands before the end, and did not stop the run: {cited:log.overcome.*}.",
        impact="What passes only now and then, or on another try, is not well.",
        severity=Severity.LOW,
    ),
    Notice(
        title="Tests provoked this on purpose",
        when=Has("log.provoked.*"),
        location="The pasted text, below tests that passed",
        issue="Tests that passed asked for it, by their names or by injecting it:"
        " {cited:log.provoked.*}.",
        impact="It is what they were to see, and no fault of the target.",
        severity=Severity.LOW,
    ),
    Notice(
        title="Another token took the place of the proper one",
        when=Has("log.fallback_token.*"),
        location="The pasted text, where the token is chosen",
        issue='"{cited:log.fallback_token.*}".',
        impact="The identity on the wire is not the one that the log names first.",
        severity=Severity.LOW,
    ),
    Notice(
        title="The text was cut",
        when=AllOf(Has("log.truncated.*"), Not(RunIs(Status.PASSED))),
        location="The pasted text",
        issue='It breaks off: "{cited:log.truncated.*}".',
        impact="What was cut can name another cause; the last lines matter most.",
        severity=Severity.LOW,
    ),
)


def notices(index: Index) -> tuple[Finding, ...]:
    """Return the findings of the notices that hold."""
    found: list[Finding] = []
    for notice in NOTICES:
        evidence = notice.when.support(index)
        if evidence is None:
            continue
        location, shown_there = filled(notice.location, index, evidence)
        issue, shown = filled(notice.issue, index, evidence)
        found.append(
            Finding(
                title=notice.title,
                location=location,
                issue=issue,
                impact=notice.impact,
                severity=notice.severity,
                evidence=tuple(dict.fromkeys((*evidence, *shown_there, *shown))),
            )
        )
    return tuple(found)
