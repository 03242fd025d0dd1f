"""More faults of section 6.1: the way to the services, each broken in another place."""

from collections.abc import Mapping

from bot.sandbox.behaviour import HANG
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import EXCHANGE, RUN, Stage
from bot.sandbox.faults.target import OVER_TLS

_TRUSTED = {**OVER_TLS, "ca_file": "$ca_file"}


def _backend(
    name: str,
    summary: str,
    label: str,
    client: Mapping[str, object],
    *,
    stage: Stage = Stage.BACKEND_TARGET,
    **server: object,
) -> Fault:
    """Return a fault of the way to the backend."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.WAY,
        label=label,
        stage=stage,
        stops=RUN,
        server=server,
        client=client,
    )


def _socket(
    name: str,
    summary: str,
    url: str,
    *excludes: Stage,
    label: str = "wrong_target",
    stage: Stage = Stage.SOCKET_TARGET,
) -> Fault:
    """Return a fault of the socket's address alone."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.WAY,
        label=label,
        stage=stage,
        stops=RUN,
        excludes=frozenset(excludes),
        client={"ws_url": url},
    )


def _auth(
    name: str, summary: str, label: str, client: Mapping[str, object], *excludes: Stage
) -> Fault:
    """Return a fault of the way to the auth service; the fallback token carries the run."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.WAY,
        label=label,
        stage=Stage.AUTH_TARGET,
        stops=EXCHANGE,
        excludes=frozenset(excludes),
        client=client,
    )


WAY_FAULTS = (
    Fault(
        name="dns-frontend-host",
        summary="The front end's host name does not exist; runs do not need it.",
        area=Area.WAY,
        label="dns_failure",
        stage=Stage.FRONTEND,
        hides=frozenset({Stage.FRONTEND}),
        client={"frontend_url": "http://app-staging.invalid:$frontend_port"},
    ),
    _socket(
        "dns-socket-host",
        "The socket's host name does not exist; the backend's does.",
        "ws://ws-staging.invalid:$api_port/ws",
        label="dns_failure",
    ),
    _socket(
        "socket-refused",
        "The socket's URL is a local port where nothing listens.",
        "ws://127.0.0.1:$closed_port/ws",
    ),
    _socket(
        "socket-url-is-frontend",
        "The socket's URL is the front end's, which answers with its page.",
        "ws://127.0.0.1:$frontend_port/",
        Stage.FRONTEND,
    ),
    _socket(
        "socket-url-is-auth",
        "The socket's URL is the auth service's, which has no socket.",
        "ws://127.0.0.1:$auth_port/ws",
        Stage.AUTH_SERVICE,
    ),
    _socket(
        "guarded-socket-path",
        "The socket's path is guarded: 403 there, while other paths work.",
        "ws://127.0.0.1:$api_port/api/v1/websocket",
        stage=Stage.UPGRADE,
    ),
    _auth(
        "auth-url-is-local-default",
        "The auth service's URL is a local port where nothing listens.",
        "wrong_target",
        {"auth_url": "http://127.0.0.1:$closed_port"},
    ),
    _auth(
        "auth-url-is-backend",
        "The auth service's URL is the backend's: healthy, but it has no exchange.",
        "wrong_target",
        {"auth_url": "http://127.0.0.1:$api_port"},
        # Who is asked for its health alone does not show what it is.
        Stage.KEY_HELD,
        Stage.BACKEND_TARGET,
        Stage.BACKEND,
        Stage.HEALTH,
    ),
    Fault(
        name="exchange-wrong-method",
        summary="The exchange's path belongs to something that is only read: 405.",
        area=Area.OURS,
        label="wrong_target",
        stage=Stage.EXCHANGE_PATH,
        stops=EXCHANGE,
        client={"exchange": {"path": "/auth/config"}},
    ),
    _backend(
        "tls-unknown-authority",
        "The certificate is signed by an authority that the client does not know.",
        "tls_failure",
        OVER_TLS,
    ),
    _backend(
        "tls-not-yet-valid",
        "The certificate is valid from tomorrow on.",
        "tls_failure",
        _TRUSTED,
        certificate="not-yet-valid",
    ),
    _backend(
        "tls-on-a-plain-port",
        "The backend's URL says https, and its port speaks plain HTTP.",
        "wrong_target",
        {"api_url": "https://127.0.0.1:$api_port", "ws_url": "wss://127.0.0.1:$api_port/ws"},
    ),
    _backend(
        "plain-on-a-tls-port",
        "The backend's URL says http, and its port speaks TLS: it hangs up without an answer.",
        "backend_unresponsive",
        {"api_url": "http://127.0.0.1:$tls_port", "ws_url": "ws://127.0.0.1:$tls_port/ws"},
    ),
    _backend(
        "backend-hangs-behind-tls",
        "The load balancer greets over TLS, and the instance behind it never answers.",
        "backend_unresponsive",
        _TRUSTED,
        stage=Stage.BACKEND,
        backend=HANG,
    ),
)
