"""Fixtures that several files share."""

import logging
from collections.abc import Iterator

import hypothesis
import pytest
import structlog

pytest_plugins = ("tests.postgres",)

# How long an example takes is no promise: machines are busy. What CI has set by itself stays.
hypothesis.settings.register_profile("unhurried", hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Undo what a bot that ran in this process made of the log."""
    root = logging.getLogger()
    level = root.level
    yield
    structlog.reset_defaults()
    ours = structlog.stdlib.ProcessorFormatter
    root.handlers[:] = [each for each in root.handlers if not isinstance(each.formatter, ours)]
    root.setLevel(level)
