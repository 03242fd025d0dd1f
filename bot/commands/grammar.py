"""The one grammar: a line of text, typed in Slack, held in a button or typed in a shell.

Pure: what exists (commands, targets, checks) comes in as arguments. Whatever the line is, the
answer is a `Parsed` or a `UsageError` that names the nearest thing that can be understood.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from bot.commands.words import echo, next_word, seen, unescaped
from bot.errors import UsageError

_LISTED_WORDS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One thing a command takes: by position, or as `--name VALUE` if it is an option.

    One that is `verbatim` takes the whole line after the command, exactly as it stands there; one
    that is the `rest` takes all that is left when it is its turn, quotes and dashes included.
    """

    name: str
    placeholder: str
    required: bool = False
    option: bool = False
    verbatim: bool = False
    rest: bool = False
    passes: str = ""
    """A word that matches this pattern is not meant for it, but for the next one."""

    @property
    def usage(self) -> str:
        shown = f"--{self.name} {self.placeholder}" if self.option else self.placeholder
        return shown if self.required else f"[{shown}]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Syntax:
    """How a command is written: by one word, or by two, the first of which it shares with others.

    The last word of an `implied` one may be left out.
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    implied: bool = False
    shown: str = ""
    """What it takes, where the parameters alone would not tell it."""

    @property
    def usage(self) -> str:
        name = re.sub(r"(\S+)$", r"[\1]", self.name) if self.implied else self.name
        return f"{name} {self.takes}".strip()

    @property
    def takes(self) -> str:
        """What follows its name."""
        return self.shown or " ".join(parameter.usage for parameter in self.parameters)

    @property
    def positional(self) -> tuple[Parameter, ...]:
        return tuple(parameter for parameter in self.parameters if not parameter.option)

    @property
    def options(self) -> Mapping[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters if parameter.option}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A line that was understood: the command, and what was given for its parameters."""

    command: str
    arguments: Mapping[str, str] = field(default_factory=dict)


Vocabulary = Mapping[str, Collection[str]]
"""Parameter name -> the words it may be; a parameter that is not in it takes any text."""


