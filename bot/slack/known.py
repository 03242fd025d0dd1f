"""What is known of the workspaces that installed the app: read from the store, for a while."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.config import OAuthCredentials
from bot.masking import Masker, Secret
from bot.slack.sealing import Sealer, Tokens
from bot.store import Installed, Store

log = structlog.get_logger(__name__)

_FRESH_S = 30.0
"""After that it is looked up again: another process may have renewed it, or seen it go."""
_MOST_PLACES = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """An installation with its tokens open."""

    installed: Installed
    tokens: Tokens
    read_at: float


class Known:
    """Installations by key, and where channels and people are. Methods may raise StoreError."""

    def __init__(
        self,
        oauth: OAuthCredentials,
        store: Store,
        masker: Masker,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.clock = clock
        self._oauth = oauth
        self._store = store
        self._masker = masker
        self._sealer = Sealer(oauth.client_secret)
        self._workspaces: dict[str, Workspace] = {}
        self._places: OrderedDict[str, str] = OrderedDict()

    def allows(self, *, team: str, enterprise: str) -> bool:
        """Whether the configuration lets a workspace use this bot."""
        return bool({team, enterprise} & self._oauth.workspaces)

    async def look(self, key: str, *, anew: bool = False) -> Workspace | None:
        """Return the workspace `key`, with `anew` as it is kept right now."""
        known = self._workspaces.get(key)
        if known is not None and not anew and self.clock() - known.read_at < _FRESH_S:
            return known
        installed = await self._store.installations.find(key)
        if installed is None or not self._may(installed):
            self._workspaces.pop(key, None)
            return None
        # What is known by now: a token may have been renewed while that was read.
        known = self._workspaces.get(key)
        if known is not None and known.installed.generation > installed.generation:
            return known
        tokens = self._sealer.open(installed.sealed, key=key)
        if tokens is None:
            log.error("a token was sealed with another client secret", workspace=key)
            return None
        return self.remember(installed, tokens)

    async def every(self) -> tuple[Installed, ...]:
        """Return the installations that may use this bot."""
        return tuple(each for each in await self._store.installations.all() if self._may(each))

    def seal(self, tokens: Tokens, *, key: str) -> bytes:
        """Return `tokens` as they are kept."""
        return self._sealer.seal(tokens, key=key)

    def remember(self, installed: Installed, tokens: Tokens) -> Workspace:
        """Know a workspace without reading it; whoever calls this keeps it too."""
        for name, value in (("access", tokens.access), ("refresh", tokens.refresh)):
            if value:
                secret = Secret(name=f"slack.{name}", source="database", value=value)
                self._masker.learn(secret)
        found = Workspace(installed=installed, tokens=tokens, read_at=self.clock())
        self._workspaces[installed.key] = found
        return found

    async def forget(self, key: str, why: str) -> None:
        """Remove a workspace whose token is dead."""
        self._workspaces.pop(key, None)
        if await self._store.installations.remove(key):
            log.warning("no longer installed", workspace=key, reason=why)

    async def note(self, id: str, key: str) -> None:
        """Remember in which workspace a channel or a person is."""
        if not id or self._places.get(id) == key:
            return
        await self._store.installations.note(id, key)
        self._place(id, key)

    async def whereabouts(self, id: str) -> str:
        """Return the workspace in which a channel or a person was last heard of, if any."""
        if id not in self._places and (key := await self._store.installations.whereabouts(id)):
            self._place(id, key)
        return self._places.get(id, "")

    def _place(self, id: str, key: str) -> None:
        self._places[id] = key
        if len(self._places) > _MOST_PLACES:
            self._places.popitem(last=False)

    def _may(self, installed: Installed) -> bool:
        return self.allows(team=installed.team, enterprise=installed.enterprise)
