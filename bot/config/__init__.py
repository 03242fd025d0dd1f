"""The configuration: one strict YAML file, read into settings whose every value has a source."""

from bot.config.alerts import Alerts, Flap, Maintenance, SeverityRow
from bot.config.keys import refreshed
from bot.config.loading import load
from bot.config.permissions import CHANNEL, EVERYONE, OWNERS, Permissions
from bot.config.routes import Owner, Receiver, Route
from bot.config.schema import json_schema
from bot.config.settings import Schedule, Server, Settings
from bot.config.slack import (
    INSTALL_PATH,
    REDIRECT_PATH,
    SLACK_API_URL,
    WHERE,
    OAuthCredentials,
    Slack,
    SlackCredentials,
)

__all__ = [
    "CHANNEL",
    "EVERYONE",
    "INSTALL_PATH",
    "OWNERS",
    "REDIRECT_PATH",
    "SLACK_API_URL",
    "WHERE",
    "Alerts",
    "Flap",
    "Maintenance",
    "OAuthCredentials",
    "Owner",
    "Permissions",
    "Receiver",
    "Route",
    "Schedule",
    "Server",
    "Settings",
    "SeverityRow",
    "Slack",
    "SlackCredentials",
    "json_schema",
    "load",
    "refreshed",
]
