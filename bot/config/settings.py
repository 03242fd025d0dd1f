"""The settings: what a configuration file may hold, and what is made of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.config.problems import nearest
from bot.errors import ConfigError, NotFound
from bot.masking import Secret
from bot.target import Target

SLACK_API_URL = "https://slack.com/api/"
DEFAULT_DATABASE = "sqlite:///stagecheck.db"
NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"


class Section(BaseModel):
    """A part of the file: nothing unknown in it, nothing changed after it was read.

    What holds or may hold a secret is excluded from dumps, as it is from every repr.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False
    )


class Slack(Section):
    """How to reach Slack. With `app_token` over Socket Mode, without over HTTP."""

    bot_token: Secret | None = Field(default=None, exclude=True)
    signing_secret: Secret | None = Field(default=None, exclude=True)
    app_token: Secret | None = Field(default=None, exclude=True)
    api_url: str = SLACK_API_URL
    rates: float = Field(default=1.0, gt=0, le=1_000)
    """How often Slack lets this app call, as a multiple of its published rates."""


class Server(Section):
    """Where the HTTP server listens; port 0 takes a free one."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=3000, ge=0, le=65_535)


class Schedule(Section):
    """A check that is run by the clock."""

    target: str
    check: str = Field(default="pipeline", pattern=NAME)
    cron: str
    """Five fields: minute, hour, day of month, month, day of week."""


class Route(Section):
    """The channel that hears about a target."""

    target: str
    channel: str = Field(pattern=r"^#?[A-Za-z0-9_-]{1,80}$")


class Alerts(Section):
    """When people hear of a run that nobody asked for."""

    failure_threshold: int = Field(default=2, ge=1, le=100)
    """Failures in a row before an alert."""
    success_threshold: int = Field(default=2, ge=1, le=100)
    """Passes in a row before an incident is over."""
    reminder_interval_s: int = Field(default=3600, ge=60, le=2_592_000)


class Engine(Section):
    """How runs are seen through restarts."""

    give_up_after_s: int = Field(default=3600, ge=60, le=604_800)
    """A run that was asked for longer ago than this is not gone on with after a restart."""
    concurrency: int | None = Field(default=None, ge=1, le=10_000)
    """Runs under way at once, over all processes; each takes 100 at most."""
    per_target: int | None = Field(default=None, ge=1, le=100)
    """Runs of one target under way at once. Of one check of it, there is one in any case."""


class Retention(Section):
    """How long runs are kept. The newest of a check, and the newest that passed, always are."""

    days: int = Field(default=90, ge=1, le=3_650)
    runs_per_target: int = Field(default=10_000, ge=100, le=10_000_000)


class Log(Section):
    """How the log on standard error looks."""

    format: Literal["auto", "json", "console"] = "auto"
    """``auto``: for people on a terminal, JSON lines anywhere else."""
    level: Literal["debug", "info", "warning", "error"] = "info"


class File(Section):
    """A whole configuration file."""

    slack: Slack = Slack()
    server: Server = Server()
    database: str = Field(default=DEFAULT_DATABASE, repr=False, exclude=True)
    """``sqlite:///PATH``, relative to the file's folder, or ``postgresql://…``."""
    targets: Mapping[str, Target] = Field(min_length=1, exclude=True)
    schedules: tuple[Schedule, ...] = ()
    routes: tuple[Route, ...] = ()
    alerts: Alerts = Alerts()
    engine: Engine = Engine()
    retention: Retention = Retention()
    log: Log = Log()


class Settings(File):
    """A configuration that was read, checked and completed from profiles."""

    path: Path
    """The file it came from."""
    database_secrets: tuple[Secret, ...] = Field(default=(), exclude=True)
    """What `database` was filled with."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret the configuration names, for the masker."""
        slack = (self.slack.bot_token, self.slack.signing_secret, self.slack.app_token)
        own = tuple(secret for secret in slack if secret) + self.database_secrets
        return own + tuple(secret for target in self.targets.values() for secret in target.secrets)

    @property
    def not_yet_used(self) -> tuple[str, ...]:
        """Sections of the file that are checked but not acted on, so that nobody relies on them."""
        used = {
            "schedules": self.schedules,
            "routes": self.routes,
            "alerts": self.alerts != Alerts(),
        }
        return tuple(name for name, given in used.items() if given)

    def target(self, name: str) -> Target:
        """Return the target called `name`; NotFound says which there are."""
        if name in self.targets:
            return self.targets[name]
        raise NotFound(f"There is no target {name}.", hint=nearest(name, self.targets))

    def slack_credentials(self) -> "SlackCredentials":
        """Return what is needed to talk to Slack; ConfigError names all that is missing."""
        wanting: list[str] = []
        bot = _held(self.slack.bot_token, "bot_token", wanting)
        if bot and not bot.startswith(("xoxb-", "xoxe.xoxb-")):
            wanting.append(f"slack.bot_token is not a bot token (xoxb-…). {WHERE['bot_token']}")
        app = ""
        # An app token is a choice: a variable that is not set means HTTP, as if it were not named.
        given = self.slack.app_token
        if given and (given.value or not given.source.startswith("env:")):
            app = _held(given, "app_token", wanting)
            if app and not app.startswith("xapp-"):
                wanting.append(
                    f"slack.app_token is not an app token (xapp-…). {WHERE['app_token']}"
                )
        signing = ""
        if not app or (self.slack.signing_secret and self.slack.signing_secret.value):
            signing = _held(self.slack.signing_secret, "signing_secret", wanting)
        if wanting:
            raise ConfigError("\n".join(f"{self.path}: {problem}" for problem in wanting))
        return SlackCredentials(
            bot_token=bot, signing_secret=signing, app_token=app, api_url=self.slack.api_url
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SlackCredentials:
    """What is needed to talk to Slack, white space around each trimmed.

    With an `app_token`: Socket Mode, and `signing_secret` may be empty. Without: HTTP.
    """

    bot_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    app_token: str = field(default="", repr=False)
    api_url: str = SLACK_API_URL


WHERE: Mapping[str, str] = {
    "bot_token": "Slack app page > OAuth & Permissions > Bot User OAuth Token.",
    "signing_secret": "Slack app page > Basic Information > App Credentials > Signing Secret.",
    "app_token": "Slack app page > Basic Information > App-Level Tokens (connections:write).",
}


def _held(secret: Secret | None, name: str, wanting: list[str]) -> str:
    if secret is None:
        wanting.append(f"slack.{name} is not in the file. Find the value at: {WHERE[name]}")
        return ""
    if secret.value is None:
        wanting.append(f"slack.{name}: {secret.problem}. Find the value at: {WHERE[name]}")
        return ""
    return secret.value.strip()
