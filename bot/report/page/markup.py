"""HTML that cannot be broken out of: whatever is not `Html` already is escaped, always.

Text from outside becomes visible first (`visible`), so that nothing in it is hidden or steers the
line it stands in.
"""

import html
from collections.abc import Iterable
from typing import TypeAlias

from bot.report.visible import LONGEST_SENTENCE, clip, visible

_VOID = frozenset({"meta", "input", "br"})


class Html(str):
    """Markup that is escaped where it has to be."""

    __slots__ = ()


Child: TypeAlias = "str | Html | None"

NOTHING = Html("")


def escaped(text: str) -> Html:
    """Return `text` as HTML that shows it letter by letter, what cannot be seen included."""
    return Html(html.escape(visible(text), quote=True))


def sentence(text: str, most: int = LONGEST_SENTENCE) -> Html:
    """Return `text` as one line of at most `most` characters, its middle left out."""
    return escaped(clip(text, most))


def tag(name: str, /, *children: Child, **attributes: str | bool) -> Html:
    """Return an element; children that are not `Html` are escaped, as every attribute is.

    `class_` is ``class``, and ``_`` in other names is ``-``; an attribute that is False is left
    out, one that is True has no value.
    """
    opening = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _VOID:
        return Html(f"<{name}{opening}>")
    return Html(f"<{name}{opening}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Html:
    """Return `children` one after the other."""
    return Html("".join(map(_shown, children)))


def _shown(child: Child) -> str:
    if isinstance(child, Html):
        return child
    return escaped(child) if child else ""


def _attribute(key: str, value: str | bool) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return "" if value is False else f' {name}="{escaped(value)}"'
