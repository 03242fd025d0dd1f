"""The one dispatcher: a line of text in, an answer out, wherever the line came from."""

import secrets
from collections.abc import Collection, Mapping
from types import MappingProxyType

from bot.commands.ack import ACK
from bot.commands.assign import ASSIGN
from bot.commands.command import Arguments, Ask, Command, Pasted, Reply
from bot.commands.explain import EXPLAIN
from bot.commands.fixed import FIXED
from bot.commands.grammar import parse
from bot.commands.help import help_of
from bot.commands.history import HISTORY
from bot.commands.incident_list import INCIDENT_LIST
from bot.commands.incident_open import INCIDENT_OPEN
from bot.commands.incident_show import INCIDENT_SHOW
from bot.commands.mute import MUTE
from bot.commands.note import NOTE
from bot.commands.permissions import permit
from bot.commands.postmortem import POSTMORTEM
from bot.commands.resolve import RESOLVE
from bot.commands.run import RUN
from bot.commands.severity import SEVERITY
from bot.commands.show import SHOW
from bot.commands.status import STATUS
from bot.commands.targets import TARGETS
from bot.commands.unmute import UNMUTE
from bot.commands.verify_key import VERIFY_KEY
from bot.deps import Deps
from bot.errors import DeliveryError, Forbidden, NotFound, StagecheckError, StoreError, UsageError
from bot.model import Caller, Place, Severity, Trigger
from bot.probe import CHECKS
from bot.report import PERIODS, Button, Card

_MOST_OFFERED = 3
_ASKED = (
    RUN,
    STATUS,
    HISTORY,
    SHOW,
    EXPLAIN,
    VERIFY_KEY,
    ACK,
    ASSIGN,
    NOTE,
    SEVERITY,
    FIXED,
    RESOLVE,
    INCIDENT_LIST,
    INCIDENT_SHOW,
    INCIDENT_OPEN,
    POSTMORTEM,
    MUTE,
    UNMUTE,
    TARGETS,
)
COMMANDS: Mapping[str, Command] = MappingProxyType(
    {command.name: command for command in (*_ASKED, help_of(_ASKED))}
)
_BEGINNINGS = tuple(dict.fromkeys(name.split()[0] for name in COMMANDS))

_TITLES: Mapping[type[StagecheckError], str] = MappingProxyType(
    {
        UsageError: "I did not understand that",
        NotFound: "I could not find that",
        Forbidden: "You may not do this",
        StoreError: "Our database cannot be used",
        DeliveryError: "Slack did not take it",
    }
)


def understand(deps: Deps, line: str) -> tuple[Command, Arguments]:
    """Return what `line` asks for; UsageError names the nearest thing that can be asked."""
    parsed = parse(
        line,
        [command.syntax for command in COMMANDS.values()],
        {
            "target": tuple(deps.targets),
            "period": tuple(PERIODS),
            "check": tuple(CHECKS),
            # `help incident` tells of all that begin so.
            "command": dict.fromkeys((*COMMANDS, *_BEGINNINGS)),
            "level": tuple(Severity),
        },
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
    about: str = "",
) -> Reply:
    """Do what `line` asks for, if the caller may; the same `key` starts nothing twice.

    Raises StagecheckError for what cannot be understood or done: see `refusal`.
    """
    command, arguments = understand(deps, line)
    ask = Ask(
        caller=caller,
        place=place,
        trigger=trigger,
        key=key or secrets.token_hex(16),
        pasted=pasted,
        about=about,
    )
    arguments = await command.meant(deps, arguments, ask)
    await permit(deps, command, arguments, ask)
    return await command.run(deps, arguments, ask)


def refusal(error: StagecheckError, *, line: str = "", targets: Collection[str] = ()) -> Reply:
    """Return the answer that tells the caller alone why a line was not done.

    Where no command was meant, as in "is staging up?", it offers to check what the line names.
    """
    title = _TITLES.get(type(error), "That did not work")
    lines = (error.message, error.hint) if error.hint else (error.message,)
    if isinstance(error, Forbidden):  # which names those who may
        return Reply(card=Card(title=title, told=lines))
    if not isinstance(error, UsageError):
        return Reply(card=Card(title=title, lines=lines))
    lines = (*lines, "`/stagecheck help` lists what can be asked.")
    named = _named(line, targets)
    buttons = tuple(Button(label=f"Check {target}", command=f"run {target}") for target in named)
    return Reply(card=Card(title=title, lines=lines, buttons=buttons))


def _named(line: str, targets: Collection[str]) -> tuple[str, ...]:
    words = [word.strip(",.;:?!'\"`()") for word in line.split()]
    if words and words[0] in _BEGINNINGS:
        return ()
    return tuple(target for target in dict.fromkeys(words) if target in targets)[:_MOST_OFFERED]
