"""The log as it would be on stderr, for as long as a test looks at it."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import structlog

from bot import journal
from bot.masking import Masker


@contextmanager
def logging_to(written: io.StringIO, masker: Masker, form: str) -> Iterator[None]:
    """Have everything that is logged end in `written`, and put back how it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        with redirect_stderr(written):
            journal.configure(masker, format=form)
            yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        structlog.reset_defaults()
