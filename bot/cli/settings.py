"""`stagecheck config check` and `stagecheck config schema`."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import typer

from bot.config import Settings, json_schema, load
from bot.errors import ConfigError
from bot.target import Target

# Most proxies ask for no credentials, and most targets have no proxy.
_NEEDED_BY_FEW = ("proxy_credentials", "not set")


def check(config: Path | None) -> int:
    """Validate the configuration, say what each part lacks, and return the exit code."""
    settings = load(config, env=os.environ)
    typer.echo(f"{settings.path} is valid.")
    for target in settings.targets.values():
        typer.echo(f"\ntarget {target.name} (profile {target.profile})")
        for line in _about(target):
            typer.echo(f"  {line}")
    typer.echo("")
    return _check_slack(settings)


def _about(target: Target) -> Iterator[str]:
    """Yield what is to be said of the settings of `target`, and the state of each secret."""
    named = {secret.name: secret for secret in target.secrets}
    for setting in target.provenance:
        if secret := named.get(setting.key):
            state = "" if secret.problem else f"{secret.source}: set"
            yield f"{setting.key}: {'; '.join(filter(None, (state, setting.note)))}"
        elif setting.note and (setting.key, setting.note) != _NEEDED_BY_FEW:
            yield f"note: {setting.key}: {setting.note}"


def _check_slack(settings: Settings) -> int:
    if not settings.slack.is_configured:
        typer.echo("slack: not configured; `run` works, `serve` needs it.")
        return 0
    try:
        settings.slack_credentials()
    except ConfigError as error:
        typer.echo("slack: not complete; `run` works, `serve` does not.", err=True)
        for line in error.message.splitlines():
            typer.echo(f"  {line}", err=True)
        return error.exit_code
    typer.echo("slack: credentials are set.")
    return 0


def schema() -> int:
    """Print the JSON Schema of the configuration file."""
    typer.echo(json.dumps(json_schema(), indent=2))
    return 0
