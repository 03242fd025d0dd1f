"""Where and by whom a run was answered: addresses, certificates, and the programs behind them."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from bot.diagnosis.compare.change import Change, ChangeKind
from bot.diagnosis.compare.conversation import steady
from bot.diagnosis.index import Index
from bot.diagnosis.wording import cut
from bot.model import Json

_PORT = re.compile(r":\d+$")
# What a load balancer says of the machine that happened to answer stands in brackets.
_ASIDE = re.compile(r"\s*\([^)]*\)")
_LONG_ENOUGH = 16
# Days before its end at which a certificate is spoken of, once each.
_DAYS_LEFT = (0, 1, 3, 7, 14)
_NOT_AFTER = "%b %d %H:%M:%S %Y %Z"


def addresses(now: Index, then: Index) -> Iterator[Change]:
    """Yield the hosts that are somewhere else: none of their addresses was known then.

    A name with several addresses gives another one each time; that is no change.
    """
    cited = tuple(o.id for path in _ADDRESSES for o in now.find(path)[-1:])
    new, old = places(now), places(then)
    for host in sorted(new.keys() & old.keys()):
        if not new[host] & old[host]:
            yield Change(
                kind=ChangeKind.ADDRESS,
                what=f"The address of {host}",
                before=", ".join(sorted(old[host])),
                after=", ".join(sorted(new[host])),
                evidence=cited,
            )


_ADDRESSES = ("health.addresses", "proof.addresses")


def places(index: Index) -> dict[str, frozenset[str]]:
    """Return host -> its addresses: those that its name has, and the one that answered."""
    found: dict[str, frozenset[str]] = {}
    for path in _ADDRESSES:
        for name, said in _mapping(index.value(path)).items():
            host = _PORT.sub("", str(name))
            of_host = said if isinstance(said, list | tuple) else (said,)
            found[host] = found.get(host, frozenset()) | frozenset(map(str, of_host))
    return found


def certificates(now: Index, then: Index) -> Iterator[Change]:
    """Yield the hosts that show another certificate, or whose certificate is about to end."""
    new, old = _mapping(now.value("proof.tls")), _mapping(then.value("proof.tls"))
    cited = tuple(seen.id for seen in now.find("proof.tls")[-1:])
    for host in sorted(new.keys() & old.keys()):
        fresh, stale = _mapping(new[host]), _mapping(old[host])
        if not fresh.get("fingerprint") or not stale.get("fingerprint"):
            continue
        if fresh["fingerprint"] != stale["fingerprint"]:
            yield Change(
                kind=ChangeKind.CERTIFICATE,
                what=f"The certificate of {host}",
                before=_certificate(stale, None),
                after=_certificate(fresh, days_left(fresh, now.run.started_at)),
                evidence=cited,
            )
            continue
        left, was = (days_left(fresh, index.run.started_at) for index in (now, then))
        if left is not None and was is not None and _ending(left) < _ending(was):
            yield Change(
                kind=ChangeKind.CERTIFICATE,
                what=f"The time that the certificate of {host} has left",
                before=_days(was),
                after=_days(left),
                evidence=cited,
            )


def days_left(certificate: Mapping[str, Json], at: datetime) -> int | None:
    """Return the whole days a certificate has left at a moment; None if it does not say."""
    try:
        said = str(certificate.get("not_after", ""))
        end = datetime.strptime(said, _NOT_AFTER).replace(tzinfo=UTC)
    except ValueError:
        return None
    return (end - at).days


def _ending(left: int) -> int:
    """Return the first of the spoken-of days that has come; beyond all of them one more."""
    return next((day for day in _DAYS_LEFT if left <= day), _DAYS_LEFT[-1] + 1)


def _certificate(said: Mapping[str, Json], left: int | None) -> str:
    fingerprint = str(said["fingerprint"])
    shown = fingerprint if len(fingerprint) <= _LONG_ENOUGH else f"{fingerprint[:_LONG_ENOUGH]}…"
    issuer = f" of {cut(str(said['issuer']), 60)}" if said.get("issuer") else ""
    return f"{shown}{issuer}{f', with {_days(left)} left' if left is not None else ''}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def programs(now: Index, then: Index) -> Iterator[Change]:
    """Yield which program or version answers at a host, by its headers and its own words."""
    new, old = _mapping(now.value("proof.headers")), _mapping(then.value("proof.headers"))
    cited = tuple(seen.id for seen in now.find("proof.headers")[-1:])
    told: dict[tuple[str, str], Change] = {}
    for url in (url for url in new if url in old):
        host = _host(url)
        was = _mapping(old[url])
        for name, value in _mapping(new[url]).items():
            if name in was and _program(value) != _program(was[name]):
                change = Change(
                    kind=ChangeKind.PROGRAM,
                    what=f"The header {name} of {host}",
                    before=cut(str(was[name])),
                    after=cut(str(value)),
                    evidence=cited,
                )
                told.setdefault((host, str(name)), change)
    yield from told.values()
    yield from _versions(now, then)


def _versions(now: Index, then: Index) -> Iterator[Change]:
    for path in now.by_path:
        if not path.startswith("health.") or not path.endswith(".version"):
            continue
        new, old = now.value(path), then.value(path)
        # The revision is told by itself.
        is_revision = (new, old) == (now.run.revision, then.run.revision)
        if new and old and new != old and not is_revision:
            yield Change(
                kind=ChangeKind.PROGRAM,
                what=f"The version of {path.split('.')[1]}",
                before=cut(str(old)),
                after=cut(str(new)),
                evidence=tuple(seen.id for seen in now.find(path)[-1:]),
            )


def _program(header: Json) -> str:
    return steady(_ASIDE.sub("", str(header)))


def _host(url: str) -> str:
    return str(url).partition("://")[2].partition("/")[0]


def _mapping(value: Json) -> Mapping[str, Json]:
    return value if isinstance(value, Mapping) else {}
