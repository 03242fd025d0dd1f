"""Block Kit, in the shapes this product uses; every text in it is clipped to Slack's limits.

Text from outside goes into plain_text and rich_text, where Slack interprets nothing. Only
`mrkdwn` interprets, so what goes there is `escaped` first.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from bot.model import Json
from bot.report.parts import Button
from bot.report.visible import clip, cut_lines, one_line, weight
from bot.report.words import MOMENT, NOBODY, called, moment

# Limits of Block Kit (docs.slack.dev), some kept well below for people's sake.
MOST_HEADER = 150
MOST_BUTTON_LABEL = 75
MOST_BUTTON_VALUE = 300  # 2,000 are allowed; a command is a line that a person could type
MOST_FIELD = 300  # 2,000 are allowed, of which an escaped character takes five
MOST_FIELDS = 10
MOST_SENTENCE = 600
MOST_ACTIONS = 3_000
MOST_JSON = 10_500  # of a whole message; Slack refuses blocks of about 13,200 characters
MOST_VERBATIM = 3_000
MOST_FALLBACK = 300

_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
_MENTION = re.compile(r"<?@?([UW][A-Z0-9]{6,20})>?|<!subteam\^(S[A-Z0-9]{2,20})(?:\|[^>]*)?>")
# How our own sentences name people and places, and show code; what they quote has no names in it.
_ESCAPED_PERSON = re.compile(r"&lt;@([UW][A-Z0-9]{1,20})&gt;")
_NAMED = re.compile(
    r"<@(?P<user>[UW][A-Z0-9]{1,20})>|<!subteam\^(?P<usergroup>S[A-Z0-9]{1,20})>"
    r"|<#(?P<channel>[CGD][A-Z0-9]{1,20})>|`(?P<code>[^`\n]+)`"
    rf"|(?P<moment>{MOMENT})"
)
# Where mrkdwn starts or ends formatting: at the edge of a word, and backticks anywhere.
_FORMATTING = re.compile(r"(?<![^\W_])[*_~]|[*_~](?![^\W_])|`|(?<=:)(?=[\w+'-]+:)")
# Invisible, keeps words together, and ends what Slack would take for markup.
_JOINER = "\u2060"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A Slack message: `text` says outcome and action to whoever cannot see the blocks."""

    text: str
    blocks: tuple[Json, ...]
    broadcast: bool = False
    """Whether a reply is shown outside its thread too."""


def escaped(text: str, most: int = MOST_FIELD) -> str:
    """Return `text` so that mrkdwn shows it letter by letter and nobody is notified."""
    line = clip(text, most)
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        line = line.replace(char, entity)
    return _FORMATTING.sub(lambda found: f"{found[0]}{_JOINER}", line)


def fallback(text: str) -> str:
    """Return `text` as a message's fallback: one line in which nothing is a mention."""
    return escaped(text, MOST_FALLBACK)


def named(text: str) -> str:
    """Return a sentence of ours as a fallback; Slack shows the people in it by their names."""
    return _ESCAPED_PERSON.sub(r"<@\1>", fallback(text))


def plain(text: str, most: int) -> Json:
    """Return a plain_text object; Slack refuses empty ones, so nothing is shown as a dash."""
    return {"type": "plain_text", "text": clip(text, most) or "–", "emoji": False}


def mrkdwn(text: str) -> Json:
    """Return a mrkdwn object for `text` whose parts are escaped already."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def person(id: str) -> str:
    """Return who, as mrkdwn: a mention for a Slack user id, the name for anything else."""
    return f"<@{id}>" if _USER.fullmatch(id) else escaped(id, 80)


def mention(name: str) -> Json:
    """Return a rich_text element that notifies whoever is named, if it is in Slack's notation."""
    if found := _MENTION.fullmatch(name):
        user, group = found.groups()
        if user:
            return {"type": "user", "user_id": user}
        return {"type": "usergroup", "usergroup_id": group}
    return said(name, most=80)


def owner(name: str) -> Json:
    """Return an owner as a rich_text element that notifies nobody.

    A person in Slack's notation can be written to with one press: nobody reads ids.
    """
    found = _MENTION.fullmatch(name)
    if found and found[1]:
        url = f"https://slack.com/app_redirect?channel={found[1]}"
        return {"type": "link", "url": url, "text": "message the owner"}
    return said(name, most=80)


def link(url: str, words: str) -> str:
    """Return a link as mrkdwn; `url` is an address of ours, `words` are escaped already."""
    return f"<{url.replace('&', '&amp;')}|{words}>"


def date(at: datetime) -> str:
    """Return a point in time as mrkdwn that each reader sees in their own time zone."""
    return (
        f"<!date^{int(at.astimezone(UTC).timestamp())}^{{date_short_pretty}} {{time}}|{moment(at)}>"
    )


def header(text: str) -> Json:
    """Return a header block."""
    return {"type": "header", "text": plain(text, MOST_HEADER)}


def context(*texts: str) -> Json:
    """Return a context block with one line of mrkdwn made of escaped `texts`."""
    return {"type": "context", "elements": [mrkdwn(" · ".join(texts))]}


def fields(pairs: Sequence[tuple[str, str]]) -> Json:
    """Return a section with the first ten `pairs`; their values are mrkdwn, escaped already."""
    shown = [mrkdwn(f"*{name}*\n{value}") for name, value in pairs[:MOST_FIELDS]]
    return {"type": "section", "fields": shown}


