"""How the token, the welcome and the events differ from those of the run that passed."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.diagnosis.compare.change import Change, ChangeKind
from bot.diagnosis.index import Index
from bot.diagnosis.wording import cut, plain
from bot.model import Json

# Claims that say who issued a token and for whom; the others are about one user or one moment.
_TELLING_CLAIMS = ("iss", "aud")
# A part of a name that was made up for one run: hexadecimal digits, or a time.
_MADE_UP = re.compile(r"[0-9a-f]{8,}|\d{6,}", re.IGNORECASE)


def token(now: Index, then: Index) -> Iterator[Change]:
    """Yield what is different in the token; two of different sources are not compared."""
    if now.value("token.source") != then.value("token.source"):
        return
    new, old = now.value("token.claims"), then.value("token.claims")
    cited = _latest(now, "token.claims")
    if isinstance(new, Mapping) and isinstance(old, Mapping) and new and old:
        come, gone = [name for name in new if name not in old], [n for n in old if n not in new]
        if come or gone:
            yield Change(
                kind=ChangeKind.TOKEN,
                what=f"The token's set of claims (now {_with(come)}, {_without(gone)})",
                before=", ".join(sorted(map(str, old))),
                after=", ".join(sorted(map(str, new))),
                evidence=cited,
            )
        for name in _TELLING_CLAIMS:
            if name in new and name in old and new[name] != old[name]:
                yield _change(ChangeKind.TOKEN, f"The token's {name}", old[name], new[name], cited)
    for what, path in (
        ("The token's subject", "token.subject"),
        ("The token's time to live in seconds", "token.ttl_s"),
    ):
        yield from _other(ChangeKind.TOKEN, what, path, now, then)


def _with(names: Sequence[str]) -> str:
    return f"with {', '.join(names)}" if names else "none more"


def _without(names: Sequence[str]) -> str:
    return f"without {', '.join(names)}" if names else "none less"


def welcome(now: Index, then: Index) -> Iterator[Change]:
    """Yield how the server's greeting differs."""
    for what, path in (
        ("The subprotocol", "connect.subprotocol"),
        ("The type of the welcome", "events.welcome_type"),
        ("The mode that the welcome names", "events.welcome_mode"),
    ):
        yield from _other(ChangeKind.WELCOME, what, path, now, then)


def events(now: Index, then: Index) -> Iterator[Change]:
    """Yield events that came or went, their order, and how often the answer ended.

    An event that comes more often within an answer is no change: agents think as often as they
    need, and run as many tools.
    """
    new, old = _first_of_each(now), _first_of_each(then)
    if new is None or old is None:
        return
    cited = _latest(now, "events.names")
    gone = [name for name in old if name not in new]
    come = [name for name in new if name not in old]
    for what, before, after in (
        ("Events that no longer come", gone, ()),
        ("Events that did not come then", (), come),
    ):
        if before or after:
            yield Change(
                kind=ChangeKind.EVENTS,
                what=what,
                before=", ".join(before),
                after=", ".join(after),
                evidence=cited,
            )
    common = [name for name in new if name in old]
    was = [name for name in old if name in new]
    if common != was:
        yield Change(
            kind=ChangeKind.EVENTS,
            what="The order in which events first come",
            before=", ".join(was),
            after=", ".join(common),
            evidence=cited,
        )
    what = "The number of events that end an answer"
    yield from _other(ChangeKind.EVENTS, what, "events.terminal_count", now, then)


def _first_of_each(index: Index) -> list[str] | None:
    names = index.value("events.names")
    return list(dict.fromkeys(map(str, names))) if isinstance(names, list | tuple) else None


def _other(kind: ChangeKind, what: str, path: str, now: Index, then: Index) -> Iterator[Change]:
    new, old = now.value(path), then.value(path)
    if new in (None, "") or old in (None, ""):
        return
    if steady(plain(new)) != steady(plain(old)):
        yield _change(kind, what, old, new, _latest(now, path))


def steady(text: str) -> str:
    """Return `text` without what is made up anew for each run."""
    return _MADE_UP.sub("…", text)


def _change(kind: ChangeKind, what: str, old: Json, new: Json, cited: tuple[str, ...]) -> Change:
    before, after = cut(plain(old)), cut(plain(new))
    return Change(kind=kind, what=what, before=before, after=after, evidence=cited)


def _latest(index: Index, path: str) -> tuple[str, ...]:
    return tuple(seen.id for seen in index.find(path)[-1:])
