"""The one grammar: a line of text, typed in Slack, held in a button or typed in a shell.

Pure: what exists (commands, targets, checks) comes in as arguments. Whatever the line is, the
answer is a `Parsed` or a `UsageError` that names the nearest thing that can be understood.
"""

import difflib
import html
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from bot.errors import UsageError

# What clients and phones make of straight quotes, and of two hyphens, while one types. Any quote
# of a family closes one that another of it opened: languages disagree on which goes where.
_QUOTES = {char: family for family in ('"“”„', "'‘’‚", "«»") for char in family}
_DASHES = "—–―−‒"
# <@U123|ada>, <#C123|staging>, <https://example.test|example.test>
_ESCAPED = re.compile(r"<([@#!]?)([^<>|\s]*)(?:\|([^<>]*))?>")
_ECHO_LENGTH = 60
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
    """How a command is written; an `implied` command's own name may be left out."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    implied: bool = False
    shown: str = ""
    """The usage, where the parameters alone would not tell it."""

    @property
    def usage(self) -> str:
        if self.shown:
            return self.shown
        name = f"[{self.name}]" if self.implied else self.name
        return " ".join([name, *(parameter.usage for parameter in self.parameters)])

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
    text = _seen(unescaped(line))
    word, at = _next(text, 0)
    if word is not None and word.casefold() == "/stagecheck":
        text = text[at:]
        word, at = _next(text, 0)
    syntax = _choose(word, syntaxes, vocabulary)
    if word is not None and word.casefold() == syntax.name:
        text = text[at:]
    return Parsed(command=syntax.name, arguments=_arguments(syntax, text, vocabulary))


def split(line: str) -> Iterator[str]:
    """Yield the words of `line`: quotes keep spaces, Slack's escapes and typography are undone."""
    text = _seen(unescaped(line))
    word, at = _next(text, 0)
    while word is not None:
        yield word
        word, at = _next(text, at)


def unescaped(text: str) -> str:
    """Return `text` as it was typed, before Slack escaped it and made links of what looks so."""
    return html.unescape(_ESCAPED.sub(_unescape, text))


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the one of `known` that looks most like `word`, or an empty string."""
    by_fold = {name.casefold(): name for name in known}
    close = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    if close:
        return by_fold[close[0]]
    starting = [name for fold, name in by_fold.items() if word and fold.startswith(word.casefold())]
    return starting[0] if len(starting) == 1 else ""


def _unescape(found: re.Match[str]) -> str:
    sigil, reference, label = found.groups()
    if sigil == "@":  # a person stays an id, which is what Slack's API takes
        return f"@{reference}"
    # A channel is typed for its name: `#staging` may well mean the target.
    return label or reference


def _seen(text: str) -> str:
    """Return `text` without zero-width characters: they come with what is pasted, unseen."""
    return "".join(c for c in text if c.isspace() or not unicodedata.category(c).startswith("C"))


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
    return _seen(unescaped(first)).strip("`").casefold(), rest[0] if rest else ""


def _next(text: str, at: int, *, strict: bool = True) -> tuple[str | None, int]:
    """Return the word that begins at `at` or after it, and where it ends; None if there is none.

    A quote that is never closed is refused only if `strict`.
    """
    while at < len(text) and text[at].isspace():
        at += 1
    if at == len(text):
        return None, at
    return _quoted(text, at, strict) if text[at] in _QUOTES else _plain(text, at)


def _quoted(text: str, at: int, strict: bool) -> tuple[str, int]:
    family = _QUOTES[text[at]]
    for end in range(at + 1, len(text)):
        if text[end] in family and not text[end + 1 : end + 2].strip():
            return text[at + 1 : end], end + 1
    if "'" in family or not strict:  # an apostrophe, as in 'tis
        return _plain(text, at)
    raise UsageError("A quote is opened and never closed.", hint='Quote like this: "two words".')


def _plain(text: str, at: int) -> tuple[str, int]:
    end = at
    while end < len(text) and not text[end].isspace():
        end += 1
    word = text[at:end]
    if word[0] in _DASHES and len(word) > 1:
        word = "--" + word.lstrip(_DASHES + "-")
    return (word.strip("`") or word), end


def _choose(word: str | None, syntaxes: Collection[Syntax], vocabulary: Vocabulary) -> Syntax:
    by_name = {syntax.name: syntax for syntax in syntaxes}
    implied = next(syntax for syntax in syntaxes if syntax.implied)
    if word is None or word.startswith("--"):
        return implied
    if word.casefold() in by_name:
        return by_name[word.casefold()]
    subjects = vocabulary.get(implied.positional[0].name, ())
    if _known(word, subjects):
        return implied
    guess = nearest(word.lstrip("#"), [*by_name, *subjects])
    hint = f"Did you mean `{guess}`?" if guess else ""
    raise UsageError(f"There is no command or target `{_echo(word)}`.", hint=hint)


def _arguments(syntax: Syntax, text: str, vocabulary: Vocabulary) -> Mapping[str, str]:
    arguments: dict[str, str] = {}
    waiting = list(syntax.positional)
    strict = not any(parameter.rest for parameter in waiting)
    at = 0
    while True:
        begin, (word, at) = at, _next(text, at, strict=strict)
        if word is None:
            break
        parameter = _taking(waiting, word)
        if parameter is not None and parameter.rest:
            arguments[parameter.name] = text[begin:].strip()
            return arguments
        if word.startswith("--"):
            parameter, value, at = _given(syntax, word, text, at)
            if parameter.name in arguments:
                raise UsageError(f"`--{parameter.name}` is given twice.", hint=_how(syntax))
        elif parameter is not None:
            waiting.remove(parameter)
            value = word
        else:
            raise UsageError(f"`{_echo(word)}` is one word too many.", hint=_how(syntax))
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
        following, at = _next(text, at)
        value = following or ""
    if not value:
        raise UsageError(f"`--{name}` needs a value.", hint=_how(syntax))
    return parameter, value, at


def _option(syntax: Syntax, name: str) -> Parameter:
    if found := _known(name, syntax.options):
        return syntax.options[found]
    guess = nearest(name, syntax.options)
    hint = f"Did you mean `--{guess}`?" if guess else _how(syntax)
    raise UsageError(f"`{syntax.name}` has no option `--{_echo(name)}`.", hint=hint)


def _checked(parameter: Parameter, value: str, vocabulary: Vocabulary) -> str:
    allowed = vocabulary.get(parameter.name)
    if allowed is None:
        return value
    if found := _known(value, allowed):
        return found
    guess = nearest(value, allowed)
    names = sorted(allowed)
    listed = ", ".join(names[:_LISTED_WORDS]) + (", …" if len(names) > _LISTED_WORDS else "")
    hint = f"Did you mean `{guess}`?" if guess else f"Known: {listed or 'none'}."
    raise UsageError(f"There is no {parameter.name} `{_echo(value)}`.", hint=hint)


def _known(word: str, words: Collection[str]) -> str:
    """Return the one of `words` that is meant: as written, or whatever the case, or after a #."""
    if word in words:
        return word
    fold = word.casefold().lstrip("#@")
    same = [name for name in words if name.casefold() == fold]
    return same[0] if len(same) == 1 else ""


def _how(syntax: Syntax) -> str:
    return f"Usage: `{syntax.usage}`."


def _echo(word: str) -> str:
    return word.replace("`", "'") if len(word) <= _ECHO_LENGTH else f"{word[:_ECHO_LENGTH]}…"
