"""Slack's mrkdwn and rich text as plain text for a terminal."""

import html
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

from bot.sandbox.slack.workspace import Json

Names: TypeAlias = Callable[[str], str]
"""A person's or channel's name by its id."""

BULLETS = ("•", "◦", "▪")

# The few that apps mark states with; others stand as their names.
EMOJI = {
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "red_circle": "🔴",
    "large_orange_circle": "🟠",
    "rotating_light": "🚨",
    "bell": "🔔",
    "white_circle": "⚪",
    "warning": "⚠️",
    "white_check_mark": "✅",
    "x": "❌",
}


def mrkdwn(text: str, names: Names) -> str:
    """mrkdwn without its markup: names for ids, the fallback of dates, links with their text."""
    parts = re.split(r"(```.*?```|`[^`\n]+`)", text, flags=re.DOTALL)
    plain = []
    for part in parts:
        if part.startswith("```"):
            plain.append(textwrap.indent(part.strip("`").strip("\n"), "    "))
        elif part.startswith("`"):
            plain.append(part)
        else:
            plain.append(_unmarked(part))
    return html.unescape(_named("".join(plain), names))


def text_object(value: Json, names: Names) -> str:
    """The text of a text object, of whichever kind; empty when there is none."""
    if not isinstance(value, dict):
        return ""
    text = str(value.get("text", ""))
    return mrkdwn(text, names) if value.get("type") == "mrkdwn" else text


def rich_text(block: Mapping[str, Json], names: Names) -> Iterator[str]:
    """The lines of a rich_text block: paragraphs, numbered and bulleted lists, quotes, code."""
    counts: dict[int, int] = {}
    for element in block["elements"]:
        kind = element["type"]
        if kind == "rich_text_list":
            yield from _list(element, counts, names)
            continue
        counts.clear()
        lines = inline(element["elements"], names).split("\n")
        if kind == "rich_text_preformatted":
            yield from (f"    {line}" for line in lines)
        elif kind == "rich_text_quote":
            yield from (f"> {line}" for line in lines)
        else:
            yield from lines


def inline(parts: Sequence[Mapping[str, Json]], names: Names) -> str:
    """The parts of one rich text section as one string."""
    return "".join(_part(part, names) for part in parts)


def wrap(line: str, width: int) -> list[str]:
    """A long line as several, the later ones indented like the first and its list mark."""
    if len(line) <= width:
        return [line]
    lead = re.match(r"\s*(?:(?:[•◦▪>-]|\d+\.|\[.\])\s+)?", line)
    indent = " " * (len(lead[0]) if lead else 0)
    return textwrap.wrap(
        line,
        width,
        subsequent_indent=indent,
        break_on_hyphens=False,
        break_long_words="://" not in line,  # a terminal opens an address that is whole
        drop_whitespace=True,
    ) or [line]


def _list(element: Mapping[str, Json], counts: dict[int, int], names: Names) -> Iterator[str]:
    """A list; numbering goes on where a deeper list interrupted it."""
    level = int(element.get("indent", 0))
    for deeper in [known for known in counts if known > level]:
        del counts[deeper]
    ordered = element["style"] == "ordered"
    number = counts.get(level, 0)
    if "offset" in element:
        number = int(element["offset"])
    for item in element["elements"]:
        number += 1
        mark = f"{number}." if ordered else BULLETS[level % len(BULLETS)]
        first, *rest = inline(item["elements"], names).split("\n")
        yield f"{'   ' * level}{mark} {first}"
        yield from (f"{'   ' * level}{' ' * len(mark)} {line}" for line in rest)
    counts[level] = number


def _part(part: Mapping[str, Json], names: Names) -> str:
    match part["type"]:
        case "text":
            code = part.get("style", {}).get("code")
            return f"`{part['text']}`" if code else str(part["text"])
        case "link":
            shown = part.get("text")
            return f"{shown} ({part['url']})" if shown else str(part["url"])
        case "user":
            return f"@{names(part['user_id'])}"
        case "channel":
            return f"#{names(part['channel_id'])}"
        case "broadcast":
            return f"@{part['range']}"
        case "emoji":
            return EMOJI.get(part["name"], f":{part['name']}:")
        case "date":
            return str(part.get("fallback") or part["timestamp"])
        case "color":
            return str(part["value"])
        case _:
            return str(part.get("text") or part.get("usergroup_id") or part.get("team_id") or "")


def _unmarked(text: str) -> str:
    """Without the stars, underscores and tildes of bold, italic and struck text."""
    for sign in ("*", "_", "~"):
        escaped = re.escape(sign)
        text = re.sub(
            rf"(?<![\w{escaped}]){escaped}(\S(?:[^\n]*?\S)?){escaped}(?![\w{escaped}])",
            r"\1",
            text,
        )
    return text


def _named(text: str, names: Names) -> str:
    def shown(found: re.Match[str]) -> str:
        target, _, label = found[1].partition("|")
        if target.startswith("!date^"):
            return label or target
        if target.startswith(("@", "#")):
            return f"{target[0]}{names(target[1:])}"
        if target.startswith("!"):
            return f"@{target[1:].partition('^')[0]}"
        return f"{label} ({target})" if label and label != target else target

    return re.sub(r"<([^<>\n]+)>", shown, text)
