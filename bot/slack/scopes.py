"""What each method of the Web API that we call needs, as data; the manifest asks for the same."""

from collections.abc import Mapping
from types import MappingProxyType

SCOPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "api.test": (),
        "apps.connections.open": (),  # connections:write, of the app-level token
        "auth.revoke": (),
        "auth.test": (),
        "chat.postEphemeral": ("chat:write",),
        "chat.postMessage": ("chat:write",),
        "chat.update": ("chat:write",),
        "conversations.history": ("channels:history", "groups:history", "im:history"),
        "conversations.members": ("channels:read", "groups:read"),
        "conversations.replies": ("channels:history", "groups:history", "im:history"),
        "files.completeUploadExternal": ("files:write",),
        "files.getUploadURLExternal": ("files:write",),
        "files.info": ("files:read",),
        "functions.completeError": (),  # of our own steps
        "functions.completeSuccess": (),
        "oauth.v2.access": (),  # proved by the client secret
        "usergroups.users.list": ("usergroups:read",),
        "views.publish": (),
        "views.open": (),  # but a form with a field for files needs files:read too
    }
)

OPTIONAL = frozenset(
    {
        "chat:write.public",
        "channels:history",
        "channels:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "reactions:read",
        "usergroups:read",
    }
)
"""Scopes without which the bot works: it needs an invitation, marks what it posts again, leaves
reactions out of timelines, can let people do something by their ids only, and shows no picture
where Slack takes no chart; and who may do something because they are in a channel has to do it
there, not at home."""

OF_EVENTS = ("app_mentions:read", "commands", "reactions:read")
"""Scopes of what is delivered to us, rather than of what we call."""

ASKED = tuple(
    sorted({*OF_EVENTS, *OPTIONAL, *(scope for needed in SCOPES.values() for scope in needed)})
)
"""Every scope that is asked for when a workspace installs the app."""
