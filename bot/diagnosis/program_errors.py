"""Recognises a program's own exception in text, however the text around it is worded.

A server that catches everything and answers "authentication failed" still quotes the exception
it caught. That exception concerns its code, and no token changes it. Nothing here knows a
project: the shapes are those of Python, JavaScript, Go, Java and Rust run times.
"""

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.diagnosis.quotes import trimmed


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
    WRONG_LOOP = "wrong event loop"
    CHANGED_MEANWHILE = "changed meanwhile"
    ENDLESS = "endless recursion"
    BAD_OPERATION = "bad operation"
    INVALID_OBJECT = "invalid object"
    TRACE = "stack trace"
    NAMED = "named exception"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgramError:
    """An exception found in text: what kind it is, and the words that say so."""

    mistake: Mistake
    text: str
    is_certain: bool
    """Whether only a program's exception is worded like this, and never a refused token."""


def program_error(text: str) -> ProgramError | None:
    """Return the program's exception that `text` quotes, or None if it quotes none."""
    for mistake, certain, perhaps in _SHAPES:
        if found := certain.search(text):
            return _error(mistake, text, found, is_certain=True)
        for found in perhaps.finditer(text) if perhaps else ():
            if _is_of_the_program(text, found):
                return _error(mistake, text, found, is_certain=False)
    if (found := _TRACE.search(text)) and _ends_in_the_program(text):
        return _error(Mistake.TRACE, text, found, is_certain=True)
    for found in _NAMED.finditer(text):
        if _is_a_class_of_the_program(found[0]) and _is_of_the_program(text, found):
            return _error(Mistake.NAMED, text, found, is_certain=False)
    return None


def _error(mistake: Mistake, text: str, found: re.Match[str], *, is_certain: bool) -> ProgramError:
    quoted = _line_around(text, found)
    return ProgramError(mistake=mistake, text=quoted, is_certain=is_certain)


# A class of some program, in CamelCase.
_CLASS = r"[A-Z](?=\w*[a-z])\w*"
_BUILT_IN = r"(?:str|int|float|dict|list|tuple|set|bool|bytes|None)\b"
_TYPE = rf"(?:<class )?['\"]?(?:[\w.]+\.)?(?:{_CLASS}|{_BUILT_IN})['\"]?>?"
_NEVER = r"(?!)"

