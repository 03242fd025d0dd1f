"""The mini workspace: a page on which people use the small Slack in a browser."""

from bot.sandbox.slack.page.hints import Completion, Hints, Panel, Shortcut
from bot.sandbox.slack.page.routes import Page

__all__ = ["Completion", "Hints", "Page", "Panel", "Shortcut"]
