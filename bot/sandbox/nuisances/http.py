"""Nuisances of HTTP: headers, bodies, addresses, and how long healthy answers take."""

from bot.sandbox.nuisances.nuisance import Nuisance

_EDGE_HEADERS = {
    "Via": "1.1 google",
    "Alt-Svc": 'h3=":443"; ma=2592000',
    "Cache-Control": "no-store, max-age=0",
    "Vary": "Accept-Encoding, Origin",
    "Set-Cookie": "affinity=3f9c; Path=/; HttpOnly",
    "X-Request-Id": "req-20d1",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
_UNKNOWN_FIELDS = {
    "schema": "2025-09",
    "region": {"name": "europe-west1", "zones": ["b", "c"]},
    "links": [{"rel": "self", "href": "/"}],
    "flags": None,
}


def _slow(phase: str, summary: str) -> Nuisance:
    return Nuisance(name=f"slow-{phase}", summary=summary, server={"slow": {phase: True}})


HTTP_NUISANCES = (
    Nuisance(
        name="extra-headers",
        summary="Every answer carries more headers of the edge.",
        server={"extra_headers": _EDGE_HEADERS},
    ),
    Nuisance(
        name="lower-case-headers",
        summary="The names of all headers are in lower case.",
        server={"header_case": "lower"},
    ),
    Nuisance(
        name="upper-case-headers",
        summary="The names of all headers are in upper case.",
        server={"header_case": "upper"},
    ),
    Nuisance(
        name="chunked-bodies",
        summary="HTTP bodies come in chunks, their length is not told.",
        server={"chunked": True},
    ),
    Nuisance(
        name="connections-closed",
        summary="Every HTTP answer ends its connection.",
        server={"closes_connections": True},
    ),
    Nuisance(
        name="reversed-keys",
        summary="The keys of every JSON object come in reverse order.",
        server={"json_layout": "reversed"},
    ),
    Nuisance(
        name="indented-json",
        summary="JSON is laid out over many lines.",
        server={"json_layout": "indented"},
    ),
    Nuisance(
        name="unknown-fields",
        summary="Every JSON object has fields that no contract knows.",
        server={"extra_fields": _UNKNOWN_FIELDS},
    ),
    Nuisance(
        name="other-service-names",
        summary="Health names other services and another version.",
        server={"health_fields": {"service": "api-gateway-eu", "version": "2025.11.3+g1f0c2d"}},
    ),
    _slow("health", "Health takes its time, and is well."),
    _slow("exchange", "The exchange takes its time, and works."),
    _slow("upgrade", "The upgrade takes its time, and is granted."),
    Nuisance(
        name="over-tls",
        summary="The backend is reached over TLS, with a certificate of a private authority.",
        client={
            "api_url": "https://127.0.0.1:$tls_port",
            "ws_url": "wss://127.0.0.1:$tls_port/ws",
            "ca_file": "$ca_file",
        },
    ),
    Nuisance(
        name="through-proxy",
        summary="Everything goes through a proxy of ours, which works.",
        client={"proxy": "http://127.0.0.1:$proxy_port"},
    ),
    Nuisance(
        name="named-host",
        summary="The services are reached by a name and not by an address.",
        client={
            "api_url": "http://localhost:$api_port",
            "auth_url": "http://localhost:$auth_port",
            "ws_url": "ws://localhost:$api_port/ws",
            "frontend_url": "http://localhost:$frontend_port",
        },
    ),
)
