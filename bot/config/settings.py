"""The settings: what a configuration file may hold, and what is made of it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from bot.config.alerts import Alerts, Maintenance, SeverityRow
from bot.config.pages import StatusPage
from bot.config.permissions import Permissions
from bot.config.problems import nearest
from bot.config.routes import Owner, Route
from bot.config.section import Section
from bot.config.slack import Slack, SlackCredentials, credentials_of
from bot.errors import ConfigError, NotFound
from bot.masking import Secret
from bot.target import CHECK_NAMES, DEFAULT_CHECK, Target

DEFAULT_DATABASE = "sqlite:///stagecheck.db"
NAME = r"^[a-z0-9][a-z0-9_-]{0,62}$"


class Server(Section):
    """Where the HTTP server listens; port 0 takes a free one."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: int = Field(default=3000, ge=0, le=65_535)
    token: Secret | None = Field(default=None, exclude=True)
    """Who shows it may read the metrics and the pages of runs; without one, only who asks on the
    bot's own machine."""
    public_url: str = ""
    """Where people reach this server, such as ``https://stagecheck.example.test``: then messages
    link to the pages of runs, and only who follows such a link or has the token sees one."""
    link_expiry_s: int = Field(default=604_800, ge=60, le=31_536_000)
    """How long such a link leads to its page."""


class Schedule(Section):
    """A check that is run by the clock."""

    target: str
    check: str = Field(default=DEFAULT_CHECK, json_schema_extra={"enum": list(CHECK_NAMES)})
    cron: str
    """Five fields: minute, hour, day of month, month, day of week."""
    timezone: str = "UTC"
    """Where the fields are read, such as ``Europe/Berlin``."""
    jitter_s: int = Field(default=0, ge=0, le=3_600)
    """Each run begins up to so much later, so that not everything begins at once."""
    failing_interval_s: int = Field(default=60, ge=15, le=86_400)
    """While the target fails: the pause between runs, doubling with time up to the cron's own."""


class DeployHook(Section):
    """``POST /hooks/deploy``: whoever deploys has a check made of what was deployed."""

    secret: Secret | None = Field(default=None, exclude=True)
    """What a request is signed with; without it there is no hook."""
    wait_s: int = Field(default=300, ge=0, le=3_600)
    """How long the new revision is waited for before it is checked all the same."""


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

    slack: Slack = Slack.unset()
    server: Server = Server.unset()
    database: str = Field(default=DEFAULT_DATABASE, repr=False, exclude=True)
    """``sqlite:///PATH``, relative to the file's folder, or ``postgresql://…``."""
    targets: Mapping[str, Target] = Field(min_length=1, exclude=True)
    schedules: tuple[Schedule, ...] = ()
    routes: tuple[Route, ...] = ()
    owner: Owner | None = None
    """Who hears of the bot's own trouble, such as runs that keep failing on our side."""
    alerts: Alerts = Alerts.unset()
    deploy_hook: DeployHook | None = None
    maintenance: tuple[Maintenance, ...] = ()
    severities: tuple[SeverityRow, ...] = ()
    permissions: Permissions = Permissions.unset()
    engine: Engine = Engine.unset()
    retention: Retention = Retention.unset()
    status_page: StatusPage | None = None
    log: Log = Log.unset()


LIVE = ("schedules", "routes", "owner", "alerts", "maintenance", "severities", "permissions")
"""Sections whose changes are taken up without a restart."""


class Settings(File):
    """A configuration that was read, checked and completed from profiles."""

    path: Path
    """The file it came from."""
    database_secrets: tuple[Secret, ...] = Field(default=(), exclude=True)
    """What `database` was filled with."""

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret the configuration names, for the masker."""
        slack = (
            *(self.slack.bot_token, self.slack.signing_secret, self.slack.app_token),
            *(self.slack.oauth.client_secret if self.slack.oauth else None, self.server.token),
            self.deploy_hook.secret if self.deploy_hook else None,
        )
        own = tuple(secret for secret in slack if secret) + self.database_secrets
        for receiver in (*self.routes, *((self.owner,) if self.owner else ())):
            own += receiver.secrets
        return own + tuple(secret for target in self.targets.values() for secret in target.secrets)

    def target(self, name: str) -> Target:
        """Return the target called `name`; NotFound says which there are."""
        if name in self.targets:
            return self.targets[name]
        raise NotFound(f"There is no target {name}.", hint=nearest(name, self.targets))

    @property
    def faces_outside(self) -> bool:
        """Whether others than this machine are meant to reach the server, as through a proxy.

        Slack does over HTTP, browsers do to install the app and to see pages, and who deploys.
        """
        server, slack = self.server, self.slack
        doors = (server.public_url, slack.oauth, self.deploy_hook, self.status_page)
        by_socket = slack.app_token is not None and slack.app_token.value
        return not by_socket or any(doors)

    @property
    def server_token(self) -> str:
        """What lets somebody read the pages, or nothing; ConfigError if it leads nowhere."""
        token = self.server.token
        if token is None:
            return ""
        if token.value is None:
            raise ConfigError(f"{self.path}: server.token: {token.problem}.")
        return token.value.strip()

    def slack_credentials(self) -> SlackCredentials:
        """Return what is needed to talk to Slack; ConfigError names all that is missing."""
        return credentials_of(self.slack, self.path)
