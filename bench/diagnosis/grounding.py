"""Whether every sentence rests on what it cites: a checker that knows nothing of the rules.

A sentence is taken apart into what can be looked up: quoted fragments, numbers, codes, names with
underscores, hosts and addresses. Each must be in a value that the sentence cites, in how a step
of the run ended, or in a setting of the run. Words that stand for an experiment ask that the
sentence cites one of its observations. A sentence that claims something and cites nothing fails.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.model import Diagnosis, Observation, Run, WhyKind

_QUOTED = re.compile(r'"([^"]+)"|“([^”]+)”')
_CODE = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")
_NAME = re.compile(r"\b[a-z][a-z0-9]*(?:_[a-z0-9]+)+\b")
_HOST = re.compile(
    r"\b(?:\d{1,3}(?:\.\d{1,3}){3}|[\w-]+(?:\.[\w-]+)*\.(?:test|invalid|com|net|org))\b"
)
_PATH = re.compile(r"(?<![\w/.:])/[\w-]+(?:/[\w.-]+)*")
_FINGERPRINT = re.compile(r"#([0-9a-f]{6,})\b")
_NUMBER = re.compile(r"(?<![\w.#-])-?\d+(?:\.\d+)?(?![\w]|\.\d)")
_CUT = " … "

# Words for an experiment or a step -> where one of the cited observations must come from.
_SOURCES = (
    (r"\bgarbage (?:one|token)\b", ("token_garbage",)),
    (r"\bwithout (?:a|any) token\b", ("token_none", "token", "events", "connect", "log")),
    (r"\bnon-JSON\b|\bnot JSON, on purpose\b", ("key_non_json",)),
    (r"\bdummy key\b|\bmade-up key\b", ("key_dummy",)),
    (r"\bnever used before\b", ("fresh_user",)),
    (r"\bhealth (?:answers|answered|says)\b", ("health", "health_again", "log")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Something that was said, and the observations it cites."""

    where: str
    text: str
    cites: tuple[str, ...]
    must_cite: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ungrounded:
    """A sentence that its citations do not carry, and the part of it that was not found."""

    where: str
    text: str
    missing: str


def sentences(diagnosis: Diagnosis) -> Iterator[Sentence]:
    """Yield everything that a diagnosis claims of its run."""
    together = tuple(dict.fromkeys(cited for one in diagnosis.causes for cited in one.evidence))
    for cause in diagnosis.causes:
        name = cause.label.value
        yield Sentence(where=f"cause {name}", text=cause.summary, cites=cause.evidence)
        if cause.counterfactual:
            # How the run would end without one cause is a matter of the others, too.
            where = f"counterfactual of {name}"
            yield Sentence(where=where, text=cause.counterfactual, cites=together)
    for why in diagnosis.whys:
        is_claim = why.kind is not WhyKind.UNKNOWN
        yield Sentence(
            where=f"why: {why.question}", text=why.answer, cites=why.evidence, must_cite=is_claim
        )
    for out in diagnosis.ruled_out:
        yield Sentence(where=f"ruled out {out.label.value}", text=out.reason, cites=out.evidence)
    for finding in diagnosis.findings:
        where = f"finding {finding.title}"
        yield Sentence(where=where, text=finding.issue, cites=finding.evidence)


def ungrounded(run: Run, diagnosis: Diagnosis) -> list[Ungrounded]:
    """Return every sentence of `diagnosis` that does not rest on what it cites."""
    known = {observation.id: observation for observation in run.observations}
    labels = {cause.label.value for cause in diagnosis.causes}
    found = []
    for sentence in sentences(diagnosis):
        missing = _missing(sentence, known, run, labels)
        if missing:
            found.append(Ungrounded(where=sentence.where, text=sentence.text, missing=missing))
    return found


def grounded_share(run: Run, diagnosis: Diagnosis) -> float:
    """Return the share of sentences that rest on what they cite."""
    every = list(sentences(diagnosis))
    return 1 - len(ungrounded(run, diagnosis)) / len(every) if every else 1.0


def _missing(
    sentence: Sentence, known: dict[str, Observation], run: Run, labels: Iterable[str]
) -> str:
    """Return what of `sentence` is not found, or an empty text."""
    unknown = [cited for cited in sentence.cites if cited not in known]
    if unknown:
        return f"no observation {unknown[0]}"
    if sentence.must_cite and not sentence.cites:
        return "a citation"
    cited = [known[one] for one in sentence.cites]
    shown = " ".join((*_texts(cited), *_results(run), *labels))
    for part in claimed(sentence.text):
        if not _is_shown(part, shown):
            return part
    for words, steps in _SOURCES if sentence.must_cite else ():
        if re.search(words, sentence.text) and not any(one.step in steps for one in cited):
            return f"an observation of {steps[0]}"
    return ""


def claimed(text: str) -> list[str]:
    """Return the parts of a sentence that can be looked up."""
    parts: list[str] = []
    for found in _QUOTED.finditer(text):
        parts += [piece for piece in (found[1] or found[2]).split(_CUT) if piece.strip()]
    rest = _QUOTED.sub(" ", text)
    for shape in (_FINGERPRINT, _HOST, _PATH, _CODE, _NAME):
        parts += [found[found.lastindex or 0] for found in shape.finditer(rest)]
        rest = shape.sub(" ", rest)
    return [*parts, *(found[0] for found in _NUMBER.finditer(rest))]


def _is_shown(part: str, shown: str) -> bool:
    if _NUMBER.fullmatch(part):
        return any(_same(float(part), float(one)) for one in _NUMBER.findall(shown)) or (
            re.search(rf"(?<!\d){re.escape(part)}(?!\d)", shown) is not None
        )
    return _plain(part) in _plain(shown)


def _same(said: float, seen: float) -> bool:
    """Tell whether a person would write `seen` as `said`."""
    return any(abs(said - round(seen, places)) < 1e-9 for places in (0, 1, 2, 3))


def _plain(text: str) -> str:
    """Return `text` on one line; the full stop of a quotation is that of its sentence."""
    return " ".join(text.split()).rstrip(".").replace("\\", "")


def _texts(cited: Sequence[Observation]) -> Iterator[str]:
    for observation in cited:
        yield observation.step
        yield from _leaves(observation.value)
        if isinstance(observation.value, dict | list | tuple):
            yield json.dumps(observation.value, ensure_ascii=False, default=str)


def _leaves(value: object) -> Iterator[str]:
    match value:
        case dict():
            for key, item in value.items():
                yield str(key)
                yield from _leaves(item)
        case list() | tuple():
            for item in value:
                yield from _leaves(item)
            yield str(len(value))
        case str():
            yield value
            yield from _quoted_json(value)
        case _:
            yield str(value)


def _quoted_json(text: str) -> Iterator[str]:
    """Yield what a text says that is itself JSON, without its escapes."""
    if text.startswith(("{", "[")):
        try:
            yield from _leaves(json.loads(text))
        except ValueError:
            return


def _results(run: Run) -> Iterator[str]:
    for step in (*run.steps, *run.experiments):
        yield f"{step.name} {step.title} {step.status.value} {step.detail}"
    for setting in run.provenance:
        yield f"{setting.key} {setting.value} {setting.source}"
    yield from (run.target, run.revision)
