"""What a setting may be beyond its type: ranges, patterns, addresses, times of a schedule."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Literal, get_args
from urllib.parse import urlsplit

from cronsim import CronSim, CronSimError

Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
DAYS: Sequence[str] = get_args(Day)
"""Monday first."""
TIME_OF_DAY = r"([01]\d|2[0-3]):[0-5]\d"

# Of a target: setting -> smallest and largest value.
RANGES: Mapping[str, tuple[float, float]] = {
    "token.ttl_s": (1, 86_400),
    "socket.max_frame_bytes": (1_024, 67_108_864),
    "timeouts.step_s": (0.05, 600),
    "timeouts.welcome_s": (0.05, 60),
    "timeouts.gap_s": (0.05, 3_600),
    "timeouts.total_s": (0.05, 3_600),
    "experiments.most": (0, 8),
    "experiments.budget_s": (0, 300),
}

_PATH = (r"(/[^\s#]*)?", "must be a path that begins with /")
_HEADER = (r"[!#$%&'*+.^_`|~0-9A-Za-z-]+", "must be the name of a header")
_WORD = (r"\S+", "must be one word")
_PROTOCOL = (r"[!#$%&'*+.^_`|~0-9A-Za-z-]*", "must be a subprotocol: letters, digits, . - _")

# Of a target: setting -> pattern of the whole text (of each item of a list), and the rule.
PATTERNS: Mapping[str, tuple[str, str]] = {
    "health.backend": _PATH,
    "health.ready": _PATH,
    "health.dependencies": _PATH,
    "health.auth": _PATH,
    "health.frontend": _PATH,
    "exchange.path": _PATH,
    "exchange.header": _HEADER,
    "exchange.token_field": _WORD,
    "token.algorithm": (r"HS(256|384|512)", "must be HS256, HS384 or HS512: a shared secret signs"),
    "socket.subprotocol": _PROTOCOL,
    "socket.token_subprotocol": (
        r"([!#$%&'*+.^_`|~0-9A-Za-z-]*\{token(_b64)?\}[!#$%&'*+.^_`|~0-9A-Za-z-]*)?",
        "must hold {token} or {token_b64}",
    ),
    "socket.sibling_paths": (r"/[^\s#]*", "must be paths that begin with /"),
    "request.type": _WORD,
    "events.started": _WORD,
    "events.completed": _WORD,
}

# Of a target: the settings that are addresses -> the schemes they may have.
URLS: Mapping[str, tuple[str, ...]] = {
    "api_url": ("https", "http"),
    "auth_url": ("https", "http"),
    "ws_url": ("wss", "ws"),
    "frontend_url": ("https", "http"),
    # Only plain HTTP to the proxy: what goes through it is encrypted end to end by itself.
    "proxy": ("http",),
}

_CRON: Sequence[tuple[str, int, int]] = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 7),
)
_NAMES: Mapping[str, Sequence[str]] = {
    "month": ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    "day of week": DAYS,
}


def url_problem(url: str, schemes: Sequence[str]) -> str:
    """Say what is wrong with `url`, or return nothing; the address itself is not repeated."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "is not an address: its host or port cannot be read"
    if parts.scheme not in schemes:
        return f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}"
    if not parts.hostname:
        return "has no host"
    if parts.username is not None or parts.password is not None:
        return "holds credentials; an address is shown to people, so it must not"
    if parts.fragment or re.search(r"[\s\x00-\x1f\x7f]", url):
        return "must not hold white space or a #fragment"
    return ""


def is_of_this_machine(url: str) -> bool:
    """Tell whether an address leads nowhere else: what goes there need not be encrypted."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def cron_problem(cron: str) -> str:
    """Say what is wrong with a cron line of five fields, or return nothing."""
    fields = cron.split()
    if len(fields) != len(_CRON):
        return f"has {len(fields)} fields, not 5: minute, hour, day of month, month, day of week"
    for text, (name, low, high) in zip(fields, _CRON, strict=True):
        names = {word: str(n) for n, word in enumerate(_NAMES.get(name, ()), start=1)}
        if not all(_is_cron_item(item, low, high, names) for item in text.lower().split(",")):
            return f"has {text} as {name}, which must be {low} to {high}, *, lists, ranges or steps"
    try:
        CronSim(cron, datetime(2026, 1, 1, tzinfo=UTC))
    except CronSimError:
        return f"names a day that never comes: {cron}"
    return ""


def _is_cron_item(item: str, low: int, high: int, names: Mapping[str, str]) -> bool:
    span, slash, step = item.partition("/")
    if slash and not (_is_number(step) and 1 <= int(step) <= high):
        return False
    if span == "*":
        return True
    ends = [names.get(end, end) for end in span.split("-", 1)]
    if not all(_is_number(end) for end in ends):
        return False
    return low <= int(ends[0]) <= int(ends[-1]) <= high


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4
