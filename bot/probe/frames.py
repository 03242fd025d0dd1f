"""Taking one frame apart, whatever its shape: flat, or inside `data` or `payload`."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard

from bot.model import Json

_ENUM_PREFIX = re.compile(r"^[A-Za-z_]\w*\.(?=\w)")
# What a program's own exception looks like, wherever it turns up: a class name, or one of the
# sentences the interpreter or the type checks of a server write.
_EXCEPTION = re.compile(
    r"\b[A-Z]\w*(?:Error|Exception|Interrupt)\b(?:\(|: ?)?[^\n]{0,200}"
    r"|[^\n:]{0,80}\bmust be an? [\w.]+ (?:instance|object)\b[^\n]{0,100}"
    r"|'[\w.]+' object (?:has no attribute|is not|can't be|does not)[^\n]{0,100}"
    r"|[^\n:]{0,40}\bhas no attribute '\w+'"
    r"|(?:name|local variable|free variable) '\w+' (?:is not defined|referenced before)[^\n]{0,60}"
    r"|(?<![\w.])[\w.]+\(\) (?:missing|takes|got an unexpected)[^\n]{0,120}"
    r"|\bmissing \d+ required positional arguments?[^\n]{0,80}"
    r"|[^\n:]{0,60}\b(?:is not JSON serializable|cannot pickle)[^\n]{0,60}"
    r"|[^\n:]{0,60}\bcan't be used in 'await' expression"
    r"|[^\n:]{0,60}\bwas never awaited"
    r"|WebSocket is not connected\. Need to call \"accept\" first\.?"
    r"|Direct instantiation not allowed[^\n]{0,80}"
)
# Words of a run time that stand in the middle of its sentence.
_RUN_TIME_WORDS = re.compile(
    r"\b(?:division by zero|index out of (?:range|bounds)|unhashable type"
    r"|(?:not enough|too many) values to unpack|indices must be integers|can only concatenate"
    r"|unsupported operand type|not supported between instances of|maximum recursion depth exceeded"
    r"|Maximum call stack size exceeded|(?:changed size|keys changed|mutated) during iteration"
    r"|offset-naive and offset-aware|not all arguments converted during"
    r"|(?:attached|bound) to a different (?:event )?loop|[Ee]vent loop is closed"
    r"|no (?:running|current) event loop|a coroutine was expected"
    r"|was created in a different Context|[Cc]annot (?:read|set|destructure) propert"
    r"|[Oo]bject reference not set to an instance|on a `None` value"
    r"|[Cc]all to a member function \w+\(\) on null|undefined method [^\n]{1,60} for nil"
    r"|[Oo]bject reference not set to an instance|on a `None` value"
    r"|[Cc]all to a member function \w+\(\) on null|undefined method [^\n]{1,60} for nil"
    r"|\d{1,4} validation errors? for [A-Z]\w|[A-Z]\w*\.\w+ must be (?:an?|non)\b)[^\n]{0,100}"
    r"|<class '[^\n]{0,100}"
)
_IN_FRONT = re.compile(r"[^\n:]{0,60}\Z")
# Where a server puts the class of what it caught; `type` only beside an error, since elsewhere it
# is the name of the event.
_CLASS_KEYS = ("error_type", "exception_type", "exc_type")
_CLASS = re.compile(r"(?:\w{1,80}\.){0,10}[A-Z]\w{0,80}(?:Error|Exception)")
_ERROR_KEYS = ("error", "exception", "exc", "cause", "traceback", "error_detail", "original_error")
_TEXT_KEYS = ("reason", "detail", "message", "error_message", "description")
_DEEPEST = 10
_MOST_TEXTS = 40
# Errors come in lists, too, and keep their code beside them (GraphQL, JSON:API).
_DEEPER_LAYERS = ("payload", "error", "errors", "extensions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One message from the server: when it came, and what in it tells anything."""

    n: int
    """Its number, from 1."""
    at_s: float
    """Seconds since the socket opened."""
    size_bytes: int
    text: str = field(repr=False)
    """As it came; bytes that are not UTF-8 replaced."""
    body: Mapping[str, Any] | None = field(default=None, repr=False)
    """None when it is not a JSON object."""

    layers: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    """The objects in which a field may stand, outermost first."""

    @property
    def type(self) -> str:
        named = self.body.get("type") if self.body else None
        return _bare(named) if _is_name(named) else ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the event may be called, the most specific first: a server may wrap and rename."""
        return tuple(dict.fromkeys(map(_bare, self.called)))

    @property
    def called(self) -> tuple[str, ...]:
        """The same as they stand on the wire, where a dot may belong to the name."""
        if self.body is None:
            return ()
        data, payload = self.body.get("data"), self.body.get("payload")
        data = data if isinstance(data, Mapping) else {}
        payload = payload if isinstance(payload, Mapping) else {}
        found = (
            data.get("event"),
            data.get("type"),
            self.body.get("event"),
            payload.get("event"),
            self.body.get("type"),
        )
        return tuple(dict.fromkeys(name for name in found if _is_name(name)))

    def find(self, *keys: str) -> Json:
        """Return the first value of any of `keys`, outer layers before inner; None if absent."""
        for layer in self.layers:
            for key in keys:
                if layer.get(key) is not None:
                    return layer[key]
        return None

    def text_of(self, *keys: str) -> str:
        """Return the first of `keys` that holds a text or a number, as text; empty if none."""
        for layer in self.layers:
            for key in keys:
                value = layer.get(key)
                if isinstance(value, str | int | float) and not isinstance(value, bool) and value:
                    return str(value)
        return ""

    @property
    def code(self) -> str:
        return self.text_of("error_code", "code")

    @property
    def message(self) -> str:
        return self.text_of("error_message", "message", "error", "reason", "detail", "title")

    @property
    def details(self) -> Mapping[str, Any]:
        found = [layer.get(key) for layer in self.layers for key in ("details", "error_context")]
        return next((value for value in found if isinstance(value, Mapping)), {})

    @property
    def run_id(self) -> str:
        return self.text_of("run_id")

    @property
    def thread_id(self) -> str:
        return self.text_of("thread_id")

    @property
    def tool(self) -> str:
        return self.text_of("tool_name", "tool")


def take_apart(raw: bytes, *, n: int, at_s: float) -> Frame:
    """Return `raw` as a frame; it may be anything at all."""
    text = raw.decode("utf-8", "replace")
    try:
        parsed = json.loads(text, parse_constant=str)
    except (ValueError, RecursionError):
        parsed = None
    body = parsed if isinstance(parsed, dict) else None
    layers = () if body is None else _layers(body)
    return Frame(n=n, at_s=at_s, size_bytes=len(raw), text=text, body=body, layers=layers)


def deepest_error(details: Mapping[str, Any]) -> str:
    """Return the text in `details` nearest to the cause: the deepest that is called an error.

    A text that reads like a program's exception goes before one that does not.
    """
    said = [(depth, key, text) for depth, key, text in _texts(details, 0) if text.strip()]
    errors = [item for item in said if item[1] in _ERROR_KEYS]
    others = [item for item in said if item[1] in _TEXT_KEYS]
    for group in (errors, others):
        telling = [item for item in group if exception_in(item[2])]
        if telling:
            return max(telling, key=lambda item: item[0])[2]
    for group in (errors, others):
        if group:
            return max(group, key=lambda item: item[0])[2]
    return ""


def exception_in(text: str) -> str:
    """Return the part of `text` that reads like a program's exception; empty if none does."""
    text = text[:20_000]
    if found := _EXCEPTION.search(text):
        return found[0].strip()
    if found := _RUN_TIME_WORDS.search(text):
        in_front = _IN_FRONT.search(text, max(0, found.start() - 60), found.start())
        return f"{in_front[0] if in_front else ''}{found[0]}".strip()
    return ""


