"""Every error stagecheck raises on purpose.

StagecheckError
├── UsageError          what was typed cannot be understood          exit 2
├── ConfigError         the configuration cannot be used             exit 2
├── NotFound            the thing named does not exist               exit 3
├── Forbidden           the caller may not do this                   exit 2
├── StoreError          our database cannot be opened or used        exit 4
├── DeliveryError       a receiver did not take a message            exit 5
└── Unavailable         not now: a part of ours is not there         exit 4
    └── TooOften        not so soon: it was done often enough        exit 4

A failing target is never an exception: it is a `Run` with a status.
"""


class StagecheckError(Exception):
    """Something was asked wrongly, or a part of ours broke; `hint` says what to do next."""

    exit_code = 4

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class UsageError(StagecheckError):
    """What was typed cannot be understood; `hint` names the nearest thing that can."""

    exit_code = 2


class ConfigError(StagecheckError):
    """The configuration cannot be used; the message says where and why."""

    exit_code = 2


class NotFound(StagecheckError):
    """What was named does not exist: a target, a check, a run, an incident, a file …"""

    exit_code = 3


class Forbidden(StagecheckError):
    """The caller may not do this; the message says who may."""

    exit_code = 2


class StoreError(StagecheckError):
    """Our database cannot be opened or used; the file is left as it was found."""


class Unavailable(StagecheckError):
    """Not now: a part of ours, or what Slack keeps for us, is not there or is shutting down."""


class TooOften(Unavailable):
    """Not so soon: it was done often enough, and is spared for a while."""


class DeliveryError(StagecheckError):
    """A receiver, Slack first of all, did not take a message.

    `permanent` tells that trying again cannot help. `code` is the receiver's own word for the
    reason, such as Slack's ``not_in_channel``, or ours where it never got to one; else empty.
    """

    exit_code = 5

    def __init__(
        self, message: str, *, hint: str = "", permanent: bool = False, code: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.permanent = permanent
        self.code = code
