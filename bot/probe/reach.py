"""Whether each service of a target can be reached from here at all, and what its clock says."""

import asyncio
from dataclasses import dataclass

from bot.probe.http import ask
from bot.probe.network import GuardedBackend, Network
from bot.probe.proxy import TunnelBackend, proxy_of
from bot.target import Target

REACH_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What came of asking one address: an HTTP status, or why there is none."""

    url: str
    status: int | None
    trouble: str = ""


async def reach(target: Target, network: Network) -> tuple[Reached, ...]:
    """Ask every service of `target` for its root, with no key and no token; any answer will do."""
    proxy = proxy_of(target)
    guarded = None if target.allow_link_local else GuardedBackend()
    backend = TunnelBackend(proxy) if proxy else guarded
    try:
        connections = network.connections(target.ca_file, backend=backend)
    except OSError as error:
        trouble = f"the file of certificate authorities cannot be used: {error}"
        return tuple(Reached(url=url, status=None, trouble=trouble) for url in target.urls)
    try:
        deadline = asyncio.get_running_loop().time() + REACH_S
        asked = [ask(connections, "GET", _http(url), deadline=deadline) for url in target.urls]
        answers = await asyncio.gather(*asked)
    finally:
        await connections.aclose()
    return tuple(
        Reached(
            url=url,
            status=answer.status,
            trouble=answer.trouble.text if answer.trouble and answer.status is None else "",
        )
        for url, answer in zip(target.urls, answers, strict=True)
    )


def _http(url: str) -> str:
    """Return where the same server answers HTTP."""
    return f"http{url.removeprefix('ws')}" if url.startswith("ws") else url
