"""What a command is: how it is written, what it does, and what it answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bot.commands.form import Form
from bot.commands.grammar import Parameter, Syntax
from bot.commands.right import Right
from bot.deps import Deps
from bot.model import Caller, Place, Trigger
from bot.report import Card


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A text that is too long for a message."""

    name: str
    title: str
    text: str
    """Masked."""
    place: Place


Arguments = Mapping[str, str]

TARGET = Parameter(name="target", placeholder="TARGET")
CHECK = Parameter(name="check", placeholder="NAME", option=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """A log that comes along with a line, too long to stand in it."""

    read: Callable[[], Awaitable[bytes]]
    """Fetch it, once there is room; StagecheckError if that is not possible."""
    origin: str = ""
    """Where it came from, in words of the caller's."""
    picked: bool = False
    """Whether the caller only pointed at it: what is of no interest is not told to everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who asks, from where, and how; `key` is the same when one thing asked arrives twice."""

    caller: Caller
    place: Place
    trigger: Trigger
    key: str
    pasted: Pasted | None = None
    about: str = ""
    """What comes along with a line that opens an incident: text and address of a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What to answer at once: a card or nothing; to the caller alone unless `public`."""

    card: Card | None = None
    more: tuple[Card, ...] = ()
    """What one message cannot hold: said after `card`, in messages of their own."""
    public: bool = False
    started: str = ""
    """The id of the run that this started; empty if it started none."""
    wants_log: bool = False
    """Whether the caller is to be asked for a log, in a form."""
    form: Form | None = None
    """What the caller is to be asked for, in a form that makes a line of it."""
    file: File | None = None
    """What is to be posted as a file, for everybody in the place."""
    afterwards: Callable[[], Awaitable["Reply"]] | None = None
    """What takes longer than a caller waits: done once what was asked is acknowledged."""

    @property
    def is_silent(self) -> bool:
        """Whether nothing is to be said: a run that was started tells of itself."""
        return replace(self, started="") == Reply()


async def as_typed(deps: Deps, arguments: Arguments, ask: Ask) -> Arguments:
    """Return `arguments`: nothing that was left out is filled in."""
    del deps, ask
    return arguments


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command: a file of this folder holds it, and COMMANDS lists it."""

    syntax: Syntax
    summary: str
    """One line that goes on from the command's name, for `help`."""
    right: Right | None
    """What it takes to do it; None if it only reads. Whoever writes a command has to say."""
    run: Callable[[Deps, Arguments, Ask], Awaitable[Reply]]
    meant: Callable[[Deps, Arguments, Ask], Awaitable[Arguments]] = as_typed
    """Fill in what was left out and is plain, before it is asked whether the caller may: the
    `target` that is there then is the one that the right is about."""
    starts: bool = False
    """Whether it starts something: a button that asks for it is spent once it did."""

    @property
    def name(self) -> str:
        return self.syntax.name

    @property
    def usage(self) -> str:
        return self.syntax.usage
