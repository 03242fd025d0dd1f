"""Posting JSON to an address of the configuration, and what its answer means."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx

from bot.errors import DeliveryError

_TIMEOUT_S = 15.0
# Whoever asks to come later, or broke, may take it another time.
_PASSING = frozenset({408, 409, 423, 425, 429})


class Poster:
    """Posts to addresses outside; a redirect is not followed, so nobody else is told."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def post(self, url: str, body: bytes, headers: Mapping[str, str], *, name: str) -> None:
        """Post `body`; DeliveryError unless it was taken, `permanent` if it never will be.

        The address is not repeated in errors: it may hold a token.
        """
        told = {"content-type": "application/json", "user-agent": "stagecheck", **headers}
        try:
            answer = await self._client.post(url, content=body, headers=told)
        except httpx.HTTPError as error:
            host = urlsplit(url).hostname
            raise DeliveryError(
                f"{name} at {host} is out of reach: {type(error).__name__}."
            ) from error
        if answer.is_success:
            return
        raise DeliveryError(
            f"{name} answered {answer.status_code}.",
            hint="Look at its address and secret in the configuration.",
            permanent=answer.status_code < 500 and answer.status_code not in _PASSING,
            code=f"http_{answer.status_code}",
        )


@asynccontextmanager
async def opened() -> AsyncIterator[Poster]:
    """Yield a poster; its connections are closed afterwards."""
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, follow_redirects=False) as client:
        yield Poster(client)
