"""Statuses that were answered and codes that sockets were closed with, and by whom."""

import re
from collections.abc import Iterator, Sequence

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.fields import Field
from bot.diagnosis.logs.matching import NO_DIGITS, Placed, Text, is_source

_NUMBER = re.compile(
    r"(?<![\d.])[1-5]\d\d(?![\d.]*\d|\s?(?:ms|s|%|sec|bytes|[kmg]b|tests?|items?|rows?|events?"
    r"|messages?"
    r"|users?|records?|tokens?|requests?|times?|chars?|lines?)\b)"
)
_PHRASE = (
    r"(?:Service (?:Temporarily )?Unavailable|Forbidden|Unauthori[sz]ed|Internal Server Error|Bad "
    r"Gateway"
    r"|Gateway Time-?out|Not Found|Method Not Allowed|Unprocessable|Too Many Requests|Bad Request"
    r"|Server Error|Client Error|OK\b)"
)
# What stands right before a number that is a status: words, or marks.
_STATUS_WORDS = frozenset(
    ("http", "status", "status_code", "statuscode", "returned", "answered", "answers", "answer",
     "responded", "responds", "got", "code", "received", "response", "assert", "with", "error")
)  # fmt: skip
_STATUS_MARKS = ('" ', "| ", "|", "-> ", "→ ", "=> ")
_WORD_EDGES = " \"'(=:["
_AFTER = re.compile(r"[\s:)–-]{1,4}" + _PHRASE, re.IGNORECASE)
# What may stand before it with a colon between.
_SUBJECT = re.compile(
    r"\b(?:fail\w*|health\w*|endpoint|preflight|request|upgrade|connection|exchange|refused"
    r"|rejected"
    r"|token|error|response)\b[^:\d]*[:(]$",
    re.IGNORECASE,
)
_NEAR = 32
_FAR = 64

_UPGRADE = re.compile(
    r"web ?socket|\bwss?\b|/ws\b|\bupgrade\b|handshake|InvalidStatus", re.IGNORECASE
)
_EXCHANGE = re.compile(
    r"test[ _-]?token|test-auth|bypass|token (?:exchange|request)|exchange|/e2e[/-]|simulation",
    re.IGNORECASE,
)
_AUTH = re.compile(
    r"\bauth(?:entication)?\b|\bauth[._-]|[/._-]auth\b|oauth|/token\b", re.IGNORECASE
)
_FRONTEND = re.compile(r"front-?end|\bapp\.[\w-]+\.|\bui\b", re.IGNORECASE)
_BACKEND = re.compile(r"back-?end|\bapi\b", re.IGNORECASE)
_TELLING = (_UPGRADE, _EXCHANGE, _AUTH, _FRONTEND, _BACKEND)
_ADDRESS = re.compile(r"(?:https?|wss?)://[^\s\"',)]{1,200}|(?<= )/[\w./-]{1,100}")
# An address right before a number: what was asked, then what was answered.
_ADDRESS_ENDS = re.compile(r"(?:https?://|(?<= )/)[^\s\"']{1,200}(?<!\.py)(?<!\.js)(?<!\.ts)$")
_ABOVE = 4
_MOST_SUBJECTS = 5_000

_STATUS_NAMES = frozenset(
    (
        "status",
        "status_code",
        "statuscode",
        "http_status",
        "response_code",
        "response_status",
        "code",
    )
)
# A line that is a field and nothing else: its record tells whose status it is.
_STATUS_FIELD = re.compile(
    r"\s*[-*]?\s*[\"']?(?:http_|response_)?(?:status(?:_?code)?|code)[\"']?\s*[:=]", re.IGNORECASE
)
_WHERE_NAMES = frozenset(
    ("url", "requesturl", "request_url", "path", "endpoint", "uri", "service", "host", "target")
)

_CLOSED = re.compile(
    r"received (?P<a>\d{4}) \((?P<meaning>[^)]{0,60})\)(?: (?P<ra>[^;\n]{1,160}))?"
    r"|\bclos(?:ed?|ing|ure)\b[^\n\d]{0,40}?\b(?P<b>1\d{3}"
    r"|4\d{3})\b(?:[\s:,(\"'-]+(?P<rb>[^\n]{1,160}))?"
    r"|\b(?P<c>1008|1011|1013)\b[\s:(\"'-]{1,4}(?P<rc>(?:policy violation|internal (?:server "
    r")?error"
    r"|internal|try again)[^\n]{0,120})"
    r"|\b(?:code|error|web ?socket)[ =:]{1,3}(?P<d>1008|1011|1013"
    r"|1006)\b(?:[\s:,(\"'-]+(?P<rd>[^\n]{1,160}))?",
    re.IGNORECASE,
)
_CODES = ("100", "101", "400", "401", "403")
# What might happen, or did not.
_HYPOTHETICAL = re.compile(
    r"would |could |may cause|to (?:avoid|prevent)|\bno 1\d{3}|_detected", re.IGNORECASE
)
_GENERIC = re.compile(
    r"\(?(?:policy violation|internal error|internal server error|ok|going away)\)?[\s;:.)]*",
    re.IGNORECASE,
)


