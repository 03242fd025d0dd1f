"""What a command is: how it is written, what it does, and what it answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from bot.commands.grammar import Parameter, Syntax
from bot.deps import Deps
from bot.model import Caller, Place, Trigger
from bot.report import Card

Arguments = Mapping[str, str]

TARGET = Parameter(name="target", placeholder="TARGET")
CHECK = Parameter(name="check", placeholder="NAME", option=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who asks, from where, and how; `key` is the same when one thing asked arrives twice."""

    caller: Caller
    place: Place
    trigger: Trigger
    key: str
    commands: tuple["Command", ...]
    """Every command there is, for `help`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer at once: a card or nothing; to the caller alone unless `public`."""

    card: Card | None = None
    public: bool = False
    started: str = ""
    """The id of the run that this started; empty if it started none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: a file of this folder holds it, its name stands in COMMANDS."""

    syntax: Syntax
    summary: str
    """One line that goes on from the command's name, for `help`."""
    run: Callable[[Deps, Arguments, Ask], Awaitable[Reply]]
    starts: bool = False
    """Whether it starts something: a button that asks for it is spent once it did."""

    @property
    def name(self) -> str:
        return self.syntax.name

    @property
    def usage(self) -> str:
        return self.syntax.usage
