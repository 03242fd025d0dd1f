"""What the simulated staging can do differently: one field per thing, the defaults are healthy.

The server reads nothing but a `Behaviour`; a fault is a row of fields that differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

BYPASS_KEY = "sandbox-bypass-key-7c1f4e02a9d84b6f"
JWT_SECRET = "sandbox-jwt-secret-0b5d1c9e7f3a48269d417be2c60a35f8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How an HTTP endpoint answers instead of being healthy."""

    status: int = 200
    text: str = ""
    """Body as plain text, the way the edge answers; used when `json` is None."""
    json: Mapping[str, object] | None = None
    content_type: str = "text/plain"
    """Of `text`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    hang: bool = False
    """Accept the request and never answer it."""
    drip_s: float = 0.0
    """Send the body one byte at a time, this far apart."""


# Bodies and lengths as the edge of the reference system sends them: 19 and 21 bytes.
EDGE_503 = Answer(status=503, text="Service Unavailable", delay_s=0.15)
EDGE_500 = Answer(status=500, text="Internal Server Error")
HANG = Answer(hang=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """A close frame, `after_s` seconds later."""

    code: int
    reason: str = ""
    after_s: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An ``error_message`` frame, then usually a close."""

    code: str
    message: str
    details: Mapping[str, object]
    close: Close | None
    """None: the socket stays open."""


class Act(StrEnum):
    """What a stream can do besides sending an event."""

    SILENCE = "silence"
    PINGS = "pings"
    """Nothing but JSON pings, for ever."""
    ENDLESS = "endless"
    """agent_thinking, for ever."""
    ABORT = "abort"
    """The connection is gone without a close frame."""
    TEXT = "text"
    """Frames that are not JSON."""
    BINARY = "binary"
    LISTS = "lists"
    """Frames that are JSON, but no objects."""
    BAD_UTF8 = "bad utf-8"
    OVERSIZED = "oversized"
    """One frame of 5 MB."""


class Shape(StrEnum):
    """How an event is laid out in its frame; see `bot.sandbox.stream`."""

    EMITTER = "emitter"
    BRIDGE = "bridge"
    FALLBACK_MOCK = "fallback mock"
    REQUEST_MOCK = "request mock"
    FLAT = "flat"
    OCTOBER = "october"


class Era(StrEnum):
    """What a token gets that is absent or refused; the reference system changed it often."""

    ACCEPT_FIRST = "accept first"
    """A raw ``error`` frame, then 1008 "Auth failed"."""
    PRE_ACCEPT = "pre-accept"
    """403 to the upgrade, whatever the headers say."""
    AUTH_REQUIRED = "auth required"
    """``AUTH_REQUIRED`` for everything, the reason only in the details."""
    UNIFIED = "unified"
    """A code for each reason, then 1008."""
    INTERNAL_CLOSE = "internal close"
    """The same frames, then 1011."""
    MAIN_MODE = "main mode"
    """``AUTH_FAILED`` for everything, the reason only in the details."""


Script: TypeAlias = tuple[str | Act | Close | Refusal, ...]
"""What a run sends, in order: event names, acts, and possibly a close at the end."""

