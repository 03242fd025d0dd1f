"""The one connection pool to Slack's Web API, and who we are there."""

import ipaddress
import logging
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import SlackCredentials
from bot.errors import DeliveryError
from bot.slack.answers import Accepted, Limited, Lost, Refused, call

Client: TypeAlias = AsyncWebClient

CONNECT_S = 10.0
UNREACHED = "Can this machine reach it? status.slack.com tells when Slack has trouble."
_CONNECTIONS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who the bot token belongs to, as `auth.test` tells."""

    user: str
    bot: str


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
    if client.session is not None:
        await client.session.close()


async def identify(client: AsyncWebClient, *, timeout_s: float = CONNECT_S) -> Identity:
    """Ask Slack once who we are; DeliveryError if the token is refused or Slack is away."""
    match await call(client, "auth.test", {}, timeout_s=timeout_s):
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


def is_local(url: str) -> bool:
    """Whether `url` is on this machine, where a proxy of the environment must not be asked."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def quiet_logger() -> logging.Logger:
    """Return the logger of the Slack libraries: at DEBUG they would log response_urls."""
    logger = logging.getLogger("stagecheck.slack")
    if logger.level < logging.INFO:
        logger.setLevel(logging.INFO)
    return logger
