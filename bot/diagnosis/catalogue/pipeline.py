"""Entries about requests, events and agents, about our own side, and about not knowing."""

from collections.abc import Mapping

from bot.diagnosis.catalogue.entry import HISTORY, RUN_AGAIN, Entry, by_hand
from bot.labels import Label
from bot.model import Severity

PIPELINE: Mapping[Label, Entry] = {
    Label.PIPELINE_REQUEST_INVALID: Entry(
        title="Request not understood",
        meaning="The server does not handle this type or form of request.",
        where="The target's request settings; the server's handlers",
        severity=Severity.HIGH,
        owner="backend",
        impact="No run is started.",
        remedies=(
            by_hand("Compare the request's type and fields with the server's handlers"),
            RUN_AGAIN,
        ),
    ),
    Label.MISSING_EVENTS: Entry(
        title="Events missing",
        meaning="Events that the contract requires never came.",
        where="The link between the agent's run and the socket",
        severity=Severity.HIGH,
        owner="agents",
        impact="Users do not see what happens.",
        remedies=(
            by_hand("Find the run in the server's log and see which events it emitted"),
            RUN_AGAIN,
        ),
    ),
    Label.EVENT_TIMEOUT: Entry(
        title="No end before the time-out",
        meaning="The request was taken, and nothing ended it in time.",
        where="The handler of the request, and the agent's task",
        severity=Severity.CRITICAL,
        owner="agents",
        impact="Users wait for ever.",
        remedies=(
            by_hand("Find the request in the server's log and see where it stopped"),
            RUN_AGAIN,
        ),
    ),
    Label.EVENT_CONTRACT_MISMATCH: Entry(
        title="Event contract broken",
        meaning="Events came in another form, order or number than the contract says.",
        where="The server's emitter; the target's event contract",
        severity=Severity.HIGH,
        owner="agents",
        impact="Clients misread the run.",
        remedies=(
            by_hand("Compare the events with the contract, and correct whichever is wrong"),
            RUN_AGAIN,
        ),
    ),
    Label.LATENCY_SLO_EXCEEDED: Entry(
        title="Too slow",
        meaning="It works, but takes longer than it should.",
        where="What was slow, in the server's log",
        severity=Severity.MEDIUM,
        owner="backend",
        impact="Users wait.",
        remedies=(
            HISTORY,
            RUN_AGAIN,
        ),
    ),
    Label.AGENT_EXECUTION_ERROR: Entry(
        title="Agent failed",
        meaning="An exception ended the agent's run.",
        where="The agent's stack trace in the server's log",
        severity=Severity.CRITICAL,
        owner="agents",
        impact="Users get no answer.",
        remedies=(
            by_hand("Find the run in the server's log, and fix what made it fail"),
            RUN_AGAIN,
        ),
    ),
    Label.LLM_QUOTA: Entry(
        title="Language model quota used up",
        meaning="The model's provider refuses more requests.",
        where="The provider's quota and billing",
        severity=Severity.CRITICAL,
        owner="agents",
        impact="Agents cannot answer until the quota is renewed.",
        remedies=(
            by_hand("Raise the quota, or wait until it renews"),
            RUN_AGAIN,
        ),
    ),
    Label.INSTANCE_REPLACED: Entry(
        title="Connection cut",
        meaning="The instance behind the connection went away, or something between cut it.",
        where="Deployments of that minute; time-outs of the load balancer",
        severity=Severity.MEDIUM,
        owner="platform",
        impact="Runs in progress are lost.",
        remedies=(
            RUN_AGAIN,
            by_hand("If it cuts at the same age each time: raise the load balancer's time-out"),
        ),
    ),
    Label.FAKE_EXECUTION: Entry(
        title="Not a real run",
        meaning="What looks like a result comes from a mock, or nothing was run.",
        where="The handler that answered, or the test that judged it",
        severity=Severity.HIGH,
        owner="agents",
        impact="A green result would prove nothing.",
        remedies=(
            by_hand("Put the real handler, or a test that runs, in place of what stood in for it"),
            RUN_AGAIN,
        ),
    ),
    Label.CLIENT_API_MISUSE: Entry(
        title="Endpoint or library used wrongly",
        meaning="The caller asked in a way that the callee does not offer.",
        where="The calling code or configuration",
        severity=Severity.HIGH,
        owner="owner of the configuration",
        impact="The check does not reach what it should test.",
        remedies=(
            by_hand("Correct what is named here in the call: its arguments, method or address"),
            RUN_AGAIN,
        ),
    ),
    Label.TEST_CODE_ERROR: Entry(
        title="Test code broken",
        meaning="The test itself cannot run.",
        where="The test file",
        severity=Severity.MEDIUM,
        owner="owner of the test",
        impact="The test says nothing about the target.",
        remedies=(by_hand("Fix the test"),),
    ),
    Label.RUNNER_ENVIRONMENT: Entry(
        title="Our own side",
        meaning="What failed is on the side that ran the check, not on the target.",
        where="The machine and network that run stagecheck",
        severity=Severity.MEDIUM,
        owner="stagecheck's operator",
        impact="Nothing was learnt about the target.",
        remedies=(
            by_hand("Put right what is named here: it is on the side that ran the check"),
            RUN_AGAIN,
        ),
    ),
    Label.INSUFFICIENT_EVIDENCE: Entry(
        title="Cannot tell",
        meaning="The evidence does not carry any cause.",
        where="What the evidence does not tell",
        severity=Severity.HIGH,
        owner="whoever can collect it",
        impact="The reason stays open.",
        remedies=(
            by_hand("Collect what is listed as not told by the evidence"),
            RUN_AGAIN,
        ),
    ),
}
