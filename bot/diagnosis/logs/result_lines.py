"""What one line says of the results of tests: a summary of counts, or how one test ended."""

import re
from dataclasses import dataclass

_COUNT = re.compile(
    # A port, a line or a status is no number of tests.
    r"(?<!of )(?<!/)(?<!port )(?<!line )(?<!code )(?<!status )(?<!http )(?<!:)\b(\d{1,7}) "
    r"(?:tests? |checks? "
    r"|specs? |features? |scenarios? |steps? )?(passed|failed|skipped|errors?|failures?|passing"
    r"|failing|pending|ok(?=, \d)|succeeded|successful|ignored)\b"
)
_NAMED_COUNT = re.compile(
    r"\b(pass(?:ed)?|fail(?:ed)?|skip(?:ped)?|errors?|failures?|tests?(?: run)?"
    r"|total(?: tests?)?)\s*[:=]\s*(\d{1,7})\b(?![:/]|\.\d)"
)
# As TAP and the runner of Node sum up: the word, then the number.
_SUMMED = re.compile(r"\b(pass|fail|skip|skipped|todo) {1,3}(\d{1,7})\b")
_NOTHING = re.compile(
    r"(?:executed|ran|run|running|collected|found):? 0 tests?\b|no tests (?:ran"
    r"|were (?:run|collected|found|executed))|collected 0 items|\bran 0 tests"
    r"|\b0 tests? (?:collected|run|ran|executed|found)|no tests? (?:collected|found|to run|matched)"
    r"|no test (?:files|suites|specs) found|\btests?:\s+0 total|\b0 (?:examples?|specs?"
    r"|scenarios?),"
    r"|\[no test(?:s to run| files)\]|no specs found|\b0 (?:executed|selected)\b|(?:^\s*|: ?)0 "
    r"(?:scenarios|specs|tests|examples)\s*$",
)
# A number beside a word that is counted: what a summary has.
_COUNTED = re.compile(
    r"\d (?:tests? |checks? |specs? |features? |scenarios? |steps? )?"
    r"(?:pass|fail|skip|err|pend|ok, \d|succe|ignor)"
    r"|# (?:pass|fail|skip)|\d of \d+ (?:\w+ )?(?:pass|fail|skip)|(?:pass|fail|skip|passed"
    r"|failed|skipped"
    r"|errors?|failures?|tests?|run)\s*[:=]\s*\d"
    r"|collected \d|\bran \d"
)
# "1 of 3 steps failed", and not which attempt did
_OF_ALL = re.compile(
    r"(?<!retry )(?<!attempt )(?<!try )(?<!step )(?<!#)\b(\d{1,7})(?: of |/)\d{1,7} "
    r"(?:\w+ )?(passed|failed|skipped)\b"
)
_COLLECTED = re.compile(r"\bcollected (\d{1,7}) items?|\bran (\d{1,7}) tests?")
_TOOK = re.compile(r"\bin (\d{1,6}(?:\.\d{1,6})?)\s?s(?:ec\w*)?\b")
_NAME = re.compile(r"[\w./\\\[\]-]*(?:::\w|(?<![A-Za-z])test_\w|(?<![A-Za-z])Test[A-Z]\w)")
_VERDICT = re.compile(
    r"\b(PASSED|PASS|FAILED|FAIL|SKIPPED|ERROR|XFAIL|ok)\b(?!\w)|([✅✓✔])|([❌✗✘])"
)
_TIME = re.compile(r"[(\[\s](\d{1,6}(?:\.\d{1,6})?)\s?(ms|s|sec|seconds)\b")
_OK = re.compile(r"OK(?: \(skipped=(\d+)\))?$")
# How Go sums up a package.
_PACKAGE = re.compile(r"(ok|FAIL)\s+(?P<name>[\w./-]{1,200})\s+(?P<took>\d{1,6}\.\d{1,4})s\s*$")
# How Python's runners print a test that did not fail: its name, and nothing else but the verdict.
_NAMED_GOOD = re.compile(
    r"(?:\s*PASSED\s+\S{0,200}(?:::|\btest_)\S{1,200}(?: - .{0,200})?(?: [\[(]\d[\d.]{0,8} "
    r"?m?s[\])])?\s*$)"
    r"|\s*\S{0,200}(?:::|\btest_)\S{1,200}(?: \([\w.]{1,200}\))?[ .]{1,12}(?:PASSED|SKIPPED|ok)\b"
    r"(?:\s{1,60}\[ ?\d{1,3}%\])?(?: \(\d[\d.]{0,8} ?m?s\))?\s*$"
)
_ATTRIBUTE = re.compile(r'\b(tests|failures|errors|skipped|time)="(\d{1,7}(?:\.\d{1,6})?)"')
# A name, its verdict behind dots, and a time.
_DOTTED = re.compile(
    r"\s*(?P<name>[\w][^\n]{0,120}?)(?: ?\.{3,} ?|: )(?P<mark>OK|PASS|PASSED|SUCCESS|FAIL|FAILED)"
    r" \((?P<took>\d{1,6}(?:\.\d{1,6})?) ?(?P<unit>ms|s)\)\s*$"
)
_ALL_OK = re.compile(r"\b(\d{1,7}) tests?, (\d{1,7}) ok\b")
# As Gradle prints one test.
_ARROW = re.compile(
    r"\s*(?P<name>\S{1,160} > .{1,160}?) (?P<mark>PASSED|FAILED|SKIPPED)"
    r"(?: \((?P<took>\d{1,6}(?:\.\d{1,6})?) ?(?P<unit>ms|s)\))?\s*$"
)
# As k6 sums up its checks, and JUnit a class.
_MARKS = re.compile(r"✓ (\d{1,7})\s+✗ (\d{1,7})")
_RUN = re.compile(
    r"tests run: (\d{1,7}), failures: (\d{1,7})(?:, errors: (\d{1,7}))?(?:, skipped: (\d{1,7}))?"
)
# As PHPUnit does.
_ASSERTED = re.compile(r"\s*tests: (\d{1,7}), assertions: \d{1,9}(?P<rest>[^\n]{0,200})")
# A line that is a verdict and its time: whose it is stands above.
_BARE = re.compile(r"\s*(PASSED|FAILED)(?: \((\d{1,6}(?:\.\d{1,6})?) ?s\))?\s*$")

