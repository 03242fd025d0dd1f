"""The same bad token in other eras: frames, codes and closes differ by date, the cause does not."""

from collections.abc import Mapping

from bot.sandbox.behaviour import Answer, Era
from bot.sandbox.faults.fault import Area, Fault
from bot.sandbox.faults.handshake import init_failed
from bot.sandbox.faults.identity import OTHER_SECRET
from bot.sandbox.faults.stages import RUN, Stage, Stops

_TOKEN_STAGES = frozenset(
    {
        Stage.TOKEN_ARRIVES,
        Stage.SIGNATURE,
        Stage.CLAIMS,
        Stage.EXPIRY,
        Stage.IDENTITY,
        Stage.USER,
        Stage.ANSWER,
    }
)
_ERAS: Mapping[str, tuple[Era, str]] = {
    "accept-first": (Era.ACCEPT_FIRST, "a raw error frame and 1008"),
    "auth-required": (Era.AUTH_REQUIRED, "AUTH_REQUIRED with the reason in its details"),
    "internal-close": (Era.INTERNAL_CLOSE, "the usual frame, and 1011 in place of 1008"),
    "main-mode": (Era.MAIN_MODE, "AUTH_FAILED with the reason in its details"),
}


def _in_every_era(
    name: str, summary: str, label: str, stage: Stage, **server: object
) -> tuple[Fault, ...]:
    """Return the fault as each era shows it that judges after the accept."""
    return tuple(
        Fault(
            name=f"{name}-{era_name}",
            summary=f"{summary}: {shows}.",
            area=Area.IDENTITY,
            label=label,
            stage=stage,
            stops=RUN,
            server={**server, "era": era},
        )
        for era_name, (era, shows) in _ERAS.items()
    )


def _before_accept(
    name: str,
    summary: str,
    label: str = "ws_handshake_forbidden",
    stops: frozenset[Stops] = RUN,
    **server: object,
) -> Fault:
    """Return a bad token in the era that refused it with 403 and no other word."""
    return Fault(
        name=f"upgrade-403-{name}",
        summary=f"{summary}: 403 to the upgrade.",
        area=Area.HANDSHAKE,
        label=label,
        stage=Stage.UPGRADE,
        stops=stops,
        excludes=_TOKEN_STAGES,
        server={**server, "era": Era.PRE_ACCEPT},
    )


def _upgrade(name: str, summary: str, label: str, answer: Answer, **server: object) -> Fault:
    return Fault(
        name=f"upgrade-{name}",
        summary=summary,
        area=Area.HANDSHAKE,
        label=label,
        stage=Stage.UPGRADE,
        stops=RUN,
        server={"upgrade": answer, **server},
    )


ERA_FAULTS = (
    *_in_every_era(
        "secret-drift",
        "The backend verifies tokens with another secret",
        "jwt_rejected",
        Stage.SIGNATURE,
        backend_secret=OTHER_SECRET,
    ),
    *_in_every_era(
        "token-stripped",
        "The load balancer drops the token",
        "jwt_token_absent",
        Stage.TOKEN_ARRIVES,
        strip_authorization=True,
    ),
    *_in_every_era(
        "clock-ahead",
        "By the backend's clock every token has expired",
        "jwt_expired",
        Stage.EXPIRY,
        backend_clock_s=3600.0,
    ),
    _before_accept(
        "secret-drift",
        "The backend verifies tokens with another secret",
        backend_secret=OTHER_SECRET,
    ),
    _before_accept("token-stripped", "The load balancer drops the token", strip_authorization=True),
    _before_accept("issuer", "The backend takes another issuer's tokens only", issuer="netra-id"),
    _before_accept(
        "auth-secret-drift",
        "The auth service signs with a secret of its own, and a minted token is accepted",
        "jwt_rejected",
        frozenset({Stops.EXCHANGED}),
        auth_secret=OTHER_SECRET,
    ),
    _upgrade(
        "401",
        "The upgrade is refused with 401 and nothing else.",
        "ws_handshake_forbidden",
        Answer(status=401, json={"detail": "Not authenticated"}),
    ),
    _upgrade(
        "404",
        "The socket's route was removed from the backend.",
        "wrong_target",
        Answer(status=404, json={"detail": "Not Found"}),
    ),
    _upgrade(
        "429",
        "The upgrade is one too many: 429.",
        "rate_limited",
        Answer(status=429, text="Rate exceeded."),
    ),
    _upgrade(
        "502",
        "Health is fine, but the edge gets no proper answer to upgrades.",
        "backend_5xx",
        Answer(
            status=502,
            text="<html><title>502 Server Error</title></html>",
            content_type="text/html",
        ),
    ),
    _upgrade(
        "guard",
        "A guard refuses the first upgrade with a bare 403, and lets later ones in.",
        "ws_handshake_forbidden",
        Answer(status=403, delay_s=0.3),
        upgrades_spoilt=1,
    ),
    Fault(
        name="main-mode-startup-incomplete",
        summary="The socket's own mode is not started: SERVICE_INIT_FAILED, then 1011.",
        area=Area.HANDSHAKE,
        label="startup_race",
        stage=Stage.ACCEPT,
        stops=RUN,
        server={
            "on_accept": init_failed(
                "Startup phase 'no_app_state' did not reach 'services' within 2.1s"
            )
        },
    ),
)