def parse(line: str, syntaxes: Collection[Syntax], vocabulary: Vocabulary) -> Parsed:
    """Understand `line`, or raise UsageError; never raises anything else."""
    if whole := _verbatim(line, syntaxes):
        return whole
    text = seen(unescaped(line))
    word, at = next_word(text, 0)
    if word is not None and word.casefold() == "/stagecheck":
        text = text[at:]
    syntax, text = _choose(text, syntaxes, vocabulary)
    return Parsed(command=syntax.name, arguments=_arguments(syntax, text, vocabulary))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the one of `known` that looks most like `word`, or an empty string."""
    by_fold = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    if close:
        return by_fold[close[0]]
    starting = [name for fold, name in by_fold.items() if word and fold.startswith(word.casefold())]
    return starting[0] if len(starting) == 1 else ""


def _verbatim(line: str, syntaxes: Collection[Syntax]) -> Parsed | None:
    """Return what `line` asks of a command that takes any text, quotes and dashes included."""
    name, rest = _cut(line)
    if name == "/stagecheck":
        name, rest = _cut(rest)
    for syntax in syntaxes:
        if syntax.name == name and any(parameter.verbatim for parameter in syntax.parameters):
            text = unescaped(rest).strip()
            [parameter] = syntax.parameters
            return Parsed(command=name, arguments={parameter.name: text} if text else {})
    return None


def _cut(text: str) -> tuple[str, str]:
    """Return the first word as the names of commands are written, and what follows it."""
    first, *rest = text.split(None, 1) or [""]
    return seen(unescaped(first)).strip("`").casefold(), rest[0] if rest else ""


def _choose(text: str, syntaxes: Collection[Syntax], vocabulary: Vocabulary) -> tuple[Syntax, str]:
    """Return what `text` asks for, and what follows its name."""
    word, at = next_word(text, 0)
    by_name = {syntax.name: syntax for syntax in syntaxes}
    implied = next(one for one in syntaxes if one.implied and " " not in one.name)
    if word is None or word.startswith("--"):
        return implied, text
    fold = word.casefold()
    if fold in by_name:
        return by_name[fold], text[at:]
    if shared := {name: one for name, one in by_name.items() if name.startswith(f"{fold} ")}:
        return _of_shared(fold, shared, text[at:])
    subjects = vocabulary.get(implied.positional[0].name, ())
    if _known(word, subjects):
        return implied, text
    first_words = [name.split()[0] for name in by_name]
    guess = nearest(word.lstrip("#"), [*first_words, *subjects])
    hint = f"Did you mean `{guess}`?" if guess else ""
    raise UsageError(f"There is no command or target `{echo(word)}`.", hint=hint)


def _of_shared(word: str, shared: Mapping[str, Syntax], text: str) -> tuple[Syntax, str]:
    """Return which of the commands that begin with `word` is meant by what follows it."""
    second, at = next_word(text, 0)
    if second is None or second.startswith("--"):
        return next(one for one in shared.values() if one.implied), text
    seconds = [name.split()[1] for name in shared]
    if found := _known(second, seconds):
        return shared[f"{word} {found}"], text[at:]
    guess = nearest(second, seconds)
    hint = f"Did you mean `{word} {guess}`?" if guess else f"Known: {', '.join(sorted(shared))}."
    raise UsageError(f"There is no command `{word} {echo(second)}`.", hint=hint)


def _arguments(syntax: Syntax, text: str, vocabulary: Vocabulary) -> Mapping[str, str]:
    arguments: dict[str, str] = {}
    waiting = list(syntax.positional)
    strict = not any(parameter.rest for parameter in waiting)
    at = 0
    while True:
        begin, (word, at) = at, next_word(text, at, strict=strict)
        if word is None:
            break
        parameter = _taking(waiting, word)
        if parameter is not None and parameter.rest:
            arguments[parameter.name] = _checked(parameter, text[begin:].strip(), vocabulary)
            return arguments
        if word.startswith("--"):
            parameter, value, at = _given(syntax, word, text, at)
            if parameter.name in arguments:
                raise UsageError(f"`--{parameter.name}` is given twice.", hint=_how(syntax))
        elif parameter is not None:
            waiting.remove(parameter)
            value = word
        else:
            raise UsageError(f"`{echo(word)}` is one word too many.", hint=_how(syntax))
        arguments[parameter.name] = _checked(parameter, value, vocabulary)
    missing = [parameter for parameter in waiting if parameter.required]
    if missing:
        raise UsageError(f"`{syntax.name}` needs {missing[0].placeholder}.", hint=_how(syntax))
    return arguments


def _taking(waiting: list[Parameter], word: str) -> Parameter | None:
    """Return the parameter that `word` is meant for; those it is not meant for wait no more."""
    while waiting and waiting[0].passes and re.fullmatch(waiting[0].passes, word, re.IGNORECASE):
        del waiting[0]
    return waiting[0] if waiting else None


def _given(syntax: Syntax, word: str, text: str, at: int) -> tuple[Parameter, str, int]:
    """Return the option that `word` names, its value, and where that ends."""
    name, _, value = word[2:].partition("=")
    parameter = _option(syntax, name)
    if not value:
        following, at = next_word(text, at)
        value = following or ""
    if not value:
        raise UsageError(f"`--{name}` needs a value.", hint=_how(syntax))
    return parameter, value, at


def _option(syntax: Syntax, name: str) -> Parameter:
    if found := _known(name, syntax.options):
        return syntax.options[found]
    guess = nearest(name, syntax.options)
    hint = f"Did you mean `--{guess}`?" if guess else _how(syntax)
    raise UsageError(f"`{syntax.name}` has no option `--{echo(name)}`.", hint=hint)


def _checked(parameter: Parameter, value: str, vocabulary: Vocabulary) -> str:
    allowed = vocabulary.get(parameter.name)
    if allowed is None:
        return value
    if found := _known(value.strip("`"), allowed):
        return found
    guess = nearest(value, allowed)
    names = sorted(allowed)
    listed = ", ".join(names[:_LISTED_WORDS]) + (", …" if len(names) > _LISTED_WORDS else "")
    hint = f"Did you mean `{guess}`?" if guess else f"Known: {listed or 'none'}."
    raise UsageError(f"There is no {parameter.name} `{echo(value)}`.", hint=hint)


def _known(word: str, words: Collection[str]) -> str:
    """Return the one of `words` that is meant: as written, or whatever the case, or after a #."""
    if word in words:
        return word
    fold = word.casefold().lstrip("#@")
    same = [name for name in words if name.casefold() == fold]
    return same[0] if len(same) == 1 else ""


def _how(syntax: Syntax) -> str:
    return f"Usage: `{syntax.usage}`."
