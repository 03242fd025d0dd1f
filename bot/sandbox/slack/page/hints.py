"""What the page offers beyond the workspace itself: lines to complete, shortcuts, a side panel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.sandbox.slack.workspace import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """One line that the composer offers while somebody types."""

    line: str
    summary: str = ""
    usage: str = ""
    """What may follow the line, such as `[TARGET]`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """A shortcut of the app, as its manifest names it."""

    callback_id: str
    name: str
    of_message: bool = True
    """Whether it stands in the menu of a message; else it is a global one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What the page offers to whoever types, and in the menus of messages."""

    completions: tuple[Completion, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()


class Panel(Protocol):
    """What stands at the side of the workspace, such as the switches of a simulator."""

    def offered(self) -> Mapping[str, Json]:
        """What can be set; the same for the whole life of the page."""

    def state(self) -> Mapping[str, Json]:
        """How it is set now."""

    async def ready(self) -> None:
        """Return once the app can be asked, which it may not be while something is changed."""

    async def change(self, wanted: Mapping[str, Json]) -> None:
        """Set it; StagecheckError says why that is not possible."""
