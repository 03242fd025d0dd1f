"""What is checked: a target, and how its services speak. Every value is configuration.

The defaults here are neutral; those of the reference system are the profile ``reference``.
pydantic validates these dataclasses as they are (`bot.config`), refusing unknown keys.
"""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

from bot.masking import Secret, strays

DEFAULT_CHECK = "pipeline"
"""The check that is made where nobody names one: the whole pipeline. Only it may say that a target
works."""
KEY_CHECK = "key"
"""The check that tries the bypass key alone."""
CHECK_NAMES = (DEFAULT_CHECK, KEY_CHECK)
"""Every check there is; what they do is in `bot.probe`."""

_STRICT: Mapping[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Who the check says it is."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    id: str = "staging-e2e-user-001"
    email: str = "e2e@example.test"
    name: str = "stagecheck"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Where each service says how it is; a path left empty is not asked."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    backend: str = "/health"
    ready: str = ""
    dependencies: str = ""
    auth: str = "/health"
    frontend: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """How the bypass key is exchanged for a token."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    path: str = "/auth/e2e/test-auth"
    header: str = "X-E2E-Bypass-Key"
    body: Mapping[str, Any] = field(default_factory=dict)
    """JSON sent along; `email` and `name` are filled in from the user when absent."""
    token_field: str = "access_token"  # noqa: S105  # the name of a field


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """How the fallback JWT is minted when the exchange gives none."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    algorithm: str = "HS256"
    issuer: str = ""
    audience: str = ""
    ttl_s: int = 900
    claims: Mapping[str, Any] = field(default_factory=dict)
    """Further claims, taken as they are."""
    verify_path: str = ""
    """Where the auth service judges a token sent as ``Authorization: Bearer``, by GET, and answers
    with JSON that has a boolean `valid`; empty: it is not asked. Only an experiment asks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """How the WebSocket is opened."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    headers: Mapping[str, str] = field(default_factory=dict)
    send_authorization: bool = True
    subprotocol: str = ""
    """Offered together with `token_subprotocol`; the server must answer with this one."""
    token_subprotocol: str = ""
    """A second offer that carries the token: ``{token}`` or ``{token_b64}`` is filled in."""
    max_frame_bytes: int = 1_048_576
    sibling_paths: tuple[str, ...] = ()
    """Other paths of the same socket, tried only to tell causes apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """The pipeline request; ``{nonce}`` anywhere in the payload becomes a fresh value."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    type: str = "start_agent"
    payload: Mapping[str, Any] = field(default_factory=dict)
    nonce_echoed: bool = False
    """Whether a healthy answer repeats the nonce; if so, an answer without it is a finding."""
    alternatives: tuple[str, ...] = ()
    """Other request types, tried only to tell causes apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """The event contract: what a healthy stream looks like."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    started: str = "agent_started"
    completed: str = "agent_completed"
    failed: tuple[str, ...] = ("agent_failed", "agent_error", "agent_death")
    errors: tuple[str, ...] = ("error", "error_message", "authentication_error")
    required: tuple[str, ...] = ("agent_started", "agent_completed")
    pairs: Mapping[str, str] = field(default_factory=dict)
    """Opening event -> closing event, such as ``tool_executing: tool_completed``."""
    optional: tuple[str, ...] = ()
    welcome: tuple[str, ...] = ("connect", "connection_established", "system_message")
    noise: tuple[str, ...] = ("ping", "pong", "heartbeat", "heartbeat_ack")
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Name on the wire -> name in this contract."""
    canned_agents: tuple[str, ...] = ()
    """Agent, tool or text marks of mock handlers: seen, they prove that no real agent ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long each part may take, in seconds."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    step_s: float = 15.0
    welcome_s: float = 1.0
    gap_s: float = 30.0
    total_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiments:
    """Which differential probes may run after a failure."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    enabled: bool = True
    forbidden: tuple[str, ...] = ()
    most: int = 8
    budget_s: float = 30.0
    side_effects: bool = False
    """Whether they may leave at the target what the check itself leaves too: a token issued, an
    agent run started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One system that can be checked."""

    __pydantic_config__: ClassVar[Any] = _STRICT

    name: str
    api_url: str
    auth_url: str
    ws_url: str
    frontend_url: str = ""
    profile: str = "reference"
    bypass_key: Secret | None = None
    jwt_secret: Secret | None = None
    proxy: str = ""
    """The HTTP proxy that every connection to the target goes through, by CONNECT, such as
    ``http://proxy.example:3128``; empty for none. The environment's proxy is never taken."""
    proxy_credentials: Secret | None = None
    """``user:password`` for the proxy."""
    allow_link_local: bool = False
    """Whether its addresses may be link-local ones, where clouds keep the keys of a machine."""
    ca_file: str = ""
    """PEM file of further certificate authorities; verification itself is never off."""
    user: User = field(default_factory=User)
    health: Health = field(default_factory=Health)
    exchange: Exchange = field(default_factory=Exchange)
    token: Token = field(default_factory=Token)
    socket: Socket = field(default_factory=Socket)
    request: Request = field(default_factory=Request)
    events: Events = field(default_factory=Events)
    timeouts: Timeouts = field(default_factory=Timeouts)
    experiments: Experiments = field(default_factory=Experiments)
    owners: Mapping[str, str] = field(default_factory=dict)
    """Cause label -> who can fix it, as a Slack mention or a name."""
    impact: str = ""
    provenance: tuple["Setting", ...] = ()
    keys: tuple["KeyPlace", ...] = ()
    """Every place that a bypass key can come from, in the order in which they count."""

    @property
    def urls(self) -> tuple[str, ...]:
        """The addresses of its services."""
        known = (self.api_url, self.auth_url, self.ws_url, self.frontend_url)
        return tuple(url for url in known if url)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What is never shown: of credentials for the proxy also the password alone, and what
        looks like a secret that was written where the name of its source belongs."""
        keys = [place.secret for place in self.keys]
        held = (self.bypass_key, self.jwt_secret, self.proxy_credentials, *keys)
        found = [secret for secret in held if secret]
        if self.proxy_credentials and (value := self.proxy_credentials.value):
            alone = value.strip().partition(":")[2]
            found.append(replace(self.proxy_credentials, name="proxy_password", value=alone))
        found += [replace(one, value=stray) for one in found for stray in strays(one.source)]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rivals:
    """What is for something else and may hold the same value as a key, by mistake.

    `secrets` are those of the configuration, by the names that a person knows them by; `named` are
    the sources of all that may hold a key, which are no mistake.
    """

    secrets: tuple[tuple[str, Secret], ...] = ()
    named: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPlace:
    """One place that a bypass key can come from.

    `rank` is its place in the configuration, from 1; 0 for a variable that is known for holding the
    same and is not named there, which is never used. `twins` are other settings and variables, for
    something else, that hold the same value: those of its `rivals` that do.
    """

    secret: Secret
    rank: int = 1
    twins: tuple[str, ...] = ()
    rivals: Rivals = field(default=Rivals(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedKey:
    """A bypass key that a target accepted: its fingerprint, its source, and in which run."""

    fingerprint: str
    source: str
    run_id: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where one setting of a target came from; a secret's `value` is never filled in."""

    key: str
    source: str
    value: str = ""
    note: str = ""


# Where clouds tell a machine its own keys, beside the link-local 169.254.169.254.
_METADATA = frozenset(
    {"100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"}
)
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "instance-data"})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def unfit_address(host: str) -> str:
    """Say why no target can be at `host`, an address or a name; nothing if one can.

    A name may still lead to such an address: what it leads to is judged again.
    """
    if host.lower().rstrip(".") in _METADATA_NAMES:
        return "the metadata service of a cloud"
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            address = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        else:
            address = address.ipv4_mapped or address.sixtofour or address
    if str(address) in _METADATA:
        return "the metadata service of a cloud"
    if address.is_link_local:
        return "a link-local address"
    if address.is_multicast or address.is_unspecified or str(address) == "255.255.255.255":
        return "no address of one machine"
    return ""
