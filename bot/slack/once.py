"""Posting what must be there exactly once, whoever asks for it and however often."""

from bot.model import Place, Posting
from bot.report import Message
from bot.slack.outbox import Outbox
from bot.slack.search import Tag
from bot.store import Store, names

_BEGUN_S = 7 * 86_400.0


async def post_once(
    outbox: Outbox, store: Store, place: Place, message: Message, tag: Tag, *, name: str = ""
) -> Posting:
    """Post `message`, unless this or an earlier life of the process did so; return where it is.

    It is kept by `name`, which is the tag's unless another is given.
    """
    name = name or names.of_part(tag.run_id, tag.part)
    if posted := await store.posting(name):
        return posted
    return await post_anew(outbox, store, place, message, tag, name=name)


async def post_anew(
    outbox: Outbox, store: Store, place: Place, message: Message, tag: Tag, *, name: str
) -> Posting:
    """Post `message` in the stead of what was posted by `name` before; once for each tag."""
    begun_before = not await store.claim(f"post:{tag.run_id}/{tag.part}", ttl_s=_BEGUN_S)
    sent = await outbox.post(
        place.channel, message, thread=place.thread, tag=tag, perhaps_posted=begun_before
    )
    posting = Posting(channel=sent.channel, ts=sent.ts, thread=place.thread or sent.ts)
    await store.save_posting(name, posting)
    return posting
