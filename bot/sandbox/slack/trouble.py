"""Planned trouble: what the small Slack does wrong on purpose, call by call."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.errors import UsageError

TROUBLES: Mapping[str, str] = MappingProxyType(
    {
        "429": "refused with HTTP 429 and Retry-After, nothing done",
        "500": "HTTP 500 with a body that is not JSON, nothing done",
        "503": "HTTP 503, nothing done",
        "html": "HTTP 200 with a web page instead of JSON, nothing done",
        "timeout": "never answered, nothing done",
        "disconnect": "the connection ends without an answer, nothing done",
        "accept_then_timeout": "done, but never answered",
        "accept_then_disconnect": "done, but the connection ends without an answer",
        "accept_then_500": "done, but answered with HTTP 500",
    }
)
"""What `how` can be, besides an error code of Slack's such as `channel_not_found`."""


@dataclass(slots=True)
class Trouble:
    """One order of trouble; `times` counts down."""

    method: str
    how: str
    times: int
    retry_after_s: int

    @property
    def accepted(self) -> bool:
        """The call takes effect although its caller will not hear of it."""
        return self.how.startswith("accept_then_")

    @property
    def answer(self) -> str:
        """How the caller is answered: a key of TROUBLES without `accept_then_`, or a code."""
        return self.how.removeprefix("accept_then_")


@dataclass(slots=True)
class Troubles:
    """The calls that are to fail, and how, until each failed as often as was ordered."""

    orders: list[Trouble] = field(default_factory=list)

    def order(self, method: str, *, times: int, how: str, retry_after_s: int) -> None:
        if how not in TROUBLES and not how.replace("_", "").isalpha():
            known = ", ".join(TROUBLES)
            raise UsageError(
                f"{how} is not a way to fail.", hint=f"Use an error code of Slack's, or: {known}."
            )
        self.orders.append(Trouble(method, how, times, retry_after_s))

    def next(self, method: str) -> Trouble | None:
        """The trouble planned for this call, used up by asking. `*` stands for every method."""
        for trouble in self.orders:
            if trouble.times > 0 and trouble.method in (method, "*"):
                trouble.times -= 1
                return trouble
        return None
