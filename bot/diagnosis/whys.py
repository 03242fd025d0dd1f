"""The chain from a symptom to the deepest cause that the evidence supports, and the five whys."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.diagnosis.combined import AllOf
from bot.diagnosis.index import Index
from bot.diagnosis.rule import Open, Root, Rule
from bot.diagnosis.rules import EVERY_RULE
from bot.diagnosis.rules.since import SINCE_RULES
from bot.diagnosis.wording import filled
from bot.labels import Label
from bot.model import Status, Why, WhyKind

# Five whys: a longer chain would only split hairs.
MOST_LINKS = 5

_BEHIND = Open(
    question="What lies behind that?",
    experiment="Read the target's log of the same minute and revision.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A rule that holds, with its sentence filled in."""

    rule: Rule
    answer: str
    evidence: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """Links from a symptom downwards, as far as the evidence goes; possibly none."""

    root: Root
    links: tuple[Link, ...]

    @property
    def label(self) -> Label | None:
        """The label of the deepest link that has one."""
        labelled = [link.rule.label for link in self.links if link.rule.label]
        return labelled[-1] if labelled else None

    @property
    def naming(self) -> tuple[Link, ...]:
        """The links down to the one that gives the label; all of them if none does."""
        at = [n for n, link in enumerate(self.links) if link.rule.label]
        return self.links[: at[-1] + 1] if at else self.links

    @property
    def confidence(self) -> float:
        """The label is as sure as its own link, and as what was inferred on the way there.

        What changed since the last pass can speak for it as well.
        """
        inferred = [one for one in self.naming[:-1] if one.rule.kind is WhyKind.INFERRED]
        told = min((link.confidence for link in (*inferred, *self.naming[-1:])), default=0.0)
        lifted = (link.rule.lifts_to for link in self.links[len(self.naming) :])
        return max(told, *lifted, 0.0)

    @property
    def evidence(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cited for link in self.links for cited in link.evidence))

    @property
    def open(self) -> Open | None:
        """What is left to ask where the chain ends; something always is where nothing was named."""
        return self.links[-1].rule.open or (None if self.label else _BEHIND)

    @property
    def since(self) -> str:
        """What is told of the time since the last pass, where something is."""
        last = self.links[-1]
        return last.answer if any(last.rule is rule for rule in SINCE_RULES) else ""

    @property
    def about_token(self) -> bool:
        """Whether another token could have got through, as the deepest link that can tell says."""
        told = [link.rule.about_token for link in self.links if link.rule.about_token is not None]
        return bool(told and told[-1])


def trace(root: Root, index: Index, rules: Sequence[Rule] = EVERY_RULE) -> Chain:
    """Follow the rules from `root`, at each effect the first that holds, until none does."""
    links: list[Link] = []
    effect, met = root.effect, {root.effect}
    while link := _next(effect, index, rules):
        links.append(link)
        effect = link.rule.cause
        if effect in met:
            break
        met.add(effect)
    return Chain(root=root, links=tuple(links))


def whys(answer: Chain, index: Index, *, after: Chain | None = None) -> tuple[Why, ...]:
    """Return the questions and answers along `answer`, at most five.

    `after` is the chain in which the symptom shows that `answer` explains, where that is another
    one: the token that was refused was sent only because the exchange had failed.
    """
    links = (*(after.links[:1] if after else ()), *answer.links)
    told = tuple(
        _why(link, index, is_first=place == 0) for place, link in enumerate(links[:MOST_LINKS])
    )
    if answer.open is None or len(told) >= MOST_LINKS:
        return told
    question, _ = filled(answer.open.question, index)
    experiment, shown = filled(answer.open.experiment, index)
    unknown = Why(
        question=question,
        answer=f"Unknown: the evidence ends here. {experiment}",
        kind=WhyKind.UNKNOWN,
        evidence=shown,
    )
    return (*told, unknown)


def _next(effect: str, index: Index, rules: Sequence[Rule]) -> Link | None:
    for rule in rules:
        if rule.effect != effect:
            continue
        evidence = AllOf(*rule.when).support(index)
        if evidence is not None:
            return _link(rule, evidence, index)
    return None


def _link(rule: Rule, evidence: tuple[str, ...], index: Index) -> Link:
    # What a sentence shows it rests on, beside what made the rule hold.
    answer, shown = filled(rule.answer, index, evidence)
    confidence, sentences, evidence = rule.confidence, [answer], _joined(evidence, shown)
    for sign in rule.signs:
        rests_on = sign.when.support(index)
        if rests_on is None:
            continue
        says, shown = filled(sign.says, index, rests_on)
        evidence = _joined(evidence, rests_on, shown)
        confidence = confidence if sign.confidence is None else sign.confidence
        if says:
            sentences.append(says)
    return Link(rule=rule, answer=" ".join(sentences), evidence=evidence, confidence=confidence)


def _joined(*many: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(cited for ids in many for cited in ids))


def _why(link: Link, index: Index, *, is_first: bool) -> Why:
    question = link.rule.question
    if is_first or not question:
        question = _FIRST_QUESTIONS[index.run.status]
    return Why(question=question, answer=link.answer, kind=link.rule.kind, evidence=link.evidence)


_FIRST_QUESTIONS = {
    Status.PASSED: "Why did the run pass?",
    Status.DEGRADED: "Why is the run only degraded?",
    Status.FAILED: "Why did the run fail?",
    Status.ERRORED: "Why could the run not be carried out?",
    Status.SKIPPED: "Why was the run skipped?",
}
