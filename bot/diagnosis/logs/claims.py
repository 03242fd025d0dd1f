"""What a log says of itself: success that it claims, and whether anything there backs it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Text

_CLAIM = re.compile(
    r"^\s*(?:[-*•]\s{1,3})?(?:\[?\d[\d:T.,Z+ -]{7,40}\]?\s*)?(?:\[(?:SUCCESS|EXPECTED|OK|PASS"
    r"|DONE)\]|SUCCESS\b"
    r"|EXPECTED\b|✅|✓|✔|[\w ./-]{2,40}(?<! not)\s(?:ok|OK|passed|healthy)\b)",
)
_EXPECTED = re.compile(
    r"\[(?i:expected)\]|^\s*EXPECTED\b|(?i:as expected\b|expected (?:failure|behaviou?r))"
)
# What only a reply can have given: a status, a time taken, an id, a result of a named test.
_BACKED = re.compile(
    r"\b[1-5]\d\d\b|\b\d+(?:\.\d+)?\s?m?s\b|\b[0-9a-f]{8,}\b|_id\b|\btest_\w|::\w|\d+/\d+|\{\s*\""
)
_VERDICT = re.compile(
    r"^\s*(?:\S{1,40} ){0,5}PASS(?:ED)? [\w-]{2,60} \(\d[\d.]{0,8} ?m?s\)\s*$"
    r"|\b(?:result|status|overall|verdict|outcome)\W{1,6}(?:✅\s*)?(?:PASS(?:ED)?|SUCCESS(?:FUL)?"
    r"|OK|GREEN)\b|\ball (?:\w+ )?(?:tests|checks|steps|probes|specs|scenarios) "
    r"(?:(?:have |are )?(?:passed|ok|green|succeeded|good|successful))\b"
    r"|^\W{0,4}all (?:good|green|clear)\b"
    r"|\bbuild success(?:ful)?\b|\bPASS(?:ED)?\b\s*[✅✓]?\s*$|→ PASS\b"
    r"|-> PASS\b|success rate\W{1,4}100",
    re.IGNORECASE,
)
_NO_TIME = re.compile(
    r"\b(?:laufzeit|dauer|durée|duraci[oó]n|duration|elapsed|run ?time|total time|took|finished "
    r"in|time)"
    r"\W{0,4}\s?0(?:[.,]0{1,3})? ?(?:s|sec\w*|ms)\b"
)
_ZERO_WORDS = (" 0 s", " 0s", "0.0", "0,0", " 0 ms", " 0ms")
_WORDS = (
    "[success]", "[expected]", "[ok]", "[pass]", "[done]", "success", "expected", "✅", "✓", "✔",
    "pass", " ok", "all ", "build success", "healthy",
)  # fmt: skip


@dataclass(slots=True)
class Claims:
    """Claims of a whole log."""

    backed_lines: int = 0
    """How many claims have something of a reply in them."""
    verdict_line: int = 0
    """The last line that says that all is well, beside what a test runner counted."""
    claim_line: int = 0
    """The last line that claims a success of any part, backed or not."""
    nothing_line: int = 0
    """The last line that says that what was done took no time at all."""

    def read_text(self, text: Text) -> Iterator[Fact]:
        """Yield ``claim_unbacked`` for each claim that has nothing of a reply in it."""
        for position in text.with_any(_WORDS):
            line = text.lines[position]
            if _EXPECTED.search(line.text):
                yield Fact("claim_unbacked", line.number, line.text.strip())
            elif _CLAIM.match(line.text):
                self.claim_line = line.number
                if _BACKED.search(line.text):
                    self.backed_lines += 1
                else:
                    yield Fact("claim_unbacked", line.number, line.text.strip())
            if _VERDICT.search(line.text):
                self.verdict_line = line.number
        for position in text.with_any(_ZERO_WORDS):
            if _NO_TIME.search(text.lines[position].low):
                self.nothing_line = text.lines[position].number