# The first that matches names the kind, so the telling ones stand before the general ones:
# "'coroutine' object has no attribute 'get'" is a missing await, not a missing attribute.
# Of each kind, first the words that only a run time writes, then those that a person may have
# written about a token: "expected Bearer, got Basic".
_SHAPES: Sequence[tuple[Mistake, re.Pattern[str], re.Pattern[str] | None]] = tuple(
    (mistake, re.compile(certain), re.compile(perhaps) if perhaps else None)
    for mistake, certain, perhaps in (
        (
            Mistake.NOT_AWAITED,
            r"'?coroutine'? object has no attribute|was never awaited"
            r"|can't be used in 'await' expression|object is not awaitable"
            r"|cannot be called from a running event loop|\ba coroutine was expected\b",
            "",
        ),
        (
            Mistake.NONE_VALUE,
            r"'?NoneType'? object|\bNoneType\b|(?i:cannot (?:read|set) propert(?:y|ies) .{0,60}of "
            r"(?:undefined|null))|[Cc]annot destructure propert|NullPointerException"
            r"|nil pointer dereference|[Oo]bject reference not set to an instance of an object"
            r"|on a `?None`? value|[Cc]all to a member function \w+\(\) on null"
            r"|undefined method .{1,60}? for nil",
            "",
        ),
        (
            Mistake.WRONG_CLASS,
            r"\bisinstance\b|ClassCastException",
            rf"must be (?:an? )?{_TYPE} (?:instance|object)\b"
            rf"|(?:must be|is not) an instance of {_TYPE}"
            rf"|\b[Ee]xpected (?:an? )?(?:instance|object) of {_TYPE}"
            rf"|\b[Ee]xpected (?:type )?(?:{_TYPE},? (?:but )?got (?:<class|{_BUILT_IN})"
            rf"|['\"]?[A-Z][a-z0-9]+[A-Z]\w*['\"]?,? (?:but )?got\b)"
            r"|(?i:argument .{1,60} must be (?:of type |an? )?(?:str|int|dict|list|bool|bytes)\b)",
        ),
        (
            Mistake.BAD_CALL,
            r"missing \d+ required (?:positional|keyword-only) arguments?"
            r"|got an unexpected keyword argument|got multiple values for (?:keyword )?argument"
            r"|takes (?:from )?\d+ (?:to \d+ )?positional arguments? but"
            r"|takes no arguments|object is not (?:callable|subscriptable|iterable)"
            r"|is not a function\b",
            "",
        ),
        (
            Mistake.MISSING_MODULE,
            r"No module named ['\"]?[\w.]+|cannot import name ['\"]?\w+|Cannot find module",
            "",
        ),
        (
            Mistake.UNDEFINED_NAME,
            r"\bname '\w+' is not defined|cannot access (?:local|free) variable"
            r"|referenced before assignment",
            # JavaScript quotes no name, but it says nothing else either.
            r"(?m:(?:^|[:\"'] ?)(?![A-Z0-9_]+ is)[A-Za-z_$][\w.$]{0,80} is not defined[\"'.})\]]*$)"
            r"|\bis unbound\b",
        ),
        (
            Mistake.MISSING_ATTRIBUTE,
            r"'[\w.]+' (?:object )?has no attribute '\w+",
            r"has no attribute '?\w+|no such method\b|undefined method\b",
        ),
        (
            Mistake.NOT_SERIALISABLE,
            r"is not JSON seriali[sz]able|cannot pickle '|[Cc]onverting circular structure",
            "",
        ),
        (
            Mistake.WRONG_ORDER,
            r"Need to call \"?accept\"? first|Direct instantiation not allowed"
            r"|Can't instantiate abstract class",
            "",
        ),
        (
            Mistake.WRONG_LOOP,
            r"(?:attached|bound) to a different (?:event )?loop|[Ee]vent loop is closed"
            r"|\bno (?:running|current) event loop|was created in a different Context",
            "",
        ),
        (
            Mistake.CHANGED_MEANWHILE,
            r"(?:changed size|keys changed|mutated) during iteration"
            r"|concurrent map (?:read|writes?|iteration)|ConcurrentModificationException",
            "",
        ),
        (
            Mistake.ENDLESS,
            r"maximum recursion depth exceeded|Maximum call stack size exceeded",
            "",
        ),
        (
            Mistake.BAD_OPERATION,
            r"\bdivision by zero|\bindex out of (?:range|bounds)"
            r"|\b(?:not enough|too many) values to unpack|(?i:unsupported operand type)"
            r"|\bunhashable type|\bindices must be integers|\bcan only concatenate\b"
            r"|not supported between instances of|does not support item assignment"
            r"|[Cc]annot set propert(?:y|ies) |offset-naive and offset-aware"
            r"|not all arguments converted during",
            r"<class '[^']+'>",
        ),
        (
            Mistake.INVALID_OBJECT,
            _NEVER,
            rf"\b\d{{1,4}} validation errors? for {_CLASS}"
            rf"|\b{_CLASS}\.\w+ must be (?:an?|non)\b",
        ),
    )
)
_TRACE = re.compile(
    r"Traceback \(most recent call last\)|\bpanic: |panicked at "
    r"|\bFile \"[^\"\n]+\", line \d+|\n\s+at [\w.$<>]+ ?\("
)

# A bare class name counts ("TypeError" as the value of error_type), and one with its message.
_NAMED = re.compile(r"\b[A-Z][A-Za-z0-9]{0,80}(?:Error|Exception)\b")
_ENDS_IN = re.compile(r"\b(?:[A-Z][A-Za-z0-9]{0,80})?(?:Error|Exception)\b(?=:|\s*$)", re.MULTILINE)

