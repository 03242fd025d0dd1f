"""Recognises a program's own exception in text, however the text around it is worded.

A server that catches everything and answers "authentication failed" still quotes the exception
it caught. That exception concerns its code, and no token changes it. Nothing here knows a
project: the shapes are those of Python, JavaScript, Go, Java and Rust run times.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Mistake(StrEnum):
    """What kind of mistake of a program an exception tells of."""

    NOT_AWAITED = "not awaited"
    NONE_VALUE = "no value"
    WRONG_CLASS = "wrong class"
    BAD_CALL = "bad call"
    MISSING_MODULE = "missing module"
    UNDEFINED_NAME = "undefined name"
    MISSING_ATTRIBUTE = "missing attribute"
    NOT_SERIALISABLE = "not serialisable"
    WRONG_ORDER = "wrong order"
    TRACE = "stack trace"
    NAMED = "named exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramError:
    """An exception found in text: what kind it is, and the words that say so."""

    mistake: Mistake
    text: str


def program_error(text: str) -> ProgramError | None:
    """Return the program's exception that `text` quotes, or None if it quotes none."""
    for mistake, shape in _SHAPES:
        if found := shape.search(text):
            return ProgramError(mistake=mistake, text=_sentence_around(text, found))
    for found in _NAMED.finditer(text):
        if not _NOT_THE_PROGRAM.search(found[0]):
            return ProgramError(mistake=Mistake.NAMED, text=_sentence_around(text, found))
    return None


# The first that matches names the kind, so the telling ones stand before the general ones:
# "'coroutine' object has no attribute 'get'" is a missing await, not a missing attribute.
_SHAPES: Sequence[tuple[Mistake, re.Pattern[str]]] = tuple(
    (mistake, re.compile(shape))
    for mistake, shape in (
        (
            Mistake.NOT_AWAITED,
            r"'?coroutine'? object has no attribute|was never awaited"
            r"|can't be used in 'await' expression|object is not awaitable"
            r"|cannot be called from a running event loop",
        ),
        (
            Mistake.NONE_VALUE,
            r"'?NoneType'? object|\bNoneType\b|(?i:cannot read propert(?:y|ies) .{0,60}of "
            r"(?:undefined|null))|NullPointerException|nil pointer dereference",
        ),
        (
            Mistake.WRONG_CLASS,
            r"(?i:must be (?:an? )?[\w.'\"]+ instance\b)"
            r"|must be (?:an? )?(?:[\w.]+\.)?[A-Z]\w*[a-z]\w* object\b"
            r"|(?i:must be an instance of|is not an instance of|isinstance\b)"
            r"|(?i:\bexpected (?:an? )?(?:instance|object) of\b)"
            r"|\b[Ee]xpected (?:type )?['\"]?[A-Z]\w*[a-z]\w*['\"]?,? (?:but )?got\b"
            r"|(?i:argument .{1,60} must be (?:of type |an? )?(?:str|int|dict|list|bool|bytes)\b)"
            r"|<class '[^']+'>|ClassCastException|(?i:unsupported operand type)",
        ),
        (
            Mistake.BAD_CALL,
            r"missing \d+ required (?:positional|keyword-only) arguments?"
            r"|got an unexpected keyword argument|got multiple values for (?:keyword )?argument"
            r"|takes (?:from )?\d+ (?:to \d+ )?positional arguments? but"
            r"|takes no arguments|object is not (?:callable|subscriptable|iterable)"
            r"|is not a function\b",
        ),
        (
            Mistake.MISSING_MODULE,
            r"No module named ['\"]?[\w.]+|cannot import name ['\"]?\w+|Cannot find module",
        ),
        (
            Mistake.UNDEFINED_NAME,
            r"\bname '\w+' is not defined|\b(?![A-Z0-9_]+ is)[\w.]+ is not defined\b|\bis unbound\b"
            r"|cannot access (?:local|free) variable|referenced before assignment",
        ),
        (Mistake.MISSING_ATTRIBUTE, r"has no attribute '?\w+|no such method\b|undefined method\b"),
        (
            Mistake.NOT_SERIALISABLE,
            r"is not JSON seriali[sz]able|cannot pickle '|[Cc]onverting circular structure",
        ),
        (
            Mistake.WRONG_ORDER,
            r"Need to call \"?accept\"? first|Direct instantiation not allowed"
            r"|Can't instantiate abstract class",
        ),
        (
            Mistake.TRACE,
            r"Traceback \(most recent call last\)|\bpanic: |panicked at "
            r"|\bFile \"[^\"]+\", line \d+|\n\s+at [\w.$<>]+ ?\(",
        ),
    )
)

# A bare class name counts ("TypeError" as the value of error_type), and one with its message.
_NAMED = re.compile(r"\b[A-Z][A-Za-z0-9]*(?:Error|Exception)\b")

# Exceptions that tell of the token, the network, a dependency or a limit: the program may be fine.
_NOT_THE_PROGRAM = re.compile(
    r"(?i)^(?:\w*(?:auth|token|jwt|signature|claim|audience|issuer|expired|permission|forbidden"
    r"|credential|login|user|session"
    r"|time_?out|connect|network|socket|dns|gaierror|ssl|certificate|http|redis|database|sql"
    r"|operational|interface|quota|ratelimit|limit|exhausted|unavailable|overloaded|api"
    r"|os|io|disconnect|closed|cancelled|startup|config|settings|improperlyconfigured"
    r")\w*(?:Error|Exception)|DecodeError|ServiceException|Error|Exception)\b"
)

# Enough of the sentence to be understood where it is quoted.
_LONGEST = 240


def _sentence_around(text: str, found: re.Match[str]) -> str:
    """Return the line of `text` that `found` is in, trimmed around it."""
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    line_end = len(text) if end < 0 else end
    start = max(start, found.start() - _LONGEST // 2)
    return text[start : min(line_end, start + _LONGEST)].strip(' \t"{},')
