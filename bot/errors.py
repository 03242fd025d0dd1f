"""Every error stagecheck raises on purpose.

StagecheckError
├── UsageError          what was typed cannot be understood          exit 2
├── ConfigError         the configuration cannot be used             exit 2
├── NotFound            the thing named does not exist               exit 3
├── Forbidden           the caller may not do this                   exit 2
├── StoreError          our database cannot be opened or used        exit 4
├── DeliveryError       Slack did not take a message                 exit 5
└── Unavailable         a part of ours is shutting down or missing   exit 4

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
    """The target, run or file that was named does not exist."""

    exit_code = 3


class Forbidden(StagecheckError):
    """The caller may not do this; the message says who may."""

    exit_code = 2


class StoreError(StagecheckError):
    """Our database cannot be opened or used; the file is left as it was found."""


class Unavailable(StagecheckError):
    """A part of ours is shutting down or was never started."""


class DeliveryError(StagecheckError):
    """Slack did not take a message; `permanent` tells that trying again cannot help.

    `code` is Slack's own word for the reason, such as ``not_in_channel``, if it gave one.
    """

    exit_code = 5

    def __init__(
        self, message: str, *, hint: str = "", permanent: bool = False, code: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.permanent = permanent
        self.code = code
