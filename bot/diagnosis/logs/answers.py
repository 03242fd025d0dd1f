"""Statuses that were answered, and by whom."""

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from bot.diagnosis.logs.columns import is_in_column
from bot.diagnosis.logs.facts import MOST_LINES, Fact
from bot.diagnosis.logs.fields import Field
from bot.diagnosis.logs.matching import Placed, Text, is_source, without_numbers
from bot.diagnosis.logs.parties import UNNAMED, UPGRADE, UPGRADED, who
from bot.diagnosis.logs.result_lines import is_good_result
from bot.diagnosis.logs.strangers import is_of_stranger

# A number that stands alone and counts nothing: what can be a status.
_NUMBER = re.compile(
    r"(?<![^\s\"'(:=\[|><;*`])[1-5]\d\d(?![^\s\"'),:;|\]}<>&*`–-])(?![ \t]?(?:ms|s|sec|bytes"
    r"|[kmg]b|tests?|items?|rows?|events?|messages?|users?|records?|tokens?|requests?|times?"
    r"|chars?|lines?)\b)"
)
# Those in use; an exit code of 137 is none.
_STATUSES = frozenset(
    (101, *range(200, 209), *range(300, 309), *range(400, 432), 451, 499, *range(500, 512))
)
_PHRASE = (
    r"(?:service (?:temporarily )?unavailable|forbidden|unauthori[sz]ed|internal server error"
    r"|bad gateway|gateway time-?out|not found|method not allowed|unprocessable|too many requests"
    r"|bad request|server error|client error|upstream connect error|no healthy upstream|ok\b)"
)
# What stands right before a number that is a status: words, or marks.
_STATUS_WORDS = frozenset(
    ("http", "status", "status_code", "statuscode", "returned", "answered", "answers", "answer",
     "responded", "responds", "got", "code", "received", "response", "assert", "with", "error",
     "then", "actual", "get", "post", "options", "head")
)  # fmt: skip
_STATUS_MARKS = ('" ', "| ", "|", "-> ", "→ ", "=> ", "… ", "... ")
_WORD_EDGES = " \"'(=:["
_LAST_WORD = re.compile(r"[\w/.-]*\Z")
# What was to come, and not what came.
_WISHED = re.compile(
    r"\b(?:expect\w*|want\w*|should (?:be|return|answer)|to (?:be|equal)|instead of)\b"
    r"[\"':= (<]{1,4}(?:(?:http|status|code|status_?code|a|an|of|to|be|equal)[\"':= <]{1,3}){0,4}"
    r"(?:&lt;)?$"
)
# As runners of the JVM tell what came, right behind the status that they wished for.
_BUT_WAS = re.compile(
    r"\bexpected\b[^\n\d]{0,24}?[1-5]\d\d(?:>|&gt;)?,? but (?:it )?(?:was|got|received|found)"
    r":? ?(?:<|&lt;)?$"
)
_CAME = ("<", "&lt;", "was ", "was: ", "got ", "got: ", "received ", "found ")
# How HAProxy logs an answer: behind its five times.
_TIMES = re.compile(r" (?:-?\d{1,8}/){4}\+?-?\d{1,8} $")
# How a person notes that nothing changed: of something that was asked, and not of anything.
_STILL = re.compile(r"(?:/|\bstatus\b|\bhealth\b|:)[^\n]{0,40}\b(?:still|again)[ :]{1,2}[*`]{0,3}$")
# What came in the end is what counts.
_GOT_BETTER = re.compile(r"\b(?:then|finally|now|eventually|afterwards|retry\w*)\b|->|→")
# A name with its status right behind it.
_KEYED = re.compile(
    r"\b(?:back-?end|front-?end|auth|api|ws|websocket|health|gateway|ready|live)"
    r"(?:[\w-]{0,20}\s?[=:]\s?| )$"
)
# A line that begins with a status goes on with the answer's body.
_BODY = re.compile(r"\s{1,3}[{\[<\"]")
# What may stand right behind a status: words, or what a load balancer logs beside it.
_AFTER = re.compile(
    r"[\s:)–-]{1,4}" + _PHRASE + r"| (?:-|[1-5]\d\d) \d+ \d+ \"(?:get|head|post|put|patch|delete) "
)
# What may stand before it with a colon between.
_SUBJECT = re.compile(
    r"\b(?:fail|(?:un)?health|endpoint|preflight|request|upgrade|connection|exchange|refused"
    r"|rejected"
    r"|token|error|response|connected|ws|socket|\w{1,40}(?:exception|error)\b)"
)
_NEAR = 32
_FAR = 64

