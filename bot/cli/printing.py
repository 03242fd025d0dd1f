"""Printing a whole text, to a reader who may have enough before its end."""

import os
import sys
from pathlib import Path

import typer


def show(text: str) -> None:
    """Print `text`; a reader that closes early, such as `head`, is no failure."""
    try:
        typer.echo(text)
    except BrokenPipeError:
        # What is left would be tried again at the end, and complained about.
        with Path(os.devnull).open("wb") as nowhere:
            os.dup2(nowhere.fileno(), sys.stdout.fileno())
