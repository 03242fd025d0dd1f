"""The way into a service: what the load balancer adds, and answers that replace the service's."""

import asyncio
import json
import time
import uuid
from collections.abc import Awaitable, Callable
from email.utils import formatdate

from aiohttp import web

from bot.sandbox.behaviour import EDGE_503, Answer
from bot.sandbox.dress import dress, dress_headers
from bot.sandbox.world import Received, World

# Longer than any client's patience, short enough not to outlive a forgotten simulator by much.
_HANG_S = 120.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def application(world: World, service: str) -> web.Application:
    """Return an empty service behind the edge: routes are still to be added."""

    @web.middleware
    async def front(request: web.Request, handler: Handler) -> web.StreamResponse:
        names = frozenset(name.lower() for name in request.headers)
        world.note(
            Received(service=service, method=request.method, path=request.path, headers=names)
        )
        await asyncio.sleep(world.behaviour.pause(_phase(request)))
        response = await answered(request, handler)
        if isinstance(response, web.Response):
            dress(response, world.behaviour)
        return response

    async def answered(request: web.Request, handler: Handler) -> web.StreamResponse:
        upgrade = "Upgrade" in request.headers
        if (answer := _instead(world, service, upgrade=upgrade)) is not None:
            return await give(request, answer)
        try:
            return await handler(request)
        except web.HTTPMethodNotAllowed as error:
            allow = ", ".join(sorted(error.allowed_methods))
            detail = {"detail": "Method Not Allowed"}
            return web.json_response(detail, status=405, headers={"Allow": allow})
        except web.HTTPNotFound:
            return web.json_response({"detail": "Not Found"}, status=404)

    async def stamp(_: web.Request, response: web.StreamResponse) -> None:
        if response.status == 101 and world.behaviour.unasked_subprotocol:
            response.headers["Sec-WebSocket-Protocol"] = world.behaviour.unasked_subprotocol
        ahead_s = _ahead_s(world, service)
        response.headers["Date"] = formatdate(time.time() + ahead_s, usegmt=True)
        response.headers["Server"] = "Google Frontend"
        response.headers["X-Cloud-Trace-Context"] = f"{uuid.uuid4().hex}/1;o=1"
        dress_headers(response, world.behaviour)

    app = web.Application(middlewares=[front])
    app.on_response_prepare.append(stamp)
    return app


def _ahead_s(world: World, service: str) -> float:
    """Return how far the clock of `service` is ahead."""
    behaviour = world.behaviour
    clocks = {
        "backend": behaviour.backend_clock_s,
        "auth": behaviour.auth_clock_s,
        "frontend": behaviour.frontend_clock_s,
    }
    return clocks[service]


def _phase(request: web.Request) -> str:
    """Return which phase of a run a request belongs to."""
    if "Upgrade" in request.headers:
        return "upgrade"
    return "exchange" if request.method == "POST" else "health"


def _instead(world: World, service: str, *, upgrade: bool) -> Answer | None:
    """Return the answer that stands for the whole service just now, if any."""
    behaviour = world.behaviour
    if service == "auth":
        return behaviour.auth
    if service == "frontend":
        return behaviour.frontend
    if world.backend_requests < behaviour.cold_requests:
        # The start is through once somebody wanted more than to know how it is.
        world.backend_requests += behaviour.cold_requests if upgrade else 1
        return EDGE_503
    return behaviour.backend


async def give(request: web.Request, answer: Answer) -> web.StreamResponse:
    """Send `answer`."""
    await asyncio.sleep(_HANG_S if answer.hang else answer.delay_s)
    is_text = answer.json is None
    body = answer.text.encode() if is_text else json.dumps(answer.json).encode()
    kind = answer.content_type if is_text else "application/json"
    if not answer.drip_s:
        return web.Response(
            status=answer.status, body=body, content_type=kind, headers=answer.headers
        )
    response = web.StreamResponse(status=answer.status)
    response.content_type = kind
    response.content_length = len(body)
    await response.prepare(request)
    for at in range(len(body)):
        await response.write(body[at : at + 1])
        await asyncio.sleep(answer.drip_s)
    return response
