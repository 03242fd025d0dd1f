"""Requests that were dumped with their headers, and the answers that belong to them.

`curl -v` and clients that log what they send show the request line, headers, and further down
the line with the status: whose answer it is stands in the request.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Text

_REQUEST = re.compile(
    r"[>\s]*(?:get|post|put|patch|delete|head|options) (?P<target>\S{1,2000}) http/[\d.]{1,3}\s*$"
)
_STATUS = re.compile(r"[<\s]*http/[\d.]{1,3} (?P<status>\d{3})\b")
_HEADER = re.compile(r"[>\s]*(?P<name>[\w-]{2,60}):\s?(?P<value>.{0,200})")
_WORDS = (
    "http/1.", "http/2", "http/3", "upgrade:", "authorization:", "cookie:", "host:",
    "sec-websocket-protocol:", "x-api-key:",
)  # fmt: skip
_CREDENTIALS = frozenset(("authorization", "cookie", "x-api-key"))
# A token can travel in the address or as a subprotocol.
_TOKEN = re.compile(r"token|jwt|ticket|key=|auth|bearer")
# An answer further below than this is to something else.
_FURTHEST = 40
_REFUSALS = (401, 403)


@dataclass(slots=True)
class _Request:
    line: int
    text: str
    has_token: bool
    is_upgrade: bool = False
    is_whole: bool = False
    """Whether its headers are there: one that was cut says nothing of what it lacks."""


class Dialogues:
    """The dumped requests of a whole log."""

    def __init__(self) -> None:
        self._latest: _Request | None = None
        self.upgrade_answers: set[int] = set()
        """The lines with a status that answers an upgrade."""

    def read_text(self, text: Text) -> Iterator[Fact]:
        """Yield ``sent_without_token`` for upgrades that were refused and carried none."""
        if self._latest is None and "http/" not in text.low:
            return
        for position in text.with_any(_WORDS):
            line = text.lines[position]
            if found := _REQUEST.match(line.low):
                has_token = bool(_TOKEN.search(found["target"].partition("?")[2]))
                self._latest = _Request(line.number, line.text.strip(" >"), has_token)
            elif self._latest is None or line.number > self._latest.line + _FURTHEST:
                self._latest = None
            elif found := _STATUS.match(line.low):
                yield from self._answered(self._latest, int(found["status"]), line.number)
                self._latest = None
            elif found := _HEADER.match(line.low):
                _add(self._latest, found["name"], found["value"])

    def _answered(self, request: _Request, status: int, line: int) -> Iterator[Fact]:
        if not request.is_upgrade:
            return
        self.upgrade_answers.add(line)
        if status in _REFUSALS and request.is_whole and not request.has_token:
            yield Fact("sent_without_token", request.line, request.text)


def _add(request: _Request, name: str, value: str) -> None:
    if name == "host":
        request.is_whole = True
    elif name == "upgrade":
        request.is_upgrade = value.startswith("websocket")
    elif name in _CREDENTIALS:
        request.has_token = True
    elif name == "sec-websocket-protocol":
        request.has_token = request.has_token or bool(_TOKEN.search(value))
