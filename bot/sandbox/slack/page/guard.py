"""Who may talk to the page: a browser on this machine, from the page itself.

A page of somebody else's in the same browser can send requests here too, and with a name that it
lets point to 127.0.0.1 even read the answers. Host and Origin tell them apart.
"""

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_OUR_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?", re.IGNORECASE)

# What the page may do: nothing that is not of this server, and no script but its own.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


def guarded(handle: Handler, *, changes: bool = False) -> Handler:
    """Refuse what is not for this machine; with `changes`, what no page of ours sent as well."""

    async def answer(request: web.Request) -> web.StreamResponse:
        if not _OUR_HOST.fullmatch(request.host):
            return _refused(f"The host {request.host!r} is none of this page's.")
        origin = request.headers.get("Origin")
        # A browser names the origin of every POST and every WebSocket, and no script can change it.
        if changes and origin != f"http://{request.host}":
            return _refused("Only the page itself may ask for this.")
        try:
            response = await handle(request)
        except web.HTTPException as error:
            response = web.Response(status=error.status, text=error.reason)
        if not response.prepared:
            response.headers.update(HEADERS)
        return response

    return answer


def _refused(why: str) -> web.Response:
    hint = "Open the address that the demo printed."
    return web.Response(status=403, text=f"{why} {hint}\n")
