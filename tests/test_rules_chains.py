"""How every case is explained, link by link, is what was reviewed: see the snapshot beside it."""

from collections.abc import Iterator

from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from bot.diagnosis import diagnose
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


def sentences(index: Index) -> Iterator[str]:
    """Yield everything that is said about a case."""
    diagnosis = diagnose(index.run, previous=index.before.run if index.before else None)
    yield from (text for why in diagnosis.whys for text in (why.question, why.answer))
    yield from (
        text for cause in diagnosis.causes for text in (cause.summary, cause.counterfactual)
    )
    yield from (one.reason for one in diagnosis.ruled_out)
    yield from (text for one in diagnosis.unknowns for text in (one.question, one.experiment))
    yield from (text for one in diagnosis.findings for text in (one.title, one.issue, one.impact))
    yield from (step.title for step in diagnosis.next_steps)


def test_every_sentence_is_as_reviewed(snapshot: SnapshotAssertion) -> None:
    said = sorted({text for index in CASES.values() for text in sentences(index) if text})
    assert said == snapshot(extension_class=JSONSnapshotExtension, name="sentences")


def test_every_case_is_explained_as_reviewed(snapshot: SnapshotAssertion) -> None:
    chains = {name: explained(index) for name, index in CASES.items()}
    assert chains == snapshot(extension_class=JSONSnapshotExtension, name="chains")
