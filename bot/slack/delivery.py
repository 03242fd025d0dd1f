"""How far one message is on its way to Slack."""

from dataclasses import dataclass

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
