"""`stagecheck manifest`: the Slack app as Slack is told of it."""

from urllib.parse import urlsplit

import typer

from bot.errors import UsageError
from bot.slack import manifest_text


def manifest(*, http: str, oauth: str) -> int:
    """Print the manifest; UsageError for an address that Slack would not take."""
    for option, url in (("--http", http), ("--oauth", oauth)):
        parts = urlsplit(url)
        if url and (parts.scheme != "https" or not parts.hostname or parts.query):
            raise UsageError(
                f"{option} takes the public address of the bot, and Slack wants it encrypted.",
                hint=f"Such as: {option} https://stagecheck.example.com",
            )
    typer.echo(manifest_text(http=http, oauth=oauth), nl=False)
    return 0
