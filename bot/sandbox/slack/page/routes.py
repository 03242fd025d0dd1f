"""The page's HTTP face: its files, what changes as a WebSocket, and what people do as JSON."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from bot.errors import NotFound, StagecheckError, UsageError
from bot.sandbox.slack.page.acts import Gestures
from bot.sandbox.slack.page.guard import guarded
from bot.sandbox.slack.page.hints import Hints, Panel
from bot.sandbox.slack.page.state import PICTURES, ROUTES, Sight
from bot.sandbox.slack.people import People
from bot.sandbox.slack.workspace import Json, User

BUILT = Path(__file__).parents[2] / "ui" / "built"
TYPES: Mapping[str, str] = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
}
# Changes come in bursts; a page that is told of them together redraws once.
TOGETHER_S = 0.03


@dataclass(slots=True)
class Page:
    """Serves the page. `hints` and `panel` may be set until somebody opens it."""

    people: People
    hints: Hints = field(default_factory=Hints)
    gestures: Gestures = field(init=False)
    _open: set[web.WebSocketResponse] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.gestures = Gestures(self.people)

    @property
    def panel(self) -> Panel | None:
        return self.gestures.panel

    @panel.setter
    def panel(self, panel: Panel | None) -> None:
        self.gestures.panel = panel

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Add the page to the small Slack's server; nothing of it answers to a foreign page."""
        router.add_get("/", guarded(self._file))
        router.add_get("/assets/{name}", guarded(self._file))
        router.add_get(f"{ROUTES}/live", guarded(self._live, changes=True))
        router.add_post(f"{ROUTES}/do", guarded(self._do, changes=True))
        router.add_post(f"{ROUTES}/files", guarded(self._take, changes=True))
        router.add_get(f"{ROUTES}/files/{{id}}", guarded(self._give))

    async def stop(self) -> None:
        """Close what is open, so that stopping does not wait for pages."""
        for socket in list(self._open):
            await socket.close()

    async def _file(self, request: web.Request) -> web.StreamResponse:
        path = BUILT / request.match_info.get("name", "index.html")
        # Names are looked up among what is there: no path leads out of the folder.
        if path not in BUILT.iterdir():
            raise web.HTTPNotFound
        body = await asyncio.to_thread(path.read_bytes)
        return web.Response(body=body, content_type=TYPES[path.suffix], charset="utf-8")

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """Tell one page what there is, and then whatever changes, until it is closed."""
        try:
            user = self._user(request.query.get("user", ""))
        except NotFound as error:
            return web.json_response({"error": error.message}, status=404)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        self._open.add(socket)
        telling = asyncio.create_task(self._tell(socket, user))
        try:
            async for _ in socket:
                pass  # the page says nothing here; reading notices when it goes
        finally:
            self._open.discard(socket)
            telling.cancel()
            await asyncio.gather(telling, return_exceptions=True)
        return socket

    async def _tell(self, socket: web.WebSocketResponse, user: User) -> None:
        workspace = self.people.workspace
        await socket.send_str(_dumped({"hello": self._hello(user)}))
        sight = Sight(self.people, user)
        while not socket.closed:
            seen = workspace.changes
            rest = {"read": self.gestures.read.get(user.id, {})}
            if self.panel is not None:
                rest["panel"] = dict(self.panel.state())
            if news := sight.news(rest):
                await socket.send_str(_dumped({"news": news}))
            while workspace.changes == seen:
                workspace.changed.clear()
                await workspace.changed.wait()
            await asyncio.sleep(TOGETHER_S)

    def _hello(self, user: User) -> Json:
        workspace = self.people.workspace
        return {
            "workspace": workspace.name,
            "user": user.id,
            "users": [{"id": one.id, "name": one.name} for one in workspace.users.values()],
            "app": {"id": workspace.bot.id, "name": workspace.bot.name},
            "completions": [
                {"line": one.line, "summary": one.summary, "usage": one.usage}
                for one in self.hints.completions
            ],
            "shortcuts": [
                {"id": one.callback_id, "name": one.name, "of_message": one.of_message}
                for one in self.hints.shortcuts
            ],
            "panel": dict(self.panel.offered()) if self.panel is not None else None,
        }

    async def _do(self, request: web.Request) -> web.StreamResponse:
        """Do one gesture; what is wrong with it comes back as words, with HTTP 200."""
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            wanted = json.loads(await request.text())
        except ValueError:
            raise web.HTTPBadRequest from None
        if not isinstance(wanted, dict):
            raise web.HTTPBadRequest
        try:
            user = self._user(str(wanted.get("user", "")))
            return web.json_response(await self.gestures.do(user, wanted))
        except StagecheckError as error:
            told = " ".join(filter(None, (error.message, error.hint)))
            return web.json_response({"ok": False, "error": told})

    async def _take(self, request: web.Request) -> web.StreamResponse:
        """Upload a file as a person; nobody sees it before it is posted."""
        try:
            user = self._user(request.query.get("user", ""))
            content, name = await request.read(), request.query.get("name", "")
            if not content or not name:
                raise UsageError("An upload has a name, and at least one byte.")
        except StagecheckError as error:
            return web.json_response({"ok": False, "error": error.message})
        file = self.people.files.attach(name, content, user, mimetype="", mode="hosted")
        return web.json_response({"ok": True, "id": file.id, "name": file.name})

    async def _give(self, request: web.Request) -> web.StreamResponse:
        """A file of the workspace: a picture to be looked at, anything else to be saved."""
        file = self.people.files.files.get(request.match_info["id"])
        if file is None or file.content is None:
            raise web.HTTPNotFound
        is_picture = Path(file.name).suffix.lower() in PICTURES
        headers = {} if is_picture else {"Content-Disposition": "attachment"}
        kind = file.mimetype if is_picture else "application/octet-stream"
        return web.Response(body=file.content, content_type=kind, headers=headers)

    def _user(self, id: str) -> User:
        """The person who acts, by id or name; the first one when nobody is named."""
        users = self.people.workspace.users
        if not id:
            return next(iter(users.values()))
        for user in users.values():
            if id in (user.id, user.name):
                return user
        raise NotFound(f"There is no user {id}.")


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