def class_of_exception(frame: Frame) -> str:
    """Return the class of the exception that `frame` tells of; empty if it names none."""
    beside = [layer["error"] for layer in frame.layers if isinstance(layer.get("error"), Mapping)]
    said = [(depth, key, text) for depth, key, text in _texts(frame.details, 0)]
    said += [
        (0, key, text)
        for layers, keys in ((beside, (*_CLASS_KEYS, "type")), (frame.layers, _CLASS_KEYS))
        for layer in layers
        for key in keys
        if isinstance(text := layer.get(key), str)
    ]
    found = [
        (depth, text)
        for depth, key, text in said
        if key in (*_CLASS_KEYS, "type") and _CLASS.fullmatch(text)
    ]
    return max(found, key=lambda item: item[0])[1] if found else ""


def longest_words(frame: Frame) -> str:
    """Return the longest text in `frame` that is more than one word, whatever it is called."""
    said = (text for _, _, text in _texts(frame.body, 0) if " " in text.strip())
    return max(said, key=len, default="")


def find_key(value: Any, key: str, depth: int = 0) -> Json:
    """Return the value of `key` anywhere in `value`, the outermost; None if it is nowhere."""
    if depth > _DEEPEST:
        return None
    if isinstance(value, Mapping):
        if key in value:
            return value[key]
        inner: Iterator[Any] = iter(value.values())
    elif isinstance(value, list):
        inner = iter(value[:_MOST_TEXTS])
    else:
        return None
    found = (find_key(item, key, depth + 1) for item in inner)
    return next((value for value in found if value is not None), None)


def _layers(body: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    nested = list(_inside(body, "data", "payload", "error", "errors", "problem"))
    deeper = [one for layer in nested for one in _inside(layer, *_DEEPER_LAYERS)]
    deepest = [one for layer in deeper for one in _inside(layer, "extensions")]
    return (body, *nested, *deeper, *deepest)


def _inside(layer: Mapping[str, Any], *keys: str) -> Iterator[Mapping[str, Any]]:
    """Yield the objects under `keys`; of a list of them the first."""
    for value in map(layer.get, keys):
        one = value[0] if isinstance(value, list) and value else value
        if isinstance(one, Mapping):
            yield one


def _texts(value: Any, depth: int, key: str = "") -> Iterator[tuple[int, str, str]]:
    if isinstance(value, str):
        yield depth, key, value
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        for name, item in list(value.items())[:_MOST_TEXTS]:
            yield from _texts(item, depth + 1, str(name))
    elif isinstance(value, list) and depth < _DEEPEST:
        for item in value[:_MOST_TEXTS]:
            yield from _texts(item, depth + 1, key)


def _is_name(value: Any) -> TypeGuard[str]:
    return isinstance(value, str) and 0 < len(value) <= 100


def _bare(name: str) -> str:
    """Return an event's name without an enum's class in front."""
    bare = _ENUM_PREFIX.sub("", name)
    return bare.lower() if bare != name else name
