"""Tokens made here, with the secret the target shares with us."""

import base64
import secrets
import time
import uuid
import warnings
from collections.abc import Mapping
from typing import Any

from bot.probe.session import Token
from bot.target import Target

# Validators want one or the other, and helpers send only one (PROTOCOL 3).
_USUALLY_FORGOTTEN = {"type": "access", "token_type": "access"}
# What belongs to one token and its user.
_OWN_CLAIMS = ("sub", "email", "permissions", "iat", "exp", "nbf", "jti")


def secret_problem(target: Target) -> str:
    """Say why no token can be minted; empty if one can."""
    secret = target.jwt_secret
    if secret is None:
        return "No JWT secret is configured."
    if secret.value is None:
        return secret.problem or f"{secret.source} could not be read."
    return "" if secret.value else f"{secret.source} is empty."


def full_claims(issued: Token | None) -> dict[str, Any]:
    """Return the claims that minted tokens are known to lack; those of an issued token, if any."""
    if issued is None or not issued.claims:
        return dict(_USUALLY_FORGOTTEN)
    return {name: value for name, value in issued.claims.items() if name not in _OWN_CLAIMS}


def forged(token: str) -> str:
    """Return `token` with a signature that is none; what is no JWT becomes mere noise."""
    body, _, signature = token.rpartition(".")
    noise = base64.urlsafe_b64encode(secrets.token_bytes(32)).rstrip(b"=").decode()
    return f"{body}.{noise}" if body and signature else noise


def mint(
    target: Target,
    *,
    subject: str = "",
    extra: Mapping[str, Any] | None = None,
    ahead_s: float = 0.0,
) -> Token:
    """Return a token for the target's user, or for `subject`, signed with the target's secret.

    `extra` goes over what is configured; `ahead_s` is added to our time.
    Raises ValueError when it cannot be signed with the configured algorithm and secret.
    """
    secret = target.jwt_secret.value if target.jwt_secret else None
    if not secret:
        raise ValueError(secret_problem(target))
    now = int(time.time() + ahead_s)
    claims: dict[str, Any] = {
        "sub": subject or target.user.id,
        "email": target.user.email,
        "iat": now,
        "exp": now + target.token.ttl_s,
        "jti": str(uuid.uuid4()),
    }
    if target.token.issuer:
        claims["iss"] = target.token.issuer
    if target.token.audience:
        claims["aud"] = target.token.audience
    claims |= {**target.token.claims, **(extra or {})}
    value = _signed(claims, secret, target.token.algorithm)
    return Token(value=value, source="minted", subject=str(claims["sub"]), claims=claims)


def _signed(claims: dict[str, Any], secret: str, algorithm: str) -> str:
    # Imported when it is needed: a target that issues a token is checked without it, and with it
    # comes all of cryptography.
    import jwt
    from jwt.warnings import InsecureKeyLengthWarning

    try:
        # The secret is the target's; that a library finds it short is no news to anybody here.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InsecureKeyLengthWarning)
            return jwt.encode(claims, secret, algorithm=algorithm)
    except (jwt.PyJWTError, TypeError, NotImplementedError) as error:
        raise ValueError(f"no token could be signed: {error}") from error