# Exceptions that tell of the token, the user, the network, a dependency or a limit: the program
# may be fine. They are told by the words in their names, and a word of a name is a whole one:
# there is "io" in ZeroDivisionError.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_NOT_THE_PROGRAM = re.compile(
    r"\b(?:(?:un)?auth\w*|tokens?|jw[tkse]|jose|signature|claims?|audience|issuer|issued|jti"
    r"|subject|algorithm|scopes?|grant|expired|permissions?|forbidden|denied|account|security"
    r"|credentials?|passwords?|login|not before|invalid key"
    r"|invalid client|mfa|otp|not verified|tenant mismatch|csrf|nonce|kid|origin not allowed"
    r"|user (?:not (?:found|registered)|unknown|inactive|disabled|locked)"
    r"|(?:invalid|unknown|no such) user"
    r"|session (?:not found|revoked|invalid)|invalid session"
    r"|time ?out|connect\w*|network|dns|ssl|tls|certificate|https?|gateway|broken pipe|retry"
    r"|redis|database|dbapi|sql|operational|quota|limit|exhausted|unavailable|overloaded|api"
    r"|disconnect\w*|closed|cancelled|startup|config\w*|settings|improperly configured)\b"
    r"|^socket\b|^(?:os|io|interface|decode|web socket|service) (?:error|exception)$"
    r"|^(?:error|exception)$"
)
# Classes that are filled with what was sent or configured: that it does not fit tells of that.
_NOT_ITS_OWN = re.compile(
    r"\b(?:tokens?|jw[tkse]|claims?|credentials?|config\w*|settings"
    r"|request|message|payload|frame|body|input|query|params|form|command)\b"
)
_ABOUT_A_TOKEN = re.compile(
    r"(?i)\b(?:tokens?|jwts?|claims?|audience|issuer|issued at|signature|alg(?:orithm)?|scopes?"
    r"|roles?|bearer)\b"
)
# A check that names a class of the program; what stands in front tells who caught it.
_ASKS_FOR_A_CLASS = re.compile(r"[A-Z][a-z0-9]+[A-Z]\w* (?:instance|object)$")
_OWNER = re.compile(rf"^\d+ validation errors? for ({_CLASS})|^({_CLASS})\.")
_SENTENCE_END = re.compile(r"[\n;|]|\\n|[.!?]\s|\"\s*[,:}\]]")


def _is_of_the_program(text: str, found: re.Match[str]) -> bool:
    """Return whether the sentence around `found` is about the program, and not about a token."""
    owner = _OWNER.search(found[0])
    if owner and _NOT_ITS_OWN.search(_words(owner[1] or owner[2])):
        return False
    before, after = _sentence_around(text, found)
    if _ASKS_FOR_A_CLASS.search(found[0]):
        before = before.rpartition(": ")[2]
    if any(not _is_a_class_of_the_program(name[0]) for name in _NAMED.finditer(before)):
        return False
    return not _ABOUT_A_TOKEN.search(f"{before}{found[0]}{after}")


def _is_a_class_of_the_program(name: str) -> bool:
    return not _NOT_THE_PROGRAM.search(_words(name))


def _words(name: str) -> str:
    """Return the words of a name in CamelCase, with spaces between them."""
    return " ".join(_WORD.findall(name)).lower()


def _ends_in_the_program(text: str) -> bool:
    """Return whether the exception that a trace ends in is one of the program, or not named."""
    last = next(iter(deque(_ENDS_IN.finditer(text), maxlen=1)), None)
    if last is None:
        return True
    if last[0] in ("Error", "Exception"):
        return _is_of_the_program(text, last)
    return _is_a_class_of_the_program(last[0]) and _is_of_the_program(text, last)


def _sentence_around(text: str, found: re.Match[str]) -> tuple[str, str]:
    """Return what stands in front of `found` and after it in its sentence, at most."""
    before = text[max(0, found.start() - _LONGEST) : found.start()]
    after = text[found.end() : found.end() + _LONGEST]
    return _SENTENCE_END.split(before)[-1], _SENTENCE_END.split(after, maxsplit=1)[0]


# Enough of the sentence to be understood where it is quoted.
_LONGEST = 240


def _line_around(text: str, found: re.Match[str]) -> str:
    """Return the line of `text` that `found` is in, trimmed around it."""
    start = text.rfind("\n", 0, found.start()) + 1
    end = text.find("\n", found.end())
    line_end = len(text) if end < 0 else end
    start = max(start, found.start() - _LONGEST // 2)
    return trimmed(text[start : min(line_end, start + _LONGEST)], ' \t"{},')
