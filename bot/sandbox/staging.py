"""A staging system that can be broken on purpose: three services on real sockets."""

import os
import socket
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from aiohttp import web

from bot.sandbox.auth_service import auth_service
from bot.sandbox.backend import backend
from bot.sandbox.behaviour import BYPASS_KEY, JWT_SECRET, Behaviour
from bot.sandbox.certificates import Certificates
from bot.sandbox.configuration import as_yaml, client_side, healthy_settings, merged
from bot.sandbox.faults import Fault, faults_named
from bot.sandbox.frontend import frontend
from bot.sandbox.world import Received, World

_HOST = "127.0.0.1"
# A handler that hangs is cut off after this long when the simulator stops.
_STOP_S = 0.1
_OURS = {"bypass_key": BYPASS_KEY, "jwt_secret": JWT_SECRET}


class Staging:
    """The simulator. Set `faults` at any time: the next request meets them.

    With `port` N the auth service listens on N, the backend on N+1 and, over TLS, on N+3, the
    front end on N+2; with 0 all take free ports. `behaviour` is what the faults are laid over.
    """

    def __init__(
        self,
        faults: Iterable[str] = (),
        *,
        port: int = 0,
        behaviour: Behaviour | None = None,
    ) -> None:
        self._base = behaviour or Behaviour()
        self._names = tuple(faults)
        self._faults = faults_named(self._names)
        self._world = World(behaviour=broken(self._base, self._faults))
        self._first_port = port
        self._ports: dict[str, int] = {}
        self._runners: list[web.AppRunner] = []
        self._closed: socket.socket | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
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
        self._folder = tempfile.TemporaryDirectory(prefix="stagecheck-staging-")
        self._certificates = Certificates(Path(self._folder.name))
        self._certificates.load(self._world.behaviour.certificate)
        # Bound and not listening: connecting to it is refused, and nobody else can take it.
        self._closed = socket.socket()
        self._closed.bind((_HOST, 0))
        self._ports["closed"] = self._closed.getsockname()[1]
        services = {
            "auth": auth_service(self._world),
            "api": backend(self._world),
            "frontend": frontend(self._world),
        }
        try:
            for at, (name, app) in enumerate(services.items()):
                runner = web.AppRunner(
                    app, access_log=None, handler_cancellation=True, shutdown_timeout=_STOP_S
                )
                await runner.setup()
                self._runners.append(runner)
                await self._listen(runner, name, at)
                if name == "api":
                    await self._listen(runner, "tls", 3)
        except BaseException:
            await self.stop()
            raise

    async def _listen(self, runner: web.AppRunner, name: str, offset: int) -> None:
        context = self._certificates.context if self._certificates and name == "tls" else None
        port = self._first_port + offset if self._first_port else 0
        await web.TCPSite(runner, _HOST, port, ssl_context=context).start()
        self._ports[name] = runner.addresses[-1][1]

    async def stop(self) -> None:
        """Close every socket, whatever is going on; stopping twice does nothing."""
        while self._runners:
            await self._runners.pop().cleanup()
        if self._closed is not None:
            self._closed.close()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    @property
    def faults(self) -> tuple[str, ...]:
        return self._names

    @faults.setter
    def faults(self, names: Iterable[str]) -> None:
        names = tuple(names)
        self._faults = faults_named(names)
        self._names = names
        self._world.become(broken(self._base, self._faults))
        if self._certificates is not None and self._folder is not None:
            self._certificates.load(self._world.behaviour.certificate)

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
        folder = folder or Path(self._own_folder())
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = {}
        for name, value in self.secrets.items():
            files[name] = (folder / name).resolve()
            _write_private(files[name], value)
        settings = healthy_settings(self._plain_urls(), files)
        changes = {key: value for key, value in self._changes().items() if key != "secrets"}
        if "ca_file" in changes and self._certificates is not None:
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
        return client_side(self._faults, {**_OURS, **ports})

    def _own_folder(self) -> str:
        assert self._folder is not None, "The simulator is not running."
        return self._folder.name


def broken(behaviour: Behaviour, faults: Iterable[Fault]) -> Behaviour:
    """Return `behaviour` with what the faults change."""
    changes: dict[str, Any] = {}
    for fault in faults:
        changes = merged(changes, fault.server)
    return replace(behaviour, **changes)


def _write_private(path: Path, text: str) -> None:
    with suppress(FileNotFoundError):
        path.unlink()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
