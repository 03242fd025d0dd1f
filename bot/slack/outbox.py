"""The one door to Slack: every message and every change of a message leaves through it.

It keeps the order within a channel and Slack's rates, waits when Slack asks to, repeats what got
lost without posting twice where it can tell, and raises DeliveryError when Slack will not take a
message. What it sends has no secret in it and fits Slack's limits, whatever it was given.
"""

import asyncio
import random
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError
from bot.masking import Masker
from bot.metrics import Metrics
from bot.model import Json
from bot.report import Message
from bot.slack.answers import (
    Accepted,
    Answer,
    Limited,
    Lost,
    Refused,
    call,
    is_about_blocks,
    outcome,
    respond,
)
from bot.slack.delivery import Delivery
from bot.slack.edits import Edits
from bot.slack.fit import fit, plain
from bot.slack.pace import Pace, Shared, Turns
from bot.slack.search import Found, Tag, find
from bot.slack.tasks import Tasks
from bot.slack.uploads import Upload, share

T = TypeVar("T")

log = structlog.get_logger(__name__)

_NOTHING = Message(text="", blocks=())
_BLIND = Refused(error=DeliveryError("A message without a tag cannot be looked for."))


@dataclass(frozen=True, slots=True)
class Sent:
    """Where a message went."""

    channel: str
    ts: str
    is_plain: bool = False
    """Whether Slack refused the blocks, and has plain text instead."""


TRIGGER_S = 2.5
"""docs.slack.dev: a trigger is good for three seconds, of which some have passed already."""
_LATE = frozenset({"expired_trigger_id", "exchanged_trigger_id", "trigger_expired"})


