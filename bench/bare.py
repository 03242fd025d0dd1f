"""The least a script can do to ask the same questions, with the same libraries and none of ours.

`questions` is a plain JSON object: health_urls, exchange_url, exchange_headers, user, ws_url,
ws_headers, subprotocol, request_type, welcome (names), completed (names).
"""

import asyncio
import json
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol


async def check(client: httpx.AsyncClient, questions: dict[str, Any]) -> None:
    """Ask once; an assertion fails unless everything is healthy."""
    answers = await asyncio.gather(*map(client.get, questions["health_urls"]))
    assert all(answer.status_code == 200 and answer.json() for answer in answers)
    exchanged = await client.post(
        questions["exchange_url"], headers=questions["exchange_headers"], json=questions["user"]
    )
    token = exchanged.json()["access_token"]
    async with connect(
        questions["ws_url"],
        additional_headers={**questions["ws_headers"], "Authorization": f"Bearer {token}"},
        subprotocols=[Subprotocol(questions["subprotocol"])],
        compression=None,
        proxy=None,
    ) as socket:
        await _until(socket, questions["welcome"])
        message = {"type": questions["request_type"], "payload": {"user_request": "ping"}}
        await socket.send(json.dumps(message))
        await _until(socket, questions["completed"])


async def _until(socket: ClientConnection, names: list[str]) -> None:
    async for frame in socket:
        message = json.loads(frame)
        if message["type"] == "ping":
            await socket.send('{"type":"pong"}')
        elif message["type"] in names:
            return