# How runners sum up tests that failed first, and passed when they were tried again.
_RETRIED = re.compile(r"\s*[1-9]\d{0,5} flaky\s*$")
_RERUN = re.compile(r"\b[1-9]\d{0,5} (?:reruns?|flaky)\b")

# How runners of other languages print one test: TAP, check marks with a time, Go.
_TOOK_IN = r"\(?(?P<took>\d{1,6}(?:\.\d{1,6})?) ?(?P<unit>ms|s)\)?"
_RESULTS = tuple(
    re.compile(rf"\s*{shape}\s*$")
    for shape in (
        rf"(?P<mark>(?:not )?ok) \d{{1,6}}(?: -)? (?P<name>[^#\n]{{1,200}}?)(?: {_TOOK_IN})?"
        r"(?:\s*# (?P<note>SKIP|TODO|skip|todo)\b.{0,200})?",
        rf"(?P<mark>[✓✔√✗✘✕✖×])\s{{1,3}}(?P<name>[^\n]{{1,200}}?) (?=\(){_TOOK_IN}(?P<note>)"
        r".{0,80}",
        r"(?P<mark>[✗✘✕✖])\s{1,3}(?P<name>[^\n]{1,200}?)(?P<took>)(?P<unit>)(?P<note>)",
        rf"\[(?P<mark>PASS|FAIL|SKIP)\] (?P<name>[^\n]{{1,160}}?) (?=\(){_TOOK_IN}(?P<note>)",
        r"(?P<mark>\[FAIL)\] (?P<name>[^\n]{1,200}?)(?P<took>)(?P<unit>)(?P<note>)",
        rf"--- (?P<mark>PASS|FAIL|SKIP): (?P<name>\S{{1,200}})(?: {_TOOK_IN})?(?P<note>)",
    )
)
_STARTS = frozenset("[on-✓✔√✗✘✕✖×")
_BAD_MARKS = ("not ok", "fail", "[fail", "✗", "✘", "✕", "✖", "×")
RESULT_WORDS = (
    "passed", "failed", "skipped", "failures", "test", "collected", "::", "ok\n", "ok (skipped",
    "ok ", "ok\t", "[pass]", "[fail]", "ok (", "pass (", "success (", "✓", "✔", "√", "✗", "✘",
    "✕", "✖", "×", "--- ", "# pass", "# fail", "# skip",
    "passing", "failing", "pass=", "pass:", "executed", "succeeded", "specs", "examples",
    "scenarios", " flaky", " rerun", "=== run",
)  # fmt: skip

