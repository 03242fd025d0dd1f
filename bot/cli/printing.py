"""Printing a whole text, to a reader who may have enough before its end."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import typer

from bot.errors import UsageError


def show(text: str) -> None:
    """Print `text`; a reader that closes early, such as `head`, is no failure."""
    try:
        typer.echo(text)
    except BrokenPipeError:
        # What is left would be tried again at the end, and complained about.
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())


def known_format(name: str, known: Iterable[str]) -> str:
    """Return `name`; UsageError with what there is unless it is one of the `known` formats."""
    formats = sorted(known)
    if name not in formats:
        raise UsageError(f"There is no format {name} here.", hint=f"Formats: {', '.join(formats)}")
    return name
