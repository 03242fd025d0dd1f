"""What is known of the workspaces that installed the app: read from the store, for a while."""

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from bot.config import OAuthCredentials
from bot.errors import StoreError
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
    is_kept: bool = True
    """False while a renewed token is known here only."""


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
            return await self._kept(known)
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

    def remember(self, installed: Installed, tokens: Tokens, *, is_kept: bool = True) -> Workspace:
        """Know a workspace without reading it; whoever calls this keeps it too."""
        for name, value in (("access", tokens.access), ("refresh", tokens.refresh)):
            if value:
                secret = Secret(name=f"slack.{name}", source="database", value=value)
                self._masker.learn(secret)
        found = Workspace(installed=installed, tokens=tokens, read_at=self.clock(), is_kept=is_kept)
        self._workspaces[installed.key] = found
        return found

    async def keep(self, found: Workspace) -> bool:
        """Write down a renewed token; False if the app was taken away there meanwhile."""
        key = found.installed.key
        is_there = await self._store.installations.renew(found.installed)
        if self._workspaces.get(key) is found:
            if is_there:
                self._workspaces[key] = replace(found, is_kept=True)
            else:
                del self._workspaces[key]
        return is_there

    async def keep_all(self) -> None:
        """Write down every renewed token that is known here only."""
        for found in list(self._workspaces.values()):
            if not found.is_kept:
                _ = await self.keep(found)

    async def forget(self, found: Workspace, why: str) -> None:
        """Remove a workspace whose token is dead, unless it has a newer one by now."""
        key, generation = found.installed.key, found.installed.generation
        self._workspaces.pop(key, None)
        if await self._store.installations.remove(key, generation=generation):
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

    async def _kept(self, known: Workspace) -> Workspace | None:
        if known.is_kept:
            return known
        try:
            return known if await self.keep(known) else None
        except StoreError as error:  # the next who looks tries again
            key = known.installed.key
            log.warning("a renewed token is known here only", workspace=key, error=error.message)
            return known

    def _place(self, id: str, key: str) -> None:
        self._places[id] = key
        if len(self._places) > _MOST_PLACES:
            self._places.popitem(last=False)

    def _may(self, installed: Installed) -> bool:
        return self.allows(team=installed.team, enterprise=installed.enterprise)
