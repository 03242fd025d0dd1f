"""What test runners counted: passed, failed, skipped, collected, and how long it took."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.fields import Field
from bot.diagnosis.logs.matching import Text
from bot.diagnosis.logs.provoked import Provoked
from bot.diagnosis.logs.result_lines import RESULT_WORDS, Said, said_in

_FIELD_NAMES = {
    "passed": "passed", "tests_passed": "passed", "failed": "failed", "tests_failed": "failed",
    "failures": "failed", "skipped": "skipped", "tests_skipped": "skipped", "errors": "failed",
    "succeeded": "passed", "numpassedtests": "passed", "numfailedtests": "failed",
    "numpendingtests": "skipped",
    "numtotaltests": "total", "total_tests": "total", "tests_run": "total",
    "tests_collected": "total", "collected": "total",
}  # fmt: skip
_MOST_TIMES = 500
_MOST_KNOWN = 2_000


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

    provoked: Provoked = field(default_factory=Provoked)
    retried_line: int = 0
    """The line that says that tests failed first, and passed when they were tried again."""

    _known: dict[str, Said] = field(default_factory=dict)

    def read_text(self, text: Text) -> None:
        """Count what lines of `text` say."""
        self.provoked.read_text(text)
        for position in text.with_any(RESULT_WORDS):
            line = text.lines[position]
            said = self._known.get(line.text)
            if said is None:
                if len(self._known) >= _MOST_KNOWN:
                    self._known.clear()
                said = self._known[line.text] = said_in(line.text, line.low)
            self._take(said, line.number)
            if said.verdict:
                self.provoked.end(said, line, text.lines[position + 1 : position + 13])
            elif "::" in line.text or "=== RUN" in line.text or line.text.endswith("STARTED"):
                self.provoked.begin(line)

    def read_fields(self, fields: Sequence[Field]) -> None:
        """Count what reports in JSON say."""
        for one in fields:
            what = _FIELD_NAMES.get(one.name.lower())
            if what and isinstance(one.value, int) and not isinstance(one.value, bool):
                self._sum(what, one.value, one.line)

    def count(self, what: str) -> int:
        """Return how many passed, failed, were skipped, or ran in total."""
        return self._counts().get(what, (0, 0))[0]

    @property
    def line_of_nothing(self) -> int:
        """The line that says, in words or by counts that are all zero, that nothing ran; or 0."""
        counted = self.summed.keys() & {"passed", "failed", "skipped", "total"}
        if (
            "passed" in counted
            and len(counted) > 1
            and not any(self.summed[what][0] for what in counted)
        ):
            return self.nothing_line or self.summed[min(counted)][1]
        return self.nothing_line

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

    def _take(self, said: Said, line: int) -> None:
        if said.is_retried:
            self.retried_line = line
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
        if (
            said.verdict == "passed"
            and said.seconds is not None
            and len(self.passed_times) < _MOST_TIMES
        ):
            self.passed_times.append((said.seconds, line, said.name))

    def _sum(self, what: str, number: int, line: int) -> None:
        if number >= self.summed.get(what, (-1, 0))[0]:
            self.summed[what] = (number, line)
