"""Who may do what, by asking in Slack."""

from typing import Annotated

from pydantic import Field

from bot.config.section import Section

EVERYONE, CHANNEL, OWNERS = "everyone", "channel", "owners"

Who = Annotated[str, Field(pattern=rf"^({EVERYONE}|{CHANNEL}|{OWNERS}|[UWS][A-Z0-9]{{1,20}})$")]


class Permissions(Section):
    """Who may do what: ids of users (U…, W…) and of user groups (S…), or one of three words.

    ``everyone``; ``channel`` is whoever asks in a channel of `routes`, or everyone if there is
    none; ``owners`` is whom the target's `owners` name, or ``channel`` if they name nobody in
    Slack. Whatever only reads is open to everyone.
    """

    run: tuple[Who, ...] = (EVERYONE,)
    """Check a target."""
    verify_key: tuple[Who, ...] = (OWNERS,)
    """Try a bypass key; ``owners`` is here whoever is named for the causes about the key."""
    ack: tuple[Who, ...] = (CHANNEL,)
    """Acknowledge, assign, grade and annotate incidents, and have a fix verified."""
    open: tuple[Who, ...] = (CHANNEL,)
    """Open an incident by hand."""
    resolve: tuple[Who, ...] = (CHANNEL,)
    """End an incident by hand."""
    mute: tuple[Who, ...] = (CHANNEL,)
    """Mute a target, and end a mute."""
