"""The workspaces that installed the app: who we are in each, and whose token a call needs.

One of these serves everything in a process: what Slack delivers, and what is said of itself.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar

import structlog
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import OAuthCredentials
from bot.errors import DeliveryError, StoreError
from bot.model import Json
from bot.slack.answers import Refused, call
from bot.slack.known import Known, Workspace
from bot.slack.renewing import CALL_S, Renewals, expiry_in, tokens_in
from bot.store import Installed, Store

log = structlog.get_logger(__name__)

_DEAD = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_revoked"})
REFUSED = _DEAD | {"token_expired"}
"""What Slack says of a token that it does not take."""
HOW = "Its admin can install the app at /slack/install of the bot's address."
AGAIN = "Its admin can install the app again at /slack/install of the bot's address."
_PLACES = ("channel", "channel_id")

acting: ContextVar[str] = ContextVar("acting", default="")
"""The workspace whose delivery is being answered, by the key of its installation."""


class Workspaces:
    """Knows every workspace, and hands out tokens. Methods may raise StoreError."""

    def __init__(
        self, known: Known, oauth: OAuthCredentials, client: AsyncWebClient, store: Store
    ) -> None:
        """`client` needs no token of its own: it renews those of others."""
        self._known = known
        self._client = client
        self._store = store
        self._renewals = Renewals(known, oauth, client, store)

    @property
    def authorize(self) -> Callable[..., Awaitable[AuthorizeResult | None]]:
        """What says who we are where a delivery comes from; asks nobody, so the ack is in time."""

        # Bolt looks at the names of a function's arguments, and takes `self` for one of them.
        async def authorize(
            context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None
        ) -> AuthorizeResult | None:
            return await self._authorize(context, enterprise_id, team_id)

        return authorize

    async def _authorize(
        self, context: AsyncBoltContext, enterprise_id: str | None, team_id: str | None
    ) -> AuthorizeResult | None:
        try:
            found = await self._find(team_id or "", enterprise_id or "")
            if found is None:
                log.warning("not installed there", team=team_id, enterprise=enterprise_id)
                return None
            key = found.installed.key
            for place in (context.channel_id, context.user_id):
                await self._known.note(place or "", key)
        except StoreError as error:
            log.warning("a delivery could not be authorized", error=error.message)
            return None
        _ = acting.set(key)
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=found.tokens.access,
            bot_id=found.installed.bot,
            bot_user_id=found.installed.bot_user,
        )

    async def key_for(self, payload: Mapping[str, Json]) -> str:
        """Return whose token a call with this payload needs; DeliveryError if nobody can tell."""
        for name in _PLACES:
            place = str(payload.get(name) or "")
            if place and (key := await self._known.whereabouts(place)):
                return key
        if key := acting.get():
            return key
        # A person only then: somebody else may have the same id in another workspace.
        if (user := payload.get("user_id")) and (key := await self._known.whereabouts(str(user))):
            return key
        every = await self._known.every()
        if len(every) == 1:
            return every[0].key
        raise DeliveryError(
            f"{len(every)} workspaces have installed the app, and I cannot tell which is meant."
            if every
            else "No workspace has installed the app.",
            hint="Ask me something in that channel once, and I know." if every else HOW,
            permanent=True,
            code="workspace_unknown",
        )

    async def token(self, key: str) -> str:
        """Return a token of the workspace `key` that is good now; DeliveryError if there is none.

        It is renewed well before it expires; where that fails, the one there is serves on.
        """
        found = await self._known.look(key)
        if found is None:
            is_there = any(each.key == key for each in await self._known.every())
            raise DeliveryError(
                f"The token of the workspace {key} was sealed with another client secret."
                if is_there
                else f"The workspace {key} has not installed the app.",
                hint=AGAIN if is_there else HOW,
                permanent=True,
                code="sealed_otherwise" if is_there else "not_installed",
            )
        return (await self._renewals.good(found)).tokens.access

    async def reconsider(self, key: str, token: str, code: str) -> bool:
        """Slack refused `token` with `code`: tell whether there is another by now to try.

        An installation whose token Slack calls dead, and that nobody renewed, is forgotten.
        """
        found = await self._known.look(key, anew=True)
        if found is None:
            return False
        if found.tokens.access == token and code == "token_expired":
            found = await self._renewals.renewed(found)
        if found.tokens.access != token:
            return True
        if code in _DEAD:
            await self._known.forget(found, code)
        return False

    async def revoked(self, *, team: str, enterprise: str) -> None:
        """Slack says that the app was taken away: forget the token, unless Slack still takes it.

        Such news may be late, and the app installed again meanwhile.
        """
        for key in filter(None, (team, enterprise)):
            if (found := await self._known.look(key, anew=True)) is None:
                continue
            payload = {"token": found.tokens.access}
            answer = await call(self._client, "auth.test", payload, timeout_s=CALL_S)
            if isinstance(answer, Refused) and answer.error.code in REFUSED:
                await self._known.forget(found, answer.error.code)

    async def install(self, answer: Mapping[str, Json], *, bot: str) -> Installed:
        """Keep what `oauth.v2.access` answered; `bot` is our id there."""
        team, enterprise = answer.get("team") or {}, answer.get("enterprise") or {}
        whole = bool(answer.get("is_enterprise_install"))
        key = str((enterprise if whole else team).get("id") or "")
        tokens = tokens_in(answer)
        # Above that of any installation before it, which another process may remember; more than
        # by one, for a token of that may have been renewed and not be kept yet.
        before = await self._store.installations.find(key)
        after = before.generation + 1_000 if before else 0
        installed = Installed(
            key=key,
            team="" if whole else key,
            enterprise=str(enterprise.get("id") or ""),
            name=str((enterprise if whole else team).get("name") or key),
            bot=bot,
            bot_user=str(answer.get("bot_user_id") or ""),
            scopes=str(answer.get("scope") or ""),
            sealed=self._known.seal(tokens, key=key),
            expires_at=expiry_in(answer, now=self._known.clock()),
            generation=max(int(self._known.clock() * 1000), after),
        )
        await self._store.installations.save(installed)
        self._known.remember(installed, tokens)
        log.info("installed", workspace=key, name=installed.name)
        return installed

    def allows(self, *, team: str, enterprise: str) -> bool:
        """Whether the configuration lets a workspace use this bot."""
        return self._known.allows(team=team, enterprise=enterprise)

    async def every(self) -> tuple[Installed, ...]:
        """Return the installations that may use this bot."""
        return await self._known.every()

    async def noted(self, id: str, key: str) -> None:
        """Remember in which workspace a channel or a person is."""
        await self._known.note(id, key)

    async def close(self, *, deadline_s: float) -> None:
        """Let a renewal that is under way finish."""
        await self._renewals.close(deadline_s=deadline_s)

    async def _find(self, team: str, enterprise: str) -> Workspace | None:
        for key in filter(None, (team, enterprise)):
            if found := await self._known.look(key):
                return found
        return None
