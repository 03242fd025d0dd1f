"""The `stagecheck` command line: what can be typed, and how it exits.

Each command imports its work when it is asked for, so that `--help` starts at once and `run`
does not pay for the Slack side.
"""

import os
import sys
import textwrap
from pathlib import Path
from typing import Annotated

import typer

from bot import __version__
from bot.cli import garbage
from bot.errors import StagecheckError
from bot.masking import Masker

app = typer.Typer(
    help="Does staging work, and if not, why?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # its tracebacks show local variables: secrets among them
)
config = typer.Typer(help="Look at the configuration.", no_args_is_help=True)
app.add_typer(config, name="config")
alerts = typer.Typer(help="Look at what people are told.", no_args_is_help=True)
app.add_typer(alerts, name="alerts")

ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="Configuration file [STAGECHECK_CONFIG, ./stagecheck.yaml]."),
]
Faults = Annotated[
    list[str] | None, typer.Option("--fault", help="Break staging this way; may be repeated.")
]
Output = Annotated[Path | None, typer.Option(help="Write the report to this file.")]
TARGET = typer.Argument(help="A target of the configuration, such as staging.")
FORMAT = typer.Option(
    "--format",
    show_default=False,
    help="text, json, markdown, html, junit or blocks. Without it: text, "
    "of which a terminal shows the short form.",
)


def main() -> None:
    """Run the command line; errors of ours become one clear line and their exit code."""
    garbage.look_rarely()
    try:
        app()
    except StagecheckError as error:
        told = "\n".join(filter(None, (error.message, error.hint)))
        # Which secrets there are is not known here; what looks like one is hidden all the same.
        told = Masker(pepper=b"").mask(told)
        sys.stderr.write(f"stagecheck: {textwrap.indent(told, ' ' * 12).lstrip()}\n")
        sys.exit(error.exit_code)
    finally:
        garbage.leave()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"stagecheck {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Does staging work, and if not, why?"""


@app.command()
def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the mini Slack; 0 takes a free one.")
    ] = 0,
    fault: Faults = None,
    say: Annotated[
        list[str] | None, typer.Option(help='Type this as a user, such as "/stagecheck staging".')
    ] = None,
    leave: Annotated[
        bool, typer.Option("--exit", help="Print the channel once the bot is idle, and end.")
    ] = False,
) -> None:
    """Try the whole product: a simulated staging, a mini Slack and the bot."""
    from bot.cli.demo import demo

    raise typer.Exit(demo(port=port, faults=fault or [], say=say or [], leave=leave))


@app.command()
def serve(config: ConfigFile = None) -> None:
    """Run the bot."""
    from bot.cli.serve import serve

    raise typer.Exit(serve(config, env=os.environ))


@app.command()
def worker(
    config: ConfigFile = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Serve /healthz, /readyz and /metrics on this port."),
    ] = None,
) -> None:
    """Run an additional process that sees runs through; needs PostgreSQL."""
    from bot.cli.worker import worker

    raise typer.Exit(worker(config, port=port, env=os.environ))


@app.command()
def run(
    target: Annotated[str, TARGET],
    check: Annotated[str, typer.Option(help="Which check to run.")] = "pipeline",
    format: Annotated[str, FORMAT] = "",
    output: Output = None,
    config: ConfigFile = None,
) -> None:
    """Check a target once and print the report.

    Exits with 0 if it passed or is degraded, 1 if it failed, 4 if the trouble is on our side.
    """
    from bot.cli.check import run

    raise typer.Exit(run(target, check, format=format, output=output, config=config))


@app.command("verify-key")
def verify_key(
    target: Annotated[str, TARGET],
    format: Annotated[str, FORMAT] = "",
    output: Output = None,
    config: ConfigFile = None,
) -> None:
    """Ask staging whether it accepts the bypass key, without using it up."""
    from bot.cli.check import run

    raise typer.Exit(run(target, "key", format=format, output=output, config=config))


