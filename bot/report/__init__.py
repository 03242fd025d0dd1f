"""The report: one value built from a run and its diagnosis, and the ways to lay it out."""

from collections.abc import Callable, Mapping

from bot.report.blocks import Message
from bot.report.build import build_report
from bot.report.buttons import again_button
from bot.report.cards import Card, card_message, card_text
from bot.report.chart import Chart, ChartKind, Series, chart_block
from bot.report.document import Report
from bot.report.home import HomeIncident, HomeState, HomeTarget, home_view
from bot.report.json_ import render_json
from bot.report.junit import render_junit
from bot.report.markdown import render_markdown
from bot.report.messages import outcome_message, progress_message
from bot.report.page import (
    POLICY,
    StatusRow,
    render_badge,
    render_html,
    render_status,
    status_document,
)
from bot.report.parts import Button, Menu, Table
from bot.report.text import render_text
from bot.report.thread import render_blocks, thread_messages
from bot.report.trend import PERIODS, Trend, begin_of, build_trend, worked_percent
from bot.report.words import STATUS_WORDS, label_words, moment, seconds

RENDERERS: Mapping[str, Callable[[Report], str]] = {
    "text": render_text,
    "json": render_json,
    "markdown": render_markdown,
    "html": render_html,
    "junit": render_junit,
    "blocks": render_blocks,
}

__all__ = [
    "PERIODS",
    "POLICY",
    "RENDERERS",
    "STATUS_WORDS",
    "Button",
    "Card",
    "Chart",
    "ChartKind",
    "HomeIncident",
    "HomeState",
    "HomeTarget",
    "Menu",
    "Message",
    "Report",
    "Series",
    "StatusRow",
    "Table",
    "Trend",
    "again_button",
    "begin_of",
    "build_report",
    "build_trend",
    "card_message",
    "card_text",
    "chart_block",
    "home_view",
    "label_words",
    "moment",
    "outcome_message",
    "progress_message",
    "render_badge",
    "render_html",
    "render_status",
    "render_text",
    "seconds",
    "status_document",
    "thread_messages",
    "worked_percent",
]
