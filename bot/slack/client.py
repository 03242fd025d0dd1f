"""The one connection pool to Slack's Web API, and who we are there."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.config import SlackCredentials
from bot.errors import DeliveryError, StoreError
from bot.slack.answers import TOKEN_CODES, Accepted, Limited, Lost, Refused, call
from bot.slack.hosts import is_local
from bot.slack.workspaces import AGAIN, REFUSED, Workspaces

log = structlog.get_logger(__name__)

Client: TypeAlias = AsyncWebClient

CONNECT_S = 10.0
REACHED = "api.test"
"""What Slack answers to anybody."""
UNREACHED = "Can this machine reach it? status.slack.com tells when Slack has trouble."
_CONNECTIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the bot token belongs to, as `auth.test` tells."""

    user: str
    bot: str


class WorkspaceClient(AsyncWebClient):
    """Calls Slack with the token of the workspace that the call is about."""

    def __init__(self, client: AsyncWebClient, workspaces: Workspaces) -> None:
        """Share the connections of `client`."""
        super().__init__(
            base_url=client.base_url,
            session=client.session,
            retry_handlers=[],
            logger=quiet_logger(),
        )
        self.proxy = client.proxy
        self.workspaces = workspaces

    async def api_call(
        self,
        api_method: str,
        *,
        json: dict[str, Any] | None = None,
        params: dict[str, Any] | None = None,
        **more: Any,
    ) -> AsyncSlackResponse:
        """Call, and once more if the token was renewed or replaced meanwhile."""
        payload = json or params or {}
        if "token" in payload or api_method == REACHED:
            return await super().api_call(api_method, json=json, params=params, **more)
        key = await self.workspaces.key_for(payload)
        again = True
        while True:
            token = await self.workspaces.token(key)
            with_token = {**payload, "token": token}
            try:
                if json is None:
                    done = await super().api_call(api_method, params=with_token, **more)
                else:
                    done = await super().api_call(api_method, json=with_token, **more)
            except SlackApiError as error:
                code = _code(error)
                if code not in TOKEN_CODES:
                    raise
                if (
                    not again
                    or code not in REFUSED
                    or not await self.workspaces.reconsider(key, token, code)
                ):
                    raise _not_taken(api_method, key, code) from error
                again = False
            else:
                await self._note(payload, done, key)
                return done

    async def _note(self, payload: Mapping[str, Any], done: AsyncSlackResponse, key: str) -> None:
        """Remember where a message to a person went: what changes it names that channel."""
        channel = done.data.get("channel") if isinstance(done.data, dict) else None
        if not isinstance(channel, str) or channel == payload.get("channel"):
            return
        try:
            await self.workspaces.noted(channel, key)
        except StoreError as error:  # the message is there all the same
            log.warning("where a channel is was not kept", error=error.message)


def _not_taken(method: str, key: str, code: str) -> DeliveryError:
    return DeliveryError(
        f"Slack does not accept our token of the workspace {key}. ({method}: {code})",
        hint=AGAIN,
        permanent=True,
        code=code,
    )


def _code(error: SlackApiError) -> str:
    data = getattr(error.response, "data", None)
    return str(data.get("error") or "") if isinstance(data, dict) else ""


async def bearer_of(client: AsyncWebClient) -> str:
    """Return the token that proves who we are to whoever is being answered."""
    if isinstance(client, WorkspaceClient):
        return await client.workspaces.token(await client.workspaces.key_for({}))
    return client.token or ""


def open_client(credentials: SlackCredentials) -> AsyncWebClient:
    """Return the client everything shares; inside a running loop, closed by `close_client`."""
    # Given a session, slack_sdk ignores its own `timeout`; the caller of each method sets one.
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
    )
    client = AsyncWebClient(
        token=credentials.bot_token,
        base_url=credentials.api_url,
        session=session,
        # The default handler repeats a call after a broken connection, and so posts twice.
        retry_handlers=[],
        logger=quiet_logger(),
    )
    if is_local(credentials.api_url):
        client.proxy = None
    return client


async def close_client(client: AsyncWebClient) -> None:
    """End the client's connections; one that never opened any is left as it is."""
    if client.session is not None:
        await client.session.close()


async def identify(client: AsyncWebClient, *, timeout_s: float = CONNECT_S) -> Identity:
    """Ask Slack once who we are; DeliveryError if the token is refused or Slack is away.

    Who we are in each of several workspaces is known without; then it is seen that Slack is there.
    """
    method = REACHED if isinstance(client, WorkspaceClient) else "auth.test"
    match await call(client, method, {}, timeout_s=timeout_s):
        case Accepted(data=data):
            return Identity(
                user=str(data.get("user_id", "")),
                bot=str(data.get("bot_id", "")),
            )
        case Refused(error=error):
            raise error
        case Limited(retry_after_s=retry_after_s):
            raise DeliveryError(f"Slack asks to wait {retry_after_s:.0f} s (auth.test).")
        case Lost(reason=reason):
            raise DeliveryError(
                f"Slack does not answer at {client.base_url}: {reason}.", hint=UNREACHED
            )


def quiet_logger() -> logging.Logger:
    """Return the logger of the Slack libraries: at DEBUG they would log response_urls."""
    logger = logging.getLogger("stagecheck.slack")
    if logger.level < logging.INFO:
        logger.setLevel(logging.INFO)
    return logger
