"""The simulated backend's HTTP side, and the paths of its socket."""

import time

from aiohttp import web

from bot.sandbox.behaviour import Answer
from bot.sandbox.edge import application, give
from bot.sandbox.handshake import open_socket, open_test_socket
from bot.sandbox.world import World

_DEPENDENCIES = {"postgresql": 3.1, "redis": 0.8, "clickhouse": 6.4}
SOCKET_PATHS = ("/ws", "/websocket", "/ws/factory", "/ws/isolated")


def backend(world: World) -> web.Application:
    """Return the backend."""
    service = _Backend(world)
    app = application(world, "backend")
    app.add_routes(
        [
            web.get("/health", service.health),
            web.get("/health/live", service.health),
            web.get("/health/ready", service.ready),
            web.get("/api/health", service.dependencies),
            web.get("/health/database", service.dependencies),
            web.get("/ws/health", service.socket_health),
            web.get("/ws/config", service.socket_config),
            web.get("/api/discovery/services", service.discovery),
            web.get("/api/mcp/servers", service.discovery),
            web.get("/openapi.json", service.openapi),
            web.get("/ws/test", open_test_socket),
            web.get("/api/v1/websocket", service.guarded),
        ]
    )
    app.add_routes(web.get(path, service.socket) for path in SOCKET_PATHS)
    return app


class _Backend:
    def __init__(self, world: World) -> None:
        self._world = world
        self._started_at = time.monotonic()

    async def health(self, request: web.Request) -> web.StreamResponse:
        """Say "healthy": of the stores, the agents and the socket it knows nothing."""
        behaviour = self._world.behaviour
        if behaviour.health is not None:
            return await give(request, behaviour.health)
        return web.json_response(
            {
                "status": "healthy",
                "service": "netra-ai-platform",
                "version": "1.0.0",
                "timestamp": time.time() + behaviour.backend_clock_s,
                **behaviour.health_fields,
            }
        )

    async def ready(self, request: web.Request) -> web.StreamResponse:
        behaviour = self._world.behaviour
        if behaviour.ready is not None:
            return await give(request, behaviour.ready)
        if "postgresql" in behaviour.dependency_errors:
            return await give(
                request, Answer(status=503, json={"detail": "Core database unavailable"})
            )
        return web.json_response(
            {"status": "ready", "service": "netra-ai-platform", "timestamp": time.time()}
        )

    async def dependencies(self, _: web.Request) -> web.Response:
        """Tell how the stores are; a degraded one is still a 200."""
        behaviour = self._world.behaviour
        checks: dict[str, dict[str, object]] = {}
        for name, usual_ms in _DEPENDENCIES.items():
            error = behaviour.dependency_errors.get(name)
            slow_ms = behaviour.dependency_slow_ms.get(name)
            checks[name] = {
                "status": "unhealthy" if error else "degraded" if slow_ms else "healthy",
                "connected": error is None,
                "response_time_ms": slow_ms or usual_ms,
                "error": error,
            }
        well = all(check["status"] == "healthy" for check in checks.values())
        uptime_s = round(time.monotonic() - self._started_at, 3)
        return web.json_response(
            {
                "status": "healthy" if well else "degraded",
                "checks": checks,
                "uptime_seconds": uptime_s,
            }
        )

    async def socket_health(self, _: web.Request) -> web.Response:
        behaviour = self._world.behaviour
        return web.json_response(
            {
                "status": "healthy",
                "metrics": {"active_connections": self._world.connections.total()},
                "config": {"pre_connection_auth_required": not behaviour.demo_mode},
                "e2e_testing": {
                    "enabled": True,
                    "variables": ["E2E_OAUTH_SIMULATION_KEY"],
                    "auth_bypass_active": behaviour.demo_mode,
                },
                "errors": [],
            }
        )

    async def socket_config(self, _: web.Request) -> web.Response:
        return web.json_response({"heartbeat_interval": 25, "max_message_size": 8192})

    async def discovery(self, _: web.Request) -> web.Response:
        return web.json_response({"servers": [{"name": "netra-mcp", "status": "connected"}]})

    async def openapi(self, request: web.Request) -> web.Response:
        routes = (route.resource for route in request.app.router.routes())
        paths = sorted({resource.canonical for resource in routes if resource is not None})
        return web.json_response({"openapi": "3.1.0", "paths": {path: {} for path in paths}})

    async def guarded(self, _: web.Request) -> web.Response:
        """Refuse: this path was tried by clients long before it worked."""
        return web.Response(status=403)

    async def socket(self, request: web.Request) -> web.StreamResponse:
        return await open_socket(request, self._world)
