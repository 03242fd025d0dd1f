"""The app as Slack is told of it: two manifests, for Socket Mode and for HTTP, from one source."""

import re
from collections.abc import Mapping

import yaml

from bot.commands import COMMANDS
from bot.config import REDIRECT_PATH
from bot.model import Json
from bot.slack.listeners import COMMAND, OPEN_INCIDENT, SHORTCUT
from bot.slack.scopes import ASKED, OPTIONAL
from bot.slack.steps import STEP

EVENTS_PATH = "/slack/events"
EVENTS = (
    "app_home_opened",
    "app_mention",
    "app_uninstalled",
    "function_executed",
    "reaction_added",
    "tokens_revoked",
)
"""What Slack tells us of, beside commands and what people press."""

_LONG = (
    "Stagecheck runs a staging system's pipeline end to end, the way a user would: health, the"
    " exchange of the bypass key, the WebSocket, a request and its events. It proves that the check"
    " really ran, and explains a failure as a chain of whys in which every answer cites what was"
    " observed. Type /stagecheck help to begin."
)
_STEP: Mapping[str, Json] = {
    "title": "Run a staging check",
    "description": "Checks a target, reports in a channel, and says how it ended",
    "input_parameters": {
        "properties": {
            "target": {"type": "string", "title": "Target", "description": "Such as staging"},
            "channel": {
                "type": "slack#/types/channel_id",
                "title": "Channel",
                "description": "Where the check reports",
            },
            "user": {
                "type": "slack#/types/user_id",
                "title": "Person",
                "description": "For whom it is; shown, and no more",
            },
        },
        "required": ["target", "channel"],
    },
    "output_parameters": {
        "properties": {
            "status": {
                "type": "string",
                "title": "Status",
                "description": "passed, degraded, failed or errored",
            },
            "cause": {
                "type": "string",
                "title": "Cause",
                "description": "The cause's label; empty if it passed",
            },
            "run_id": {"type": "string", "title": "Run", "description": "The run's id"},
        },
        "required": ["status", "cause", "run_id"],
    },
}


def manifest(*, http: str = "", oauth: str = "") -> dict[str, Json]:
    """Return the manifest: for Socket Mode, or with the public address `http` for HTTP.

    With the public address `oauth` several workspaces can install the app, by tokens that expire.
    """
    requests = {"request_url": f"{http.rstrip('/')}{EVENTS_PATH}"} if http else {}
    pages = {"redirect_urls": [f"{oauth.rstrip('/')}{REDIRECT_PATH}"]} if oauth else {}
    needed = sorted(set(ASKED) - OPTIONAL)
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Stagecheck",
            "description": "Does staging work, and if not, why?",
            "background_color": "#1d3557",
            "long_description": _LONG,
        },
        "features": _features(requests.get("request_url", "")),
        "oauth_config": {
            **pages,
            "scopes": {"bot": needed, "bot_optional": sorted(OPTIONAL)},
        },
        "settings": {
            "event_subscriptions": {**requests, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **requests},
            "socket_mode_enabled": not http,
            # Steps of workflows are for whole organisations or for nobody.
            "org_deploy_enabled": True,
            "token_rotation_enabled": bool(oauth),
            "function_runtime": "remote",
        },
        "functions": {STEP: dict(_STEP)},
    }


def manifest_text(*, http: str = "", oauth: str = "") -> str:
    """Return the manifest as YAML, to be pasted at api.slack.com/apps."""
    how = "over HTTP" if http else "for Socket Mode"
    head = (
        f"# The Slack app of stagecheck, {how}, as `stagecheck manifest` writes it.\n"
        "# Paste it at api.slack.com/apps > Create New App > From a manifest.\n"
    )
    body = yaml.safe_dump(
        manifest(http=http, oauth=oauth), sort_keys=False, allow_unicode=True, width=100
    )
    return head + body


def _features(url: str) -> dict[str, Json]:
    return {
        # Where the bot is not in a channel, it answers the person who asked in a direct message.
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": True,
        },
        "bot_user": {"display_name": "stagecheck", "always_online": True},
        "slash_commands": [
            {
                "command": COMMAND,
                **({"url": url} if url else {}),
                "description": "Check staging, and say why it fails",
                "usage_hint": _usage(),
                "should_escape": True,
            }
        ],
        "shortcuts": [
            {
                "name": "Explain this failure",
                "type": "message",
                "callback_id": SHORTCUT,
                "description": "Explain the log in this message, in its thread",
            },
            {
                "name": "Open an incident",
                "type": "message",
                "callback_id": OPEN_INCIDENT,
                "description": "Open an incident about what this message says",
            },
        ],
    }


def _usage() -> str:
    """Return what can be typed, without what may be left out."""
    lines = (command.syntax.usage for name, command in COMMANDS.items() if name != "run")
    return " | ".join(["[TARGET]", *(re.sub(r" ?\[.*", "", line) for line in lines)])
