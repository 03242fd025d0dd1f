"""`stagecheck simulate` and `stagecheck faults`: the simulated staging on its own."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import typer

from bot.cli.printing import known_format, show
from bot.cli.stopping import until_stopped
from bot.sandbox import FAULTS, LOOKALIKES, NUISANCES, Staging


def simulate(
    *,
    port: int,
    faults: Sequence[str],
    write_config: Path | None,
    nuisances: Sequence[str] = (),
) -> int:
    """Run the simulator until it is stopped; return the exit code."""
    return asyncio.run(_simulate(port, faults, nuisances, write_config))


async def _simulate(
    port: int, faults: Sequence[str], nuisances: Sequence[str], write_config: Path | None
) -> int:
    async with Staging(faults, nuisances, port=port) as staging:
        typer.echo(f"auth      {staging.auth_url}")
        typer.echo(f"backend   {staging.api_url}")
        typer.echo(f"socket    {staging.ws_url}")
        typer.echo(f"frontend  {staging.frontend_url}")
        typer.echo(f"faults    {', '.join(staging.faults) or 'none'}")
        if staging.nuisances:
            typer.echo(f"nuisances {', '.join(staging.nuisances)}")
        if write_config:
            staging.write_config(write_config)
            typer.echo(f"config    {write_config}")
            typer.echo(f"\nTry: stagecheck run staging --config {write_config}")
        typer.echo("Stop with Ctrl-C.")
        await until_stopped()
    return 0


def faults(*, format: str) -> int:
    """Print every fault with its true causes; return the exit code."""
    is_json = known_format(format, ("text", "json")) == "json"
    show(json.dumps(_rows(), indent=2) if is_json else "\n".join(_list()))
    return 0


def _rows() -> list[dict[str, object]]:
    return [
        {
            "name": fault.name,
            "causes": [{"label": cause.label, "role": cause.role} for cause in fault.causes],
            "status": fault.status,
            "group": fault.area,
            "summary": fault.summary,
            "lookalikes": list(_lookalikes(fault.name)),
        }
        for fault in FAULTS.values()
    ]


def _lookalikes(name: str) -> tuple[str, ...]:
    """Return the other faults that no client can tell from this one."""
    alike = next((one.faults for one in LOOKALIKES if name in one.faults), ())
    return tuple(other for other in alike if other != name)


def _list() -> Iterator[str]:
    for fault in FAULTS.values():
        causes = ", ".join(f"{cause.label} ({cause.role})" for cause in fault.causes)
        yield f"{typer.style(fault.name, bold=True)} · {fault.status}"
        yield f"    {fault.summary}"
        yield f"    {causes or 'nothing is wrong'}"
        if alike := _lookalikes(fault.name):
            yield f"    cannot be told from: {', '.join(alike)}"
    yield "\nNuisances, which change no answer:"
    for nuisance in NUISANCES.values():
        yield f"{typer.style(nuisance.name, bold=True)}"
        yield f"    {nuisance.summary}"
