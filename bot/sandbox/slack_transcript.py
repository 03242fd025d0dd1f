"""A channel with its threads as text that reads well in a terminal."""

from dataclasses import dataclass

from bot.sandbox.slack_actions import actions
from bot.sandbox.slack_workspace import Channel, Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedButton:
    """One thing to press, as the prompt of the demo offers it."""

    number: int
    label: str
    message_ts: str
    action_id: str


def buttons_of(workspace: Workspace, channel: Channel) -> list[NumberedButton]:
    """What can be pressed, newest message first."""
    found = [
        (message.ts, action)
        for message in reversed(list(workspace.all_entries(channel.id)))
        for action in actions(message.blocks)
        if action.is_button
    ]
    return [
        NumberedButton(number=number, label=action.label, message_ts=ts, action_id=action.action_id)
        for number, (ts, action) in enumerate(found, start=1)
    ]


def transcript_of(workspace: Workspace, channel: Channel) -> str:
    """The channel, oldest first."""
    return "\n".join(
        f"{workspace.name_of(entry.author)}  {entry.text}"
        for entry in workspace.all_entries(channel.id)
    )
