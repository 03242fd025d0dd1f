"""What a token says, claim by claim, beside what the contract and the server's clock want of it.

The token itself is never recorded, nor is a claim's text that is not known to be harmless.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import Any

from bot.model import Json
from bot.probe.http import parse_json
from bot.target import Target

# The registered ones, and those that say what kind of token it is and for whom; the rest of a
# token's claims may be anything, such as a session's key.
_HARMLESS = frozenset(
    (
        *("iss", "sub", "aud", "exp", "nbf", "iat", "jti", "type", "token_type", "typ", "ver"),
        *("email", "email_verified", "name", "user_id", "uid", "tenant", "org", "auth_time"),
        *("permissions", "roles", "role", "scope", "scp", "azp", "client_id", "svc_id"),
        *("env", "environment", "staging", "e2e_test", "test_environment"),
    )
)
_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
# What validators want that minted tokens are often without (PROTOCOL 3).
_WANTED_AT_ALL = ("jti", "type", "token_type")
# A server lets clocks differ by so much, and takes no token that is older than a day (PROTOCOL 3).
_SKEW_S = 60.0
_OLDEST_S = 86_400.0
# Beyond this a number may be an account's, and not a count or a time.
_MOST = 10**11


def shown(claims: Mapping[str, Any], target: Target, fingerprint: Callable[[str], str]) -> Json:
    """Return `claims` as they may be kept: of unknown ones only their kind, size, fingerprint."""
    known = _HARMLESS | set(target.token.claims)
    return {
        name: value if name in known else _veiled(value, fingerprint)
        for name, value in claims.items()
    }


def header_of(token: str) -> dict[str, Any]:
    """Return the header of a JWT, unverified; empty if it is none."""
    head, _, rest = token.partition(".")
    if rest.count(".") != 1:
        return {}
    try:
        raw = base64.urlsafe_b64decode(head + "=" * (-len(head) % 4))
    except ValueError:
        return {}
    found = parse_json(raw.decode("utf-8", "replace"))
    return found if isinstance(found, dict) else {}


def is_signed_with(token: str, secret: str, algorithm: str) -> bool | None:
    """Tell whether a shared `secret` made the token's signature; None if that cannot be told."""
    made = _HASHES.get(algorithm)
    body, _, signature = token.rpartition(".")
    if made is None or body.count(".") != 1 or not secret or not token.isascii():
        return None
    digest = hmac.new(secret.encode("utf-8", "surrogatepass"), body.encode(), made).digest()
    ours = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return hmac.compare_digest(ours, signature)


def examined(
    claims: Mapping[str, Any],
    header: Mapping[str, Any],
    target: Target,
    *,
    server_now: float,
    is_minted: bool,
    fingerprint: Callable[[str], str],
) -> list[dict[str, Json]]:
    """Return a row per claim: what was sent, what is wanted, and how the two agree.

    `server_now` is in seconds since 1970. The verdict is ``as wanted``, ``differs``, ``missing``,
    ``over``, ``early``, ``old``, or empty where nothing is wanted.
    """
    wanted = _wanted(target, is_minted=is_minted)
    values = shown(claims, target, fingerprint)
    rows = [_row("alg", header.get("alg"), target.token.algorithm if is_minted else None)]
    for name in dict.fromkeys((*wanted, *claims)):
        if name in ("iat", "nbf", "exp"):
            rows.append(_moment(name, claims.get(name), server_now))
        else:
            sent = values.get(name) if name in claims else None
            rows.append(_row(name, sent, wanted.get(name), is_there=name in claims))
    return rows


def _wanted(target: Target, *, is_minted: bool) -> dict[str, Json]:
    """Return claim -> the value that is wanted of it; an empty text wants it only to be there."""
    wanted: dict[str, Json] = {"sub": target.user.id if is_minted else "", "iat": "", "exp": ""}
    if target.token.issuer:
        wanted["iss"] = target.token.issuer
    if target.token.audience:
        wanted["aud"] = target.token.audience
    given = {name: value for name, value in target.token.claims.items() if value is not None}
    return {**wanted, **dict.fromkeys(_WANTED_AT_ALL, ""), **given}


def _row(name: str, sent: Json, wanted: Json, *, is_there: bool = True) -> dict[str, Json]:
    row: dict[str, Json] = {"claim": name}
    if is_there and sent is not None:
        row["sent"] = sent
    if wanted is None:
        return row
    row["wanted"] = wanted if wanted != "" else "to be there"
    if not is_there or sent is None:
        row["verdict"] = "missing"
    elif wanted == "" or wanted == sent or (isinstance(sent, list) and wanted in sent):
        row["verdict"] = "as wanted"
    else:
        row["verdict"] = "differs"
    return row


def _moment(name: str, value: Any, server_now: float) -> dict[str, Json]:
    wants = {"exp": "after the server's now", "iat": "before the server's now, within a day"}
    row: dict[str, Json] = {"claim": name, "wanted": wants.get(name, "before the server's now")}
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > _MOST:
        return {**row, "verdict": "missing" if value is None else "differs"}
    ahead_s = float(value) - server_now
    how = f"{abs(ahead_s):.0f} s {'after' if ahead_s > 0 else 'before'} the server's now"
    if name == "exp":
        verdict = "over" if ahead_s <= 0 else "as wanted"
    elif ahead_s > _SKEW_S:
        verdict = "early"
    else:
        verdict = "old" if name == "iat" and ahead_s < -_OLDEST_S else "as wanted"
    return {**row, "sent": how, "verdict": verdict}


def _veiled(value: Any, fingerprint: Callable[[str], str]) -> Json:
    match value:
        case None | bool():
            return value
        case int() | float() if abs(value) < _MOST:
            return value
        case str():
            return f"[text of {len(value)} characters #{fingerprint(value)}]"
        case list() | tuple():
            return f"[list of {len(value)}]"
        case Mapping():
            return {str(key)[:40]: _veiled(item, fingerprint) for key, item in value.items()}
        case _:
            return f"[number of {len(str(value))} digits #{fingerprint(str(value))}]"