MEANING = {
    "passed": "passed", "pass": "passed", "ok": "passed", "failed": "failed", "fail": "failed",
    "failures": "failed", "failure": "failed", "error": "failed", "errors": "failed",
    "skipped": "skipped", "xfail": "skipped", "skip": "skipped", "todo": "skipped",
    "passing": "passed", "failing": "failed", "pending": "skipped", "succeeded": "passed",
    "successful": "passed", "success": "passed", "ignored": "skipped",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """What one line says of results."""

    is_nothing: bool = False
    is_ok: bool = False
    total: int | None = None
    took_s: float | None = None
    counts: tuple[tuple[str, int], ...] = ()
    is_retried: bool = False
    verdict: str = ""
    name: str = ""
    seconds: float | None = None


_NOTHING_SAID = Said()


def said_in(text: str, low: str) -> Said:
    """Return what the line `text`, which is `low` in lower case, says of results."""
    if ("test" in low or "0 " in low or "spec" in low) and _NOTHING.search(low):
        return Said(is_nothing=True)
    if "<testsuite" in low and (counted := _said_by_xml(low)):
        return counted
    if found := _RUN.search(low):
        return _said_by_junit(found)
    if found := _ASSERTED.match(low):
        return _said_by_phpunit(found)
    if found := _ALL_OK.search(low):
        failed = max(0, int(found[1]) - int(found[2]))
        return Said(counts=(("passed", int(found[2])), ("failed", failed)))
    if "checks" in low and (found := _MARKS.search(low)):
        return Said(counts=(("passed", int(found[1])), ("failed", int(found[2]))))
    if _RETRIED.match(low):
        return Said(is_retried=True)
    if not _COUNTED.search(low):
        return _said_of_one(text, low)
    collected = _COLLECTED.search(low)
    counts = [(what, number) for number, what in _COUNT.findall(low)]
    named = _NAMED_COUNT.findall(low)
    counts += [(what, number) for what, number in named if len(named) > 1 or counts]
    counts += [(what, number) for number, what in _OF_ALL.findall(low)]
    if low.lstrip().startswith("# "):
        counts += _SUMMED.findall(low)
    if not counts and not collected:
        return _said_of_one(text, low)
    took = _TOOK.search(text)
    return Said(
        is_retried=bool(_RERUN.search(low)),
        total=int(collected[1] or collected[2]) if collected else None,
        took_s=float(took[1]) if took else None,
        counts=tuple((MEANING.get(what, "total"), int(number)) for what, number in counts),
    )


def _said_by_phpunit(found: re.Match[str]) -> Said:
    rest = [(MEANING[what], int(number)) for what, number in _NAMED_COUNT.findall(found["rest"])]
    passed = max(0, int(found[1]) - sum(number for _, number in rest))
    return Said(counts=(("passed", passed), *rest))


def _said_by_xml(low: str) -> Said | None:
    """Return what the summary of a report in JUnit's form says."""
    found = {name: float(number) for name, number in _ATTRIBUTE.findall(low)}
    if "tests" not in found:
        return None
    failed = found.get("failures", 0) + found.get("errors", 0)
    skipped = found.get("skipped", 0)
    counts = {"passed": found["tests"] - failed - skipped, "failed": failed, "skipped": skipped}
    return Said(
        is_nothing=not found["tests"],
        took_s=found.get("time"),
        counts=tuple((what, int(number)) for what, number in counts.items() if number > 0),
    )


def _said_by_junit(found: re.Match[str]) -> Said:
    total, failures, errors, skipped = (int(number or 0) for number in found.groups())
    failed = failures + errors
    counts = (("passed", total - failed - skipped), ("failed", failed), ("skipped", skipped))
    return Said(is_nothing=not total, counts=tuple(one for one in counts if one[1] > 0))


def is_good_result(text: str) -> bool:
    """Whether `text` says that a named test passed or was left out.

    What its title names was provoked on purpose then, or did not happen.
    """
    if ("PASSED" in text or "SKIPPED" in text or " ok" in text) and _NAMED_GOOD.match(text):
        return True
    start = text.lstrip()[:1]
    found = _result(text) if start and start in _STARTS else None
    return found is not None and _said_by_mark(found).verdict != "failed"


def _said_of_one(text: str, low: str) -> Said:
    if low.lstrip().startswith("ok") and _OK.match(text.strip()):
        return Said(is_ok=True)
    if found := _result(text):
        return _said_by_mark(found)
    if found := _PACKAGE.match(text):
        what = MEANING[found[1].lower()]
        return Said(verdict=what, name=found["name"], seconds=float(found["took"]))
    if found := _DOTTED.match(text):
        return _said_by_dots(found)
    if found := _ARROW.match(text):
        return _said_by_dots(found)
    if found := _BARE.match(text):
        seconds = float(found[2]) if found[2] else None
        return Said(verdict=MEANING[found[1].lower()], seconds=seconds)
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
    return Said(verdict=what, name=name, seconds=seconds)


def _said_by_dots(found: re.Match[str]) -> Said:
    what = MEANING[found["mark"].lower()]
    if what != "passed" or found["took"] is None:
        return Said(verdict=what, name=found["name"])
    seconds = float(found["took"]) / (1000 if found["unit"] == "ms" else 1)
    return Said(verdict=what, name=found["name"], seconds=seconds)


def _result(text: str) -> re.Match[str] | None:
    return next((found for shape in _RESULTS if (found := shape.match(text))), None)


def _said_by_mark(found: re.Match[str]) -> Said:
    mark = found["mark"].lower()
    what = "failed" if mark in _BAD_MARKS else "passed"
    if found["note"] or mark == "skip":
        what = "skipped"
    seconds = None
    if found["took"] and what == "passed":
        seconds = float(found["took"]) / (1000 if found["unit"] == "ms" else 1)
    return Said(verdict=what, name=found["name"].strip(), seconds=seconds)


def _is_name(word: str) -> bool:
    return ("est" in word or "::" in word) and bool(_NAME.match(word))


def _meaning(verdict: str) -> str:
    if verdict in ("✅", "✓", "✔"):
        return "passed"
    if verdict in ("❌", "✗", "✘"):
        return "failed"
    return MEANING.get(verdict.lower(), "")
