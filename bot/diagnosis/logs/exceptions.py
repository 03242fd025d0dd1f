"""Exceptions of programs in a log, each with the place that raised it."""

import re
from collections.abc import Iterator, Mapping

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Placed, Text, is_source, quotable
from bot.diagnosis.logs.places import Place, place_by_name, place_of
from bot.diagnosis.program_errors import Mistake, program_error

# What is in every text that `program_error` knows: cheap to look for, and it says no more.
EXCEPTION_WORDS = (
    "has no attribute", "never awaited", "'await' expression", "not awaitable",
    "running event loop", "current event loop", "coroutine was expected", "nonetype",
    "cannot read propert", "set propert", "destructure propert", "nil pointer", "isinstance",
    "must be ", "instance of", "expected ", "required positional", "required keyword-only",
    "unexpected keyword", "multiple values", "positional argument", "takes no arguments",
    "not callable", "not subscriptable", "not iterable", "is not a function",
    "no module named", "cannot import name", "cannot find module", "is not defined",
    "cannot access local", "cannot access free", "before assignment", "is unbound",
    "no such method", "undefined method", "json seriali", "cannot pickle",
    "circular structure", "need to call", "direct instantiation", "instantiate abstract",
    "different loop", "different event loop", "event loop is closed", "different context",
    "during iteration", "concurrent map", "recursion depth", "call stack size",
    "division by zero", "index out of", "values to unpack", "unsupported operand",
    "unhashable type", "indices must be", "only concatenate", "not supported between",
    "panic: ", "item assignment", "offset-naive", "not all arguments", "<class '",
    "validation error", "a `none` value", "member function",
    # Of those that are known by their class alone, the beginnings.
    *(
        f"{name}error"
        for name in (
            "type", "value", "key", "name", "attribute", "import", "modulenotfound", "syntax",
            "indentation", "index", "runtime", "notimplemented", "zerodivision", "recursion",
            "unboundlocal", "lookup", "reference", "range", "decode", "encode", "translate",
            "overflow", "nomethod", "eval", "functionclause", "match", "caseclause", "badarity",
        )
    ),
    *(
        f"{name}exception"
        for name in (
            "nullpointer", "illegalstate", "illegalargument", "classcast", "outofbounds",
            "concurrentmodification", "nullreference", "invalidoperation", "arithmetic",
            "nosuchelement", "numberformat", "unsupportedoperation", "argument", "argumentnull",
            "argumentoutofrange", "invalidcast", "uninitializedpropertyaccess",
        )
    ),
)  # fmt: skip

# Named by its class alone: only classes that tell of the program itself.
_NAMED = re.compile(
    r"\b(?:Type|Value|Key|Name|Attribute|Import|ModuleNotFound|Syntax|Indentation|Index|Runtime"
    r"|NotImplemented|ZeroDivision|Recursion|UnboundLocal|Lookup|Reference|Range"
    r"|Unicode\w{1,20}|Overflow|NoMethod|Eval)Error\b|\b(?:NullPointer|NullReference|IllegalState"
    r"|IllegalArgument|Argument(?:Null|OutOfRange)?|ClassCast|(?:Array|String)?IndexOutOfBounds"
    r"|InvalidOperation|InvalidCast|Arithmetic|NoSuchElement|NumberFormat|UnsupportedOperation"
    r"|ConcurrentModification|UninitializedPropertyAccess)Exception\b"
    r"|\((?:FunctionClause|UndefinedFunction|Match|CaseClause|BadArity|Protocol\.Undefined)Error\)"
)
# How Go and Elixir say that they gave up.
_PANIC = re.compile(r"^\W*panic: \S")
_GOROUTINE = re.compile(r"goroutine (\d+) \[")
_FIRST = "1"
_POINTER = re.compile(r"\s*\S{1,200}:\d+: \w{1,60}(?:Error|Exception)\s*$")
_BETWEEN_STRINGS = re.compile(r"\"\s{0,4}[,:]\s{0,4}\"")
# Signatures that say that something failed, and not what.
_GENERAL = frozenset(
    ("startup_failure", "agent_failed", "own_part_failed", "test_broken", "mock_used",
     "auth_refused", "deprecated_config", "trouble", "traceback", "loopback_target",
     "fallback_token", "contract_broken", "no_answer", "truncated")
)  # fmt: skip
# What a program raises that asked for a token and was given none.
_NO_CREDENTIAL = re.compile(
    r"\b(?:could not|couldn't|cannot|can't|failed to|unable to) (?:obtain|get|fetch|acquire|request"
    r"|retrieve) (?:[\w-]{1,20} ){0,4}(?:token|jwt|credentials?|session)\b",
    re.IGNORECASE,
)
_TOLD = (Place.SOCKET, Place.AGENT)
_SETTING = frozenset(("missing_config",))
_UNREADABLE = frozenset(("code_broken",))
# How a program asks for a variable, and how far above its error a trace shows that.
_ENVIRONMENT = re.compile(r"\benviron\b|getenv|process\.env\b|\bENV\[|\benv\(|os\.LookupEnv")
_TRACE_ABOVE = 8
# Spoken of, but not raised here; or a verdict of a test, which is a consequence.
_NOT_RAISED = re.compile(
    r"AssertionError|\bwould (?:cause|raise)|\bto (?:avoid|prevent)\b|\bexpected \w*Error\b"
    r"|DeprecationWarning|UserWarning|never awaited.{0,20}$(?<!was never awaited)"
)


