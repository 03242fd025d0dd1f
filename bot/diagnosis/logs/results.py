"""What test runners counted: passed, failed, skipped, collected, and how long it took."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.fields import Field
from bot.diagnosis.logs.matching import Text

_COUNT = re.compile(r"\b(\d{1,7}) (?:tests? )?(passed|failed|skipped|errors?|failures?)\b")
_NAMED_COUNT = re.compile(
    r"\b(passed|failed|skipped|errors?|failures?|tests?(?: run)?"
    r"|total(?: tests?)?)\s*[:=]\s*(\d{1,7})\b(?![.:/])"
)
_NOTHING = re.compile(
    r"(?:executed|ran|run|collected|found):? 0 tests?\b|no tests (?:ran"
    r"|were (?:run|collected|found|executed))|collected 0 items|\bran 0 tests"
    r"|\b0 tests? (?:collected|run|ran|executed|found)|no tests? (?:collected|found)",
)
# A number beside a word that is counted: what a summary has.
_COUNTED = re.compile(
    r"\d (?:tests? )?(?:pass|fail|skip|err)|(?:passed|failed|skipped|errors?|failures?|tests?"
    r"|run)\s*[:=]\s*\d|collected \d|\bran \d"
)
_COLLECTED = re.compile(r"\bcollected (\d{1,7}) items?|\bran (\d{1,7}) tests?")
_TOOK = re.compile(r"\bin (\d{1,6}(?:\.\d{1,6})?)\s?s(?:ec\w*)?\b")
_NAME = re.compile(r"[\w./\\\[\]-]*(?:::\w|(?<![A-Za-z])test_\w|(?<![A-Za-z])Test[A-Z]\w)")
_VERDICT = re.compile(
    r"\b(PASSED|PASS|FAILED|FAIL|SKIPPED|ERROR|XFAIL|ok)\b(?!\w)|([✅✓✔])|([❌✗✘])"
)
_TIME = re.compile(r"[(\[\s](\d{1,6}(?:\.\d{1,6})?)\s?(ms|s|sec|seconds)\b")
_OK = re.compile(r"OK(?: \(skipped=(\d+)\))?$")
_WORDS = (
    "passed", "failed", "skipped", "failures", "test", "collected", "::", "ok\n", "ok (skipped",
)  # fmt: skip

_MEANING = {
    "passed": "passed", "pass": "passed", "ok": "passed", "failed": "failed", "fail": "failed",
    "failures": "failed", "failure": "failed", "error": "failed", "errors": "failed",
    "skipped": "skipped", "xfail": "skipped",
}  # fmt: skip
_FIELD_NAMES = {
    "passed": "passed", "tests_passed": "passed", "failed": "failed", "tests_failed": "failed",
    "failures": "failed", "skipped": "skipped", "tests_skipped": "skipped", "errors": "failed",
    "total_tests": "total", "tests_run": "total", "tests_collected": "total", "collected": "total",
}  # fmt: skip
_MOST_TIMES = 500
_MOST_KNOWN = 2_000


@dataclass(frozen=True, slots=True)
class _Said:
    """What one line says of results."""

    is_nothing: bool = False
    is_ok: bool = False
    total: int | None = None
    took_s: float | None = None
    counts: tuple[tuple[str, int], ...] = ()
    verdict: str = ""
    name: str = ""
    seconds: float | None = None


_NOTHING_SAID = _Said()


@dataclass(slots=True)
class Results:
    """Counts of a whole log: those of summaries if there are any, else of single lines."""

    summed: dict[str, tuple[int, int]] = field(default_factory=dict)
    """passed, failed, skipped, total -> largest count and its line."""
    single: dict[str, tuple[int, int]] = field(default_factory=dict)
    """The same, counted from lines about one test; the line is the last."""
    nothing_line: int = 0
    took_s: tuple[float, int] | None = None
    passed_times: list[tuple[float, int, str]] = field(default_factory=list)
    """Seconds, line and name of tests that passed and say how long they took."""

    _known: dict[str, "_Said"] = field(default_factory=dict)

    def read_text(self, text: Text) -> None:
        """Count what lines of `text` say."""
        for position in text.with_any(_WORDS):
            line = text.lines[position]
            said = self._known.get(line.text)
            if said is None:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                said = self._known[line.text] = _said(line.text, line.low)
            self._take(said, line.number)

    def read_fields(self, fields: Sequence[Field]) -> None:
        """Count what reports in JSON say."""
        for one in fields:
            what = _FIELD_NAMES.get(one.name.lower())
            if what and isinstance(one.value, int) and not isinstance(one.value, bool):
                self._sum(what, one.value, one.line)

    def count(self, what: str) -> int:
        """Return how many passed, failed, were skipped, or ran in total."""
        return self._counts().get(what, (0, 0))[0]

    def facts(self) -> Iterator[Fact]:
        """Yield the counts as facts."""
        for what, (number, line) in self._counts().items():
            yield Fact(f"tests_{'collected' if what == 'total' else what}", line, number)
        if self.passed_times:
            seconds, line, _ = max(self.passed_times)
            yield Fact("test_took_s", line, seconds)
        if self.took_s:
            yield Fact("tests_took_s", self.took_s[1], self.took_s[0])

    def _counts(self) -> dict[str, tuple[int, int]]:
        """Single lines repeat what a summary says, so they count only where there is none."""
        if self.summed.keys() & {"passed", "failed", "skipped"}:
            return self.summed
        return {**self.single, **self.summed}

    def _take(self, said: "_Said", line: int) -> None:
        if said.is_nothing:
            self.nothing_line = line
            return
        if said.total is not None:
            self._sum("total", said.total, line)
        if said.took_s is not None:
            self.took_s = (said.took_s, line)
        for what, number in said.counts:
            self._sum(what, number, line)
        if said.is_ok and "total" in self.summed:
            self._sum("passed", self.summed["total"][0], line)
        if said.verdict:
            number = self.single.get(said.verdict, (0, 0))[0]
            self.single[said.verdict] = (number + 1, line)
        if said.seconds is not None and len(self.passed_times) < _MOST_TIMES:
            self.passed_times.append((said.seconds, line, said.name))

    def _sum(self, what: str, number: int, line: int) -> None:
        if number >= self.summed.get(what, (-1, 0))[0]:
            self.summed[what] = (number, line)


def _said(text: str, low: str) -> _Said:
    if ("test" in low or "0 items" in low) and _NOTHING.search(low):
        return _Said(is_nothing=True)
    if not _COUNTED.search(low):
        return _said_of_one(text, low)
    collected = _COLLECTED.search(low)
    counts = [(what, number) for number, what in _COUNT.findall(low)]
    named = _NAMED_COUNT.findall(low)
    counts += [(what, number) for what, number in named if len(named) > 1 or counts]
    if not counts and not collected:
        return _said_of_one(text, low)
    took = _TOOK.search(text)
    return _Said(
        total=int(collected[1] or collected[2]) if collected else None,
        took_s=float(took[1]) if took else None,
        counts=tuple((_MEANING.get(what, "total"), int(number)) for what, number in counts),
    )


def _said_of_one(text: str, low: str) -> _Said:
    if low.lstrip().startswith("ok") and _OK.match(text.strip()):
        return _Said(is_ok=True)
    if not _VERDICT.search(text):
        return _NOTHING_SAID
    name = next((word for word in text.split() if _is_name(word)), "")
    if not name:
        return _NOTHING_SAID
    # The verdict stands after the name, or before it with nothing else there.
    before, _, after = text.partition(name)
    verdict = _VERDICT.search(after) or _VERDICT.match(before.strip(" \t[("))
    what = _meaning(verdict[0]) if verdict else ""
    took = _TIME.search(after) if what == "passed" else None
    seconds = float(took[1]) / (1000 if took[2] == "ms" else 1) if took else None
    return _Said(verdict=what, name=name, seconds=seconds)


def _is_name(word: str) -> bool:
    return ("est" in word or "::" in word) and bool(_NAME.match(word))


def _meaning(verdict: str) -> str:
    if verdict in ("✅", "✓", "✔"):
        return "passed"
    if verdict in ("❌", "✗", "✘"):
        return "failed"
    return _MEANING.get(verdict.lower(), "")
