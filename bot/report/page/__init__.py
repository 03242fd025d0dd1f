"""Pages: the report of a run as one self-contained HTML file, the status of targets, badges."""

from bot.report.page.badge import render_badge
from bot.report.page.page import POLICY, render_html
from bot.report.page.status import StatusRow, render_status, status_document

__all__ = [
    "POLICY",
    "StatusRow",
    "render_badge",
    "render_html",
    "render_status",
    "status_document",
]
