"""Files of ours that people see in a thread: the bytes go to an address that Slack names first.

docs.slack.dev: files.getUploadURLExternal, a POST of the bytes, files.completeUploadExternal.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError
from bot.model import Json
from bot.slack.answers import Accepted, Answer, Limited, Lost, Refused
from bot.slack.hosts import is_slacks

Ask = Callable[[str, Mapping[str, Json]], Awaitable[Answer]]
"""Call a method once, when it is its turn."""

UPLOAD_S = 20.0
_TRIES = 3
_LONGEST_WAIT_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A file; `alt` says what a picture shows, to who cannot see it."""

    name: str
    title: str
    content: bytes
    alt: str = ""


async def share(
    client: AsyncWebClient, ask: Ask, upload: Upload, *, channel: str, thread: str = ""
) -> None:
    """Show `upload` in a channel, in a thread of it if `thread` is given; DeliveryError if not.

    `channel` is an id. Bytes that are uploaded and then not shared are nobody's: Slack drops them.
    """
    asked = {"filename": upload.name, "length": len(upload.content)}
    if upload.alt:
        asked["alt_txt"] = upload.alt
    given = await _insist(ask, "files.getUploadURLExternal", asked)
    url, file_id = str(given.get("upload_url", "")), str(given.get("file_id", ""))
    await _send(client, url, upload.content)
    shared: dict[str, Json] = {
        "files": [{"id": file_id, "title": upload.title}],
        "channel_id": channel,
    }
    if thread:
        shared["thread_ts"] = thread
    _ = await _insist(ask, "files.completeUploadExternal", shared)


async def _insist(ask: Ask, method: str, payload: Mapping[str, Json]) -> Mapping[str, Json]:
    """Call until Slack takes it; once it may have been done, it is not done again."""
    why = ""
    for _ in range(_TRIES):
        match await ask(method, payload):
            case Accepted(data=data):
                return data
            case Refused(error=error):
                raise error
            case Limited(retry_after_s=wait_s):
                why = "Slack asks to wait"
                await asyncio.sleep(min(wait_s, _LONGEST_WAIT_S))
            case Lost(reason=reason, sent=sent):
                why = reason
                if sent and method == "files.completeUploadExternal":
                    break
    raise DeliveryError(f"Slack did not take a file ({method}: {why}).")


async def _send(client: AsyncWebClient, url: str, content: bytes) -> None:
    """Send the bytes; without our token, which the address makes up for."""
    if not is_slacks(url, client.base_url):
        raise DeliveryError("Slack named an address for a file that is not its own.")
    session = client.session
    assert session is not None  # `open_client` made one
    try:
        async with (
            asyncio.timeout(UPLOAD_S),
            session.post(
                url,
                data=content,
                headers={"Content-Type": "application/octet-stream"},
                allow_redirects=False,
                proxy=client.proxy,
            ) as answer,
        ):
            status = answer.status
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        raise DeliveryError(f"A file did not reach Slack ({type(error).__name__}).") from error
    if status != 200:
        raise DeliveryError(f"Slack did not take the bytes of a file (HTTP {status}).")
