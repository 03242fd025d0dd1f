"""Where a fault is met on the road of a run, and what it stops there."""

from enum import IntEnum, StrEnum


class Stage(IntEnum):
    """Where a fault is met. A fault hides what lies behind it on the same road.

    The road to the auth service ends where a token is issued, the road to the backend where the
    answer has arrived; a run goes down both, and the second with a token issued or minted.
    Health is asked whatever became of tokens, and of each service under its own address; so only
    what makes a service unreachable hides its health.
    """

    OURS = -1
    """On our own side, before anything of the target is met."""

    AUTH_TARGET = 0
    AUTH_SERVICE = 1
    AUTH_HEALTH = 2
    KEY_HELD = 3
    """What the client itself knows of its key, before it asks anybody."""

    EXCHANGE_PATH = 4
    EXCHANGE = 5
    ENVIRONMENT = 6
    KEY_SENT = 7
    KEY_KNOWN = 8
    KEY = 9

    BACKEND_TARGET = 20
    BACKEND = 21
    HEALTH = 22
    FRONTEND = 23
    """The front end, which nobody stands in front of."""
    SOCKET_TARGET = 24
    """The socket's address, where it leads to another service than the backend's."""
    UPGRADE = 25
    ACCEPT = 26
    TOKEN_ARRIVES = 27
    SIGNATURE = 28
    CLAIMS = 29
    EXPIRY = 30
    IDENTITY = 31
    USER = 32
    QUOTA = 33
    RATE = 34
    REQUEST = 35
    DEPENDENCY = 36
    STREAM = 37
    CONTENT = 38
    """What the answer says; there is none where a run ended before its answer."""
    ANSWER = 39

    @property
    def on_auth_road(self) -> bool:
        return self < Stage.BACKEND_TARGET


# A run that ends in its stream has no answer to look into.
NO_ANSWER = frozenset({Stage.CONTENT})

# Where a run ends before an agent shows whether it needs a store.
BEFORE_AGENTS = frozenset(stage for stage in Stage if Stage.SOCKET_TARGET <= stage <= Stage.REQUEST)


class Stops(StrEnum):
    """What a fault keeps from working."""

    RUN = "run"
    """Whoever it is."""
    EXCHANGE = "exchange"
    """The bypass key gives no token; the fallback may still carry the run."""
    EXCHANGED = "exchanged"
    """A token from the exchange is not accepted."""
    MINTED = "minted"
    """A token minted by the client is not accepted."""
    MINTING = "minting"
    """The client has nothing to mint with; that is so wherever the exchange stops."""
    CHECK = "check"
    """It is our own side that is broken: what else it stops says nothing about the target."""


RUN = frozenset({Stops.RUN})
"""What most faults stop."""
EXCHANGE = frozenset({Stops.EXCHANGE})