def read_exceptions(text: Text, told: Mapping[int, frozenset[str]]) -> Iterator[Fact]:
    """Yield ``exception.PLACE`` for each exception in `text`.

    `told` has what signatures say of a line: an error known by its class alone is what its
    message says, and a library called wrongly is no exception of a program.
    """
    for position in text.with_any(EXCEPTION_WORDS):
        line = text.lines[position]
        # Where pytest says on which line it was, what it was stands above.
        if is_source(line.text) or _POINTER.match(line.text):
            continue
        found = _program_error(line.text)
        if found is None:
            continue
        mistake, said = found
        if mistake is Mistake.NAMED and _NO_CREDENTIAL.search(said):
            # It says that it got none, and why not stands elsewhere.
            yield Fact("trouble", line.number, quotable(said))
            continue
        known = told.get(line.number, frozenset()) - _GENERAL
        if known == _SETTING and mistake is Mistake.NAMED:
            yield from _unset(line, mistake, said)
        if known == _UNREADABLE and mistake is Mistake.NAMED:
            yield from _unreadable(line, mistake, said)
        if "contract_broken" in told.get(line.number, ()) and "validation error" in line.low:
            # Not the program: an event that is not as its model wants it.
            continue
        if "library_misused" in known or (mistake is Mistake.NAMED and known):
            continue
        core = _core(said)
        place = place_of(line.record, line.position, mistake, core)
        if _PANIC.match(line.text):
            place = _place_of_panic(text, position, place)
        is_unreadable = mistake is Mistake.MISSING_MODULE or "SyntaxError" in core
        if place in (Place.UNKNOWN, Place.SERVER) and not is_unreadable:
            named = place_by_name(core)
            place = named if named is not Place.UNKNOWN else place
        yield Fact(f"exception.{place}", line.number, quotable(_own_string(said)))


def _unset(line: Placed, mistake: Mistake, said: str) -> Iterator[Fact]:
    """Yield that a test misses the setting that its own code asks for; of a server, nothing."""
    if place_of(line.record, line.position, mistake, _core(said)) is Place.TEST:
        above = line.record.lines[max(0, line.position - _TRACE_ABOVE) : line.position]
        is_asked = any(_ENVIRONMENT.search(one.text) for one in above)
        yield Fact("unset_in_test" if is_asked else "exception.test", line.number, quotable(said))


def _unreadable(line: Placed, mistake: Mistake, said: str) -> Iterator[Fact]:
    """Yield that a test cannot be loaded as it is; of a server, nothing."""
    if place_of(line.record, line.position, mistake, _core(said)) is Place.TEST:
        yield Fact("exception.test", line.number, quotable(said))


def _place_of_panic(text: Text, position: int, place: Place) -> Place:
    """Return where a Go program gave up: its first goroutine starts it, others serve."""
    below = text.lines[position + 1 : position + 4]
    found = next((one for line in below if (one := _GOROUTINE.search(line.text))), None)
    if found is None:
        return place
    return Place.STARTUP if found[1] == _FIRST else place if place in _TOLD else Place.SERVER


def _program_error(line: str) -> tuple[Mistake, str] | None:
    if _NOT_RAISED.search(line):
        return None
    text = line.replace('\\"', '"').replace("\\'", "'")
    error = program_error(text)
    if error is None:
        found = _NAMED.search(text) or _PANIC.match(text)
        return (Mistake.NAMED, text[found.start() :].strip()) if found else None
    if error.mistake is Mistake.TRACE:
        return (Mistake.NAMED, text.strip()) if _PANIC.match(text) else None
    if error.mistake is Mistake.NAMED and not _NAMED.search(error.text):
        return None
    return error.mistake, error.text


def _own_string(said: str) -> str:
    """Return the string of an object that holds the exception, where `said` is several."""
    parts = _BETWEEN_STRINGS.split(said) if '"' in said else [said]
    return next((part for part in parts if program_error(part) or _NAMED.search(part)), said)


def _core(said: str) -> str:
    """Return the exception itself, without what whoever caught it says in front of it."""
    parts = said.split(": ")
    for start in range(len(parts) - 1, 0, -1):
        if program_error(rest := ": ".join(parts[start:])):
            return rest
    return said