class Answers:
    """Reads answers of a whole log; an answer that later got better is not held against it."""

    def __init__(self) -> None:
        self._latest: dict[tuple[str, str], int] = {}
        self._bad: set[tuple[str, str]] = set()
        self._subjects: dict[str, tuple[str, str]] = {}

    def read_text(self, text: Text) -> Iterator[Fact]:
        """Yield ``http_status.WHO`` for statuses and ``ws_close_code`` for closes in `text`."""
        for line in text.lines:
            status = _status_in(line.text)
            if status and not _STATUS_FIELD.match(line.text) and not is_source(line.text):
                yield self._answer(*self._subject(_with_request(line)), status, line.number)
        for position in text.with_any(_CODES):
            line = text.lines[position]
            found = _CLOSED.search(line.text)
            if found and not _HYPOTHETICAL.search(line.text):
                yield from _close(found, line.number)

    def read_fields(self, fields: Sequence[Field]) -> Iterator[Fact]:
        """Yield the same for named values."""
        for one in fields:
            value = _code(one.value)
            if value is None:
                continue
            name = one.name.lower()
            if name in _STATUS_NAMES and 100 <= value < 600:
                yield self._answer(*_subject(one, fields), value, one.line)
            elif name in ("close_code", "closecode", "code") and 1000 <= value < 5000:
                yield Fact("ws_close_code", one.line, value)
        for one in fields:
            if one.name.lower() in ("close_reason", "closereason") and isinstance(one.value, str):
                yield Fact("ws_close_reason", one.line, one.value)

    def recovered(self) -> frozenset[str]:
        """Return who answered badly and then, asked the same again, well every time."""
        still_bad = {who for (who, what) in self._bad if self._latest[who, what] >= 400}
        return frozenset(who for who, _ in self._bad if who not in still_bad)

    def _subject(self, text: str) -> tuple[str, str]:
        """Return who answers on a line and what was asked, the same whatever its numbers are."""
        shape = text.translate(NO_DIGITS)
        if shape not in self._subjects:
            if len(self._subjects) >= _MOST_SUBJECTS:
                self._subjects.clear()
            self._subjects[shape] = (who(text), _asked(text))
        return self._subjects[shape]

    def _answer(self, subject: str, asked: str, status: int, line: int) -> Fact:
        if status >= 400:
            self._bad.add((subject, asked))
        self._latest[subject, asked] = status
        return Fact(f"http_status.{subject}", line, status)


def _status_in(text: str) -> int | None:
    for found in _NUMBER.finditer(text):
        if _is_status(text, found.start(), found.end()):
            return int(found[0])
    return None


def _is_status(text: str, start: int, end: int) -> bool:
    near = text[max(0, start - _NEAR) : start]
    if near.endswith(_STATUS_MARKS):
        return True
    word = near.rstrip(_WORD_EDGES).rpartition(" ")[2].strip("\"'({[,").lower()
    if word in _STATUS_WORDS or word.startswith("http/") or _AFTER.match(text, end):
        return True
    before = text[max(0, start - _FAR) : start].rstrip()
    if before[-1:] in (":", "(") and _SUBJECT.search(before):
        return True
    return bool(_ADDRESS_ENDS.search(before.rstrip(" -–:")))


def _with_request(line: Placed) -> str:
    """Return the line with the one above it that says what was asked, if it does not say so "
    "itself."""
    if any(words.search(line.text) for words in _TELLING):
        return line.text
    for above in reversed(line.record.lines[max(0, line.position - _ABOVE) : line.position]):
        if _ADDRESS.search(above.text):
            return f"{above.text} {line.text}"
    return line.text


def who(text: str) -> str:
    """Return what `text` is about: an upgrade, the exchange, or a service by its job."""
    if _EXCHANGE.search(text):
        return "exchange"
    if _UPGRADE.search(text):
        return "upgrade"
    if _BACKEND.search(text):
        return "backend"
    if _FRONTEND.search(text):
        return "frontend"
    return "auth" if _AUTH.search(text) else "unnamed"


def _asked(text: str) -> str:
    """Return what was asked for: the address on the line, or the line without its numbers."""
    found = _ADDRESS.search(text)
    return found[0].rstrip("/.,") if found else text.translate(NO_DIGITS).strip()[:80].lower()


def _subject(one: Field, fields: Sequence[Field]) -> tuple[str, str]:
    """Return who answered and what was asked: from the names around the value, else its "
    "neighbours'."""
    named = " ".join(one.path)
    beside = " ".join(
        str(other.value)
        for other in fields
        if other.path == one.path and other.name.lower() in _WHERE_NAMES
    )
    telling = named if any(words.search(named) for words in _TELLING) else f"{named} {beside}"
    return who(telling), beside or named


def _code(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    if isinstance(value, str) and value[:3].isdigit() and len(value.split()[0]) in (3, 4):
        head = value.split()[0]
        return int(head) if head.isdigit() else None
    return None


def _close(found: re.Match[str], line: int) -> Iterator[Fact]:
    groups = found.groupdict()
    code = int(next(value for name in "abcd" if (value := groups[name])))
    yield Fact("ws_close_code", line, code)
    reason = next((value for name in "abcd" if (value := groups[f"r{name}"])), "")
    reason = _GENERIC.sub("", reason.split("; then sent")[0], count=1).strip(" \t\"'{},;)(")
    if reason:
        yield Fact("ws_close_reason", line, reason)
