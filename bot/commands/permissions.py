"""Who may do what: every line is looked at before anything comes of it."""

import re
from collections.abc import Iterable

import structlog

from bot.commands.command import Arguments, Ask, Command
from bot.commands.right import Right
from bot.config import CHANNEL, EVERYONE, OWNERS, Route
from bot.deps import Deps
from bot.errors import Forbidden, Unavailable
from bot.store import names
from bot.target import KEY_CHECK

log = structlog.get_logger(__name__)

_MENTION = re.compile(r"<?@?([UW][A-Z0-9]{1,20})(?:\|[^>]*)?>?|<!subteam\^(S[A-Z0-9]{1,20})[^>]*>")
_GROUP = re.compile(r"@?(S[A-Z0-9]{2,20})")


async def permit(deps: Deps, command: Command, arguments: Arguments, ask: Ask) -> None:
    """Raise Forbidden, which says who may, unless the caller may do this here.

    `arguments` are as the command's `meant` returned them.
    """
    right = right_of(command, arguments)
    if right is None:
        return
    target = arguments.get("target", "")
    if await may(deps, right, ask, target=target):
        return
    log.info("refused", right=str(right), caller=ask.caller.id, channel=ask.place.channel)
    allowed = allowed_for(deps, right, target)
    raise Forbidden(
        f"You may not {right.allows} from here.",
        hint=f"Who may: {_listed(deps, allowed)}. It is configured under `permissions: {right}`.",
    )


def right_of(command: Command, arguments: Arguments) -> Right | None:
    """Return the right that a line takes; None if everybody may."""
    if command.right is Right.RUN and arguments.get("check") == KEY_CHECK:
        return Right.VERIFY_KEY
    return command.right


async def may(deps: Deps, right: Right, ask: Ask, *, target: str = "") -> bool:
    """Tell whether the caller has `right` here; groups are asked for only if need be."""
    allowed = allowed_for(deps, right, target)
    if EVERYONE in allowed or ask.caller.id in allowed:
        return True
    if CHANNEL in allowed and await _is_routed(deps, ask):
        return True
    for group in sorted(one for one in allowed if _GROUP.fullmatch(one)):
        if ask.caller.id in await deps.members(group):
            return True
    return False


def allowed_for(deps: Deps, right: Right, target: str) -> frozenset[str]:
    """Return who has `right`: ids, and the words that need a look at the place."""
    configured = frozenset(getattr(deps.live.permissions, right))
    allowed = configured - {OWNERS}
    if OWNERS in configured:
        allowed |= _owners(deps, right, target) or {CHANNEL}
    if CHANNEL in allowed and not _channels(deps):
        allowed |= {EVERYONE}
    return allowed


def _owners(deps: Deps, right: Right, target: str) -> frozenset[str]:
    """Return the ids of users and groups that the owners of `target` name.

    Where it is not said which, those of all: then there is only one, or it is asked back.
    """
    owners = (
        owner
        for known, one in deps.targets.items()
        if target in ("", known)
        for label, owner in one.owners.items()
        if right is not Right.VERIFY_KEY or label.startswith("bypass_key")
    )
    return frozenset(_ids(owners))


def _ids(owners: Iterable[str]) -> Iterable[str]:
    for owner in owners:
        if found := _MENTION.fullmatch(owner):
            yield found[1] or found[2]
        elif group := _GROUP.fullmatch(owner):
            yield group[1]


async def _is_routed(deps: Deps, ask: Ask) -> bool:
    """Tell whether the caller asks in a channel of `routes`, or in private as a member of one.

    Of who asks in a direct message or at home, Slack tells whether they are in that channel.
    """
    if ask.place.channel == ask.caller.id or ask.place.channel.startswith("D"):
        return await _is_member(deps, ask)
    for route in _channels(deps):
        if ask.place.channel == route.channel:
            return True
        # A route may name its channel; Slack tells the id with the first message in it.
        known = await deps.store.posting(names.of_route(route.key))
        if known and known.channel == ask.place.channel:
            return True
        if known is None and not _is_id(route.channel) and _is_id(ask.place.channel):
            return True
    return False


async def _is_member(deps: Deps, ask: Ask) -> bool:
    for route in _channels(deps):
        known = await deps.store.posting(names.of_route(route.key))
        channel = known.channel if known else route.channel
        if not _is_id(channel):
            continue
        try:
            if ask.caller.id in await deps.members(channel):
                return True
        except Unavailable:
            log.info("slack does not tell who is in a channel", channel=channel)
    return False


def _channels(deps: Deps) -> list[Route]:
    return [route for route in deps.live.routes if route.channel]


def _is_id(channel: str) -> bool:
    return re.fullmatch(r"[CGD][A-Z0-9]{6,20}", channel) is not None


def _listed(deps: Deps, allowed: frozenset[str]) -> str:
    shown = [
        f"<!subteam^{one}>" if _GROUP.fullmatch(one) else f"<@{one}>"
        for one in sorted(allowed - {CHANNEL})
    ]
    if CHANNEL in allowed:
        rooms = ", ".join(sorted({_room(route.channel) for route in _channels(deps)}))
        shown.append(f"whoever asks in {rooms}")
    return ", ".join(shown) or "nobody"


def _room(channel: str) -> str:
    return f"<#{channel}>" if _is_id(channel) else f"#{channel.lstrip('#')}"
