"""A small real Slack: the Web API, signed HTTP, Socket Mode, and people who use it."""

from bot.sandbox.slack.api import Call
from bot.sandbox.slack.delivery import Delivery
from bot.sandbox.slack.mini_slack import MiniSlack
from bot.sandbox.slack.page import Completion, Hints, Page, Panel, Shortcut
from bot.sandbox.slack.transcript import NumberedButton
from bot.sandbox.slack.trouble import TROUBLES
from bot.sandbox.slack.views import View
from bot.sandbox.slack.workspace import Kind, Message, Version

__all__ = [
    "TROUBLES",
    "Call",
    "Completion",
    "Delivery",
    "Hints",
    "Kind",
    "Message",
    "MiniSlack",
    "NumberedButton",
    "Page",
    "Panel",
    "Shortcut",
    "Version",
    "View",
]
