"""Tokens as the reference system makes and judges them."""

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from bot.sandbox.behaviour import Behaviour

ISSUER = "netra-auth-service"
TTL_S = 900
_FUTURE_S = 60
_OLDEST_S = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a token: whose it is, or the error code and text with which it was refused."""

    user_id: str = ""
    email: str = ""
    code: str = ""
    error: str = ""
    expires_at: float = 0.0


def issue(behaviour: Behaviour, *, user_id: str, email: str, permissions: list[object]) -> str:
    """Return a token with every claim the real auth service sets."""
    now = int(time.time() + behaviour.auth_clock_s)
    claims = {
        "sub": user_id,
        "email": email,
        "permissions": permissions,
        "iss": ISSUER,
        "aud": "netra-platform",
        "iat": now,
        "exp": now + TTL_S,
        "jti": str(uuid.uuid4()),
        "type": "access",
        "token_type": "access",
        "env": "staging",
        "svc_id": "netra-auth",
    }
    return jwt.encode(claims, behaviour.auth_secret, algorithm="HS256")


def judge(token: str, behaviour: Behaviour, *, secret: str, clock_s: float) -> Verdict:
    """Verify the signature and every claim, by a clock that is `clock_s` ahead of the real one."""
    try:
        claims = jwt.decode(
            token,
            secret,
            algorithms=["HS256"],
            options={
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
            },
        )
    except jwt.PyJWTError as error:
        return Verdict(code="VALIDATION_FAILED", error=str(error))
    now = time.time() + clock_s
    if problem := _problem(claims, behaviour, now):
        return Verdict(code="VALIDATION_FAILED", error=problem)
    expires_at = float(claims["exp"])
    if expires_at <= now or float(claims["iat"]) < now - _OLDEST_S:
        return Verdict(code="TOKEN_EXPIRED", error="Signature has expired")
    return Verdict(
        user_id=str(claims["sub"]), email=str(claims.get("email", "")), expires_at=expires_at
    )


def _problem(claims: Mapping[str, object], behaviour: Behaviour, now: float) -> str:
    """Say which claim is wrong; empty when none is."""
    for name in behaviour.required_claims:
        if not claims.get(name):
            return f"Token is missing the {name} claim"
    issued_at, expires_at = claims["iat"], claims["exp"]
    if not isinstance(issued_at, int | float) or not isinstance(expires_at, int | float):
        return "Claims iat and exp must be numbers"
    if claims["iss"] != behaviour.issuer:
        return "Invalid issuer"
    if any(claims.get(name, "access") != "access" for name in ("token_type", "type")):
        return "Invalid token type"
    audience = claims.get("aud", behaviour.audiences[0])
    named = audience if isinstance(audience, list) else [audience]
    if not any(one in behaviour.audiences for one in named):
        return "Invalid audience"
    if claims.get("env", "staging") != "staging":
        return "Token was issued for another environment"
    if issued_at > now + _FUTURE_S:
        return "The token is not yet valid (iat)"
    return ""
