"""Files that people attach: whether one can be read at all, and its bytes, with the bot's token.

The token goes to Slack's own hosts only, and follows no redirect: whoever can make Slack deliver
an address must not be able to make us show the token elsewhere.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands import MOST_BYTES
from bot.errors import Unavailable
from bot.metrics import Metrics
from bot.model import Json
from bot.slack.answers import Accepted, Answer
from bot.slack.client import bearer_of
from bot.slack.hosts import is_slacks

Ask = Callable[[str, Mapping[str, Json]], Awaitable[Answer]]
"""Call a method that only reads."""

DOWNLOAD_S = 20.0
ALL_S = 60.0
"""For all files of a message together: others wait for their turn meanwhile."""
_REPEATS = 2
_FINAL = frozenset({200, 301, 302, 303, 307, 308, 400, 401, 403, 404, 410})
"""What does not change when it is asked again."""
_AGAIN_AFTER_S = 0.5
_BLOCK = 65_536
_SHOWN_NAME = 60
# What surely is no text. Anything else is judged by its bytes: Slack calls a log without a known
# ending a binary, too.
_NO_TEXT = re.compile(
    r"(?:image|audio|video|font|model)/|application/(?:pdf|zip|gzip|x-(?:gzip|bzip2|xz|tar|7z.*|rar.*)"
    r"|java-archive|vnd\.(?:openxml|ms-|oasis|android).*|msword|x-(?:executable|sqlite3|dosexec))",
    re.IGNORECASE,
)
_INVITE = (
    "Invite me to the channel it is in with `/invite @stagecheck`, "
    "or paste the log with `/stagecheck explain`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackFile:
    """A file as a payload of Slack's shows it."""

    id: str
    name: str
    mimetype: str
    size_bytes: int
    url: str
    is_kept_elsewhere: bool = False
    is_incomplete: bool = False
    """Slack tells no more than the id until it is asked."""


def file_from(payload: Mapping[str, Json]) -> SlackFile:
    """Take a file object apart."""
    url = str(payload.get("url_private_download") or payload.get("url_private") or "")
    size = payload.get("size")
    return SlackFile(
        id=str(payload.get("id", "")),
        name=str(payload.get("name") or payload.get("title") or "the file"),
        mimetype=str(payload.get("mimetype") or ""),
        size_bytes=size if isinstance(size, int) else 0,
        url=url,
        is_kept_elsewhere=bool(payload.get("is_external") or payload.get("mode") == "external"),
        is_incomplete=not (url and isinstance(size, int))
        or payload.get("file_access") == "check_file_info",
    )


def trouble_with(file: SlackFile) -> str:
    """Say why `file` cannot be explained, as far as Slack tells; empty if it may well be."""
    name = file.name if len(file.name) <= _SHOWN_NAME else f"{file.name[:_SHOWN_NAME]}…"
    if file.is_kept_elsewhere:
        return f"{name} is kept outside Slack. Attach the file itself."
    if _NO_TEXT.match(file.mimetype):
        return f"{name} is not text ({file.mimetype}). Attach the log as a text file."
    if file.size_bytes > MOST_BYTES:
        most = MOST_BYTES // 1024 // 1024
        return f"{name} is larger than {most} MB, the most that is read. Attach the log's end."
    if not file.size_bytes and not file.is_incomplete:
        return f"{name} is empty."
    return ""


class Files:
    """Fetches what people attached."""

    def __init__(self, client: AsyncWebClient, ask: Ask, *, metrics: Metrics) -> None:
        self._client = client
        self._ask = ask
        self._metrics = metrics

    async def read(self, files: Sequence[SlackFile]) -> bytes:
        """Return what stands in `files`, one after the other; no more than is read of a log.

        Unavailable if Slack does not give one to us.
        """
        contents: list[bytes] = []
        try:
            async with asyncio.timeout(ALL_S):
                for file in files:
                    room = MOST_BYTES + 1 - sum(map(len, contents))
                    if room > 0:
                        contents.append(await self._fetch(await self._complete(file), room))
        except TimeoutError as error:
            raise _withheld(files[len(contents)], f"not within {ALL_S:.0f} s") from error
        return b"\n".join(contents)

    async def _complete(self, file: SlackFile) -> SlackFile:
        """Ask Slack for the rest, where it told only the id: files shared between workspaces."""
        if not file.is_incomplete or file.is_kept_elsewhere:
            return file
        answer = await self._ask("files.info", {"file": file.id})
        if not isinstance(answer, Accepted):
            raise _withheld(file, "files.info")
        return file_from((answer.data.get("file") or {}) | {"file_access": "visible"})

    async def _fetch(self, file: SlackFile, most_bytes: int) -> bytes:
        if trouble := trouble_with(file):
            raise Unavailable(trouble)
        if not is_slacks(file.url, self._client.base_url):
            raise _withheld(file, "it is at no address of Slack's")
        status, content = await self._timed(file, most_bytes)
        for _ in range(_REPEATS):
            if status in _FINAL:
                break
            await asyncio.sleep(_AGAIN_AFTER_S)
            status, content = await self._timed(file, most_bytes)
        if status != 200:
            raise _withheld(file, f"HTTP {status}" if status else "no answer")
        return content

    async def _timed(self, file: SlackFile, most_bytes: int) -> tuple[int, bytes]:
        """Try once, and count it; a status of 0 means that there was no whole answer."""
        begun = perf_counter()
        try:
            async with asyncio.timeout(DOWNLOAD_S):
                status, content = await self._get(file, most_bytes)
        except (TimeoutError, aiohttp.ClientError, OSError):
            status, content = 0, b""
        outcome = "ok" if status == 200 else f"http_{status}" if status else "lost"
        self._metrics.slack_call("url_private_download", outcome, perf_counter() - begun)
        return status, content

    async def _get(self, file: SlackFile, most_bytes: int) -> tuple[int, bytes]:
        """Return the status and the content; a page to log in at counts as a refusal, 403."""
        session = self._client.session
        headers = {"Authorization": f"Bearer {await bearer_of(self._client)}"}
        assert session is not None  # `open_client` made one
        async with session.get(
            file.url, headers=headers, allow_redirects=False, proxy=self._client.proxy
        ) as answer:
            if answer.status != 200:
                return answer.status, b""
            if answer.content_type == "text/html" and "html" not in file.mimetype:
                return 403, b""
            content = bytearray()
            async for block in answer.content.iter_chunked(_BLOCK):
                content += block
                if len(content) >= most_bytes:
                    break
            return 200, bytes(content[:most_bytes])


def _withheld(file: SlackFile, why: str) -> Unavailable:
    return Unavailable(f"Slack does not give me {file.name[:_SHOWN_NAME]} ({why}).", hint=_INVITE)
