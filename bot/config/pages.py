"""The pages that a browser is shown: who may see which, and where they are reached."""

from collections.abc import Collection

from pydantic import Field

from bot.config.document import Node
from bot.config.limits import is_of_this_machine, url_problem
from bot.config.problems import Problems, nearest
from bot.config.section import Section


class StatusPage(Section):
    """What anybody may see who reaches the server: `/status`, and `/badge/TARGET.svg`.

    Without this section neither is there.
    """

    targets: tuple[str, ...] = Field(min_length=1, max_length=100)
    title: str = Field(default="Status", min_length=1, max_length=80)
    causes: bool = False
    """Whether it also says why a target is not well, in the words of the catalogue."""


def check_pages(root: Node, targets: Collection[str], problems: Problems) -> None:
    """Note an address that cannot be linked to, and targets that there are not."""
    server = root.items.get("server")
    url = server.child("public_url") if server else None
    if url and isinstance(url.value, str) and url.value:
        if problem := url_problem(url.value, ("https", "http")):
            problems.add(url.at, f"server.public_url {problem}.")
        elif set(url.value) & set("?<>|"):  # of these a link in a message is made
            problems.add(url.at, "server.public_url must not hold any of ? < > |.")
        elif url.value.startswith("http:") and not is_of_this_machine(url.value):
            # Whoever reads a link on the way can follow it.
            problems.add(
                url.at, "server.public_url must begin with https://, except on this machine."
            )
    page = root.items.get("status_page")
    named = page.child("targets") if page else None
    for item in named.value if named and isinstance(named.value, list) else []:
        if isinstance(item.value, str) and item.value not in targets:
            problems.add(
                item.at,
                f"status_page.targets names {item.value}, which is no target."
                f" {nearest(item.value, targets)}",
            )
