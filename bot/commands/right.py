"""What can be allowed: each right is a key of `permissions` in the configuration."""

from enum import StrEnum


class Right(StrEnum):
    """What it takes to do something that does more than read."""

    RUN = "run"
    VERIFY_KEY = "verify_key"
    ACK = "ack"
    OPEN = "open"
    RESOLVE = "resolve"
    MUTE = "mute"

    @property
    def allows(self) -> str:
        """What whoever has it may do: goes on after *may*."""
        match self:
            case Right.RUN:
                return "check a target"
            case Right.VERIFY_KEY:
                return "try the bypass key"
            case Right.ACK:
                return "look after incidents"
            case Right.OPEN:
                return "open an incident"
            case Right.RESOLVE:
                return "end an incident by hand"
            case Right.MUTE:
                return "mute alerts"
