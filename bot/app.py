"""The composition root: settings become Deps; whatever is opened here is closed here."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime

import structlog

from bot.config import Settings
from bot.deps import Deps, Notifier
from bot.engine import LocalEngine
from bot.errors import StoreError
from bot.masking import Masker
from bot.metrics import Metrics
from bot.probe import Network
from bot.store import Store

log = structlog.get_logger(__name__)

MEMORY = "sqlite://"


@asynccontextmanager
async def open_shell(settings: Settings, notifier: Notifier) -> AsyncIterator[Deps]:
    """Yield what one check from a shell needs.

    Without a usable database the check still runs, and is forgotten afterwards.
    """
    async with AsyncExitStack() as stack:
        try:
            store = await Store.open(settings.database)
        except StoreError as error:
            log.warning("this run is not kept", reason=str(error))
            store = await Store.open(MEMORY)
        stack.push_async_callback(store.close)
        yield Deps(
            settings=settings,
            targets=settings.targets,
            store=store,
            network=await stack.enter_async_context(Network()),
            masker=Masker(settings.secrets, pepper=await store.pepper()),
            engine=LocalEngine(),
            notifier=notifier,
            metrics=Metrics(),
            clock=lambda: datetime.now(UTC),
        )
