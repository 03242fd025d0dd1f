"""The run page: the report as one self-contained HTML file."""

from bot.report.page.page import POLICY, render_html

__all__ = ["POLICY", "render_html"]
