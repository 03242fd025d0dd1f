"""The causes of one run: every symptom traced, equal causes joined, each with its role."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.diagnosis.combined import AllOf
from bot.diagnosis.echoes import without_echoes
from bot.diagnosis.index import Index
from bot.diagnosis.roles import EXCHANGE, PATH, PROPER, Broken, give_roles, outcome, taken_away
from bot.diagnosis.rule import Root
from bot.diagnosis.rules import ROOTS
from bot.diagnosis.whys import Chain, trace
from bot.labels import Label
from bot.model import Role, Status

_UNKNOWN = Label.INSUFFICIENT_EVIDENCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A cause, with the chain that tells it best and what it takes away from the run."""

    label: Label
    chain: Chain
    confidence: float
    evidence: tuple[str, ...]
    broken: Broken
    role: Role = Role.INCIDENTAL


def find_causes(index: Index) -> tuple[Found, ...]:
    """Return the causes that the evidence supports, the answer first.

    Empty when nothing is wrong, or when no rule speaks about what is.
    """
    chains = [trace(root, index) for root in _open_roots(index)]
    telling = without_echoes([chain for chain in chains if chain.links])
    joined = _joined([_found(chain, index) for chain in telling])
    causes = _explaining(_blamed(joined, index), index.run.status)
    roles = give_roles([cause.broken for cause in causes])
    ranked = [replace(one, role=role) for one, role in zip(causes, roles, strict=True)]
    return tuple(
        sorted(ranked, key=lambda one: (_ROLES.index(one.role), not _stopped(one), _met_at(one)))
    )


def _open_roots(index: Index) -> list[Root]:
    """Return the symptoms there are; of a run that we broke ourselves only that one counts."""
    roots = [root for root in ROOTS if AllOf(*root.when).support(index) is not None]
    return roots[:1] if index.run.status is Status.ERRORED and index.run.executed else roots


def _stopped(cause: Found) -> bool:
    """Tell whether this stopped the run, and not only the way round something else did."""
    # A fallback token with a wrong signature matters only where the exchange gave none.
    return (
        cause.role is Role.SUFFICIENT
        and cause.chain.root.effect == "path broken"
        and cause.label not in (Label.JWT_REJECTED, Label.JWT_EXPIRED)
    )


def _met_at(cause: Found) -> int:
    """Return when the run met this beside others that weigh the same."""
    effect = cause.chain.root.effect
    if effect == "backend unhealthy" and PATH in cause.broken:
        return -1  # its health had told before anybody asked for a socket
    return _MET_AT.get(effect, 0)


# Only at the end of the run is it seen that the answer is not ours.
_MET_AT = {
    "auth unhealthy": -3,
    "proper token missing": -2,
    "no token": -2,
    "answer not ours": 1,
}

_ROLES = (Role.SUFFICIENT, Role.CONTRIBUTING, Role.INCIDENTAL)


def _found(chain: Chain, index: Index) -> Found:
    return Found(
        label=chain.label or _UNKNOWN,
        chain=chain,
        confidence=chain.confidence if chain.label else 0.3,
        evidence=chain.evidence,
        broken=taken_away(chain, index),
    )


def _joined(causes: Iterable[Found]) -> list[Found]:
    """Join causes with the same label; the chain that stopped the run tells them best."""
    by_label: dict[Label, Found] = {}
    for cause in causes:
        known = by_label.get(cause.label)
        if known is None:
            by_label[cause.label] = cause
            continue
        teller = cause if PATH in cause.broken and PATH not in known.broken else known
        by_label[cause.label] = replace(
            teller,
            # That a thing is broken does not make it the reason: what stopped the run decides.
            confidence=teller.confidence
            if PATH in teller.broken
            else max(known.confidence, cause.confidence),
            evidence=tuple(dict.fromkeys((*teller.evidence, *known.evidence, *cause.evidence))),
            broken=known.broken | cause.broken,
        )
    return list(by_label.values())


def _blamed(causes: list[Found], index: Index) -> list[Found]:
    """Where nothing found would stop the run and it did stop, blame what its failed steps show."""
    if index.run.status is not Status.FAILED or _explain(causes, Status.FAILED):
        return causes
    failed = [step for step in _STEPS if index.status(step) is Status.FAILED]
    for step in reversed(failed):
        blamed = [cause for cause in causes if _STEPS[step] in cause.broken]
        if blamed:
            return [
                replace(cause, broken=frozenset({PATH})) if cause in blamed else cause
                for cause in causes
            ]
    return causes


# Step -> what its failure alone takes away.
_STEPS = {"health": PROPER, "exchange": EXCHANGE, "events": PROPER}


def _explaining(causes: list[Found], status: Status) -> list[Found]:
    """Leave out the cause that could not be named, where the others explain the outcome."""
    named = [cause for cause in causes if cause.label is not _UNKNOWN]
    return named if _explain(named, status) else causes


def _explain(causes: Iterable[Found], status: Status) -> bool:
    return outcome(what for cause in causes for what in cause.broken) is status
