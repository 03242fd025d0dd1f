"""Installing the app into a workspace: the two pages of OAuth.

Only a workspace that the configuration names gets in: whoever has the app can ask what this bot
can do, and that is to use our staging with our keys. The state that goes through Slack and back is
signed, bound to the browser, good for ten minutes and for one use; nothing is kept of a visitor
who only looks.
"""

import hashlib
import hmac
import html
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlencode, urljoin

import structlog
from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import OAuthCredentials
from bot.errors import StoreError
from bot.slack.answers import Accepted, Refused, call
from bot.slack.renewing import CALL_S, access, tokens_in
from bot.slack.workspaces import Workspaces
from bot.store import Store

log = structlog.get_logger(__name__)

COOKIE = "stagecheck-install"
STATE_S = 600
_MOST_CHARS = 512
_AGAIN = "Begin again at /slack/install, in one window of one browser."
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


class Installer:
    """Serves the pages; whoever comes back from Slack with a code has installed the app."""

    def __init__(
        self,
        oauth: OAuthCredentials,
        client: AsyncWebClient,
        workspaces: Workspaces,
        *,
        store: Store,
        scopes: tuple[str, ...],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._oauth = oauth
        self._client = client
        self._workspaces = workspaces
        self._store = store
        self._scopes = scopes
        self._clock = clock
        # Another key than the one that seals tokens, from the same secret.
        purpose = b"stagecheck oauth state 1"
        self._key = hmac.new(oauth.client_secret.encode(), purpose, hashlib.sha256).digest()

    async def install(self, _: web.Request) -> web.StreamResponse:
        """Send the browser to Slack, where the app is allowed or not."""
        state = self._state(int(self._clock()) + STATE_S, secrets.token_urlsafe(24))
        query = {"client_id": self._oauth.client_id, "scope": ",".join(self._scopes)}
        if self._oauth.redirect_url:
            query["redirect_uri"] = self._oauth.redirect_url
        address = urljoin(self._client.base_url, "/oauth/v2/authorize")
        answer = web.Response(
            status=302,
            headers={**_HEADERS, "Location": f"{address}?{urlencode({**query, 'state': state})}"},
        )
        answer.set_cookie(
            COOKIE,
            state,
            max_age=STATE_S,
            path="/slack/",
            httponly=True,
            samesite="Lax",
            secure=not self._oauth.redirect_url.startswith("http:"),
        )
        return answer

    async def arrive(self, request: web.Request) -> web.StreamResponse:
        """Take the browser back from Slack, and install the app if all is well."""
        state, code = request.query.get("state", ""), request.query.get("code", "")
        if "error" in request.query:
            return _page(200, "Nothing was installed", "Slack says that it was not allowed.")
        if not self._is_of_browser(state, request.cookies.get(COOKIE, "")):
            return _page(400, "This did not begin here", _AGAIN)
        if not self._is_ours(state):
            return _page(400, "This took too long", _AGAIN)
        if not 0 < len(code) <= _MOST_CHARS:
            return _page(400, "Slack sent no code", _AGAIN)
        try:
            if not await self._store.claim(f"install:{state}", ttl_s=2 * STATE_S):
                return _page(400, "This was used already", _AGAIN)
            return await self._install(code)
        except StoreError as error:
            log.warning("the app was not installed", error=error.message)
            return _page(503, "Our database cannot be used", "Try again later.")

    async def _install(self, code: str) -> web.StreamResponse:
        fields = {"code": code}
        if self._oauth.redirect_url:
            fields["redirect_uri"] = self._oauth.redirect_url
        answer = await access(self._client, self._oauth, fields)
        if isinstance(answer, Refused):
            log.warning("slack refused an installation", error=answer.error.code)
            return _page(400, "Slack does not take this code", _AGAIN)
        if not isinstance(answer, Accepted):
            return _page(503, "Slack does not answer", "Try again later.")
        team, enterprise = (
            str((answer.data.get(name) or {}).get("id") or "") for name in ("team", "enterprise")
        )
        token = {"token": tokens_in(answer.data).access}
        if not self._workspaces.allows(team=team, enterprise=enterprise):
            _ = await call(self._client, "auth.revoke", token, timeout_s=CALL_S)
            log.warning("a workspace may not install the app", team=team, enterprise=enterprise)
            return _page(
                403,
                "This workspace may not use this bot",
                f"Who runs it can add {team or enterprise} to slack.oauth.workspaces.",
            )
        who = await call(self._client, "auth.test", token, timeout_s=CALL_S)
        if not isinstance(who, Accepted):
            return _page(503, "Slack does not say who we are there", _AGAIN)
        installed = await self._workspaces.install(
            answer.data, bot=str(who.data.get("bot_id") or "")
        )
        return _page(
            200,
            f"Installed in {installed.name}",
            "Invite the bot to a channel with /invite @stagecheck, and type /stagecheck help.",
        )

    def _state(self, until: int, nonce: str) -> str:
        content = f"{until}.{nonce}"
        return f"{content}.{hmac.new(self._key, content.encode(), hashlib.sha256).hexdigest()}"

    def _is_ours(self, state: str) -> bool:
        until, _, rest = state.partition(".")
        if not (until.isascii() and until.isdecimal() and len(until) <= 12):
            return False
        signed = self._state(int(until), rest.partition(".")[0])
        return hmac.compare_digest(signed.encode(), state.encode()) and (
            int(until) >= self._clock()
        )

    def _is_of_browser(self, state: str, cookie: str) -> bool:
        return 0 < len(state) <= _MOST_CHARS and hmac.compare_digest(
            state.encode("utf-8", "replace"), cookie.encode("utf-8", "replace")
        )


def _page(status: int, title: str, text: str) -> web.Response:
    answer = web.Response(
        status=status,
        headers=_HEADERS,
        content_type="text/html",
        text=f"<!DOCTYPE html><title>stagecheck</title><h1>{html.escape(title)}</h1>"
        f"<p>{html.escape(text)}</p>",
    )
    answer.del_cookie(COOKIE, path="/slack/")
    return answer
