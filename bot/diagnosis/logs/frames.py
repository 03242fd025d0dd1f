"""Frames of a stream: which events came, and what an error frame says."""

import re
from collections.abc import Iterator, Sequence

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.fields import Field
from bot.diagnosis.logs.lines import Line
from bot.diagnosis.logs.matching import Placed, Text, is_source

_LIFECYCLE = (
    r"(?:sub)?agent_(?:started|thinking|progress|update|response|fallback)|start_agent"
    r"|tool_(?:executing|completed|call|result)|partial_result|stream_chunk|final_report"
)
_TERMINAL = r"agent_(?:completed|response_complete|finished)|run_completed"
_AGENT_ERROR = r"agent_(?:error|failed|death|timeout_failure)"
_ERROR = r"error_message|authentication_error|auth_error|error"
_NOISE = r"ping|pong|heartbeat(?:_ack)?|thread_\w{1,20}|handshake_\w{1,20}"
_WELCOME = r"(?:\w{1,20}_)?connection_established|system_message|connect|welcome"
_ACK = r"ack"

_KINDS = tuple(
    (kind, re.compile(rf"(?:{names})$"))
    for kind, names in (
        ("terminal", _TERMINAL),
        ("agent_error", _AGENT_ERROR),
        ("lifecycle", _LIFECYCLE),
        ("error", _ERROR),
        ("ack", _ACK),
        ("welcome", _WELCOME),
        ("noise", _NOISE),
    )
)
_IN_TEXT = re.compile(
    r"(?:(?i:\bevents?(?: type| received| name)?|\btype|\breceived|\bgot|\bmessage(?: type)?"
    r"|\bframe|\brecv)(?:\s*[:=#]\s*|\s+)|(?:<|←|<-|📨|📩)\s*)(?:event\s*[:=]\s*)?[\"']?(?:\w+\.)?"
    rf"(?P<name>{_TERMINAL}|{_AGENT_ERROR}|{_LIFECYCLE}|{_ERROR}|{_ACK}|{_WELCOME}|{_NOISE})"
    r"\b(?![.\w])"
)
# A line that is the name of an event, behind a time or a level at most.
_BARE = re.compile(
    rf"\s*(?:\[[^\]\n]{{1,40}}\]\s*|[\d:.TZ+-]{{5,35}}\s+|INFO:?\s+){{0,3}}"
    rf"(?P<name>{_TERMINAL}|{_AGENT_ERROR}|{_LIFECYCLE})(?:\s*$|\s+(?=[\"(]|\w+=))"
)
# A result that lists the events it saw, on one line or on several.
_SEEN = r"[\"'](?:events?_(?:seen|received|got)|(?:seen|received)_events)[\"']\s*:\s*\["
_SEEN_LIST = re.compile(rf"{_SEEN}(?P<names>[^\]\n]{{0,2000}})\]")
_SEEN_OPENS = re.compile(rf"{_SEEN}\s*$")
_SEEN_NAME = re.compile(rf"[\"'](?P<name>{_TERMINAL}|{_AGENT_ERROR}|{_LIFECYCLE})[\"']")
_LONGEST_LIST = 40
# How other systems say that a run came to its end.
_ENDED = re.compile(
    r"(?P<name>\b(?:run|turn|pipeline|answer|response|conversation)(?:(?:[._ ]|: )"
    r"(?:(?:[a-z]{1,3}[-_]?\w{1,40}|#?\d{1,9}) )?)"
    r"(?:is |was |has )?(?:finished|completed?|succeeded|end|done)\b)",
    re.IGNORECASE,
)
# How the server itself logs that it sent the last event.
_SENT_LAST = re.compile(
    rf"\b(?P<name>{_TERMINAL})\b (?:event |message )?(?:was )?(?:sent|emitted|delivered)\b",
    re.IGNORECASE,
)
_ILL_ENDED = re.compile(
    r"fail|(?<!no )(?<!\b0 )error|abort|timed? ?out|without|\bnot\b|before|if\b|according"
    r"|input_(?:value|type)",
    re.IGNORECASE,
)
_WORDS = (
    "finished", "complete", "succeeded", "_end", ".end", ".done",
    "agent_", "tool_", "start_agent", "error", "connect", "system_message", "ping", "pong", "ack",
    "final_report", "partial_result", "welcome", "thread_", "received_type",
)  # fmt: skip
# The same as a log prints an acknowledgement of its own words.
_RECEIVED = re.compile(r"\breceived_type\s?[:=]\s?['\"]?(?P<name>[\w.-]{2,60})")
# What was sent, asked for, missed or talked about did not come.
_NOT_RECEIVED = re.compile(
    r"^\s*(?:\[\w+\]\s*)?(?:>|→)|\b(?:sent|sending|send)\b|missing|expected|required"
    r"|critical events|\bassert|waiting|never|golden_path|not received",
    re.IGNORECASE,
)
_CODE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$")
# What a server says that took a message and started nothing.
_ACKNOWLEDGED = ("acknowledged", "Message received")
_DETAIL_NAMES = frozenset(
    ("error", "exception", "traceback", "error_detail", "cause", "exc", "error_value")
)
_NAMES = _DETAIL_NAMES | {
    "type", "event", "error_code", "errorcode", "code", "error_message", "received_type",
}  # fmt: skip
_SENT = re.compile(r"^\s*(?:\[\w+\]\s*)?(?:>|→)\s|\b(?:sent|sending|send):?\s", re.IGNORECASE)