_ADDRESS = re.compile(r"(?:https?|wss?)://[^\s\"',)]{1,200}|(?<= )/[\w./-]{1,100}")
# An address right before a number: what was asked, then what was answered.
_ADDRESS_ENDS = re.compile(r"(?:https?://|(?<= )/)[^\s\"']{1,200}(?<!\.py)(?<!\.js)(?<!\.ts)$")
_ADDRESSES = ("/", "http://", "https://", "ws://", "wss://")
_ABOVE = 4
_MOST_KNOWN = 5_000
_PROGRAM_FAILED = (500, 501)
# What no target says of itself: a proxy, or a network that wants a sign-in (RFC 9110, RFC 6585).
_BETWEEN = (407, 511)
# A line with more of them is data.
_MOST_NUMBERS = 40

_STATUS_NAMES = frozenset(
    ("status", "status_code", "statuscode", "http_status", "response_code", "response_status",
     "code")
)  # fmt: skip
# A line that is a field and nothing else: its record tells whose status it is.
_STATUS_FIELD = re.compile(
    r"\s*[-*]?\s*(?:[\"'](?:http_|response_)?(?:status(?:_?code)?|code)[\"']\s*[:=]"
    r"|(?:http_|response_)?(?:status(?:_?code)?|code)\s*[:=]\s)"
)
_WHERE_NAMES = frozenset(
    ("url", "requesturl", "request_url", "path", "endpoint", "uri", "service", "host", "target")
)


class Answers:
    """Reads answers of a whole log; an answer that later got better is not held against it."""

    def __init__(self, upgrade_answers: Collection[int] = ()) -> None:
        """Take the lines that are known to answer an upgrade; there may come more of them."""
        self._upgrade_answers = upgrade_answers
        self._latest: dict[tuple[str, str], int] = {}
        self._bad: set[tuple[str, str]] = set()
        self._subjects: dict[str, tuple[str, str]] = {}
        self._statuses: dict[str, Sequence[tuple[int, str | None]]] = {}
        self._lines: dict[tuple[str, int], list[int]] = {}
        self.last_good_line = 0
        """The last line that tells of a good answer, from whomever."""

    def read_text(self, text: Text) -> Iterator[Fact]:
        """Yield ``http_status.WHO`` for the statuses in `text`."""
        for position in dict.fromkeys(
            text.position(found.start()) for found in _NUMBER.finditer(text.low)
        ):
            line = text.lines[position]
            for status, part in self._statuses_of(line):
                subject = self._subject(line) if part is None else (who(part), _asked(part))
                if line.number in self._upgrade_answers:
                    subject = (UPGRADED, subject[1])
                yield from self._answer(*subject, status, line.number)

    def read_fields(self, fields: Sequence[Field]) -> Iterator[Fact]:
        """Yield the same for named values."""
        for one in fields:
            value = _code(one.value)
            if value is None:
                continue
            name = one.name.lower()
            if name in _STATUS_NAMES and value in _STATUSES:
                yield from self._answer(*_subject(one, fields), value, one.line)

    def lines_of(self, fact: Fact) -> Sequence[int]:
        """Return the lines that tell of the answer `fact`, as many as are kept."""
        subject = fact.key.removeprefix("http_status.")
        return self._lines.get((subject, int(fact.value)), ()) if subject != fact.key else ()

    def is_void(self, fact: Fact) -> bool:
        """Whether `fact` is a bad answer of someone who, asked the same again, answered well."""
        subject = fact.key.removeprefix("http_status.")
        still_bad = any(self._latest[one] >= 400 for one in self._bad if one[0] == subject)
        is_bad = subject != fact.key and int(fact.value) >= 400
        # An exception of the program is no state that passes: others will meet it again.
        return is_bad and not still_bad and int(fact.value) not in _PROGRAM_FAILED

    def _statuses_of(self, line: Placed) -> Sequence[tuple[int, str | None]]:
        """Return the statuses that `line` says were answered; logs repeat themselves.

        Each comes with the part of the line that is about it, or None if there is only one.
        """
        known = self._statuses.get(line.text)
        if known is None:
            if len(self._statuses) >= _MOST_KNOWN:
                self._statuses.clear()
            is_told = not _STATUS_FIELD.match(line.low) and not is_source(line.text)
            known = tuple(_told_on(line)) if is_told else ()
            self._statuses[line.text] = known
        return known

    def _subject(self, line: Placed) -> tuple[str, str]:
        """Return who answers on `line` and what was asked, the same whatever its numbers are."""
        known = self._known(line.text, line.shape)
        if known[0] != UNNAMED or known[1].startswith(_ADDRESSES):
            return known
        if not (above := _request_above(line)):
            return known
        text = f"{above} {line.text}"
        return self._known(text, without_numbers(text))

    def _known(self, text: str, shape: str) -> tuple[str, str]:
        if shape not in self._subjects:
            if len(self._subjects) >= _MOST_KNOWN:
                self._subjects.clear()
            self._subjects[shape] = (who(text), _asked(text))
        return self._subjects[shape]

    def _answer(self, subject: str, asked: str, status: int, line: int) -> Iterator[Fact]:
        """Yield the answer as a fact, the first time that `subject` gives it."""
        if status in _BETWEEN:
            yield Fact("proxy_refused", line, status)
            return
        if status >= 400:
            self._bad.add((subject, asked))
        else:
            self.last_good_line = line
        self._latest[subject, asked] = status
        lines = self._lines.setdefault((subject, status), [])
        if len(lines) < MOST_LINES:
            lines.append(line)
        if len(lines) == 1:
            yield Fact(f"http_status.{subject}", line, status)


