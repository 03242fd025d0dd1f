"""Tokens that expire are renewed in time, once, however many calls and processes wait for one.

Each refresh token is good for one use: who used it first has the next, and everybody else nothing.
"""

import asyncio
import base64
import secrets
from collections.abc import Mapping
from dataclasses import replace

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import OAuthCredentials
from bot.errors import StoreError
from bot.model import Json
from bot.slack.answers import Accepted, Answer, Refused, settled
from bot.slack.known import Known, Workspace
from bot.slack.sealing import Tokens
from bot.slack.tasks import Tasks
from bot.store import Store

log = structlog.get_logger(__name__)

RENEW_BEFORE_S = 2 * 3_600.0  # docs.slack.dev: a token is good for twelve hours
CALL_S = 10.0
_AGAIN_AFTER_S = 30.0
_RENEWING_S = 40.0
_LOOK_S = 0.1
_KEEP_AGAIN_AFTER_S = (0.05, 0.2, 1.0)


class Renewals:
    """Renews tokens: one task per workspace here, and one process at a time."""

    def __init__(
        self, known: Known, oauth: OAuthCredentials, client: AsyncWebClient, store: Store
    ) -> None:
        self._known = known
        self._oauth = oauth
        self._client = client
        self._store = store
        self._under_way: dict[str, asyncio.Task[None]] = {}
        self._not_before: dict[str, float] = {}
        self._tasks = Tasks()
        self._name = secrets.token_hex(8)

    async def good(self, found: Workspace) -> Workspace:
        """Return `found` with a token that is good for a while; the one there if that fails."""
        expires_at, key = found.installed.expires_at, found.installed.key
        now = self._known.clock()
        soon = expires_at and expires_at - now < RENEW_BEFORE_S
        if not soon or now < self._not_before.get(key, 0.0):
            return found
        return await self.renewed(found)

    async def renewed(self, found: Workspace) -> Workspace:
        """Return `found` with another token than it has, if that can be had."""
        key = found.installed.key
        if key not in self._under_way:
            task = self._tasks.start(self._renew(found), name=f"renew the token of {key}")
            self._under_way[key] = task
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        # Shielded: whoever gives up waiting must not lose a token that Slack has just given out.
        await asyncio.shield(self._under_way[key])
        return await self._known.look(key) or found

    async def close(self, *, deadline_s: float) -> None:
        """Let a renewal finish: what was answered and is not kept yet would be lost."""
        await self._tasks.close(deadline_s=deadline_s)
        try:
            await self._known.keep_all()
        except StoreError as error:
            log.warning("a renewed token is lost; install the app again", error=error.message)

    async def _renew(self, found: Workspace) -> None:
        key = found.installed.key
        self._not_before[key] = self._known.clock() + _AGAIN_AFTER_S
        try:
            async with asyncio.timeout(_RENEWING_S):
                if not await self._has_turn(found):
                    return
                try:
                    if not await self._was_renewed(found):
                        await self._exchange(found)
                finally:
                    await self._store.release(f"renew:{key}", holder=self._name)
        except (StoreError, TimeoutError) as error:
            log.warning("a token was not renewed", workspace=key, error=str(error) or "time-out")

    async def _has_turn(self, found: Workspace) -> bool:
        """Return True when it is our turn to renew, False once another process has done it."""
        key = f"renew:{found.installed.key}"
        while not await self._store.claim(key, ttl_s=2 * _RENEWING_S, holder=self._name):
            await asyncio.sleep(_LOOK_S)
            if await self._was_renewed(found):
                return False
        return True

    async def _was_renewed(self, found: Workspace) -> bool:
        now = await self._known.look(found.installed.key, anew=True)
        return now is None or now.tokens.access != found.tokens.access

    async def _exchange(self, found: Workspace) -> None:
        key = found.installed.key
        fields = {"grant_type": "refresh_token", "refresh_token": found.tokens.refresh}
        answer = await access(self._client, self._oauth, fields)
        if not isinstance(answer, Accepted):
            reason = answer.error.code if isinstance(answer, Refused) else "no answer"
            log.error("a token was not renewed", workspace=key, error=reason)
            return
        tokens = tokens_in(answer.data)
        renewed = replace(
            found.installed,
            sealed=self._known.seal(tokens, key=key),
            expires_at=expiry_in(answer.data, now=self._known.clock()),
            generation=found.installed.generation + 1,
        )
        now = self._known.remember(renewed, tokens, is_kept=False)
        self._not_before.pop(key, None)
        log.info("token renewed", workspace=key, generation=renewed.generation)
        await self._keep(now)

    async def _keep(self, renewed: Workspace) -> None:
        """Write down a token, the only one that Slack still takes, although the store has trouble.

        For how long that may last is not known: after a few times, whoever looks for it goes on.
        """
        key = renewed.installed.key
        for pause_s in (*_KEEP_AGAIN_AFTER_S, None):
            try:
                if not await self._known.keep(renewed):
                    log.warning("the app was taken away while its token was renewed", workspace=key)
                return
            except StoreError as error:
                if pause_s is None:
                    said = error.message
                    log.warning("a renewed token is known here only", workspace=key, error=said)
                else:
                    await asyncio.sleep(pause_s)


async def access(
    client: AsyncWebClient, oauth: OAuthCredentials, fields: Mapping[str, str]
) -> Answer:
    """Ask Slack for a token, by the code of an installation or by a refresh token."""
    proof = base64.b64encode(f"{oauth.client_id}:{oauth.client_secret}".encode()).decode()
    headers = {"Authorization": f"Basic {proof}"}
    asking = client.api_call("oauth.v2.access", data=dict(fields), headers=headers)
    return await settled("oauth.v2.access", asking, timeout_s=CALL_S)


def tokens_in(answer: Mapping[str, Json]) -> Tokens:
    """Return the tokens that `oauth.v2.access` answered."""
    return Tokens(
        access=str(answer.get("access_token") or ""),
        refresh=str(answer.get("refresh_token") or ""),
    )


def expiry_in(answer: Mapping[str, Json], *, now: float) -> float:
    """Return when that token expires, in seconds since 1970; 0 if it does not."""
    lasts_s = answer.get("expires_in")
    return now + float(lasts_s) if lasts_s else 0.0