@app.command()
def explain(
    file: Annotated[
        Path | None, typer.Argument(help="A log file; - or nothing for standard input.")
    ] = None,
    format: Annotated[str, FORMAT] = "",
    output: Output = None,
) -> None:
    """Diagnose a log that was saved or pasted; never touches the network.

    Exits with 0 if the log is of a run that worked, 1 if it failed, 3 if there is no such file.
    """
    from bot.cli.explain import explain

    raise typer.Exit(explain(file, format=format, output=output))


@app.command()
def replay(
    run_id: Annotated[str, typer.Argument(help="The run's id, or its first six characters.")],
    format: Annotated[str, FORMAT] = "",
    output: Output = None,
    config: ConfigFile = None,
) -> None:
    """Diagnose a stored run again with today's rules, and say what they find differently.

    Exits by the run's status as `run` does, or with 3 if there is no such run.
    """
    from bot.cli.replay import replay

    raise typer.Exit(replay(run_id, format=format, output=output, config=config))


@app.command()
def postmortem(
    incident: Annotated[str, typer.Argument(help="The incident's id, such as i3.")],
    output: Output = None,
    config: ConfigFile = None,
) -> None:
    """Export a stored incident as Markdown: timeline, runs, causes, evidence.

    Exits with 3 if there is no such incident.
    """
    from bot.cli.postmortem import postmortem

    raise typer.Exit(postmortem(incident, output=output, config=config))


@app.command()
def simulate(
    port: Annotated[
        int, typer.Option(min=0, max=65532, help="First of four ports; 0 takes free ones.")
    ] = 0,
    fault: Faults = None,
    nuisance: Annotated[
        list[str] | None,
        typer.Option("--nuisance", help="Add what must not change the answer; may be repeated."),
    ] = None,
    write_config: Annotated[
        Path | None, typer.Option(help="Write a configuration for this simulator here.")
    ] = None,
) -> None:
    """Run the staging simulator alone, until stopped."""
    from bot.cli.sandbox import simulate

    raise typer.Exit(
        simulate(port=port, faults=fault or [], nuisances=nuisance or [], write_config=write_config)
    )


@app.command()
def faults(
    format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    """List the ways in which the simulator can be broken."""
    from bot.cli.sandbox import faults

    raise typer.Exit(faults(format=format))


@app.command()
def doctor(config: ConfigFile = None) -> None:
    """Look at tokens, scopes, channels, clock, database and targets, and say what to click.

    Exits with 0 if the bot can work, 2 for its configuration, 4 for its database or a target that
    cannot be reached, 5 for Slack.
    """
    from bot.cli.doctor import doctor

    raise typer.Exit(doctor(config))


@app.command()
def manifest(
    http: Annotated[
        str, typer.Option(metavar="URL", help="For HTTP, at this public address of the bot.")
    ] = "",
    oauth: Annotated[
        str,
        typer.Option(metavar="URL", help="For several workspaces that install the app there."),
    ] = "",
) -> None:
    """Print the manifest of the Slack app: for Socket Mode, or for HTTP."""
    from bot.cli.manifest import manifest

    raise typer.Exit(manifest(http=http, oauth=oauth))


@config.command("check")
def config_check(config: ConfigFile = None) -> None:
    """Validate a configuration file and say what is missing."""
    from bot.cli.settings import check

    raise typer.Exit(check(config))


@config.command("schema")
def config_schema() -> None:
    """Print the JSON Schema of the configuration file."""
    from bot.cli.settings import schema

    raise typer.Exit(schema())


@alerts.command("dry-run")
def alerts_dry_run(
    since: Annotated[str, typer.Option(help="How far back: 30d, 12h, 4w, or a date.")] = "30d",
    target: Annotated[str | None, typer.Option(help="One target; all if left out.")] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of alerts, such as failure_threshold=3; repeatable."),
    ] = None,
    format: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    config: ConfigFile = None,
) -> None:
    """Count what would have been told of the runs that are kept, by other settings too."""
    from bot.cli.alerts import dry_run

    raise typer.Exit(
        dry_run(
            since=since,
            target=target,
            assignments=assignments or [],
            format=format,
            config=config,
        )
    )
