"""An open WebSocket: the frames that came, when they came, and how it ended."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from bot.probe.frames import Frame, take_apart
from bot.probe.trouble import Kind, Trouble

# What a stream may send before we stop listening; the longest healthy one seen had 40 frames.
_MOST_FRAMES = 2_000
_MOST_BYTES = 8 * 1_048_576

_NO_CLOSE_FRAME = 1006
_NO_CODE = 1005
_TOO_BIG = 1009
_PONG = '{"type":"pong"}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a socket ended."""

    kind: str
    """``closed``, ``frame_too_big`` or ``garbage``."""
    at_s: float
    code: int
    """As in RFC 6455; 1006 when the connection was gone without a close frame."""
    reason: str = ""
    by: str = "server"
    """``server`` or ``us``."""
    problem: str = ""
    """What was wrong with what the server sent, in websockets' words."""


class Stream:
    """Reads frames one by one, answers JSON pings, and remembers everything in order."""

    def __init__(self, connection: ClientConnection, *, on_frame: Callable[[Frame], None]) -> None:
        self._connection = connection
        self._on_frame = on_frame
        self._clock = asyncio.get_running_loop().time
        self.opened_at = self._clock()
        self.frames: list[Frame] = []
        self.ending: Ending | None = None
        self.bytes_sent = 0
        self.bytes_received = 0

    def age_s(self) -> float:
        """Return how long the socket has been open, in seconds."""
        return self._clock() - self.opened_at

    async def next(self, until: float) -> Frame | None:
        """Return the next frame; None when none came by `until` (loop time) or it has ended."""
        if self.ending is not None:
            return None
        try:
            async with asyncio.timeout_at(until):
                raw = await self._connection.recv(decode=False)
        except TimeoutError:
            return None
        except ConnectionClosed as closed:
            self.ending = self._ending(closed)
            return None
        except AssertionError:
            # websockets takes fragments to come in order; after one it refused they do not.
            problem = "fragments of messages out of order"
            self.ending = Ending(
                kind="garbage", at_s=self.age_s(), code=_NO_CODE, by="us", problem=problem
            )
            return None
        frame = take_apart(raw, n=len(self.frames) + 1, at_s=self.age_s())
        self.frames.append(frame)
        self.bytes_received += frame.size_bytes
        self._on_frame(frame)
        if len(self.frames) >= _MOST_FRAMES or self.bytes_received > _MOST_BYTES:
            problem = f"{len(self.frames)} frames, {self.bytes_received} bytes: stopped listening"
            self.ending = Ending(
                kind="garbage", at_s=frame.at_s, code=_NO_CODE, by="us", problem=problem
            )
        elif frame.type == "ping":
            await self.send(_PONG, until)
        return frame

    async def send(self, text: str, until: float) -> Trouble | None:
        """Send `text` by `until` (loop time); return what kept it from being sent."""
        try:
            async with asyncio.timeout_at(until):
                await self._connection.send(text)
        except TimeoutError:
            return Trouble(kind=Kind.TIMEOUT, text="the server takes nothing in")
        except ConnectionClosed as closed:
            return Trouble(kind=Kind.RESET, text=str(closed))
        self.bytes_sent += len(text.encode())
        return None

    async def close(self) -> None:
        """Close the socket; a server that does not answer is not waited for (`socket.py`)."""
        await self._connection.close()

    def _ending(self, closed: ConnectionClosed) -> Ending:
        server, ours, at_s = closed.rcvd, closed.sent, self.age_s()
        if server is not None and (ours is None or closed.rcvd_then_sent):
            return Ending(kind="closed", at_s=at_s, code=server.code, reason=server.reason)
        if ours is None:
            return Ending(kind="closed", at_s=at_s, code=_NO_CLOSE_FRAME)
        # We closed first, because of something the server sent.
        kind = "frame_too_big" if ours.code == _TOO_BIG else "garbage"
        problem = str(closed.__cause__ or ours.reason)
        return Ending(
            kind=kind, at_s=at_s, code=ours.code, reason=ours.reason, by="us", problem=problem
        )
