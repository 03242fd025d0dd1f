"""Google Secret Manager: one version of one secret, read when the configuration is.

An extra, ``stagecheck[gsm]``; nothing of Google's is imported unless a reference asks for it.
"""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.config.limits import is_of_this_machine, url_problem

URL = "https://secretmanager.googleapis.com"
URL_NAME = "STAGECHECK_GSM_URL"
"""The variable that names another address, such as of a private endpoint or an emulator."""
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_TIMEOUT_S = 5.0
# Of the answer to a question about a secret, which holds at most 64 KiB, in base64.
_MOST_BYTES = 131_072
_PIECE_BYTES = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What came of asking: a value, or why there is none and whether that is our own trouble."""

    value: bytes | None = None
    problem: str = ""
    unreadable: bool = False


def access(project: str, name: str, version: str, *, env: Mapping[str, str]) -> Access:
    """Ask Google for a version of a secret, with the credentials this machine has."""
    # Imported when it is wanted: it is an extra.
    try:
        import google.auth
        import google.auth.exceptions
        import google.auth.transport.requests
        import requests
    except ImportError:
        return Access(
            problem="Google Secret Manager needs the extra: pip install 'stagecheck[gsm]'",
            unreadable=True,
        )
    base = env.get(URL_NAME, "").strip() or URL
    if url_problem(base, ("https",)) and not is_of_this_machine(base):
        problem = f"{URL_NAME} must begin with https://, except on this machine: a token goes there"
        return Access(problem=problem, unreadable=True)
    path = f"{base.rstrip('/')}/v1/projects/{project}/secrets/{name}/versions/{version}:access"
    try:
        credentials, _ = google.auth.default(scopes=[_SCOPE])
        # Google's own annotations stop here.
        session = google.auth.transport.requests.AuthorizedSession(credentials)  # type: ignore[no-untyped-call]
        with session:
            answer = session.get(path, timeout=_TIMEOUT_S, allow_redirects=False, stream=True)
            with answer:
                body = _bounded(answer.iter_content(_PIECE_BYTES))
    except google.auth.exceptions.GoogleAuthError as error:
        return Access(
            problem="Google gave no credentials for Secret Manager"
            f" ({type(error).__name__}); see GOOGLE_APPLICATION_CREDENTIALS",
            unreadable=True,
        )
    except (requests.RequestException, OSError) as error:
        return Access(
            problem=f"Google Secret Manager was not reached ({type(error).__name__})",
            unreadable=True,
        )
    return _taken(answer.status_code, body, f"{name} of project {project}", version)


def _bounded(pieces: Iterable[bytes]) -> bytes:
    """Read no further than a secret can be: one piece beyond, so that it shows."""
    body = b""
    for piece in pieces:
        body += piece
        if len(body) > _MOST_BYTES:
            break
    return body


def _taken(status: int, body: bytes, what: str, version: str) -> Access:
    match status:
        case 200:
            return _payload(body, what)
        case 404:
            return Access(problem=f"Secret Manager has no version {version} of {what}")
        case 400:
            return Access(problem=f"version {version} of {what} is disabled or destroyed")
        case 401 | 403:
            return Access(
                problem=f"Secret Manager lets us not read {what}: HTTP {status}; the role is"
                " roles/secretmanager.secretAccessor",
                unreadable=True,
            )
        case _:
            return Access(problem=f"Secret Manager answered HTTP {status}", unreadable=True)


def _payload(body: bytes, what: str) -> Access:
    try:
        data = json.loads(body[:_MOST_BYTES])["payload"]["data"]
        return Access(value=base64.b64decode(data, validate=True))
    except (ValueError, KeyError, TypeError, binascii.Error):
        return Access(problem=f"Secret Manager's answer about {what} is no secret", unreadable=True)
