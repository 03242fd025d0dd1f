"""What test runners counted: passed, failed, skipped, collected, and how long it took."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.fields import Field
from bot.diagnosis.logs.matching import Text

_COUNT = re.compile(
    r"\b(\d{1,7}) (?:tests? )?(passed|failed|skipped|errors?|failures?)\b", re.IGNORECASE
)
_NAMED_COUNT = re.compile(
    r"\b(passed|failed|skipped|errors?|failures?|tests?(?: run)?"
    r"|total(?: tests?)?)\s*[:=]\s*(\d{1,7})\b(?![.:/])"
)
_NOTHING = re.compile(
    r"(?:executed|ran|run|collected|found):? 0 tests?\b|no tests (?:ran"
    r"|were (?:run|collected|found|executed))|collected 0 items|\bRan 0 tests"
    r"|\b0 tests? (?:collected|run|ran|executed|found)|no tests? (?:collected|found)",
    re.IGNORECASE,
)
_COLLECTED = re.compile(r"\bcollected (\d{1,7}) items?|\bRan (\d{1,7}) tests?", re.IGNORECASE)
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

    def read_text(self, text: Text) -> None:
        """Count what lines of `text` say."""
        for position in text.with_any(_WORDS):
            line = text.lines[position]
            if not self._read_summary(line.text, line.number):
                self._read_one(line.text, line.number)

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

    def _read_summary(self, text: str, line: int) -> bool:
        lowered = text.lower()
        if ("0" in text or "no test" in lowered) and _NOTHING.search(text):
            self.nothing_line = line
            return True
        if found := _COLLECTED.search(text):
            self._sum("total", int(found[1] or found[2]), line)
        counts = [(what, number) for number, what in _COUNT.findall(text)]
        named = _NAMED_COUNT.findall(lowered)
        counts += [(what, number) for what, number in named if len(named) > 1 or counts]
        took = _TOOK.search(text)
        if took and (counts or found):
            self.took_s = (float(took[1]), line)
        for what, number in counts:
            self._sum(_MEANING.get(what.lower(), "total"), int(number), line)
        if not counts and _OK.match(text.strip()) and "total" in self.summed:
            self._sum("passed", self.summed["total"][0], line)
        return bool(counts or found)

    def _read_one(self, text: str, line: int) -> None:
        name = next((word for word in text.split() if _is_name(word)), "")
        if not name:
            return
        # The verdict stands after the name, or before it with nothing else there.
        before, _, after = text.partition(name)
        verdict = _VERDICT.search(after) or _VERDICT.match(before.strip(" \t[("))
        what = _meaning(verdict[0]) if verdict else ""
        if not what:
            return
        number = self.single.get(what, (0, 0))[0]
        self.single[what] = (number + 1, line)
        took = _TIME.search(after)
        if what == "passed" and took and len(self.passed_times) < _MOST_TIMES:
            seconds = float(took[1]) / (1000 if took[2] == "ms" else 1)
            self.passed_times.append((seconds, line, name))

    def _sum(self, what: str, number: int, line: int) -> None:
        if number >= self.summed.get(what, (-1, 0))[0]:
            self.summed[what] = (number, line)


def _is_name(word: str) -> bool:
    return ("est" in word or "::" in word) and bool(_NAME.match(word))


def _meaning(verdict: str) -> str:
    if verdict in ("✅", "✓", "✔"):
        return "passed"
    if verdict in ("❌", "✗", "✘"):
        return "failed"
    return _MEANING.get(verdict.lower(), "")
