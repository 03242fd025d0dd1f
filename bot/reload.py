"""Takes up changes of the configuration file in what can change without a restart."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from bot.config import LIVE, Settings, load
from bot.deps import Deps
from bot.errors import ConfigError
from bot.rounds import rounds

log = structlog.get_logger(__name__)

EVERY_S = 2.0


class Reloader:
    """Looks at the file, and takes up what is valid; what is not is told and changes nothing."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps
        self._path = deps.settings.path
        self._seen = _digest(self._path)

    def look(self) -> None:
        """Take up the file if it has changed since it was last looked at."""
        digest = _digest(self._path)
        if digest == self._seen:
            return
        self._seen = digest
        state, metrics = self._deps.reloaded, self._deps.metrics.alerts
        try:
            fresh = load(self._path, env=os.environ)
        except ConfigError as error:
            state.problem = error.message
            metrics.reloaded(ok=False)
            log.warning("the changed configuration is not used", reason=error.message)
            return
        now = self._deps.live
        changed = [name for name in LIVE if getattr(fresh, name) != getattr(now, name)]
        state.waiting = tuple(_waiting(self._deps.settings, fresh))
        # Before anything is told with them.
        self._deps.masker.learn(*fresh.secrets)
        state.settings = self._deps.settings.model_copy(
            update={name: getattr(fresh, name) for name in LIVE}
        )
        state.problem = ""
        metrics.reloaded(ok=True)
        log.info("the configuration was read again", changed=changed, needs_restart=state.waiting)


@asynccontextmanager
async def reloading(deps: Deps) -> AsyncIterator[None]:
    """While inside, take up changes of the file."""
    reloader = Reloader(deps)

    async def look() -> None:
        # In a thread: it reads files and may take a while to say all that is wrong.
        await asyncio.to_thread(reloader.look)

    async with rounds(look, every_s=EVERY_S, name="reload"):
        yield


def _digest(path: Path) -> str:
    """Return what tells one content of the file from another; nothing if it cannot be read."""
    try:
        return hashlib.blake2b(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _waiting(before: Settings, fresh: Settings) -> list[str]:
    """Return the sections that changed and are taken up by a restart only."""
    others = set(Settings.model_fields) - set(LIVE) - {"path"}
    return sorted(name for name in others if getattr(before, name) != getattr(fresh, name))