def read_event_text(text: Text) -> Iterator[Fact]:
    """Yield ``event.KIND`` for events that lines of `text` say came, and ``run_ended``."""
    for position in text.with_any(_WORDS):
        line = text.lines[position]
        found = _IN_TEXT.search(line.text) or _BARE.match(line.text)
        if sent := _SENT_LAST.search(line.text):
            yield Fact("event.terminal", line.number, sent["name"].lower())
            continue
        if (ack := _RECEIVED.search(line.text)) and '"received_type"' not in line.text:
            yield Fact("event.ack", line.number, f"received_type: {ack['name']}")
            continue
        ended = None if found else _ENDED.search(line.text)
        if (found or ended) is None:
            yield from _listed(line)
            continue
        if _NOT_RECEIVED.search(line.text) or is_source(line.text):
            continue
        if found:
            name = found["name"].lower()
            yield Fact(f"event.{_kind(name)}", line.number, name)
        elif ended and not _ILL_ENDED.search(line.text):
            yield Fact("run_ended", line.number, ended["name"].lower())


def _listed(line: Placed) -> Iterator[Fact]:
    """Yield the events that a result lists as seen on `line`."""
    if '"' not in line.text and "'" not in line.text:
        return
    whole = _SEEN_LIST.search(line.text)
    names = whole["names"] if whole else line.text.strip(" \t,")
    if not whole and not (_SEEN_NAME.fullmatch(names) and _is_in_list(line)):
        return
    for name in dict.fromkeys(one["name"] for one in _SEEN_NAME.finditer(names)):
        yield Fact(f"event.{_kind(name)}", line.number, name)


def _is_in_list(line: Placed) -> bool:
    above = line.record.lines[max(0, line.position - _LONGEST_LIST) : line.position]
    opens = next((one.text for one in reversed(above) if one.text.rstrip().endswith("[")), "")
    return bool(_SEEN_OPENS.search(opens))


def read_frames(fields: Sequence[Field], lines: Sequence[Line]) -> Iterator[Fact]:
    """Yield what frames in `fields`, which were read from `lines`, say.

    What the client sent itself is no frame of the server's.
    """
    frames = [one for one in fields if one.name.lower() in _NAMES or one.value in _ACKNOWLEDGED]
    if not frames:
        return
    sent = frozenset(line.number for line in lines if _SENT.search(line.text))
    for one in frames:
        name, value = one.name.lower(), one.value
        if one.line in sent or value in (None, ""):
            continue
        if name in ("type", "event") and isinstance(value, str):
            event = value.rpartition(".")[2].lower()
            if kind := _kind(event):
                yield Fact(f"event.{kind}", one.line, event)
        elif name in ("error_code", "errorcode") and isinstance(value, str):
            yield Fact("ws_error_code", one.line, value)
        elif name == "code" and isinstance(value, str) and _CODE.match(value):
            yield Fact("ws_error_code", one.line, value)
        elif name == "error_message" and isinstance(value, str):
            yield Fact("ws_error_message", one.line, value)
        elif name in _DETAIL_NAMES and isinstance(value, str) and _in_details(one):
            yield Fact("ws_error_detail", one.line, value)
        elif name == "received_type" or value in _ACKNOWLEDGED:
            yield Fact("event.ack", one.line, f"{name}: {value}")


def _in_details(one: Field) -> bool:
    return any(part.lower() in ("details", "error_details", "error_context") for part in one.path)


def _kind(name: str) -> str:
    return next((kind for kind, names in _KINDS if names.match(name)), "")
