"""The small Slack's HTTP face: Web API, response_urls, uploads and Socket Mode addresses."""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bot.errors import UsageError
from bot.sandbox.slack.api import Call, WebApi
from bot.sandbox.slack.args import Args
from bot.sandbox.slack.files import PRIVATE
from bot.sandbox.slack.page import Page
from bot.sandbox.slack.rates import Limiter
from bot.sandbox.slack.responses import body_of, use_response_url
from bot.sandbox.slack.socket_mode import PATH as SOCKET_PATH
from bot.sandbox.slack.trouble import Trouble, Troubles
from bot.sandbox.slack.workspace import Json, Refusal, Workspace

BODY_MOST_BYTES = 16 * 1024 * 1024


@dataclass(slots=True)
class Server:
    """Real sockets on 127.0.0.1. Every call is recorded; planned trouble is met on the way."""

    workspace: Workspace
    api: WebApi
    troubles: Troubles
    limiter: Limiter | None
    page: Page
    calls: list[Call] = field(default_factory=list)
    under_way: int = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    async def start(self, port: int) -> int:
        """Listen; returns the port, chosen by the system when `port` is 0."""
        app = web.Application(client_max_size=BODY_MOST_BYTES)
        app.router.add_route("*", "/api/{method}", self._call)
        app.router.add_get(SOCKET_PATH, self._socket)
        app.router.add_post("/upload/{path:.*}", self._upload)
        app.router.add_get(PRIVATE + "/{path:.*}", self._download)
        app.router.add_get("/login", _log_in)
        app.router.add_get("/oauth/v2/authorize", self._authorize)
        app.router.add_post("/{kind:commands|actions}/{path:.*}", self._respond)
        self.page.add_routes(app.router)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.5, handler_cancellation=True
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise UsageError(
                f"The mini Slack cannot listen on port {port}: {error.strerror}.",
                hint="Choose another port, or 0 for any that is free.",
            ) from error
        return int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        self._stopping.set()
        await self.page.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _call(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["method"]
        values = await _values(request)
        proof = request.headers.get("Authorization", "")
        token = proof.removeprefix("Bearer ").strip() or str(values.get("token") or "")
        values.pop("token", None)
        api = self.api.of(token, str(values.get("channel", "")))
        wait_s = self.limiter.wait_s(name, str(values.get("channel", ""))) if self.limiter else 0
        if wait_s:
            self._record(name, values, {"ok": False, "error": "ratelimited"}, 429, "")
            return _rate_limited(wait_s)
        if name == "oauth.v2.access":
            return await self._answered(
                name, values, request, lambda: self._access(Args(values), proof)
            )
        return await self._answered(
            name, values, request, lambda: api.answer(name, token, Args(values))
        )

    def _access(self, args: Args, proof: str) -> dict[str, Json]:
        try:
            return self.api.accounts.access(args, proof)
        except Refusal as refusal:
            return {"ok": False, "error": refusal.code}

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        """Slack's page on which a person installs the app."""
        page = self.api.accounts.page(Args(dict(request.query)))
        return web.Response(text=page, content_type="text/html")

    def _workspace_of(self, path: str) -> Workspace:
        others = (api.workspace for api in self.api.others.values())
        found = (each for each in others if path in each.response_urls)
        return next(found, self.workspace)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        text = await request.text()

        def answer() -> dict[str, Json]:
            try:
                body = body_of(text, request.content_type)
                use_response_url(self._workspace_of(request.path), request.path, body)
            except Refusal as refusal:
                return {"ok": False, "error": refusal.code, **refusal.extra}
            return {"ok": True}

        values = {"url": request.path, "body": text}
        return await self._answered("response_url", values, request, answer)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        content = await _uploaded(request)

        def answer() -> dict[str, Json]:
            return {"ok": self.api.files.take(request.path, content)}

        values = {"url": request.path, "size_bytes": len(content)}
        return await self._answered("upload", values, request, answer)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        """A file at its private address; whoever may not read any is sent to a page to log in."""
        token = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()

        def answer() -> dict[str, Json]:
            if not self.api.may_read(token):
                return {"ok": False, "error": "login"}
            found = self.api.files.bytes_at(request.path)
            return {"ok": found is not None, "error": "file_not_found", "content": found}

        values = {"url": request.path}
        return await self._answered("download", values, request, answer)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        trouble = self.troubles.next("socket")
        if trouble is not None:
            return await self._troubled(trouble, request)
        return await self.api.sockets.serve(request)

    async def _answered(
        self,
        name: str,
        values: Mapping[str, Json],
        request: web.Request,
        answer: Callable[[], dict[str, Json]],
    ) -> web.StreamResponse:
        """Do the call, unless trouble is planned that lets nothing happen, and answer it."""
        trouble = self.troubles.next(name)
        self.under_way += 1
        try:
            if trouble is None:
                body = answer()
                self._record(name, values, body, 200, "")
                return self._response(name, body)
            body = answer() if trouble.accepted else {"ok": False, "error": trouble.answer}
            self._record(name, values, body, 200, trouble.how)
            return await self._troubled(trouble, request)
        finally:
            self.under_way -= 1
            self.workspace.touch()

    async def _troubled(self, trouble: Trouble, request: web.Request) -> web.StreamResponse:
        match trouble.answer:
            case "429":
                return _rate_limited(trouble.retry_after_s)
            case "500" | "503":
                return web.Response(status=int(trouble.answer), text="<h1>Server Error</h1>")
            case "html":
                return web.Response(
                    text="<!DOCTYPE html><title>Slack</title>", content_type="text/html"
                )
            case "timeout":
                await self._stopping.wait()
                return web.Response(status=503)
            case "disconnect":
                if request.transport is not None:
                    request.transport.abort()
                return web.Response(status=503)
            case code:
                return self._response(trouble.method, {"ok": False, "error": code})

    def _response(self, name: str, body: Json) -> web.Response:
        if name == "response_url":
            return web.Response(text="ok") if body["ok"] else _gone(body)
        if name == "download":
            return _file(body)
        if name == "upload":
            return web.Response(text="OK") if body["ok"] else web.Response(status=404)
        return _json(body, headers={"x-oauth-scopes": ",".join(sorted(self.api.scopes))})

    def _record(
        self, name: str, args: Mapping[str, Json], answer: Json, status: int, trouble: str
    ) -> None:
        self.calls.append(
            Call(
                at=self.workspace.clock(),
                method=name,
                args=args,
                answer=answer,
                status=status,
                trouble=trouble,
            )
        )
        self.workspace.touch()


def _json(
    body: Json, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.json_response(body, status=status, headers=headers)


def _file(body: Json) -> web.Response:
    if body["ok"]:
        return web.Response(body=body["content"], content_type="application/octet-stream")
    if body["error"] == "login":
        return web.Response(status=302, headers={"Location": "/login"})
    return web.Response(status=404)


async def _log_in(_: web.Request) -> web.Response:
    return web.Response(text="<!DOCTYPE html><title>Log in</title>", content_type="text/html")


def _gone(body: Json) -> web.Response:
    used_up = body["error"] in ("used_url", "expired_url", "no_such_url")
    return _json(body, status=404 if used_up else 400)


def _rate_limited(retry_after_s: int) -> web.Response:
    headers = {"Retry-After": str(retry_after_s)}
    return _json({"ok": False, "error": "ratelimited"}, status=429, headers=headers)


async def _values(request: web.Request) -> dict[str, Json]:
    """Query, form and JSON body merged, the body last."""
    values: dict[str, Json] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.text() or "{}")
        except json.JSONDecodeError:
            body = {}
        values |= body if isinstance(body, dict) else {}
    elif request.method == "POST":
        values |= dict(await request.post())
    return values


async def _uploaded(request: web.Request) -> bytes:
    if not request.content_type.startswith("multipart/"):
        return await request.read()
    for part in (await request.post()).values():
        if isinstance(part, web.FileField):
            return part.file.read()
    return b""
