"""What stands between the configuration and Slack: one workspace's token, or those of several."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import INSTALL_PATH, REDIRECT_PATH, SlackCredentials
from bot.masking import Masker
from bot.slack.client import Identity, WorkspaceClient, close_client, identify, open_client
from bot.slack.install import Installer
from bot.slack.known import Known
from bot.slack.scopes import ASKED
from bot.slack.workspaces import Workspaces
from bot.store import Store

_CLOSING_S = 15.0
_NO_PAGES: Mapping[str, Callable[[web.Request], Awaitable[web.StreamResponse]]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """The client that everything shares, and the workspaces behind it if there are several."""

    client: AsyncWebClient
    workspaces: Workspaces | None = None
    installer: Installer | None = None

    @property
    def pages(self) -> Mapping[str, Callable[[web.Request], Awaitable[web.StreamResponse]]]:
        """What a browser is shown to install the app, by path."""
        if self.installer is None:
            return _NO_PAGES
        return {INSTALL_PATH: self.installer.install, REDIRECT_PATH: self.installer.arrive}

    async def identity(self) -> Identity | Workspaces:
        """Ask Slack who we are; DeliveryError if it refuses the token or is away."""
        found = await identify(self.client)
        return self.workspaces or found

    async def close(self) -> None:
        """Let a token that is being renewed arrive, then close every connection."""
        if self.workspaces is not None:
            await self.workspaces.close(deadline_s=_CLOSING_S)
        await close_client(self.client)


def connect(credentials: SlackCredentials, *, store: Store, masker: Masker) -> Connected:
    """Return what talks to Slack; inside a running loop."""
    client, oauth = open_client(credentials), credentials.oauth
    if oauth is None:
        return Connected(client=client)
    workspaces = Workspaces(Known(oauth, store, masker), oauth, client, store)
    return Connected(
        client=WorkspaceClient(client, workspaces),
        workspaces=workspaces,
        installer=Installer(oauth, client, workspaces, store=store, scopes=ASKED),
    )
