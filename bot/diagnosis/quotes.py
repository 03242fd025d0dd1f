"""Quoting a part of a text: without what only surrounds it, and with every mark that it opens."""

_PAIRS = (("'", "'"), ('"', '"'), ("`", "`"), ("{", "}"))


def trimmed(text: str, edges: str) -> str:
    """Return `text` without `edges` at both ends, but for the mark that ends a name in it."""
    return closed(text.strip(edges), text)


def closed(said: str, text: str) -> str:
    """Return `said`, a part of `text`, with the marks that it opens and only `text` closes."""
    for opens, ends in _PAIRS:
        is_open = said.count(opens) % 2 if opens == ends else said.count(opens) > said.count(ends)
        if is_open and f"{said}{ends}" in text:
            said = f"{said}{ends}"
    return said
