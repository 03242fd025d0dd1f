"""`stagecheck config check` and `stagecheck config schema`."""

import json
import os
from pathlib import Path

import typer

from bot.config import Settings, json_schema, load
from bot.errors import ConfigError


def check(config: Path | None) -> int:
    """Validate the configuration, say what each part lacks, and return the exit code."""
    settings = load(config, env=os.environ)
    typer.echo(f"{settings.path} is valid.")
    for target in settings.targets.values():
        typer.echo(f"\ntarget {target.name} (profile {target.profile})")
        for setting in target.provenance:
            if setting.note:
                typer.echo(f"  note: {setting.key}: {setting.note}")
        for secret in target.secrets:
            state = secret.problem or "set"
            typer.echo(f"  {secret.name}: {secret.source}: {state}")
    typer.echo("")
    if names := settings.not_yet_used:
        typer.echo(f"note: {', '.join(names)}: checked, but this version does not act on them yet.")
    return _check_slack(settings)


def _check_slack(settings: Settings) -> int:
    if settings.slack.bot_token is None:
        typer.echo("slack: not configured; `run` works, `serve` needs it.")
        return 0
    try:
        settings.slack_credentials()
    except ConfigError as error:
        typer.echo(f"slack: {error}", err=True)
        return error.exit_code
    typer.echo("slack: credentials are set.")
    return 0


def schema() -> int:
    """Print the JSON Schema of the configuration file."""
    typer.echo(json.dumps(json_schema(), indent=2))
    return 0
