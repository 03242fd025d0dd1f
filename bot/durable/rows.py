"""Requests, results and errors as the JSON values that the engine keeps."""

from dataclasses import asdict

from bot import errors
from bot.errors import DeliveryError, StagecheckError
from bot.model import Caller, CheckRequest, Json, Place, Trigger

_OF_PEOPLE = frozenset(Trigger) - {Trigger.SCHEDULE, Trigger.DEPLOY}
# In the queue: who waits for an answer comes before the clock and the deploys, and among equals
# who came first. One run of a target and check at a time means that no target takes all room.
_AT_ONCE, _IN_TIME = 1, 2


def priority_of(request: CheckRequest) -> int:
    """Return which of those that wait goes first: the lowest."""
    return _AT_ONCE if request.trigger in _OF_PEOPLE else _IN_TIME


def request_row(request: CheckRequest) -> dict[str, Json]:
    """Return what is kept of a request: names and ids."""
    return asdict(request)


def request_of(row: dict[str, Json]) -> CheckRequest:
    """Return the request that `request_row` made the row of."""
    return CheckRequest(
        run_id=row["run_id"],
        target=row["target"],
        check=row["check"],
        trigger=Trigger(row["trigger"]),
        caller=Caller(**row["caller"]),
        place=Place(**row["place"]),
        # A row of an older version has none.
        revision=row.get("revision", ""),
    )


def error_row(error: StagecheckError) -> dict[str, Json]:
    """Return what is kept of an error, so that it comes back as what it was."""
    row: dict[str, Json] = {
        "kind": type(error).__name__,
        "message": error.message,
        "hint": error.hint,
    }
    if isinstance(error, DeliveryError):
        row |= {"permanent": error.permanent, "code": error.code}
    return row


def error_of(row: dict[str, Json]) -> StagecheckError:
    """Return the error that `error_row` made the row of."""
    kinds = {kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type)}
    kind = kinds[row["kind"]]
    details = {name: value for name, value in row.items() if name not in ("kind", "message")}
    error = kind(row["message"], **details)
    assert isinstance(error, StagecheckError)
    return error
