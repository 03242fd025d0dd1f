"""`stagecheck doctor`: looks at everything the bot needs, and says what to click."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from bot import journal
from bot.config import Settings, is_of_this_machine, load
from bot.errors import ConfigError, DeliveryError, StagecheckError, StoreError
from bot.gate import Gate
from bot.masking import Masker
from bot.probe import Network, reach
from bot.slack import Finding, State, connect, examine
from bot.store import Store

_CODES = {"configuration": ConfigError.exit_code, "slack": DeliveryError.exit_code}
_WIDTH = 5
_LATELY = timedelta(days=7)


def doctor(config: Path | None) -> int:
    """Print what is found, and return 0 if the bot can work, else the code of the first trouble."""
    settings = load(config, env=os.environ)
    return asyncio.run(_doctor(settings))


async def _doctor(settings: Settings) -> int:
    code = 0
    async for area, finding in _findings(settings):
        typer.echo(f"{finding.state:<{_WIDTH}} {finding.part}: {finding.said}")
        if finding.do:
            typer.echo(f"{'':<{_WIDTH}} do: {finding.do}")
        if finding.state is State.BROKEN:
            code = code or _CODES.get(area, StagecheckError.exit_code)
    typer.echo("")
    typer.echo("Something is to be done." if code else "The bot can work.")
    return code


async def _findings(settings: Settings) -> AsyncIterator[tuple[str, Finding]]:
    # Until the database is open: never one that others have too, for guesses could be looked up.
    masker = _masking(settings, secrets.token_bytes(32))
    yield (
        "configuration",
        Finding(part="configuration", state=State.WELL, said=f"{settings.path} is valid."),
    )
    for finding in _secrets(settings):
        yield "configuration", finding
    async with AsyncExitStack() as stack:
        store = None
        try:
            store = await Store.open(settings.database)
            stack.push_async_callback(store.close)
            await store.check()
            masker = _masking(settings, await store.pepper())
            said = "It can be read and written."
            yield "database", Finding(part="database", state=State.WELL, said=said)
            for finding in await _untold(store):
                yield "alerts", finding
        except StoreError as error:
            yield "database", _trouble("database", error)
        async for finding in _slack(settings, store, masker):
            yield "slack", finding
        for finding in _in_the_clear(settings):
            yield "target", finding
        network = await stack.enter_async_context(Network())
        for target in settings.targets.values():
            for reached in await reach(target, network):
                part = f"target {target.name}"
                if reached.status is not None:
                    said = f"{reached.url} answers (HTTP {reached.status})."
                    yield "target", Finding(part=part, state=State.WELL, said=said)
                else:
                    said = f"{reached.url}: {masker.mask(reached.trouble)}."
                    do = f"stagecheck run {target.name} says why, step by step."
                    yield "target", Finding(part=part, state=State.BROKEN, said=said, do=do)


async def _untold(store: Store) -> list[Finding]:
    """Return, for each route, why nobody took what was to be told there in the last week."""
    dead = await store.alerts.dead(since=datetime.now(UTC) - _LATELY)
    newest = {one.lane.route: one for one in reversed(dead)}
    return [
        Finding(
            part=f"route {route}",
            state=State.ODD,
            said=f"It refused what was told at {one.decided_at:%Y-%m-%d %H:%M} UTC: {one.error}",
            do="Put it right; what changes from then on is told again.",
        )
        for route, one in newest.items()
    ]


def _in_the_clear(settings: Settings) -> Iterator[Finding]:
    """Yield the targets that are told keys or tokens on a way where these could be read."""
    for target in settings.targets.values():
        read = [
            url
            for url in (target.api_url, target.auth_url, target.ws_url)
            if url.startswith(("http:", "ws:")) and not is_of_this_machine(url)
        ]
        if read:
            yield Finding(
                part=f"target {target.name}",
                state=State.ODD,
                said=f"Not encrypted: {', '.join(read)}. Keys and tokens could be read on the way.",
                do="Use https:// and wss:// where the way leads through networks of others.",
            )


def _masking(settings: Settings, pepper: bytes) -> Masker:
    masker = Masker(settings.secrets, pepper=pepper)
    journal.configure(masker, level="error", format=settings.log.format)
    return masker


def _secrets(settings: Settings) -> list[Finding]:
    found = []
    for target in settings.targets.values():
        for secret in target.secrets:
            if secret.problem:
                part = f"target {target.name}"
                said = f"{secret.name}: {secret.problem}."
                found.append(Finding(part=part, state=State.ODD, said=said))
    try:
        _ = Gate(settings.server_token)
    except ConfigError as error:
        found.append(_trouble("server", error))
    if not settings.server.token and settings.server.host not in ("127.0.0.1", "::1", "localhost"):
        found.append(
            Finding(
                part="server",
                state=State.ODD,
                said="It listens beyond this machine, and without server.token nobody there can"
                " read metrics and runs.",
                do="Set server.token if somebody should.",
            )
        )
    return found


async def _slack(settings: Settings, store: Store | None, masker: Masker) -> AsyncIterator[Finding]:
    if not settings.slack.is_configured:
        yield Finding(
            part="slack", state=State.ODD, said="Not configured; `run` works, `serve` needs it."
        )
        return
    try:
        credentials = settings.slack_credentials()
    except ConfigError as error:
        yield _trouble("slack", error)
        return
    if store is None:
        said = "Not looked at: where tokens are kept cannot be read."
        yield Finding(part="slack", state=State.ODD, said=said)
        return
    channels = [route.channel for route in settings.routes if route.channel]
    connected = connect(credentials, store=store, masker=masker)
    try:
        async for finding in examine(
            credentials,
            connected.client,
            workspaces=connected.workspaces,
            channels=channels,
        ):
            yield finding
    finally:
        await connected.close()


def _trouble(part: str, error: StagecheckError) -> Finding:
    return Finding(part=part, state=State.BROKEN, said=error.message, do=error.hint)