class Outbox:
    """Sends messages; close it last, when nobody will send any more."""

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        masker: Masker,
        metrics: Metrics,
        pace: Pace | None = None,
        shared: Shared | None = None,
    ) -> None:
        """With `shared`, Slack's rates are kept together with all processes that share it."""
        self._client = client
        self._masker = masker
        self._metrics = metrics
        self._pace = pace or Pace()
        self._turns = Turns(self._pace, shared)
        self._tasks = Tasks()
        self._lanes: dict[str, asyncio.Lock] = {}
        self._edits = Edits(self._edit, turns=self._turns, pace=self._pace, tasks=self._tasks)

    async def post(
        self,
        channel: str,
        message: Message,
        *,
        thread: str = "",
        tag: Tag | None = None,
        perhaps_posted: bool = False,
    ) -> Sent:
        """Post `message` and return where it is.

        With `perhaps_posted`, or when an answer got lost, a message with the same `tag` is looked
        for before it is posted (again); where Slack does not let us look, the repeat says so.
        """
        lane = self._lanes.setdefault(channel, asyncio.Lock())
        with self._metrics.unsent():
            async with lane:
                delivery = Delivery(message=message, perhaps_done=perhaps_posted)
                return await self._patiently(self._post(channel, thread, tag, delivery))

    async def update(self, channel: str, ts: str, message: Message) -> None:
        """Change a message for good: progress that was not shown yet is dropped."""
        with self._metrics.unsent():
            await self._edits.end(channel, ts)
            payload = {"channel": channel, "ts": ts, **self._dressed(message)}
            await self._patiently(self._insist("chat.update", payload))

    def progress(self, channel: str, ts: str, message: Message) -> None:
        """Change a message for now; a newer progress or the end may take its place unsent."""
        self._edits.show(channel, ts, message)

    async def hush(self, channel: str, ts: str) -> None:
        """Return when no progress of a message is on its way; none is shown any more."""
        await self._edits.end(channel, ts)

    async def respond(
        self, url: str, message: Message, *, public: bool = False, thread: str = ""
    ) -> None:
        """Answer an interaction at its response_url, to the caller alone unless `public`."""
        payload = {
            "response_type": "in_channel" if public else "ephemeral",
            "replace_original": False,
            **({"thread_ts": thread} if thread else {}),
            **self._dressed(message),
        }
        with self._metrics.unsent():
            await self._patiently(self._insist("response_url", payload, url=url))

    def whispered(self, message: Message) -> Mapping[str, Json]:
        """Return what an ack says, to the caller alone: it arrives with the ack or not at all."""
        return {"response_type": "ephemeral", **self._dressed(message)}

    async def insist(self, method: str, payload: Mapping[str, Json]) -> None:
        """Have Slack do what may be done twice, until it did; DeliveryError if it will not."""
        clean = self._masker.mask_json(dict(payload))
        with self._metrics.unsent():
            await self._patiently(self._insist(method, clean))

    async def whisper(self, channel: str, user: str, message: Message, *, thread: str) -> None:
        """Show `message` to one person in a channel, alone; in a thread they have open."""
        where = {"channel": channel, "user": user, **({"thread_ts": thread} if thread else {})}
        await self.insist("chat.postEphemeral", {**where, **self._dressed(message)})

    async def ask(self, method: str, payload: Mapping[str, Json]) -> Answer:
        """Call a `method` that only reads, once, when it is its turn."""
        await self._turn(method)
        return await self._timed(method, payload, "")

    async def open_form(self, trigger_id: str, view: Json) -> None:
        """Show `view` to whoever Slack gave `trigger_id` for; once, since it is good for 3 s."""
        payload = {"trigger_id": trigger_id, "view": self._masker.mask_json(view)}
        try:
            async with asyncio.timeout(TRIGGER_S):
                await self._turn("views.open")
                answer = await self._timed("views.open", payload, "")
        except TimeoutError:
            answer = Lost(reason="no time left", sent=False)
        if isinstance(answer, Refused) and answer.error.code not in _LATE:
            raise answer.error
        if not isinstance(answer, Accepted):
            log.info("a form was not opened", outcome=outcome(answer))
            raise DeliveryError("The form did not open in time.", hint="Ask again, if you want it.")

    async def share(self, upload: Upload, channel: str, thread: str) -> None:
        """Show a file in a thread; DeliveryError if Slack does not take it."""
        await share(self._client, self.ask, upload, channel=channel, thread=thread)

    async def idle(self) -> None:
        """Return once no progress edit is waiting or on its way."""
        await self._tasks.idle()

    async def close(self, *, deadline_s: float) -> None:
        """Let progress edits under way end, for up to `deadline_s` seconds."""
        await self._tasks.close(deadline_s=deadline_s)
        await self._turns.close()

    async def _post(self, channel: str, thread: str, tag: Tag | None, delivery: Delivery) -> Sent:
        while True:
            if delivery.perhaps_done:
                if ts := await self._find(channel, thread, tag, delivery):
                    return Sent(channel, ts)
                continue
            await self._turn("chat.postMessage", channel)
            payload = {
                "channel": channel,
                "unfurl_links": False,
                "unfurl_media": False,
                **delivery.within(thread),
                **({"metadata": dict(tag.metadata)} if tag else {}),
                **self._dressed(delivery.message),
            }
            answer = await self._call("chat.postMessage", payload)
            if isinstance(answer, Accepted):
                sent_to = str(answer.data.get("channel") or channel)
                return Sent(sent_to, str(answer.data["ts"]), is_plain=answer.is_plain)
            await self._recover("chat.postMessage", answer, delivery)

    async def _find(self, channel: str, thread: str, tag: Tag | None, delivery: Delivery) -> str:
        """Return the `ts` of the message if it is there; a search that fails leaves it in doubt."""
        method = "conversations.replies" if thread else "conversations.history"
        found: Found = await find(self.ask, channel, thread, tag) if tag else _BLIND
        match found:
            case Limited() | Lost():
                await self._recover(method, found, delivery)
                return ""
            case Refused():
                delivery.mark()
                found = ""
            case str():
                pass
        delivery.perhaps_done = False
        return found

    async def _insist(self, method: str, payload: Mapping[str, Json], *, url: str = "") -> None:
        """Send what may safely be sent twice until Slack takes it."""
        delivery = Delivery(message=_NOTHING)
        while True:
            await self._turn(method)
            answer = await self._call(method, payload, url=url)
            if isinstance(answer, Accepted):
                return
            await self._recover(method, answer, delivery)

    async def _recover(
        self, method: str, answer: Limited | Lost | Refused, delivery: Delivery
    ) -> None:
        """Return when it is time to try again; DeliveryError when it is not worth it."""
        match answer:
            case Refused(error=error):
                raise error
            case Limited(retry_after_s=retry_after_s):
                log.info("slack asks to wait", method=method, seconds=retry_after_s)
                self._turns.hold(method, retry_after_s)
            case Lost(reason=reason, sent=sent):
                delivery.attempts += 1
                delivery.perhaps_done = delivery.perhaps_done or sent
                if delivery.attempts >= self._pace.attempts:
                    raise DeliveryError(
                        f"Slack did not take a message in {delivery.attempts} attempts "
                        f"({method}: {reason}).",
                        hint="Ask again later; status.slack.com tells when Slack has trouble.",
                    )
                wait_s = min(
                    self._pace.backoff_s * 2 ** (delivery.attempts - 1),
                    self._pace.longest_backoff_s,
                ) * random.uniform(0.5, 1.0)  # noqa: S311  # jitter, no secret
                log.info("slack lost a call", method=method, reason=reason, again_in_s=wait_s)
                await asyncio.sleep(wait_s)

    async def _edit(self, channel: str, ts: str, message: Message) -> Answer:
        where = {"channel": channel, "ts": ts}
        return await self._call("chat.update", {**where, **self._dressed(message)})

    async def _call(self, method: str, payload: Mapping[str, Json], *, url: str = "") -> Answer:
        answer = await self._timed(method, payload, url)
        if not is_about_blocks(answer) or not payload.get("blocks"):
            return answer
        # A workspace may not know a kind of block yet; what it says must arrive all the same.
        log.warning("slack refused the blocks of a message", method=method)
        payload = {**payload, "blocks": plain(payload["blocks"])}
        answer = await self._timed(method, payload, url)
        return replace(answer, is_plain=True) if isinstance(answer, Accepted) else answer

    async def _timed(self, method: str, payload: Mapping[str, Json], url: str) -> Answer:
        begun, timeout_s = perf_counter(), self._pace.request_s
        do, what = (respond, url) if url else (call, method)
        answer = await do(self._client, what, payload, timeout_s=timeout_s)
        self._metrics.slack_call(method, outcome(answer), perf_counter() - begun)
        return answer

    async def _turn(self, method: str, channel: str = "") -> None:
        begun = perf_counter()
        try:
            await self._turns.wait(method, channel)
        finally:
            self._metrics.slack_wait(method, perf_counter() - begun)

    async def _patiently(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            async with asyncio.timeout(self._pace.patience_s):
                return await work
        except TimeoutError as error:
            raise DeliveryError(
                f"Slack did not take a message within {self._pace.patience_s:.0f} s.",
                hint="Ask again later; status.slack.com tells when Slack has trouble.",
            ) from error

    def _dressed(self, message: Message) -> Mapping[str, Json]:
        clean = Message(
            text=self._masker.mask(message.text),
            blocks=tuple(self._masker.mask_json(list(message.blocks))),
        )
        fitted = fit(clean)
        return {"text": fitted.text, "blocks": list(fitted.blocks)}
