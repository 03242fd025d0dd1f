"""The surfaces of Block Kit."""

from enum import StrEnum


class Surface(StrEnum):
    """Where blocks are shown; not every block may stand everywhere."""

    MESSAGE = "message"
    MODAL = "modal"
    HOME = "home"
