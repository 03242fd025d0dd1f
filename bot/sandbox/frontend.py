"""The simulated front end: a page, and a health that tells how it sees the other two."""

import time

from aiohttp import web

from bot.sandbox.behaviour import Answer
from bot.sandbox.edge import application, give
from bot.sandbox.world import World


def frontend(world: World) -> web.Application:
    """Return the front end."""
    started_at = time.monotonic()

    async def health(request: web.Request) -> web.StreamResponse:
        behaviour = world.behaviour
        if behaviour.frontend_health is not None:
            return await give(request, behaviour.frontend_health)
        dependencies = {
            "backend": _seen(behaviour.backend or behaviour.health),
            "auth": _seen(behaviour.auth or behaviour.auth_health),
        }
        well = all(seen["status"] == "healthy" for seen in dependencies.values())
        return web.json_response(
            {
                "status": "healthy" if well else "degraded",
                "service": "frontend",
                "uptime": round(time.monotonic() - started_at, 3),
                "memory": {"rss_mb": 91},
                "dependencies": dependencies,
                "checks": {},
                "urls": {},
            }
        )

    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Loading</title>", content_type="text/html")

    app = application(world, "frontend")
    app.add_routes([web.get("/health", health), web.get("/", page)])
    return app


def _seen(answer: Answer | None) -> dict[str, object]:
    if answer is None:
        return {"status": "healthy", "details": {"status_code": 200}}
    if answer.hang or answer.drip_s:
        return {"status": "unhealthy", "details": {"error": "timeout"}}
    return {"status": "unhealthy", "details": {"status_code": answer.status}}
