"""The rules, as literal data: what is taken as a symptom, and what explains what.

Of several rules for one effect the first that holds is taken, so the order of the areas for the
effect ``refused`` matters: a dependency's own error, an exception of the program, the words
about a token, and only then bare statuses and close codes.
"""

from bot.diagnosis.combined import AllOf, AnyOf, Executed, Not, RunIs, Step
from bot.diagnosis.conditions import Has, Is, Lacks, Matches
from bot.diagnosis.rule import Root, Rule
from bot.diagnosis.rules.agents import AGENT_RULES, REFUSED_BY_DEPENDENCY_RULES
from bot.diagnosis.rules.backend import BACKEND_DOWN_RULES
from bot.diagnosis.rules.closing import CLOSING_RULES
from bot.diagnosis.rules.dependencies import (
    CLICKHOUSE,
    DATABASE,
    DEPENDENCY_RULES,
    LLM,
    REDIS,
    ailing,
    slow,
)
from bot.diagnosis.rules.events import REFUSED_REQUEST_RULES, SILENCE_RULES
from bot.diagnosis.rules.exchange import EXCHANGE_RULES
from bot.diagnosis.rules.exchange_refusal import REFUSED_EXCHANGE_RULES
from bot.diagnosis.rules.handshake import HANDSHAKE_RULES
from bot.diagnosis.rules.health import HEALTH_RULES, unwell
from bot.diagnosis.rules.key import KEY_RULES
from bot.diagnosis.rules.manner import MANNER_RULES
from bot.diagnosis.rules.ours import OUR_RULES
from bot.diagnosis.rules.pasted import PASTED_ROOTS, PASTED_RULES
from bot.diagnosis.rules.refusal import REFUSED_TOKEN_RULES
from bot.diagnosis.rules.server import SERVER_RULES
from bot.diagnosis.rules.since import SINCE_RULES
from bot.diagnosis.rules.stream import STREAM_RULES
from bot.diagnosis.rules.token import TOKEN_RULES
from bot.diagnosis.rules.unreached import UNREACHED_RULES
from bot.model import Status

_FAILED = Status.FAILED
# An agent that failed has no answer to give.
_ANSWERED = AllOf(
    Lacks("events.agent_error"), Not(Matches("events.terminal", "fail|error|death|abort|timeout"))
)

RULES: tuple[Rule, ...] = (
    *OUR_RULES,
    *EXCHANGE_RULES,
    *REFUSED_EXCHANGE_RULES,
    *KEY_RULES,
    *STREAM_RULES,
    *SILENCE_RULES,
    *AGENT_RULES,
    *REFUSED_BY_DEPENDENCY_RULES,
    *SERVER_RULES,
    *REFUSED_TOKEN_RULES,
    *REFUSED_REQUEST_RULES,
    *TOKEN_RULES,
    *HANDSHAKE_RULES,
    *CLOSING_RULES,
    *BACKEND_DOWN_RULES,
    *HEALTH_RULES,
    *DEPENDENCY_RULES,
    *UNREACHED_RULES,
    *MANNER_RULES,
    *PASTED_RULES,
)

EVERY_RULE: tuple[Rule, ...] = (*RULES, *SINCE_RULES)
"""With those that go one link deeper where a run that passed is there to compare with."""

# In the order in which causes of the same role are listed: what the run met first goes first,
# and what only shows in health or in the manner of the stream goes last.
ROOTS: tuple[Root, ...] = (
    Root(effect="our side", when=(RunIs(Status.ERRORED), Executed()), breaks="path"),
    Root(
        effect="proper token missing",
        when=(
            AnyOf(
                Step("exchange", _FAILED),
                Is("exchange.key_present", False),
                Is("exchange.token_issued", False),
            ),
        ),
        breaks="exchange",
    ),
    Root(
        effect="no token",
        # A target without a secret to mint with was meant to be so.
        when=(Has("token.secret_problem"), Has("token.secret_source")),
        breaks="token",
    ),
    Root(
        effect="path broken",
        when=(AnyOf(Step("connect", _FAILED), Step("request", _FAILED), Step("events", _FAILED)),),
        breaks="path",
    ),
    Root(effect="identity differs", when=(Is("events.identity_match", "other"),), breaks="path"),
    Root(effect="canned answer", when=(Has("events.canned"),), breaks="path"),
    Root(effect="foreign events", when=(Has("events.foreign_ids"),), breaks="path"),
    Root(
        effect="answer not ours",
        # Where the profile promises no echo, the step passes without one.
        when=(
            AnyOf(
                Step("events", Status.DEGRADED),
                AllOf(Is("events.nonce_due", True), Is("events.end", "terminal"), _ANSWERED),
            ),
            Is("events.nonce_echoed", False),
        ),
        breaks="proper",
    ),
    Root(effect="backend unhealthy", when=(unwell("backend"),), breaks="proper"),
    Root(effect="backend not ready", when=(unwell("ready"),), breaks="proper"),
    Root(effect="auth unhealthy", when=(unwell("auth"),), breaks="proper"),
    Root(
        effect="database unhealthy",
        when=(AnyOf(ailing(DATABASE), slow(DATABASE)),),
        breaks="proper",
    ),
    Root(effect="Redis unhealthy", when=(ailing(REDIS),), breaks="proper"),
    Root(effect="ClickHouse unhealthy", when=(ailing(CLICKHOUSE),), breaks="proper"),
    Root(effect="language model unhealthy", when=(ailing(LLM),), breaks="proper"),
    Root(effect="frontend unhealthy", when=(unwell("frontend"),), breaks="proper"),
    Root(effect="dependencies untold", when=(unwell("dependencies"),), breaks="proper"),
    Root(
        effect="another dependency unhealthy",
        when=(AnyOf(ailing(("*",)), slow(("*",))),),
        breaks="proper",
    ),
    *PASTED_ROOTS,
)
