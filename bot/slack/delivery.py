"""How far one message is on its way to Slack."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.model import Json
from bot.report import Message
from bot.slack.fit import with_note

_REPEATED = "Slack did not confirm an earlier copy of this message, so it may be here twice."


@dataclass(slots=True)
class Delivery:
    """How far the delivery of one message is."""

    message: Message
    perhaps_done: bool = False
    """An attempt may have been accepted without our hearing of it."""
    attempts: int = 0
    marked: bool = False

    def mark(self) -> None:
        """Have the message say that it may be there twice."""
        if not self.marked:
            self.message, self.marked = with_note(self.message, _REPEATED), True

    def within(self, thread: str) -> Mapping[str, Json]:
        """Return what a call says to post it in `thread`; nothing for one of its own."""
        if not thread:
            return {}
        aloud = {"reply_broadcast": True} if self.message.broadcast else {}
        return {"thread_ts": thread, **aloud}
