"""The key of a test login, refused or not there, however a system calls it.

What is asked for says what the answer below it is about: "invalid secret" after a request for a
test login is about the key of the exchange.
"""

import re
from collections.abc import Iterator

from bot.diagnosis.logs.facts import Fact
from bot.diagnosis.logs.matching import Placed, Text, is_source, sentence
from bot.diagnosis.logs.parties import EXCHANGE

_KEY = r"(?:key|secret|pass(?:code|phrase|word)|access code|credentials?|header)"
_REFUSED = re.compile(
    rf"\b(?:invalid|wrong|bad|incorrect|unknown|unrecogni[sz]ed|revoked|expired) (?:[\w-]{{1,20}} )"
    rf"{{0,3}}{_KEY}\b|{_KEY}s?['\"]? (?:is |was |are )?(?:invalid|wrong|incorrect|unknown|revoked"
    r"|rejected|refused|denied|not (?:valid|accepted|recogni[sz]ed)|does(?: not|n't) match"
    r"|mismatch\w*"
    rf"|differs)|{_KEY}_(?:invalid|mismatch|refused|rejected|wrong|unknown)|invalid_{_KEY}\b"
)
_MISSING = re.compile(
    rf"\b(?:missing|no|absent|empty) (?:[\w-]{{1,30}} ){{0,2}}{_KEY}\b|{_KEY}s?['\"]? (?:is |was "
    rf"|are )?"
    r"(?:missing|required|absent|empty|not (?:sent|set|provided|given|present|supplied|configured))"
    rf"|{_KEY}_(?:missing|required|absent|empty)|missing_{_KEY}\b"
)
_WORDS = ("key", "secret", "pass", "access code", "credential", "header")
_NEAR = 6


def read_exchange(text: Text) -> Iterator[Fact]:
    """Yield ``bypass_key_refused`` and ``bypass_key_missing`` for answers to a test login."""
    for position in text.with_any(_WORDS):
        line = text.lines[position]
        for key, said in (("bypass_key_missing", _MISSING), ("bypass_key_refused", _REFUSED)):
            found = said.search(line.low)
            if found and _is_answer_to_exchange(line) and not is_source(line.text):
                yield Fact(key, line.number, sentence(line.text, found))
                break


def _is_answer_to_exchange(line: Placed) -> bool:
    above = line.record.lines[max(0, line.position - _NEAR) : line.position + 1]
    return any(EXCHANGE.search(one.text.lower()) for one in above)
