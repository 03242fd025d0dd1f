"""`POST /hooks/deploy`: whoever deploys asks, signed, for a check of what was deployed.

The signature covers the time and the body, so a request that is sent again, by its sender or by
somebody who overheard it, starts nothing: it is answered with the run that it started.
"""

import asyncio
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import structlog
from aiohttp import web

from bot.deps import Deps
from bot.errors import NotFound, StagecheckError, UsageError
from bot.model import Caller, Json, Trigger
from bot.probe import check_called
from bot.target import DEFAULT_CHECK
from bot.web import Handler, is_fresh
from bot.workflows import start_run

log = structlog.get_logger(__name__)

PATH = "/hooks/deploy"
TIMESTAMP, SIGNATURE = "X-Stagecheck-Timestamp", "X-Stagecheck-Signature"
_MOST_BODY = 16_384
BODY_S = 10.0
_MOST_TEXT = 200
_FIELDS = ("target", "revision", "actor", "check")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deploy:
    """What was deployed, where, and by whom."""

    target: str
    revision: str
    actor: str
    check: str = DEFAULT_CHECK


def hooks(deps: Deps, *, body_s: float = BODY_S) -> Mapping[str, Handler]:
    """Return the hooks by path; none if the configuration has no secret for them.

    A body may take `body_s` seconds to come.
    """
    hook = deps.settings.deploy_hook
    secret = (hook.secret.value or "").strip() if hook and hook.secret else ""
    return {PATH: partial(_deployed, deps, secret.encode(), body_s)} if secret else {}


def signed(secret: bytes, timestamp: str, body: bytes) -> str:
    """Return the signature of a request: ``v1=`` and HMAC-SHA256 of ``v1:TIMESTAMP:BODY``."""
    content = b"v1:" + timestamp.encode() + b":" + body
    return f"v1={hmac.new(secret, content, hashlib.sha256).hexdigest()}"


async def _deployed(
    deps: Deps, secret: bytes, body_s: float, request: web.Request
) -> web.StreamResponse:
    timestamp = request.headers.get(TIMESTAMP, "")
    signature = request.headers.get(SIGNATURE, "")
    # Before the body is read, so that strangers cannot make us read it.
    if not signature or not is_fresh(timestamp):
        return _refused(401, f"{TIMESTAMP} and {SIGNATURE} are needed, and not older than 5 min.")
    if (request.content_length or 0) > _MOST_BODY:
        return _refused(413, f"The body may be {_MOST_BODY} bytes.")
    try:
        async with asyncio.timeout(body_s):
            body = await request.content.read(_MOST_BODY + 1)
            while not request.content.at_eof() and len(body) <= _MOST_BODY:
                body += await request.content.read(_MOST_BODY + 1 - len(body))
    except TimeoutError:
        return _refused(408, "The body took too long.")
    if len(body) > _MOST_BODY:
        return _refused(413, f"The body may be {_MOST_BODY} bytes.")
    if not hmac.compare_digest(
        signed(secret, timestamp, body).encode(), signature.encode(errors="replace")
    ):
        return _refused(401, "The signature does not fit the time, the body and the secret.")
    try:
        deploy = _read(deps, body)
        return await _start(deps, deploy, key=f"deploy:{signature}")
    except NotFound as error:
        return _refused(404, str(error))
    except UsageError as error:
        return _refused(400, str(error))
    except StagecheckError as error:
        log.warning("a deploy could not be taken in", reason=error.message)
        return _refused(503, f"{error.message} Send it again.")


def _read(deps: Deps, body: bytes) -> Deploy:
    """Return what the body says; UsageError or NotFound says what is wrong with it."""
    try:
        given: Json = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UsageError("The body is not JSON.") from error
    if not isinstance(given, dict):
        raise UsageError("The body must be an object.", hint=f"With {', '.join(_FIELDS)}.")
    for name, value in given.items():
        if name not in _FIELDS:
            raise UsageError(f"{name[:40]} is not known.", hint=f"Known: {', '.join(_FIELDS)}.")
        if not isinstance(value, str) or len(value) > _MOST_TEXT:
            raise UsageError(f"{name} must be a text of up to {_MOST_TEXT} characters.")
    for name in ("target", "revision"):
        if not given.get(name, "").strip():
            raise UsageError(f"{name} is needed.")
    target = deps.settings.target(given["target"].strip()).name
    check = check_called(given.get("check", "").strip() or DEFAULT_CHECK).name
    return Deploy(
        target=target,
        revision=_line(deps, given["revision"]),
        actor=_line(deps, given.get("actor", "")) or "deploy",
        check=check,
    )


def _line(deps: Deps, text: str) -> str:
    """Return a text from outside as one line without secrets."""
    return deps.masker.mask(re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip())


async def _start(deps: Deps, deploy: Deploy, *, key: str) -> web.StreamResponse:
    run_id, _ = await start_run(
        deps.engine,
        key=key,
        target=deploy.target,
        check=deploy.check,
        trigger=Trigger.DEPLOY,
        caller=Caller(id=deploy.actor),
        revision=deploy.revision,
    )
    log.info("deployed", target=deploy.target, revision=deploy.revision, by=deploy.actor)
    answer = {"run_id": run_id, "target": deploy.target, "revision": deploy.revision}
    return web.json_response(answer, status=202)


def _refused(status: int, why: str) -> web.Response:
    return web.json_response({"error": why}, status=status)
