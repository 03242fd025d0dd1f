"""How every case is explained, link by link, is what was reviewed: see the snapshot beside it."""

from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.diagnosis.causes import find_causes
from bot.diagnosis.index import Index
from tests.evidence_cases import CASES


def explained(index: Index) -> list[str]:
    """Return each cause with its role, its confidence, and the links that lead to it."""
    return [
        f"{one.label} {one.role} {one.confidence:.2f}: "
        + " > ".join(link.rule.cause for link in one.chain.links)
        + (" > ?" if one.chain.open else "")
        for one in find_causes(index)
    ]


def test_every_case_is_explained_as_reviewed(snapshot: SnapshotAssertion) -> None:
    chains = {name: explained(index) for name, index in CASES.items()}
    assert chains == snapshot(extension_class=JSONSnapshotExtension, name="chains")
