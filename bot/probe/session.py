"""The state of one run: what was observed, what crossed the wire, the token, the open socket."""

import asyncio
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import httpcore
import httpx

from bot.masking import Masker, Secret
from bot.model import Json, Observation, TranscriptLine
from bot.probe.frames import Frame
from bot.probe.http import Answer, Headers, ask
from bot.probe.network import GuardedBackend, Network
from bot.probe.proxy import TunnelBackend, proxy_of
from bot.probe.recordable import TEXT_LIMIT, cut_middle, recordable, show
from bot.probe.socket import Opening
from bot.probe.spelled import Spelled, without_spelled
from bot.probe.stream import Stream
from bot.probe.transcript import Transcript
from bot.probe.trouble import Kind, Trouble
from bot.target import AcceptedKey, Target

# One line of the transcript; of a longer one the middle is cut.
_LINE_LIMIT = 1_500
# A frame of this many characters is kept unescaped without looking, to save the time.
_LARGE = 16_384
_LONG = 1_000
_MOST_MASKED = 200
_MOST_TOKENS = 4
_LONGEST_TOKEN = 8_192


class Undeclared(AssertionError):
    """A step recorded a key that it does not declare: a mistake in stagecheck itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token to connect with."""

    value: str = field(repr=False)
    source: str
    """``exchanged`` or ``minted``."""
    subject: str = ""
    claims: dict[str, Any] = field(default_factory=dict)


