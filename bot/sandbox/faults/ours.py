"""Faults of our own side: what they keep us from says nothing about the target."""

from collections.abc import Mapping

from bot.sandbox.behaviour import Answer
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.stages import Stage, Stops

_CHECK = frozenset({Stops.RUN, Stops.CHECK})
_HOUR_S = 3600.0
_PORTAL = Answer(
    status=511,
    text="<html><title>Sign in to the guest network</title></html>",
    content_type="text/html",
)


def _cut_off(name: str, summary: str, client: Mapping[str, object], **server: object) -> Fault:
    """Return a fault that keeps us from every service of the target."""
    return Fault(
        name=name,
        summary=summary,
        area=Area.OURS,
        label="runner_environment",
        stage=Stage.OURS,
        stops=_CHECK,
        server=server,
        client=client,
    )


def _everywhere(host: str) -> Mapping[str, object]:
    """Return a target all of whose services are at `host`."""
    return {
        "api_url": f"http://{host}:$api_port",
        "auth_url": f"http://{host}:$auth_port",
        "ws_url": f"ws://{host}:$api_port/ws",
        "frontend_url": f"http://{host}:$frontend_port",
        # Without it nothing would be asked for at such an address.
        "allow_link_local": True,
    }


def _clock(name: str, summary: str, stage: Stage, *, theirs_ahead_s: float) -> Fault:
    """Return our clock being off: every clock of the target agrees that it is."""
    return Fault(
        name=name,
        summary=f"{summary}; unseen while the exchange works.",
        area=Area.OURS,
        label="runner_environment",
        stage=stage,
        stops=frozenset({Stops.MINTED, Stops.CHECK}),
        told_at=Stage.HEALTH,
        server={
            "backend_clock_s": theirs_ahead_s,
            "auth_clock_s": theirs_ahead_s,
            "frontend_clock_s": theirs_ahead_s,
        },
    )


OUR_FAULTS = (
    _cut_off(
        "our-names-unknown",
        "None of the target's names is known here, each under a domain of its own.",
        {
            "api_url": "http://api.staging-one.invalid:$api_port",
            "auth_url": "http://auth.staging-two.invalid:$auth_port",
            "ws_url": "ws://api.staging-one.invalid:$api_port/ws",
            "frontend_url": "http://app.staging-three.invalid:$frontend_port",
        },
    ),
    # No kernel opens a TCP connection to a multicast address: "Network is unreachable".
    _cut_off(
        "our-network-has-no-route",
        "There is no route from here to any of the target.",
        _everywhere("224.0.0.1"),
    ),
    _cut_off(
        "our-network-has-no-route-6",
        "There is no IPv6 route from here to any of the target.",
        _everywhere("[ff02::1]"),
    ),
    _cut_off(
        "our-proxy-refuses-connections",
        "Nothing listens where our proxy should.",
        {"proxy": "http://127.0.0.1:$closed_port"},
    ),
    _cut_off(
        "our-proxy-unknown",
        "The name of our proxy does not exist.",
        {"proxy": "http://proxy.ours.invalid:3128"},
    ),
    _cut_off(
        "our-proxy-wants-credentials",
        "Our proxy does not let us through: 407.",
        {"proxy": "http://127.0.0.1:$proxy_port"},
        proxy_status=407,
    ),
    _cut_off(
        "our-proxy-forbids",
        "Our proxy does not let anyone through to the target: 403.",
        {"proxy": "http://127.0.0.1:$proxy_port"},
        proxy_status=403,
    ),
    _cut_off(
        "our-proxy-502",
        "Our proxy reaches nothing of the target: 502.",
        {"proxy": "http://127.0.0.1:$proxy_port"},
        proxy_status=502,
    ),
    _cut_off(
        "our-proxy-503",
        "Our proxy is not working: 503.",
        {"proxy": "http://127.0.0.1:$proxy_port"},
        proxy_status=503,
    ),
    _cut_off(
        "our-proxy-serves-a-page",
        "Our proxy asks whoever is there to accept its terms, in place of opening a tunnel.",
        {"proxy": "http://127.0.0.1:$proxy_port"},
        proxy_page="<html><title>Terms of Use</title><body>Accept to go on.</body></html>",
    ),
    _cut_off(
        "our-network-wants-a-sign-in",
        "A portal of our own network answers everything in the target's place: 511.",
        {},
        **dict.fromkeys(("backend", "auth", "frontend"), _PORTAL),
    ),
    _cut_off(
        "our-authorities-unusable",
        "Our file of certificate authorities holds none.",
        {"ca_file": "$folder/$text_file"},
    ),
    Fault(
        name="our-key-file-is-a-folder",
        summary="Our key is to be read from what is a folder.",
        area=Area.OURS,
        label="runner_environment",
        stage=Stage.KEY_HELD,
        stops=frozenset({Stops.EXCHANGE, Stops.CHECK}),
        client={"bypass_key": "${file:$folder}"},
    ),
    _clock(
        "our-clock-behind",
        "Our clock is an hour behind: tokens minted here have expired",
        Stage.EXPIRY,
        theirs_ahead_s=_HOUR_S,
    ),
    _clock(
        "our-clock-ahead",
        "Our clock is ten minutes ahead: tokens minted here come from the future",
        Stage.CLAIMS,
        theirs_ahead_s=-600.0,
    ),
)