def _told_on(line: Placed) -> Iterator[tuple[int, str | None]]:
    low = line.low
    numbers = [
        found
        for found in islice(_NUMBER.finditer(low), _MOST_NUMBERS)
        if int(found[0]) in _STATUSES
        and not _WISHED.search(low, max(0, found.start() - _NEAR), found.start())
        and (_is_status(low, found.start(), found.end()) or is_in_column(line, found))
    ]
    # Of several, each is about what stands before it; where none names anybody, the first counts.
    parts = [
        low[before : found.end()]
        for before, found in zip((0, *(one.end() for one in numbers)), numbers, strict=False)
    ]
    is_several = len(parts) > 1 and any(who(part) != UNNAMED for part in parts)
    if len(parts) > 1 and not is_several and _GOT_BETTER.search(parts[-1]):
        numbers, parts = numbers[-1:], parts[-1:]
    for found, part in zip(numbers, parts, strict=True):
        status = int(found[0])
        # A refusal that a test asked for, and got, is its success.
        if not is_of_stranger(status, low) and not (status >= 400 and is_good_result(line.text)):
            yield status, part if is_several else None
        if not is_several:
            return


def _is_status(text: str, start: int, end: int) -> bool:
    near = text[max(0, start - _NEAR) : start]
    if not near.strip() and start < _NEAR and _BODY.match(text, end):
        return True
    if (
        _TIMES.search(near)
        or near.endswith(_STATUS_MARKS)
        or (near[-1:] in "=: " and _KEYED.search(near))
    ):
        return True
    last = _LAST_WORD.search(near.rstrip(_WORD_EDGES))
    word = last[0] if last else ""
    if near.endswith(_CAME) and _BUT_WAS.search(text, max(0, start - _FAR), start):
        return True
    if near.rstrip(" *`:").endswith(("still", "again")) and _STILL.search(
        text, max(0, start - _FAR), start
    ):
        return True
    if word in _STATUS_WORDS or word.startswith("http/") or _AFTER.match(text, end):
        return True
    before = text[max(0, start - _FAR) : start].rstrip()
    if before[-1:] in (":", "(") and _SUBJECT.search(before[:-1].rpartition(":")[2]):
        return True
    return "/" in before and bool(_ADDRESS_ENDS.search(before.rstrip(" -–:")))


def _request_above(line: Placed) -> str:
    """Return the line a little above that says what was asked, or nothing."""
    above = line.record.lines[max(0, line.position - _ABOVE) : line.position]
    asked = next((one.text for one in reversed(above) if _ADDRESS.search(one.text)), "")
    right_above = above[-1].text if above else ""
    return asked or (right_above if UPGRADE.search(right_above.lower()) else "")


def _asked(text: str) -> str:
    """Return what was asked for: the address on the line, or the line without its numbers."""
    found = _ADDRESS.search(text)
    return found[0].rstrip("/.,") if found else without_numbers(text).strip()[:80].lower()


def _subject(one: Field, fields: Sequence[Field]) -> tuple[str, str]:
    """Return who answered and what was asked: from the names around the value, else its "
    "neighbours'."""
    named = " ".join(one.path)
    beside = " ".join(
        str(other.value)
        for other in fields
        if other.path == one.path and other.name.lower() in _WHERE_NAMES
    )
    telling = named if who(named) != UNNAMED else f"{named} {beside}"
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
