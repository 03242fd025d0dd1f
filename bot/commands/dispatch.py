"""The one dispatcher: a line of text in, an answer out, wherever the line came from."""

import secrets
from collections.abc import Mapping
from types import MappingProxyType

from bot.commands.command import Arguments, Ask, Command, Pasted, Reply
from bot.commands.explain import EXPLAIN
from bot.commands.grammar import parse
from bot.commands.help import HELP
from bot.commands.history import HISTORY
from bot.commands.run import RUN
from bot.commands.show import SHOW
from bot.commands.status import STATUS
from bot.commands.targets import TARGETS
from bot.commands.verify_key import VERIFY_KEY
from bot.deps import Deps
from bot.errors import DeliveryError, NotFound, StagecheckError, StoreError, UsageError
from bot.model import Caller, Place, Trigger
from bot.probe import CHECKS
from bot.report import Card

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        "run": RUN,
        "status": STATUS,
        "history": HISTORY,
        "show": SHOW,
        "explain": EXPLAIN,
        "verify-key": VERIFY_KEY,
        "targets": TARGETS,
        "help": HELP,
    }
)

_TITLES: Mapping[type[StagecheckError], str] = MappingProxyType(
    {
        UsageError: "I did not understand that",
        NotFound: "I could not find that",
        StoreError: "Our database cannot be used",
        DeliveryError: "Slack did not take it",
    }
)


def understand(deps: Deps, line: str) -> tuple[Command, Arguments]:
    """Return what `line` asks for; UsageError names the nearest thing that can be asked."""
    parsed = parse(
        line,
        [command.syntax for command in COMMANDS.values()],
        {"target": tuple(deps.targets), "check": tuple(CHECKS), "command": tuple(COMMANDS)},
    )
    return COMMANDS[parsed.command], parsed.arguments


async def dispatch(
    deps: Deps,
    line: str,
    caller: Caller,
    place: Place,
    *,
    trigger: Trigger = Trigger.COMMAND,
    key: str = "",
    pasted: Pasted | None = None,
) -> Reply:
    """Do what `line` asks for; the same `key` starts nothing twice.

    Raises StagecheckError for what cannot be understood or done: see `refusal`.
    """
    command, arguments = understand(deps, line)
    ask = Ask(
        caller=caller,
        place=place,
        trigger=trigger,
        key=key or secrets.token_hex(16),
        commands=tuple(COMMANDS.values()),
        pasted=pasted,
    )
    return await command.run(deps, arguments, ask)


def refusal(error: StagecheckError) -> Reply:
    """Return the answer that tells the caller alone why a line was not done."""
    title = _TITLES.get(type(error), "That did not work")
    lines = (error.message, error.hint) if error.hint else (error.message,)
    if isinstance(error, UsageError):
        lines = (*lines, "`/stagecheck help` lists what can be asked.")
    return Reply(card=Card(title=title, lines=lines))
