"""The simulated auth service: health, the exchange of the bypass key, validation of tokens."""

import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.sandbox.behaviour import Behaviour
from bot.sandbox.edge import application, give
from bot.sandbox.tokens import TTL_S, issue, judge
from bot.sandbox.world import World

_SERVICE_SECRET = "sandbox-service-secret"


# What the two variants of the exchange say: not staging, no key sent, no key held.
_WORDS: Mapping[str, Mapping[int, str]] = {
    "A": {
        403: "E2E test authentication is only available in staging environment, not {}",
        401: "X-E2E-Bypass-Key header is required for test authentication",
        503: "E2E bypass key not configured: Secret Manager entry e2e-bypass-key is missing",
    },
    "B": {
        403: "E2E test authentication is not available in production",
        401: "E2E bypass key required",
        503: "E2E authentication not configured",
    },
}


def auth_service(world: World) -> web.Application:
    """Return the auth service."""
    service = _AuthService(world)
    app = application(world, "auth")
    app.add_routes(
        [
            web.get("/health", service.health),
            web.get("/health/ready", service.ready),
            web.get("/readiness", service.ready),
            web.get("/auth/health", service.always_well),
            web.get("/auth/config", service.config),
            web.get("/auth/status", service.always_well),
            web.get("/oauth/status", service.always_well),
            web.get("/openapi.json", service.openapi),
            web.post("/auth/e2e/test-auth", service.exchange),
            web.post("/auth/validate", service.validate),
            web.route("*", "/auth/verify", service.verify),
            web.get("/auth/me", service.verify),
        ]
    )
    return app


class _AuthService:
    def __init__(self, world: World) -> None:
        self._world = world
        self._started_at = time.monotonic()

    async def health(self, request: web.Request) -> web.StreamResponse:
        behaviour = self._world.behaviour
        if behaviour.auth_health is not None:
            return await give(request, behaviour.auth_health)
        return web.json_response(
            {
                "status": "healthy",
                "service": "auth-service",
                "version": "1.0.0",
                "timestamp": datetime.now(UTC).isoformat(),
                "uptime_seconds": round(time.monotonic() - self._started_at, 3),
                "database_status": "connected",
                "environment": behaviour.environment,
                **behaviour.health_fields,
            }
        )

    async def ready(self, _: web.Request) -> web.Response:
        if self._world.behaviour.auth_health is not None:
            return web.json_response({"status": "not_ready"}, status=503)
        return web.json_response({"status": "ready", "service": "auth-service"})

    async def always_well(self, _: web.Request) -> web.Response:
        """Answer 200 whatever is the matter; the body may say otherwise."""
        well = self._world.behaviour.auth_health is None
        return web.json_response({"status": "healthy" if well else "unhealthy"})

    async def config(self, _: web.Request) -> web.Response:
        return web.json_response({"environment": self._world.behaviour.environment})

    async def openapi(self, request: web.Request) -> web.Response:
        routes = (route.resource for route in request.app.router.routes())
        paths = sorted({resource.canonical for resource in routes if resource is not None})
        return web.json_response({"openapi": "3.1.0", "paths": {path: {} for path in paths}})

    async def exchange(self, request: web.Request) -> web.StreamResponse:
        """Exchange the key for a token; the order of the checks tells a client how far it got."""
        behaviour = self._world.behaviour
        if behaviour.exchange is not None:
            return await give(request, behaviour.exchange)
        words = _WORDS[behaviour.exchange_variant]
        wrong = {
            "A": behaviour.environment != "staging",
            "B": behaviour.environment == "production",
        }
        if wrong[behaviour.exchange_variant]:
            return _detail(403, words[403].format(behaviour.environment))
        key = request.headers.get("X-E2E-Bypass-Key", "")
        if not key:
            return _detail(401, words[401])
        if not behaviour.bypass_key or behaviour.environment != "staging":
            return _detail(503, words[503])
        if not hmac.compare_digest(key.encode(), behaviour.bypass_key.encode()):
            return _detail(401, "Invalid E2E bypass key")
        body = await _json_object(request)
        if body is None:
            return _detail(422, "Invalid JSON body")
        return web.json_response(self._tokens(body))

    def _tokens(self, body: dict[str, Any]) -> dict[str, object]:
        email = str(body.get("email") or "e2e-test@staging.example.test")
        permissions = body.get("permissions")
        if not isinstance(permissions, list):
            permissions = ["read", "write"]
        user_id = "e2e-" + email.partition("@")[0]
        tokens = [
            issue(self._world.behaviour, user_id=user_id, email=email, permissions=permissions)
            for _ in range(2)
        ]
        user: dict[str, object] = {
            "id": user_id,
            "email": email,
            "name": str(body.get("name") or "E2E Test User"),
            "permissions": permissions,
            "oauth_simulated": bool(body.get("simulate_oauth", True)),
        }
        if self._world.behaviour.exchange_variant == "A":
            user |= {"session_id": f"session_{user_id}", "auth_type": "e2e"}
        return {
            "access_token": tokens[0],
            "refresh_token": tokens[1],
            "token_type": "Bearer",
            "expires_in": TTL_S,
            "user": user,
        }

    async def validate(self, request: web.Request) -> web.Response:
        """Judge a token for another service, which has to prove itself first."""
        body = await _json_object(request)
        if body is None:
            return web.json_response({"valid": False, "error": "invalid_request"})
        if request.headers.get("X-Service-ID") != "netra-backend":
            return web.json_response({"valid": False, "error": "invalid_service_id"})
        if request.headers.get("X-Service-Secret") != _SERVICE_SECRET:
            return web.json_response({"valid": False, "error": "invalid_service_secret"})
        if not body.get("token"):
            return web.json_response({"valid": False, "error": "missing_token"})
        return self._verdict(str(body["token"]))

    async def verify(self, request: web.Request) -> web.Response:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            return web.json_response({"valid": False, "error": "missing_token"}, status=401)
        return self._verdict(token)

    def _verdict(self, token: str) -> web.Response:
        healthy, behaviour = Behaviour(), self._world.behaviour
        # What the backend asks of a token besides is no business of the one who issued it.
        behaviour = replace(
            behaviour,
            issuer=healthy.issuer,
            audiences=healthy.audiences,
            required_claims=healthy.required_claims,
        )
        verdict = judge(
            token, behaviour, secret=behaviour.auth_secret, clock_s=behaviour.auth_clock_s
        )
        if verdict.code:
            return web.json_response({"valid": False, "error": "invalid_token"})
        return web.json_response(
            {
                "valid": True,
                "user_id": verdict.user_id,
                "email": verdict.email,
                "permissions": ["read", "write"],
                "expires_at": verdict.expires_at,
            }
        )


def _detail(status: int, text: str) -> web.Response:
    return web.json_response({"detail": text}, status=status)


async def _json_object(request: web.Request) -> dict[str, Any] | None:
    """Return the body as an object, an empty body as an empty one, None if it is not JSON."""
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None
