"""One call of Slack's Web API, and every way it can end, as a value.

slack_sdk lets time-outs and aiohttp's errors through as themselves, and what Slack's edge answers
may not be JSON at all; here all of it becomes an `Answer`.
"""

import asyncio
import re
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.config import WHERE
from bot.errors import DeliveryError, StoreError
from bot.model import Json
from bot.slack.hosts import takes_answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """Slack did it."""

    data: Mapping[str, Json]
    headers: Mapping[str, str] = field(default_factory=dict)
    """Looked up in any case, as they come."""
    is_plain: bool = False
    """Whether the blocks were refused, and it was done with plain text instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """Slack asks to wait before this method is called again; nothing was done."""

    retry_after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """No proper answer; if `sent`, Slack may have done it all the same."""

    reason: str
    sent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Slack will not do it, however often it is asked."""

    error: DeliveryError


Answer: TypeAlias = Accepted | Limited | Lost | Refused

OPENING = "apps.connections.open"
"""Opens a connection of Socket Mode: the one method that is asked with the app's own token."""
# Read methods do not take their arguments from a JSON body.
_READS = frozenset(
    {
        "conversations.history",
        "conversations.members",
        "usergroups.users.list",
        "conversations.replies",
        "files.getUploadURLExternal",
        "files.info",
    }
)
_WORD = re.compile(r"[a-z][a-z0-9_]{0,59}")
_RETRY_AFTER_S = 30.0  # when Slack names no number
_LONGEST_RETRY_AFTER_S = 300.0
# Slack's words for trouble of its own, after which it may or may not have done what was asked.
_PASSING = frozenset(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
)
_ABOUT_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})
_REINSTALL = (
    "Reinstall the app in Slack, configure its new bot token, and restart `stagecheck serve`."
)
_INVITE = "Type `/invite @stagecheck` in that channel, then ask again."
TOKEN_CODES = (
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "no_permission",
    "org_login_required",
)
_REFUSALS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "not_in_channel": ("I am not a member of that channel.", _INVITE),
        "channel_not_found": ("I cannot see that channel: it is private or gone.", _INVITE),
        "is_archived": ("That channel is archived.", "Ask again in another channel."),
        "missing_scope": (
            "The Slack app lacks a permission.",
            "Add the scopes of manifest.yml to the app and reinstall it.",
        ),
        "restricted_action": (
            "A setting of this workspace keeps me from posting there.",
            "A workspace admin can allow it, or ask again in another channel.",
        ),
        **dict.fromkeys(TOKEN_CODES, ("Slack does not accept our bot token.", _REINSTALL)),
    }
)


async def call(
    client: AsyncWebClient, method: str, payload: Mapping[str, Json], *, timeout_s: float
) -> Answer:
    """Call `method` once. Never raises for Slack's or the network's doing."""
    if method in _READS:
        asking = client.api_call(method, http_verb="GET", params=dict(payload))
    else:
        asking = client.api_call(method, json=dict(payload))
    return await settled(method, asking, timeout_s=timeout_s)


async def settled(
    method: str, asking: Coroutine[Any, Any, AsyncSlackResponse], *, timeout_s: float
) -> Answer:
    """Await one call of `method`, and return how it ended."""
    try:
        async with asyncio.timeout(timeout_s):
            done = await asking
    except DeliveryError as error:  # there is no token to ask with
        return Refused(error=error)
    except StoreError as error:  # nor can it be read
        return Lost(reason=error.message, sent=False)
    except SlackApiError as error:
        return _judged(method, error.response)
    except aiohttp.ClientConnectorError as error:
        return Lost(reason=f"no connection ({type(error).__name__})", sent=False)
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        return Lost(reason=_named(error), sent=True)
    except (AttributeError, ValueError) as error:
        # slack_sdk reads a text/plain answer as if it were a dict, and bytes that are not UTF-8.
        return Lost(reason=f"not JSON ({type(error).__name__})", sent=True)
    data = done.data if isinstance(done.data, dict) else {}
    return Accepted(data=data, headers=done.headers)


async def respond(
    client: AsyncWebClient, url: str, payload: Mapping[str, Json], *, timeout_s: float
) -> Answer:
    """Send `payload` to a response_url once. Never raises, and never tells the URL, a secret."""
    if not takes_answers(url, client.base_url):
        # Whoever can make a delivery look like Slack's must not have reports sent elsewhere.
        return Refused(error=_refusal("response_url", "not_slacks"))
    hook = AsyncWebhookClient(
        url, session=client.session, proxy=client.proxy, logger=client.logger, retry_handlers=[]
    )
    hook.proxy = client.proxy
    try:
        async with asyncio.timeout(timeout_s):
            done = await hook.send_dict(dict(payload))
    except aiohttp.ClientConnectorError as error:
        return Lost(reason=f"no connection ({type(error).__name__})", sent=False)
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
        return Lost(reason=_named(error), sent=True)
    if done.status_code == 429:
        return Limited(retry_after_s=_retry_after_s(done.headers))
    if done.status_code >= 500:
        return Lost(reason=f"HTTP {done.status_code}", sent=True)
    if done.status_code != 200:
        return Refused(error=_refusal("response_url", _code(done.body, done.status_code)))
    return Accepted(data={})


def outcome(answer: Answer) -> str:
    """Return how a call ended in one word: ``ok``, ``ratelimited``, ``lost``, or Slack's code."""
    match answer:
        case Accepted():
            return "ok"
        case Limited():
            return "ratelimited"
        case Lost():
            return "lost"
        case Refused(error=error):
            return error.code


def is_about_blocks(answer: Answer) -> bool:
    """Whether Slack refused what a message is made of, and might take it in another form."""
    return isinstance(answer, Refused) and answer.error.code in _ABOUT_BLOCKS


def _judged(method: str, response: Any) -> Answer:
    """Take apart an answer that slack_sdk calls an error; `response` may be aiohttp's own."""
    status: int = getattr(response, "status_code", 0) or getattr(response, "status", 0)
    data = getattr(response, "data", None)
    code = str(data.get("error") or "") if isinstance(data, dict) else ""
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return Limited(retry_after_s=_retry_after_s(response.headers))
    if status >= 500 or code in _PASSING or (status == 200 and not code):
        return Lost(reason=code or f"HTTP {status}", sent=True)
    needed = str(data.get("needed") or "") if isinstance(data, dict) else ""
    return Refused(error=_refusal(method, _code(code, status), needed))


def _code(text: str, status: int) -> str:
    """Return `text` if it is a word of Slack's: what a proxy says may be anything, and long."""
    return text if _WORD.fullmatch(text) else f"HTTP {status}"


def _refusal(method: str, code: str, needed: str = "") -> DeliveryError:
    message, hint = _REFUSALS.get(code, ("Slack refused it.", ""))
    if method == OPENING and code in TOKEN_CODES:
        message, hint = "Slack does not accept our app token.", WHERE["app_token"]
    said = f"{code}, needed: {needed}" if needed else code
    return DeliveryError(f"{message} ({method}: {said})", hint=hint, permanent=True, code=code)


def _retry_after_s(headers: Mapping[str, str]) -> float:
    try:
        asked = float(headers.get("Retry-After", _RETRY_AFTER_S))
    except ValueError:
        return _RETRY_AFTER_S
    # A proxy may say anything, infinity too; Slack itself asks for a minute at most.
    return min(max(0.0, asked), _LONGEST_RETRY_AFTER_S) if asked == asked else _RETRY_AFTER_S


def _named(error: Exception) -> str:
    return "time-out" if isinstance(error, TimeoutError) else f"cut off ({type(error).__name__})"
