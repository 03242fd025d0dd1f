"""Faults of section 6.1: names, certificates, addresses and paths."""

from bot.sandbox.behaviour import Answer
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import EXCHANGE, RUN, Stage

_NOT_FOUND = Answer(status=404, json={"detail": "Not Found"})
OVER_TLS = {"api_url": "https://127.0.0.1:$tls_port", "ws_url": "wss://127.0.0.1:$tls_port/ws"}

TARGET_FAULTS = (
    Fault(
        name="dns-backend-host",
        summary="The backend's host name does not exist (a dash where a dot belongs).",
        area=Area.WAY,
        label="dns_failure",
        stage=Stage.BACKEND_TARGET,
        stops=RUN,
        client={
            "api_url": "http://api-staging.invalid:$api_port",
            "ws_url": "ws://api-staging.invalid:$api_port/ws",
        },
    ),
    Fault(
        name="dns-auth-host",
        summary="The auth service's host name does not exist; the fallback token carries the run.",
        area=Area.WAY,
        label="dns_failure",
        stage=Stage.AUTH_TARGET,
        stops=EXCHANGE,
        client={"auth_url": "http://auth-staging.invalid:$auth_port"},
    ),
    Fault(
        name="tls-hostname-mismatch",
        summary="The certificate is good, but for another host.",
        area=Area.WAY,
        label="tls_failure",
        stage=Stage.BACKEND_TARGET,
        stops=RUN,
        server={"certificate": "other-host"},
        client={**OVER_TLS, "ca_file": "$ca_file"},
    ),
    Fault(
        name="tls-self-signed",
        summary="The certificate is signed by itself.",
        area=Area.WAY,
        label="tls_failure",
        stage=Stage.BACKEND_TARGET,
        stops=RUN,
        server={"certificate": "self-signed"},
        client=OVER_TLS,
    ),
    Fault(
        name="tls-expired",
        summary="The certificate has expired.",
        area=Area.WAY,
        label="tls_failure",
        stage=Stage.BACKEND_TARGET,
        stops=RUN,
        server={"certificate": "expired"},
        client={**OVER_TLS, "ca_file": "$ca_file"},
    ),
    Fault(
        name="connection-refused",
        summary="The backend's URL is a local port where nothing listens.",
        area=Area.WAY,
        label="wrong_target",
        stage=Stage.BACKEND_TARGET,
        stops=RUN,
        client={
            "api_url": "http://127.0.0.1:$closed_port",
            "ws_url": "ws://127.0.0.1:$closed_port/ws",
        },
    ),
    Fault(
        name="wrong-service",
        summary="The backend's URL is the auth service's: healthy, but it has no socket.",
        area=Area.WAY,
        label="wrong_target",
        stage=Stage.BACKEND_TARGET,
        stops=RUN,
        client={
            "api_url": "http://127.0.0.1:$auth_port",
            "ws_url": "ws://127.0.0.1:$auth_port/ws",
        },
        excludes=frozenset({Stage.AUTH_SERVICE, Stage.AUTH_HEALTH}),
    ),
    Fault(
        name="auth-url-is-frontend",
        summary="The auth service's URL is the front end's; the fallback token carries the run.",
        area=Area.WAY,
        label="wrong_target",
        stage=Stage.AUTH_TARGET,
        stops=EXCHANGE,
        client={"auth_url": "http://127.0.0.1:$frontend_port"},
        # Who is asked for its health alone does not show what it is.
        excludes=frozenset({Stage.FRONTEND, Stage.KEY_HELD}),
    ),
    Fault(
        name="wrong-socket-path",
        summary="The socket's path does not exist on the backend.",
        area=Area.WAY,
        label="wrong_target",
        stage=Stage.UPGRADE,
        stops=RUN,
        client={"ws_url": "ws://127.0.0.1:$api_port/socket"},
    ),
    Fault(
        name="wrong-exchange-path",
        summary="The client asks for the exchange under a wrong path.",
        area=Area.WAY,
        label="wrong_target",
        stage=Stage.EXCHANGE_PATH,
        stops=EXCHANGE,
        client={"exchange": {"path": "/auth/e2e-test-auth"}},
    ),
    Fault(
        name="exchange-route-missing",
        summary="The exchange was removed from the auth service: 404.",
        area=Area.WAY,
        label="wrong_target",
        stage=Stage.EXCHANGE,
        stops=EXCHANGE,
        server={"exchange": _NOT_FOUND},
    ),
)
