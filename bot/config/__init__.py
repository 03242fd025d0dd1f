"""The configuration: one strict YAML file, read into settings whose every value has a source."""

from bot.config.alerts import Alerts, Maintenance
from bot.config.at_hand import secrets_at_hand
from bot.config.keys import refreshed
from bot.config.limits import DAYS, is_of_this_machine
from bot.config.loading import load, where
from bot.config.overrides import overridden
from bot.config.pages import StatusPage
from bot.config.permissions import CHANNEL, EVERYONE, OWNERS, Permissions
from bot.config.routes import EVERY_TARGET, Owner, Receiver, Route
from bot.config.schema import json_schema
from bot.config.settings import LIVE, DeployHook, Schedule, Server, Settings
from bot.config.slack import (
    INSTALL_PATH,
    REDIRECT_PATH,
    WHERE,
    OAuthCredentials,
    Slack,
    SlackCredentials,
)

__all__ = [
    "CHANNEL",
    "DAYS",
    "EVERYONE",
    "EVERY_TARGET",
    "INSTALL_PATH",
    "LIVE",
    "OWNERS",
    "REDIRECT_PATH",
    "WHERE",
    "Alerts",
    "DeployHook",
    "Maintenance",
    "OAuthCredentials",
    "Owner",
    "Permissions",
    "Receiver",
    "Route",
    "Schedule",
    "Server",
    "Settings",
    "Slack",
    "SlackCredentials",
    "StatusPage",
    "is_of_this_machine",
    "json_schema",
    "load",
    "overridden",
    "refreshed",
    "secrets_at_hand",
    "where",
]
