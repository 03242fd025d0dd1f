"""Who hears of a target: channels, and receivers outside Slack."""

from urllib.parse import urlsplit

from pydantic import Field

from bot.config.limits import TIME_OF_DAY, Day
from bot.config.section import Section
from bot.masking import Secret
from bot.model import Severity

_TIME = rf"^{TIME_OF_DAY}$"
_CHANNEL = r"^(#?[A-Za-z0-9_-]{1,80})?$"
EVERY_TARGET = "*"
PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue"
RECEIVERS = ("channel", "webhook", "pagerduty", "apprise")


class Webhook(Section):
    """An address that takes signed JSON, as Standard Webhooks has it."""

    url: str
    secret: Secret | None = Field(default=None, exclude=True)
    """``whsec_`` and base64: what every message is signed with."""


class PagerDuty(Section):
    """A service of PagerDuty, by its Events API v2 integration."""

    routing_key: Secret | None = Field(default=None, exclude=True)
    url: str = PAGERDUTY_URL


class Apprise(Section):
    """Anything that the apprise library reaches (``stagecheck[apprise]``)."""

    url: Secret | None = Field(default=None, exclude=True)


class Receiver(Section):
    """One who hears: exactly one of `channel`, `webhook`, `pagerduty` and `apprise`."""

    name: str = Field(default="", pattern=r"^[A-Za-z0-9_-]{0,40}$")
    """Tells apart two receivers of one kind at one host."""
    channel: str = Field(default="", pattern=_CHANNEL)
    webhook: Webhook | None = None
    pagerduty: PagerDuty | None = None
    apprise: Apprise | None = None

    @property
    def key(self) -> str:
        """A name that stays the same over restarts, and has no secret in it."""
        return f"{self.kind}:{self.name or self._where}"

    @property
    def kind(self) -> str:
        """``slack`` for a channel, else the receiver's own name."""
        found = next((each for each in RECEIVERS if getattr(self, each)), "channel")
        return "slack" if found == "channel" else found

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What may not be shown."""
        held = (
            self.webhook.secret if self.webhook else None,
            self.pagerduty.routing_key if self.pagerduty else None,
            self.apprise.url if self.apprise else None,
        )
        return tuple(secret for secret in held if secret)

    @property
    def _where(self) -> str:
        if self.webhook:
            return urlsplit(self.webhook.url).hostname or ""
        sources = [secret.source for secret in self.secrets]
        return sources[0] if sources else self.channel.lstrip("#")


class QuietHours(Section):
    """When a route hears of nothing new; what is still so at their end is told then."""

    since: str = Field(pattern=_TIME)
    until: str = Field(pattern=_TIME)
    timezone: str = "UTC"
    days: tuple[Day, ...] = ()
    """Days on which they begin; every day if none is named."""
    unless: Severity = Severity.CRITICAL
    """From this severity on, they hold nothing."""


class Escalation(Section):
    """Who hears of an incident that nobody acknowledges."""

    after_s: int = Field(default=900, ge=60, le=604_800)
    channel: str = Field(default="", pattern=_CHANNEL)
    """A second channel; empty for the thread alone."""
    mention: str = Field(default="", pattern=r"^(@?[A-Za-z0-9._-]{1,80})?$")
    """The id of a user (U…) or of a user group (S…), or ``here`` or ``channel``."""


class Route(Receiver):
    """Who hears about a target."""

    target: str
    """The name of a target, or ``*`` for every one."""
    quiet_hours: QuietHours | None = None
    escalation: Escalation | None = None


class Owner(Receiver):
    """Who hears of the bot's own trouble."""
