"""Slack: what it delivers comes in through listeners, what we say leaves through one outbox."""

from bot.slack.bolt import build_bolt, receiver
from bot.slack.client import Client, Identity, close_client, identify, open_client
from bot.slack.examine import Finding, State, examine
from bot.slack.files import Files
from bot.slack.groups import Groups
from bot.slack.home import Home, keeping_fresh
from bot.slack.incidents import SlackReceiver
from bot.slack.listeners import COMMAND, OPEN_INCIDENT, SHORTCUT, Listeners
from bot.slack.manifest import EVENTS, manifest, manifest_text
from bot.slack.notifier import SlackNotifier
from bot.slack.opening import Connected, connect
from bot.slack.outbox import Outbox, Sent
from bot.slack.pace import Pace, Rate
from bot.slack.scopes import OF_EVENTS, OPTIONAL, SCOPES
from bot.slack.search import Tag
from bot.slack.socket_mode import Patience, SocketLink
from bot.slack.steps import STEP
from bot.slack.urls import ResponseUrls

__all__ = [
    "COMMAND",
    "EVENTS",
    "OF_EVENTS",
    "OPEN_INCIDENT",
    "OPTIONAL",
    "SCOPES",
    "SHORTCUT",
    "STEP",
    "Client",
    "Connected",
    "Files",
    "Finding",
    "Groups",
    "Home",
    "Identity",
    "Listeners",
    "Outbox",
    "Pace",
    "Patience",
    "Rate",
    "ResponseUrls",
    "Sent",
    "SlackNotifier",
    "SlackReceiver",
    "SocketLink",
    "State",
    "Tag",
    "build_bolt",
    "close_client",
    "connect",
    "examine",
    "identify",
    "keeping_fresh",
    "manifest",
    "manifest_text",
    "open_client",
    "receiver",
]
