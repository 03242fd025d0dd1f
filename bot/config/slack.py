"""How Slack is reached: the section of the file, and what it must hold to be of use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from bot.config.section import Section
from bot.errors import ConfigError
from bot.masking import Secret

SLACK_API_URL = "https://slack.com/api/"
REDIRECT_PATH = "/slack/oauth_redirect"
INSTALL_PATH = "/slack/install"


class OAuth(Section):
    """How several workspaces install the app, each with a token of its own."""

    client_id: str = Field(pattern=r"^[0-9]{1,32}\.[0-9]{1,32}$")
    client_secret: Secret | None = Field(default=None, exclude=True)
    redirect_url: str = ""
    """``https://…/slack/oauth_redirect``, as the app in Slack has it."""
    workspaces: tuple[str, ...] = Field(min_length=1, max_length=1_000)
    """The ids of those that may, T… or E… of a whole organisation: what the bot can do here, it
    would do for any of them."""


class Slack(Section):
    """How to reach Slack. With `app_token` over Socket Mode, without over HTTP.

    Either `bot_token`, of one workspace, or `oauth`, with which several install the app.
    """

    bot_token: Secret | None = Field(default=None, exclude=True)
    signing_secret: Secret | None = Field(default=None, exclude=True)
    app_token: Secret | None = Field(default=None, exclude=True)
    oauth: OAuth | None = None
    api_url: str = SLACK_API_URL
    rates: float = Field(default=1.0, gt=0, le=1_000)
    """How often Slack lets this app call, as a multiple of its published rates."""

    @property
    def is_configured(self) -> bool:
        """Whether the file says how to reach Slack at all; some of it may still be missing."""
        return self.bot_token is not None or self.oauth is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthCredentials:
    """What lets the workspaces that are named install the app."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_url: str
    workspaces: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackCredentials:
    """What is needed to talk to Slack, white space around each trimmed.

    With an `app_token`: Socket Mode, and `signing_secret` may be empty. Without: HTTP.
    With `oauth`: several workspaces, and `bot_token` is empty.
    """

    bot_token: str = field(default="", repr=False)
    signing_secret: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = SLACK_API_URL
    oauth: OAuthCredentials | None = None


_KINDS: Mapping[str, str] = {
    "xapp-": "an app token: are the two exchanged?",
    "xoxb-": "a bot token: are the two exchanged?",
    "xoxe.xoxb-": "a bot token: are the two exchanged?",
    "xoxp-": "the token of a person.",
    "xoxe.xoxp-": "the token of a person.",
    "xoxe-": "a refresh token.",
    "xwfp-": "the token of a workflow.",
}
WHERE: Mapping[str, str] = {
    "bot_token": "Slack app page > OAuth & Permissions > Bot User OAuth Token.",
    "signing_secret": "Slack app page > Basic Information > App Credentials > Signing Secret.",
    "app_token": "Slack app page > Basic Information > App-Level Tokens (connections:write).",
    "oauth.client_secret": "Slack app page > Basic Information > App Credentials > Client Secret.",
}


def credentials_of(slack: Slack, path: Path) -> SlackCredentials:
    """Return what the section `slack` of the file `path` holds; ConfigError names all it lacks."""
    wanting: list[str] = []
    oauth, bot = None, ""
    if slack.oauth is not None:
        oauth = _oauth(slack, slack.oauth, wanting)
    else:
        bot = _held(slack.bot_token, "bot_token", wanting)
    if bot and not bot.startswith(("xoxb-", "xoxe.xoxb-")):
        wanting.append(
            f"slack.bot_token is not a bot token (xoxb-…){_rather(bot)} {WHERE['bot_token']}"
        )
    app = _app_token(slack, wanting)
    signing = ""
    if not app or (slack.signing_secret and slack.signing_secret.value):
        signing = _held(slack.signing_secret, "signing_secret", wanting)
    if wanting:
        raise ConfigError("\n".join(f"{path}: {problem}" for problem in wanting))
    return SlackCredentials(
        bot_token=bot,
        signing_secret=signing,
        app_token=app,
        api_url=slack.api_url,
        oauth=oauth,
    )


def _oauth(slack: Slack, oauth: OAuth, wanting: list[str]) -> OAuthCredentials:
    if slack.bot_token is not None:
        wanting.append(
            "slack.bot_token and slack.oauth are both there. With oauth each workspace has a"
            " token of its own; take one of them away."
        )
    return OAuthCredentials(
        client_id=oauth.client_id,
        client_secret=_held(oauth.client_secret, "oauth.client_secret", wanting),
        redirect_url=oauth.redirect_url,
        workspaces=frozenset(oauth.workspaces),
    )


def _app_token(slack: Slack, wanting: list[str]) -> str:
    # An app token is a choice: a variable that is not set means HTTP, as if it were not named.
    given = slack.app_token
    if given is None or (not given.value and given.source.startswith("env:")):
        return ""
    app = _held(given, "app_token", wanting)
    if app and not app.startswith("xapp-"):
        wanting.append(
            f"slack.app_token is not an app token (xapp-…){_rather(app)} {WHERE['app_token']}"
        )
    return app


def _rather(token: str) -> str:
    """Return what a token is instead, where its beginning tells."""
    kind = next((kind for start, kind in _KINDS.items() if token.startswith(start)), "")
    return f", but {kind}" if kind else "."


def _held(secret: Secret | None, name: str, wanting: list[str]) -> str:
    if secret is None:
        wanting.append(f"slack.{name} is not in the file. Find the value at: {WHERE[name]}")
        return ""
    if secret.value is None:
        wanting.append(f"slack.{name}: {secret.problem}. Find the value at: {WHERE[name]}")
        return ""
    return secret.value.strip()
