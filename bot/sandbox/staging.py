"""A staging system that can be broken on purpose: three services on real sockets."""

import os
import socket
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from aiohttp import web

from bot.errors import UsageError
from bot.sandbox.auth_service import auth_service
from bot.sandbox.backend import backend
from bot.sandbox.behaviour import BYPASS_KEY, JWT_SECRET, Behaviour
from bot.sandbox.certificates import Certificates
from bot.sandbox.configuration import as_yaml, client_side, healthy_settings, merged
from bot.sandbox.faults import Fault, faults_named
from bot.sandbox.frontend import frontend
from bot.sandbox.nuisances import Nuisance, nuisances_named
from bot.sandbox.proxy import Proxy
from bot.sandbox.world import Received, World

_HOST = "127.0.0.1"
# A handler that hangs is cut off after this long when the simulator stops.
_STOP_S = 0.1
_SERVICES = {"auth": auth_service, "api": backend, "frontend": frontend}
_TEXT_FILE = "notes.txt"
_OURS = {"bypass_key": BYPASS_KEY, "jwt_secret": JWT_SECRET}


class Staging:
    """The simulator. Set `faults` and `nuisances` at any time: the next request meets them.

    What a fault changes at the client is in the next `target_settings` or `write_config`.

    With `port` N the auth service listens on N, the backend on N+1 and, over TLS, on N+3, the
    front end on N+2; with 0 all take free ports. `behaviour` is what the faults are laid over.
    """

    def __init__(
        self,
        faults: Iterable[str] = (),
        nuisances: Iterable[str] = (),
        *,
        port: int = 0,
        behaviour: Behaviour | None = None,
    ) -> None:
        self._base = behaviour or Behaviour()
        self._names = tuple(faults)
        self._faults = faults_named(self._names)
        self._nuisances = nuisances_named(nuisances, self._faults)
        self._world = World(behaviour=self._behaviour())
        self._first_port = port
        self._ports: dict[str, int] = {}
        self._opened = AsyncExitStack()
        self._folder: Path | None = None
        self._certificates: Certificates | None = None

    async def __aenter__(self) -> "Staging":
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Open every socket; the URLs are known afterwards."""
        async with AsyncExitStack() as opened:
            folder = opened.enter_context(TemporaryDirectory(prefix="stagecheck-staging-"))
            self._folder = Path(folder)
            self._certificates = Certificates(self._folder)
            self._load_certificate()
            # Bound and not listening: connecting to it is refused, and nobody else can take it.
            closed = opened.enter_context(socket.socket())
            closed.bind((_HOST, 0))
            self._ports["closed"] = closed.getsockname()[1]
            for at, (name, service) in enumerate(_SERVICES.items()):
                runner = web.AppRunner(
                    service(self._world),
                    access_log=None,
                    handler_cancellation=True,
                    shutdown_timeout=_STOP_S,
                )
                opened.push_async_callback(runner.cleanup)
                await runner.setup()
                await self._listen(runner, name, at)
                if name == "api":
                    await self._listen(runner, "tls", len(_SERVICES))
            proxy = await opened.enter_async_context(Proxy(self._world))
            self._ports["proxy"] = proxy.port
            (self._folder / _TEXT_FILE).write_text("This is no certificate.\n")
            self._opened = opened.pop_all()

    async def _listen(self, runner: web.AppRunner, name: str, offset: int) -> None:
        context = self._certificates.context if self._certificates and name == "tls" else None
        port = self._first_port + offset if self._first_port else 0
        try:
            await web.TCPSite(runner, _HOST, port, ssl_context=context).start()
        except OSError as error:
            raise UsageError(
                f"The simulator cannot listen on port {port}: {error.strerror}.",
                hint="Choose another port, or 0 for any that is free.",
            ) from error
        self._ports[name] = runner.addresses[-1][1]

    async def stop(self) -> None:
        """Close every socket, whatever is going on; stopping twice does nothing."""
        self._certificates = None
        await self._opened.aclose()

    @property
    def faults(self) -> tuple[str, ...]:
        return self._names

    @faults.setter
    def faults(self, names: Iterable[str]) -> None:
        names = tuple(names)
        faults = faults_named(names)
        nuisances_named(self.nuisances, faults)
        self._names, self._faults = names, faults
        self._become()

    @property
    def nuisances(self) -> tuple[str, ...]:
        return tuple(nuisance.name for nuisance in self._nuisances)

    @nuisances.setter
    def nuisances(self, names: Iterable[str]) -> None:
        self._nuisances = nuisances_named(names, self._faults)
        self._become()

    def _become(self) -> None:
        self._world.become(self._behaviour())
        self._load_certificate()

    def _load_certificate(self) -> None:
        if self._certificates is not None:
            self._certificates.load(self._world.behaviour.certificate)

    def _behaviour(self) -> Behaviour:
        return altered(self._base, (*self._nuisances, *self._faults))

    @property
    def received(self) -> list[Received]:
        """What reached the simulator, oldest first."""
        return self._world.received

    @property
    def auth_url(self) -> str:
        return str(self._urls()["auth_url"])

    @property
    def api_url(self) -> str:
        return str(self._urls()["api_url"])

    @property
    def ws_url(self) -> str:
        return str(self._urls()["ws_url"])

    @property
    def frontend_url(self) -> str:
        return str(self._urls()["frontend_url"])

    @property
    def secrets(self) -> Mapping[str, str]:
        """What the client holds; a secret it lacks is not there."""
        held = merged(_OURS, self._changes().get("secrets", {}))
        settings = self._changes()
        # A fault that points a reference elsewhere leaves the client without that secret.
        return {name: value for name, value in held.items() if name not in settings}

    def target_settings(self, folder: Path | None = None) -> dict[str, Any]:
        """Return ``targets.staging``; secrets are written to files in `folder`.

        Without `folder` the files live as long as the simulator runs.
        """
        folder = folder or self._folder
        assert folder is not None, "The simulator was not started."
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = {}
        for name, value in self.secrets.items():
            files[name] = (folder / name).resolve()
            _write_private(files[name], value)
        settings = healthy_settings(self._plain_urls(), files)
        changes = {key: value for key, value in self._changes().items() if key != "secrets"}
        if changes.get("ca_file") == "$ca_file" and self._certificates is not None:
            ca_file = (folder / "ca.pem").resolve()
            ca_file.write_bytes(self._certificates.ca_file.read_bytes())
            changes["ca_file"] = str(ca_file)
        # None stands for a setting that is taken away.
        changed = merged(settings, changes)
        return {key: value for key, value in changed.items() if value is not None}

    def write_config(self, path: Path) -> None:
        """Write a whole configuration file, its secrets in ``<stem>.secrets/`` beside it."""
        path = path.resolve()
        settings = {
            "database": f"sqlite:///{path.with_suffix('.db')}",
            "targets": {"staging": self.target_settings(path.parent / f"{path.stem}.secrets")},
        }
        path.write_text(as_yaml(settings), encoding="utf-8")

    def _plain_urls(self) -> dict[str, str]:
        return {
            "api_url": f"http://{_HOST}:{self._ports['api']}",
            "auth_url": f"http://{_HOST}:{self._ports['auth']}",
            "ws_url": f"ws://{_HOST}:{self._ports['api']}/ws",
            "frontend_url": f"http://{_HOST}:{self._ports['frontend']}",
        }

    def _urls(self) -> dict[str, Any]:
        return merged(self._plain_urls(), self._changes())

    def _changes(self) -> dict[str, Any]:
        ports = {f"{name}_port": port for name, port in self._ports.items()}
        values = {**_OURS, **ports, "folder": self._folder, "text_file": _TEXT_FILE}
        return client_side((*self._nuisances, *self._faults), values)


def altered(behaviour: Behaviour, rows: Iterable[Fault | Nuisance]) -> Behaviour:
    """Return `behaviour` with what nuisances and faults change."""
    changes: dict[str, Any] = {}
    for row in rows:
        changes = merged(changes, row.server)
    return replace(behaviour, **changes)


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text.encode())