GOLDEN_PATH = (
    "agent_started",
    "agent_thinking",
    "tool_executing",
    "tool_completed",
    "agent_completed",
)
USER_MESSAGES = ("user_message", "user", "user_input", "message", "chat", "chat_message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """Everything the servers decide by, in the order in which a run meets it."""

    # The way in.
    certificate: str = "trusted"
    """Certificate of the TLS listener: trusted, self-signed, other-host or expired."""
    proxy_status: int = 200
    """What our own proxy answers to CONNECT; 200: it leads where it was asked to."""
    proxy_page: str = ""
    """What our own proxy serves for a page, in place of a tunnel; empty: none."""
    cold_requests: int = 0
    """So many first requests to the backend get the edge's 503, or all up to the first upgrade."""

    # Health.
    backend: Answer | None = None
    """Answer of every backend path, the socket included."""
    health: Answer | None = None
    ready: Answer | None = None
    dependency_errors: Mapping[str, str] = field(default_factory=dict)
    """Dependency -> error, in the details of ``/api/health``."""
    dependency_slow_ms: Mapping[str, float] = field(default_factory=dict)
    backend_clock_s: float = 0.0
    """How far the backend's clock is ahead."""
    auth: Answer | None = None
    """Answer of every path of the auth service."""
    auth_health: Answer | None = None
    frontend: Answer | None = None
    frontend_health: Answer | None = None
    frontend_clock_s: float = 0.0

    # The exchange.
    exchange: Answer | None = None
    exchange_variant: str = "B"
    """``A``: the first version of the exchange, which says the same in other words."""
    environment: str = "staging"
    bypass_key: str = BYPASS_KEY
    """The key the auth service holds; empty: none."""
    auth_secret: str = JWT_SECRET
    auth_clock_s: float = 0.0

    # The upgrade.
    upgrade: Answer | None = None
    upgrade_paths: tuple[str, ...] = ()
    """Socket paths that `upgrade` holds for; empty: all."""
    upgrades_spoilt: int = 0
    """How many first upgrades `upgrade` holds for; 0: all."""
    subprotocol: str = "jwt-auth"
    """The one selected; empty: the server knows none and refuses an offer."""
    unasked_subprotocol: str = ""
    """Select this one though nobody offered it; empty: never."""
    selects_subprotocol: bool = True
    connection_age_s: float = 0.0
    """The load balancer cuts every socket at this age; 0: never."""
    on_accept: Refusal | Close | None = None
    """What happens right after the accept, whoever connects."""

    # Who it is.
    era: Era = Era.UNIFIED
    strip_authorization: bool = False
    """The load balancer drops every header that carries a token."""
    backend_secret: str = JWT_SECRET
    required_claims: tuple[str, ...] = ("sub", "iss", "jti", "iat", "exp")
    issuer: str = "netra-auth-service"
    """The only issuer whose tokens the backend takes."""
    audiences: tuple[str, ...] = ("netra-platform", "netra-services", "netra-admin")
    demo_mode: bool = False
    """Any token, or none, is accepted as the demo user."""
    on_identity: Refusal | Close | None = None
    """What happens to everyone whose token verified."""
    refused_users: str = ""
    """Pattern of user ids that the validator does not know; empty: it knows all."""
    leaked_connections: int = 0
    """Connections that the server still counts for the usual users, though they are gone."""

    # The greeting.
    ping_first: bool = True
    handshake_validation: bool = False
    extra_pings: int = 0
    """So many more pings before the welcome."""
    welcome: str = "system_message"
    """By era ``system_message``, ``flat``, ``wrapped``, ``factory`` or ``connect``."""
    service_info: bool = False
    """After the welcome the server says that it runs in its fallback mode."""
    announces_thread: bool = False
    """Later eras also send ``handshake_response`` and ``thread_created``."""
    errors_in_data: bool = False
    """Whether the fields of an error frame are wrapped in ``data``."""

    # The request and the events.
    rate_per_minute: int = 100
    handled: tuple[str, ...] = ("start_agent", *USER_MESSAGES, "agent_request")
    refuses_unknown: bool = False
    """A type that is not handled gets an error frame instead of an acknowledgement."""
    shadowed: bool = False
    """A built-in handler says "Message received" before an agent sees the request."""
    request_field: str = "user_request"
    """The field of ``start_agent``'s payload that must be there."""
    fatal_dependencies: Mapping[str, str] = field(default_factory=dict)
    """Dependency -> error with which an agent fails that needs it."""
    script: Script = GOLDEN_PATH
    agent_error: str = ""
    """Text of the exception in agent_error and agent_failed."""
    shape: Shape = Shape.EMITTER
    collapsed_names: bool = False
    """The server's normaliser renames the events."""
    name_suffix: str = ""
    """What the name of every event ends in that should not."""
    stale_answer: bool = False
    """The answer is that of an earlier run."""
    foreign_ids: bool = False
    """Events carry the run, thread and user of somebody else."""
    event_gap_s: float = 0.02
    starts: int = 1
    """How often agent_started comes: once per nested agent."""
    thoughts: int = 1
    """How often each agent_thinking comes."""
    attempt: int | None = None
    """The attempt with which an event arrived; above 1, events that end nothing came before too."""
    beats_between: bool = False
    """A ping and a heartbeat after every event."""
    control_pings: bool = False
    """Pings of the WebSocket protocol itself, beside the JSON ones."""
    prefixed_names: bool = False
    """Names of events are written like ``WebSocketEventType.AGENT_STARTED``."""
    name_in_data: bool = False
    """The type of every event is ``event``; the real name is in its data."""
    padding_chars: int = 0
    """So much more text in every event."""

    # The manner of everything that is said; it changes nothing of the meaning.
    slow: Mapping[str, bool] = field(default_factory=dict)
    """Phases that take `pause_s` longer: health, exchange, upgrade, welcome, events, or
    the silence before the last event."""
    pause_s: float = 0.3
    silence_s: float = 1.5
    voice: str = ""
    """In whose words everything is said: ``second``, ``third``; empty: the usual ones."""
    other_codes: bool = False
    """Error codes have other names, too."""
    other_states: Mapping[str, str] = field(default_factory=dict)
    """What health calls a state -> what it calls it here."""
    extra_headers: Mapping[str, str] = field(default_factory=dict)
    header_case: str = ""
    """Names of headers in ``upper`` or ``lower`` case; empty: as usual."""
    chunked: bool = False
    closes_connections: bool = False
    """Every HTTP answer ends its connection."""
    json_layout: str = ""
    """``reversed`` keys, ``indented``, or ``unescaped`` text; empty: as usual."""
    extra_fields: Mapping[str, object] = field(default_factory=dict)
    """Fields that no contract knows, in every object that is sent."""
    health_fields: Mapping[str, object] = field(default_factory=dict)
    """What a service's health says differently of its name and version."""
    flourish: str = ""
    """Text in front of what agents say."""
    compresses: bool = True
    """Frames are compressed if the client offers that."""

    def pause(self, phase: str) -> float:
        """Return how much longer `phase` takes, in seconds."""
        if not self.slow.get(phase):
            return 0.0
        return self.silence_s if phase == "silence" else self.pause_s
