"""What a message says, as text: its words, its blocks and what is attached, each once."""

from collections.abc import Iterator, Mapping, Sequence

from bot.commands import unescaped
from bot.model import Json
from bot.slack.files import SlackFile, file_from

# Of an attachment, in the order in which Slack draws them.
_ATTACHED = ("pretext", "author_name", "title", "text", "fields", "blocks", "message_blocks")
# Elements of rich text stand beside each other in one line; everything else below each other.
_LINES = ("rich_text_section", "rich_text_preformatted", "rich_text_quote")
_WORDS = ("text", "title", "subtitle", "body", "caption", "alt_text", "value")
_PARTS = ("fields", "elements", "rows", "tasks", "details", "output", "child_blocks", "message")
_DEEPEST = 20
_MOST_ABOUT = 1_500


def text_of(message: Mapping[str, Json]) -> str:
    """Return what a person reads in `message`, without Slack's markup."""
    said: dict[str, str] = {}
    for text in _texts(message):
        # Slack sends the words of a message twice, as text and as blocks.
        bare = "".join(character for character in text if character.isalnum())
        if bare and not any(bare in other for other in said):
            said = {other: words for other, words in said.items() if other not in bare}
            said[bare] = text
    return "\n".join(said.values())


def subject_of(body: Mapping[str, Json]) -> str:
    """Return what the message of a shortcut says, and below that where it is."""
    message = body.get("message") or {}
    channel = str((body.get("channel") or {}).get("id") or "")
    domain = str((body.get("team") or {}).get("domain") or "app")
    ts = str(message.get("ts") or "").replace(".", "")
    text = text_of(message).strip()[:_MOST_ABOUT]
    return f"{text}\nhttps://{domain}.slack.com/archives/{channel}/p{ts}".strip()


def files_of(message: Mapping[str, Json]) -> tuple[SlackFile, ...]:
    """Return what is attached to `message`, or to a message that it forwards."""
    parts = [message, *_dicts(message.get("attachments"))]
    files = [file_from(file) for part in parts for file in _dicts(part.get("files"))]
    return tuple({file.id: file for file in files}.values())


def _texts(message: Mapping[str, Json]) -> Iterator[str]:
    yield unescaped(str(message.get("text") or ""))
    yield "\n".join(_said(message.get("blocks"), 0))
    for attached in _dicts(message.get("attachments")):
        parts = [line for key in _ATTACHED for line in _said(attached.get(key), 0)]
        yield "\n".join(parts) or unescaped(str(attached.get("fallback") or ""))


def _said(value: Json, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    match value:
        case str() if value.strip():
            yield unescaped(value)
        case list() | tuple():
            for item in value:
                yield from _said(item, depth + 1)
        case dict() if value.get("type") in _LINES:
            yield "".join(map(_inline, _dicts(value.get("elements"))))
        case dict():
            # The text of a text object is a string, that of a section such an object.
            for key in (*_WORDS, *_PARTS):
                if key != "value" or "title" in value:
                    yield from _said(value.get(key), depth + 1)
        case _:
            pass


def _inline(element: Mapping[str, Json]) -> str:
    """Return one element of rich text: words, a link, a person, an emoji."""
    for key in ("text", "url", "user_id", "channel_id", "name", "fallback"):
        if isinstance(found := element.get(key), str) and found:
            return found
    return ""


def _dicts(value: Json) -> Sequence[Mapping[str, Json]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
