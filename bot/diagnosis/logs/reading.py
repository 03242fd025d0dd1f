"""Reads a pasted log: text in, a run out, with what was recognised as its observations."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

from bot.diagnosis.logs.answers import Answers
from bot.diagnosis.logs.claims import Claims
from bot.diagnosis.logs.closes import read_close_fields, read_close_text
from bot.diagnosis.logs.consequences import follows_from_refusal
from bot.diagnosis.logs.dependencies import read_dependencies
from bot.diagnosis.logs.dialogues import Dialogues
from bot.diagnosis.logs.exceptions import EXCEPTION_WORDS, read_exceptions
from bot.diagnosis.logs.excerpt import Excerpt
from bot.diagnosis.logs.exchange import read_exchange
from bot.diagnosis.logs.facts import MOST_LINES, Fact, Facts
from bot.diagnosis.logs.fields import read_fields
from bot.diagnosis.logs.frames import read_event_text, read_frames
from bot.diagnosis.logs.identities import read_identities
from bot.diagnosis.logs.limits import read_limits
from bot.diagnosis.logs.lines import decoded, read_lines
from bot.diagnosis.logs.lists import read_absences, read_diffs, read_lists
from bot.diagnosis.logs.matching import Repetition, Text, match_signatures, place
from bot.diagnosis.logs.needles import Needles
from bot.diagnosis.logs.records import Record, batches
from bot.diagnosis.logs.results import Results
from bot.diagnosis.logs.signatures import SIGNATURES
from bot.diagnosis.logs.times import first_time
from bot.diagnosis.logs.upstreams import read_upstreams
from bot.diagnosis.logs.verdict import judge, overcome
from bot.masking import Masker
from bot.model import (
    Caller,
    Observation,
    Run,
    Status,
    StepResult,
    TranscriptLine,
    Trigger,
)
from bot.phrases import count

STEP = "log"
# No secret is known here: only their shapes are masked, the same way for the same text.
_PEPPER = b"pasted"
# Everything that is looked for by its words, found in one pass.
_NEEDLES = Needles((*(hint for one in SIGNATURES for hint in one.hints), *EXCEPTION_WORDS))
_KEY_FACTS = frozenset(("bypass_key_missing", "bypass_key_refused", "bypass_key_unset_server"))
_SAYS_MORE = {
    "illegal_config": _KEY_FACTS,
    "missing_config": _KEY_FACTS | {"exception.test", "unset_in_test"},
    "exception.test": _KEY_FACTS,
    "upstream_failed": frozenset(("http_status.auth", "auth_service_down")),
    "http_status.unnamed": frozenset(("auth_service_down",)),
    "no_answer": frozenset(("proxy_refused", "proxy_no_way", "runner_crashed")),
    "timeout_error": frozenset(("event_timeout", "no_answer")),
    "dns_failed": frozenset(("runner_crashed",)),
    "too_slow": frozenset(("runner_killed",)),
    "contract_broken": frozenset(("ws_close_code",)),
    "request_refused": frozenset(("contract_broken",)),
    "code_broken": frozenset(("exception.test",)),
    "library_misused": frozenset(("missing_config", "illegal_config")),
    "token_refused": frozenset(("token_absent",)),
    # Silence until a time-out: whether the event would have come is not known.
    "events_missing": frozenset(("timeout_error", "event_timeout", "contract_broken")),
}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_log(log: bytes | str, *, caller: str = "pasted", trigger: Trigger = Trigger.PASTE) -> Run:
    """Return the run that `log` is of, never executed here; the same text gives the same run."""
    data = log.encode(errors="surrogatepass") if isinstance(log, str) else log
    masker = Masker(pepper=_PEPPER)
    reader = _Reader()
    for batch in batches(read_lines(data)):
        reader.read(batch)
    status, facts, excerpt = reader.conclude()
    started_at = first_time(decoded(data)) or _EPOCH
    return Run(
        id=f"p{hashlib.sha256(data).hexdigest()[:10]}",
        target="pasted log",
        check="log",
        status=status,
        executed=False,
        started_at=started_at,
        duration_s=0.0,
        trigger=trigger,
        caller=Caller(id=caller),
        steps=(_step(status, facts, reader.lines),),
        observations=tuple(_observations(facts, masker, started_at)),
        transcript=tuple(
            TranscriptLine(at=started_at, step=STEP, direction="·", text=text)
            for text in masker.mask("\n".join(excerpt)).split("\n")
        ),
        not_checked=("Nothing was executed: how the target is now was not looked at.",),
    )


class _Reader:
    """Takes batches of records and keeps only what was recognised."""

    def __init__(self) -> None:
        self._facts = Facts()
        self._dialogues = Dialogues()
        self._answers = Answers(self._dialogues.upgrade_answers)
        self._results = Results()
        self._claims = Claims()
        self._excerpt = Excerpt()
        self._repetition = Repetition()

    @property
    def lines(self) -> int:
        return self._excerpt.count

    def read(self, batch: Sequence[Record]) -> None:
        placed = place(batch)
        new = self._repetition.fresh(placed)
        text, fresh = Text(placed), Text(new, _NEEDLES)
        signed = list(match_signatures(fresh))
        facts = [
            *signed,
            *read_exceptions(fresh, _by_line(signed)),
            *read_event_text(fresh),
            *read_close_text(fresh),
            *read_exchange(fresh),
            *read_lists(fresh),
            *read_absences(fresh),
            *read_diffs(fresh),
            *read_limits(fresh),
            *read_identities(fresh),
            *read_upstreams(fresh),
            *self._claims.read_text(fresh),
            # Before the answers: it tells which of them are to an upgrade.
            *self._dialogues.read_text(text),
            *self._answers.read_text(text),
            *self._from_fields({id(line.record): line.record for line in new}.values()),
        ]
        self._facts.add(sorted(_telling(facts), key=lambda fact: fact.line))
        self._results.read_text(text)
        self._excerpt.keep(placed, {fact.line for fact in facts})

    def conclude(self) -> tuple[Status, list[Fact], list[str]]:
        """Return how the run ended, its facts, and the lines to show."""
        self._facts.drop(self._answers.is_void)
        self._facts.drop(follows_from_refusal(self._facts))
        self._facts.add(self._results.facts())
        if not self._results.count("failed"):
            self._facts.rename(self._name_if_provoked)
        self._facts.rename(
            overcome(self._facts, self._results, self._claims, self._answers.last_good_line)
        )
        status, against = judge(self._facts, self._results, self._claims)
        self._facts.add(against)
        facts = self._facts.all()
        return status, facts, list(self._excerpt.lines({fact.line for fact in facts}))

    def _name_if_provoked(self, fact: Fact) -> str:
        """Return the fact's name, or ``provoked.KEY`` where tests that passed asked for it."""
        lines = (*self._facts.lines_of(fact), *self._answers.lines_of(fact))
        is_few = len(lines) < MOST_LINES
        is_provoked = is_few and self._results.provoked.has(fact, lines)
        return f"provoked.{fact.key}" if is_provoked else fact.key

    def _from_fields(self, records: Iterable[Record]) -> Iterator[Fact]:
        for record in records:
            fields = read_fields(record)
            if not fields:
                continue
            yield from self._answers.read_fields(fields)
            yield from read_close_fields(fields)
            yield from read_dependencies(fields)
            yield from read_frames(fields, record.lines)
            self._results.read_fields(fields)


def _telling(facts: Sequence[Fact]) -> Iterator[Fact]:
    """Yield `facts` but those that say less than another one of the same line."""
    by_line = _by_line(facts)
    for fact in facts:
        if not by_line[fact.line] & _SAYS_MORE.get(fact.key, frozenset()):
            yield fact


def _by_line(facts: Iterable[Fact]) -> dict[int, frozenset[str]]:
    keys: dict[int, frozenset[str]] = {}
    for fact in facts:
        keys[fact.line] = keys.get(fact.line, frozenset()) | {fact.key}
    return keys


def _observations(facts: Sequence[Fact], masker: Masker, at: datetime) -> Iterator[Observation]:
    for number, fact in enumerate(facts, start=1):
        yield Observation(
            id=f"o{number}",
            at=at,
            step=STEP,
            key=f"{fact.key}.line_{fact.line}",
            value=masker.mask_json(fact.value),
        )


def _step(status: Status, facts: Sequence[Fact], lines: int) -> StepResult:
    detail = f"{count(lines, 'line')} read, {count(len(facts), 'fact')} recognised"
    return StepResult(name=STEP, title="Log", status=status, duration_s=0.0, detail=detail)