class Session:
    """One run's state, handed from step to step.

    Whatever goes into it is masked on the way in, by a masker of its own that also learns the
    tokens issued during the run. `deadline` (loop time) is that of the step under way.
    """

    def __init__(
        self,
        target: Target,
        *,
        check: str,
        network: Network,
        masker: Masker,
        started_at: datetime,
        last_key: AcceptedKey | None = None,
    ) -> None:
        self.last_key = last_key  # the key that the target was last seen to accept
        self.target, self.proxy, self.check = target, proxy_of(target), check
        self.network = network
        self.masker = masker.child(*target.secrets)
        self.started_at = started_at
        self.nonce = f"sc-{secrets.token_hex(6)}"
        self.clock = asyncio.get_running_loop().time
        self.began = self.deadline = self.clock()
        self.observations: list[Observation] = []
        self.answers: list[Answer] = []
        self.dns_ms: dict[str, float] = {}
        self.skews_s: dict[str, float] = {}
        self.exchange: Answer | None = None
        self.controls: dict[str, Answer] = {}  # what the exchange answers to a wrong key, or none
        self.issued: Token | None = None
        """The token that the exchange gave."""
        self.token: Token | None = None
        """The token that goes on the wire."""
        self.opening: Opening | None = None
        self.stream: Stream | None = None
        self.asked_at_s: float | None = None  # in seconds since the socket opened
        self.nonce_echoed, self.sockets_opened = False, 0
        self._connections: httpx.AsyncHTTPTransport | None = None
        self._facts: dict[str, Json] = {}
        self._transcript = Transcript()
        self._spelled = Spelled()
        self._masked: dict[str, str] = {}
        self._step = ""
        self._declared = _declaration(())

    def enter(self, step: str, observes: Sequence[str], *, limit_s: float) -> None:
        """Begin `step`, which may record `observes` and has `limit_s` seconds."""
        self._step = step
        self._declared = _declaration(tuple(observes))
        self.deadline = self.clock() + limit_s

    def now(self) -> datetime:
        """Return the time of day; it never goes backwards within a run."""
        return self.started_at + timedelta(seconds=self.clock() - self.began)

    def observe(
        self, key: str, value: Any, *, limit: int = TEXT_LIMIT, at: datetime | None = None
    ) -> None:
        """Record a fact of the step under way."""
        if not self._declared.fullmatch(key):
            raise Undeclared(f"{self._step} does not declare that it observes {key}")
        kept = recordable(value, self.mask, limit=limit)
        self._facts[f"{self._step}.{key}"] = kept
        self.observations.append(
            Observation(
                id=f"o{len(self.observations) + 1}",
                at=at or self.now(),
                step=self._step,
                key=key,
                value=kept,
            )
        )

    def observe_known(self, prefix: str = "", /, **facts: Any) -> None:
        """Record those of `facts` that are known: neither None nor an empty text."""
        for key, value in facts.items():
            if value is not None and value != "":
                self.observe(prefix + key, value)

    def fact(self, path: str) -> Json:
        """Return what was last recorded at `path`; None if nothing was."""
        return self._facts.get(path)

    def mask(self, text: str) -> str:
        """Return `text` masked; what is not long recurs, in facts and lines, and is masked once."""
        if len(text) > _LONG:
            return self.masker.mask(text)
        if text not in self._masked:
            if len(self._masked) >= _MOST_MASKED:
                self._masked.clear()
            self._masked[text] = self.masker.mask(text)
        return self._masked[text]

    def learn(self, *values: str, name: str = "token") -> None:
        """Mask these tokens, or what `name` says they are, too from now on."""
        self._masked.clear()
        known = (Secret(name=name, source="this run", value=value) for value in values)
        self.masker = self.masker.child(*known)

    def sent(self, *parts: str) -> None:
        """Add what we sent to the transcript, its parts on one line."""
        self._line(">", parts)

    def received(self, *parts: str) -> None:
        """Add what came back to the transcript, its parts on one line."""
        self._line("<", parts)

    def noted(self, text: str) -> None:
        """Add a note of ours to the transcript."""
        self._line("·", (text,))

    def take(self, frame: Frame) -> None:
        """Add a frame to the transcript, and look for our nonce in it."""
        if self.asked_at_s is not None and self.nonce in frame.text:
            self.nonce_echoed = True
        self._spelled.add(frame.body, self._line("<", (self._readable(frame),)))

    @property
    def seen(self) -> tuple[Observation, ...]:
        """What was observed, without what several observations only spell together."""
        return without_spelled(self.observations, self.masker)

    @property
    def transcript(self) -> tuple[TranscriptLine, ...]:
        """The lines in order; of very many the first and the last."""
        return tuple(self._spelled.masked(self._transcript.lines, self.masker))

    def _backend(self) -> httpcore.AsyncNetworkBackend | None:
        """Return what makes connections: through the proxy, which looks names up by itself."""
        if self.proxy:
            return TunnelBackend(self.proxy)
        return None if self.target.allow_link_local else GuardedBackend()

    async def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Headers = (),
        content: bytes = b"",
        control: str = "",
    ) -> Answer:
        """Send one HTTP request before the step's deadline; both ways go to the transcript."""
        # A control differs in what it says from the request whose answer counts.
        shown = [f"{name}: {value}" for name, value in headers]
        apart = [f"control: {control}"] if control else []
        self.sent(*apart, f"{method} {url}", *shown, content.decode("utf-8", "replace"))
        try:
            if self._connections is None:
                self._connections = self.network.connections(
                    self.target.ca_file, backend=self._backend()
                )
        except OSError as error:
            text = f"the file of certificate authorities cannot be used: {error}"
            return Answer(url=url, latency_ms=0.0, trouble=Trouble(kind=Kind.CONFIG, text=text))
        answer = await ask(
            self._connections,
            method,
            url,
            headers=headers,
            content=content,
            deadline=self.deadline,
        )
        self.answers.append(answer)
        self.sockets_opened += "tcp" in answer.phases
        if answer.status is not None:
            if issued := tokens_in(answer.json):
                self.learn(*issued)
            self.received(*apart, f"{answer.status} from {url}", answer.body)
        if answer.trouble is not None:
            self.noted(f"{url}: {answer.trouble.kind}: {answer.trouble.text}")
        return answer

    def blames_us(self, trouble: Trouble) -> bool:
        """Tell whether `trouble` is our own: another answer shows that our way out works."""
        may_be = (Kind.DNS_TEMPORARY, Kind.UNREACHABLE, Kind.PORTAL, Kind.PROXY_GATEWAY)
        if trouble.kind in may_be:
            return not any(answer.is_from_target for answer in self.answers)
        return trouble.kind.is_ours

    async def hang_up(self) -> None:
        """Close the socket of the run; servers allow few per user, and experiments need some."""
        if self.stream is not None:
            await self.stream.close()

    async def close(self) -> None:
        """Close what is open."""
        await self.hang_up()
        if self._connections is not None:
            await self._connections.aclose()

    def _line(self, direction: str, parts: Sequence[str]) -> TranscriptLine:
        shown = (show(part, self.mask, _LINE_LIMIT) for part in parts if part)
        kept = cut_middle(" · ".join(shown), _LINE_LIMIT)
        line = TranscriptLine(at=self.now(), step=self._step, direction=direction, text=kept)
        self._transcript.add(line)
        return line

    def _readable(self, frame: Frame) -> str:
        # An escape can hide a secret from the masker: "\u0041bc" is "Abc". Where unescaping it
        # brings one to light, the unescaped form is what is kept.
        if "\\" in frame.text and frame.body is not None:
            plain = json.dumps(frame.body, ensure_ascii=False)
            if len(plain) > _LARGE or self.masker.mask(plain) != plain:
                return plain
        return frame.text


def tokens_in(body: Json) -> list[str]:
    """Return what an answer hands out: the texts under keys that are called a token."""
    if not isinstance(body, dict):
        return []
    inner = [value for value in body.values() if isinstance(value, dict)]
    return [
        value
        for layer in (body, *inner)
        for key, value in layer.items()
        if "token" in key.lower() and isinstance(value, str) and 8 <= len(value) <= _LONGEST_TOKEN
    ][:_MOST_TOKENS]


@lru_cache(maxsize=64)
def _declaration(observes: tuple[str, ...]) -> re.Pattern[str]:
    """Return the pattern of what a step may record; ``*`` stands for one part of a key."""
    keys = (re.escape(key).replace(r"\*", r"[^.]+") for key in observes)
    return re.compile("|".join(keys) if observes else "(?!)")