def said(text: str, *, style: str = "", most: int = MOST_SENTENCE) -> Json:
    """Return a rich_text text element; `style` is empty, ``bold``, ``italic`` or ``code``."""
    element: dict[str, Json] = {"type": "text", "text": clip_spaced(text, most) or "–"}
    return element | {"style": {style: True}} if style else element


def spoken(text: str) -> list[Json]:
    """Return a sentence of ours as rich_text elements.

    ``<@U123>`` in it is a person, ``<!subteam^S123>`` a group, ``<#C123>`` a channel; a moment
    becomes one that each reader sees in their own time zone.
    """
    elements: list[Json] = []
    end = 0
    for found in _NAMED.finditer(text):
        elements += _words(text[end : found.start()])
        kind = str(found.lastgroup)
        if kind == "code":
            elements.append(said(found["code"], style="code"))
        elif kind == "moment":
            elements.append(dated(found["moment"]))
        else:
            elements.append({"type": kind, f"{kind}_id": found[kind]})
        end = found.end()
    elements += _words(text[end:])
    return elements or [said("")]


def dated(words: str) -> Json:
    """Return a moment as a rich_text element that shows it in the reader's time zone."""
    try:
        at = datetime.fromisoformat(words.removesuffix(" UTC")).replace(tzinfo=UTC)
    except ValueError:  # such as of the 31st of June
        return said(words)
    stamp = max(0, int(at.timestamp()))
    shape = "{date_short_pretty} {time}"
    return {"type": "date", "timestamp": stamp, "format": shape, "fallback": words}


def _words(text: str) -> list[Json]:
    return [said(text, most=max(MOST_SENTENCE, len(text)))] if text else []


def unmarked(text: str, people: Mapping[str, str] = NOBODY) -> str:
    """Return a sentence of ours with the names of the people in it, or their ids; for a terminal.

    `people` is id -> name.
    """

    def word(found: re.Match[str]) -> str:
        said = found[str(found.lastgroup)]
        return called(said, people) if found["user"] else said

    return _NAMED.sub(word, text)


def people_in(text: str) -> Iterator[str]:
    """Yield the ids of the people in a sentence of ours."""
    yield from (found["user"] for found in _NAMED.finditer(text) if found["user"])


def clip_spaced(text: str, most: int) -> str:
    """Clip `text` as `clip` does, but keep a space or newline at either end: it joins elements."""
    start = text[: len(text) - len(text.lstrip(" \n"))][:1]
    end = text[len(text.rstrip(" \n")) :][:1]
    inner = clip(text, most)
    return f"{start}{inner}{end}" if inner else (start or end)


def line(*elements: Json) -> Json:
    """Return a rich_text_section made of text elements."""
    return {"type": "rich_text_section", "elements": list(elements)}


def rich(*elements: Json) -> Json:
    """Return a rich_text block."""
    return {"type": "rich_text", "elements": list(elements)}


def listing(*lines: Json, ordered: bool = False, indent: int = 0, offset: int = 0) -> Json:
    """Return a rich_text_list of sections; `offset` continues the numbering of an earlier one."""
    block: dict[str, Json] = {
        "type": "rich_text_list",
        "style": "ordered" if ordered else "bullet",
        "elements": list(lines),
    }
    if indent:
        block["indent"] = indent
    if offset:
        block["offset"] = offset
    return block


def verbatim(
    lines: Sequence[str], most: int = MOST_VERBATIM, *, kept: Collection[int] = ()
) -> Json:
    """Return a rich_text block that shows `lines` as they are, cut as `cut_lines` does."""
    cut = cut_lines(lines, most, size=lambda text: max(len(text), weight(text) // 2), kept=kept)
    element = {"type": "text", "text": "\n".join(cut) or "–"}
    return rich({"type": "rich_text_preformatted", "elements": [element]})


def actions(buttons: Sequence[Button]) -> Json:
    """Return an actions block; each button's id is stable and unique among `buttons`."""
    taken: set[str] = set()
    return {"type": "actions", "elements": [_button(button, taken) for button in buttons]}


def offered(buttons: Sequence[Button], most: int) -> tuple[Button, ...]:
    """Return the first `most` buttons; one that cannot carry its command whole is left out.

    A command cut short would be another command.
    """
    whole = (
        button
        for button in buttons
        if button.command
        and weight(button.command) <= MOST_BUTTON_VALUE
        and button.command == one_line(button.command)
    )
    shown = tuple(islice(whole, most))
    while shown and weight(actions(shown)) > MOST_ACTIONS:
        shown = shown[:-1]
    return shown


def _button(button: Button, taken: set[str]) -> Json:
    stem = "do:" + re.sub(r"[^a-z0-9]+", "-", button.command.lower()).strip("-")[:60]
    action_id, number = stem, 1
    while action_id in taken:
        number += 1
        action_id = f"{stem}-{number}"
    taken.add(action_id)
    element: dict[str, Json] = {
        "type": "button",
        "text": plain(button.label, MOST_BUTTON_LABEL),
        "action_id": action_id,
        "value": button.command,
    }
    if button.style:
        element["style"] = button.style
    if button.confirm:
        element["confirm"] = {
            "title": plain(button.label, 60),
            "text": plain(button.confirm, 200),
            "confirm": plain("Yes", 30),
            "deny": plain("Cancel", 30),
        }
    return element
