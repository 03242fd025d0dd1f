"""What each method of the Web API that we call needs, as data; the manifest asks for the same."""

from collections.abc import Mapping
from types import MappingProxyType

SCOPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "apps.connections.open": (),  # connections:write, of the app-level token
        "auth.test": (),
        "chat.postMessage": ("chat:write",),
        "chat.update": ("chat:write",),
        "conversations.history": ("channels:history", "groups:history", "im:history"),
        "conversations.replies": ("channels:history", "groups:history", "im:history"),
        "files.info": ("files:read",),
        "views.open": (),  # but a form with a field for files needs files:read too
    }
)

OPTIONAL = frozenset({"chat:write.public", "channels:history", "groups:history", "im:history"})
"""Scopes without which the bot works: it needs an invitation, and marks what it posts again."""
