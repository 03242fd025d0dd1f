"""What tests that passed provoked: refusals that their names ask for, and faults they injected.

A refusal is a success of the test that asks for it, if other tests show that the way is open to
those who may go it. What any other test printed and passed over is still what happened.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Placed, Text
from bot.diagnosis.logs.result_lines import Said

# A test that is to see somebody turned away.
_NEGATIVE = re.compile(
    r"\breject|\bden(?:y|ies|ied)\b|\brefus|\bforbid|\bforbidden|unauthori|unauthenticated"
    r"|\binvalid\b|\bwithout (?:a |an |any )?(?:token|key|auth|header|credential|login|session)"
    r"|\bmissing (?:token|key|auth|header|credential)|\bexpired\b|\bgarbage\b|\bmalformed\b"
    r"|\btampered\b|\bforged\b|\bdisallow|\bnot allowed\b|\bwrong (?:token|key|password|user)"
    r"|\bbad (?:token|key|password|user)|\bno (?:token|key|auth)\b|\banonymous\b|\b40[0-9]\b"
    r"|\brequires? (?:a |an )?(?:auth|token|key|login)"
)
# Says that something is there, and not that it can be used.
_IDLE = re.compile(
    r"\bhealth|\bping\b|\balive\b|\bready\b|\bdns\b|\bconfig|\bversion\b|\breachable"
)
_INJECTED = re.compile(
    r"\binject(?:ed|ing|s)?[ _-](?:an? |the )?(?:\w+ )?(?:fault|error|failure|outage|exception"
    r"|timeout|crash|latency)"
    r"|\bfault[ _-]injection|\b(?:fault|error|failure) injected|\bchaos\b"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BREAKS = re.compile(r"[\W_]+")
# Where a runner tells that a test begins: Go, Gradle, and pytest that lets tests print.
_BEGINS = re.compile(
    r"\s*(?:=== RUN\s+(?P<go>\S{1,200})\s*$|(?P<gradle>\S{1,160} > .{1,160}?) STARTED\s*$"
    r"|(?P<pytest>[\w./\\-]{1,200}\.py::\S{1,200})(?:\s|$))"
)
_WORDS = ("=== run", " started\n", ".py::")
_INDENT = re.compile(r"[ \t]*")

# What a refusal shows itself by. A 5xx is none, nor is an exception.
_REFUSAL = (
    "ws_error_code", "ws_error_message", "ws_error_detail", "event.error", "token_absent",
    "token_refused", "token_expired", "auth_refused", "sent_without_token", "user_id_refused",
    "user_unknown", "subprotocol_refused", "quota_exceeded", "rate_limited", "request_refused",
    "bypass_key_refused", "bypass_key_missing", "nothing_there", "ws_close_reason", "trouble",
)  # fmt: skip
_CLOSES = (1002, 1003, 1008, *range(4000, 5000))

_MOST = 500
# What belongs to a test's line stands right below it.
_MOST_BELOW = 12
# A test that took no longer did nothing.
_NO_TIME_S = 0.0095


@dataclass(slots=True)
class Provoked:
    """The tests of a whole log that passed, and the lines that belong to them."""

    is_open: bool = False
    """Whether a test passed that needs the way to be open, and took time."""
    _blocks: list[tuple[int, int, bool]] = field(default_factory=list)
    """First and last line of a test that passed, and whether it is a negative one."""
    _injected: set[int] = field(default_factory=set)
    _running: tuple[str, int] | None = None

    def read_text(self, text: Text) -> None:
        """Note where faults were injected, and where tests begin that tell their end later."""
        if "inject" in text.low or "chaos" in text.low:
            for position in text.with_any(("inject", "chaos")):
                line = text.lines[position]
                if len(self._injected) < _MOST and _INJECTED.search(line.low):
                    self._injected.add(line.number)

    def begin(self, line: Placed) -> None:
        """Take `line` as one on which a test may begin."""
        if found := _BEGINS.match(line.text):
            self._running = (next(one for one in found.groups() if one), line.number)

    def end(self, said: Said, line: Placed, below: Sequence[Placed]) -> None:
        """Take what was `said` of a test on `line`; `below` are the lines after it."""
        name, first = said.name, line.number
        last = line.number
        if self._running and name in ("", self._running[0]):
            name, first = self._running
        else:
            last = max((one.number for one in _details(line, below)), default=last)
        self._running = None
        if said.verdict != "passed" or not name or len(self._blocks) >= _MOST:
            return
        words = _BREAKS.sub(" ", _CAMEL.sub(" ", name)).lower()
        is_negative = bool(_NEGATIVE.search(words))
        self._blocks.append((first, last, is_negative))
        took = said.seconds is None or said.seconds > _NO_TIME_S
        self.is_open = self.is_open or (took and not is_negative and not _IDLE.search(words))

    def has(self, fact: Fact, lines: Sequence[int]) -> bool:
        """Whether `fact`, which `lines` tell of, is nothing but what tests provoked."""
        if not self.is_open or not self._blocks:
            return False
        if all(number in self._injected for number in lines):
            return all(self._block(number) is not None for number in lines)
        return _is_refusal(fact) and all(self._block(number) for number in lines)

    def _block(self, line: int) -> bool | None:
        """Return whether the test that `line` belongs to is a negative one; None without one."""
        return next((kind for first, last, kind in self._blocks if first <= line <= last), None)


def _is_refusal(fact: Fact) -> bool:
    if fact.key.startswith("http_status."):
        return 400 <= int(fact.value) < 500
    return fact.key in _REFUSAL or (fact.key == "ws_close_code" and fact.value in _CLOSES)


def _details(line: Placed, below: Sequence[Placed]) -> Iterator[Placed]:
    """Yield the lines right below that stand further in than `line`."""
    own = _indent(line.text)
    for one in below[:_MOST_BELOW]:
        if not one.text.strip() or _indent(one.text) <= own:
            return
        yield one


def _indent(text: str) -> int:
    found = _INDENT.match(text)
    return len(found[0].expandtabs(4)) if found else 0
