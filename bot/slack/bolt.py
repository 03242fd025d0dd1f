"""The Bolt app: our own client and tokens, and a listener for whatever may arrive."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.config import SlackCredentials
from bot.slack.client import Identity, quiet_logger
from bot.slack.form import FORM
from bot.slack.forms import LINE_FORM
from bot.slack.home import Home
from bot.slack.listeners import BUTTONS, COMMAND, OPEN_INCIDENT, SHORTCUT, Listeners
from bot.slack.steps import STEP
from bot.slack.workspaces import Workspaces

log = structlog.get_logger(__name__)

Authorize = Callable[..., Awaitable[AuthorizeResult | None]]

_ANYTHING = re.compile(r".*", re.DOTALL)


def _but(ours: str) -> re.Pattern[str]:
    """Match anything but what `ours` matches.

    What is ours and was not acknowledged in time falls through to the next listener that takes
    it: an acknowledgement there would promise what was never started.
    """
    return re.compile(rf"^(?!{ours})", re.DOTALL)


def build_bolt(
    credentials: SlackCredentials,
    identity: Identity | Workspaces,
    listeners: Listeners,
    home: Home,
) -> AsyncApp:
    """Return the app with every listener registered: of one workspace, or of several.

    With an `authorize` of our own Bolt asks Slack nothing per request, and the environment's
    SLACK_CLIENT_ID and SLACK_CLIENT_SECRET cannot turn it into an app for many workspaces.
    """
    several = identity if isinstance(identity, Workspaces) else None
    authorize: Authorize = _authorize_of(credentials, identity)
    bolt = AsyncApp(
        name="stagecheck",
        logger=quiet_logger(),
        # Bolt's own client writes nothing: everything leaves through the outbox.
        client=AsyncWebClient(base_url=credentials.api_url, logger=quiet_logger()),
        signing_secret=credentials.signing_secret,
        authorize=authorize,  # type: ignore[arg-type]  # None from it means: not installed there
        # Our listeners end with their ack. By itself Bolt runs them beside, and looks every 10 ms
        # whether they have acknowledged.
        process_before_response=True,
    )
    _listen(bolt, listeners, home)
    for event in ("app_uninstalled", "tokens_revoked"):
        bolt.event(event)(_taken_away(several))
    for listen, others in (
        (bolt.event, _ANYTHING),
        (bolt.options, _ANYTHING),
        (bolt.command, _but(rf"{COMMAND}$")),
        (bolt.action, _but(BUTTONS.pattern)),
        (bolt.shortcut, _but(rf"({SHORTCUT}|{OPEN_INCIDENT})$")),
        (bolt.view_submission, _but(rf"({FORM}|{LINE_FORM})$")),
    ):
        listen(others)(listeners.on_other)
    bolt.view_closed(_ANYTHING)(listeners.on_other)
    bolt.error(_log_error)
    return bolt


def _listen(bolt: AsyncApp, listeners: Listeners, home: Home) -> None:
    bolt.command(COMMAND)(listeners.on_command)
    bolt.action(BUTTONS)(listeners.on_press)
    bolt.message_shortcut(SHORTCUT)(listeners.on_shortcut)
    bolt.message_shortcut(OPEN_INCIDENT)(listeners.on_open)
    bolt.view_submission(FORM)(listeners.on_submission)
    bolt.view_submission(LINE_FORM)(listeners.on_filled)
    bolt.event("reaction_added")(listeners.on_reaction)
    bolt.event("app_home_opened")(home.on_opened)
    bolt.event("app_mention")(listeners.on_mention)
    bolt.function(STEP)(listeners.on_step)


def _authorize_of(credentials: SlackCredentials, identity: Identity | Workspaces) -> Authorize:
    if isinstance(identity, Workspaces):
        return identity.authorize

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_token=credentials.bot_token,
            bot_id=identity.bot,
            bot_user_id=identity.user,
        )

    return authorize


def _taken_away(workspaces: Workspaces | None) -> Callable[..., Awaitable[None]]:
    async def gone(body: dict[str, Any]) -> None:
        event = body.get("event") or {}
        if event.get("type") == "tokens_revoked" and not (event.get("tokens") or {}).get("bot"):
            return  # of people only; we hold none
        if workspaces is None:
            log.error("the app was taken out of slack", type=event.get("type"))
            return
        # Which of both has it, is for Slack to say of their tokens.
        await workspaces.revoked(
            team=str(body.get("team_id") or ""), enterprise=str(body.get("enterprise_id") or "")
        )

    return gone


def receiver(bolt: AsyncApp) -> Callable[[web.Request, str], Awaitable[web.StreamResponse]]:
    """Return what hands Bolt a request that the web server let in; 400 if it cannot be parsed."""

    async def receive(request: web.Request, body: str) -> web.StreamResponse:
        try:
            parsed = AsyncBoltRequest(
                body=body, query=request.query_string, headers=dict(request.headers)
            )
            answer = await bolt.async_dispatch(parsed)
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
            # Bolt takes it for granted that the body is JSON, an object, and shaped as Slack's.
            return web.Response(status=400, text="The body is not what Slack sends.")
        return await to_aiohttp_response(answer)

    return receive


async def _log_error(error: Exception, body: dict[str, Any]) -> None:
    log.error("a listener broke", type=body.get("type"), exc_info=error)
