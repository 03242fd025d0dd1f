"""What the log as a whole amounts to: passed, degraded or failed, and whether a pass is real."""

import re
from collections.abc import Callable, Iterator

from bot.diagnosis.logs.claims import Claims
from bot.diagnosis.logs.facts import Fact, Facts
from bot.diagnosis.logs.results import Results
from bot.model import Status

# A pass that took no longer than this did nothing over a network.
_NO_TIME_S = 0.0095
# How far beyond its window a listener that swallows its time-out ends.
_WINDOW_SLACK_S = 0.6
_USUAL_WINDOWS_S = (10.0, 15.0, 20.0, 30.0, 60.0, 120.0, 300.0)
_LISTENING = re.compile(r"event|stream|pipeline|socket|agent|message|listen", re.IGNORECASE)

# Facts that tell of a failure by themselves.
FAILURES = (
    "missing_config", "illegal_config", "code_broken", "upstream_failed", "nothing_there",
    "startup_failure", "not_listening",
    "startup_race",
    "schema_missing", "database_down", "redis_down", "clickhouse_down", "llm_quota", "llm_down",
    "auth_service_down", "bypass_key_unset_server", "bypass_for_production",
    "token_minting_failed", "token_absent", "token_expired", "token_refused", "auth_refused",
    "auth_exception", "user_id_refused", "user_unknown", "service_identity_refused",
    "other_identity", "dns_failed", "tls_failed", "connection_refused", "no_answer",
    "subprotocol_refused", "quota_exceeded", "rate_limited", "instance_gone", "events_missing",
    "event_timeout", "timeout_error", "contract_broken", "too_slow", "request_refused",
    "agent_failed", "docker_down", "runner_killed", "console_encoding", "runner_crashed",
    "category_skipped", "proxy_refused", "proxy_no_way", "unset_in_test", "library_misused",
    "test_broken", "exception", "event.error",
    "event.agent_error", "ws_error_code", "part_down", "state_down", "no_close_frame",
)  # fmt: skip
# What passes by itself, or is got round by trying again.
_PASSING = (
    "redis_down", "database_down", "clickhouse_down", "part_down", "part_slow", "startup_race",
    "connection_refused", "no_answer", "dns_failed", "rate_limited", "instance_gone", "state_down",
    "state_degraded", "timeout_error", "llm_down", "auth_service_down", "trouble",
)  # fmt: skip
# What the first attempt of a test shows that passed when it was tried again.
_RETRIED = (
    *_PASSING, "http_status", "event_timeout", "events_missing", "event.error", "ws_error_code",
    "ws_error_message", "ws_close_code", "ws_close_reason", "no_close_frame", "traceback",
)  # fmt: skip
# What a test runner prints beside tests that passed.
_BESIDE = ("exception.test", "exception.unknown")
# Trouble that a run can get round.
DETOURS = ("bypass_key_refused", "bypass_key_missing", "part_slow", "state_degraded")

# What only a server can have said.
_CONTENT = ("http_status", "event", "state_well")
# That the log goes on in spite of something, as it says itself.
_WITHOUT = re.compile(
    r"\boptional\b|continuing|continue without|buffering|non-?critical|not critical|best[- ]effort"
    r"|non-?fatal|not fatal|non-?blocking|\bignored\b|skipping|using (?:the )?cache",
    re.IGNORECASE,
)
_GOES_ON = re.compile(rf"{_WITHOUT.pattern}|will retry|retrying|reconnecting", re.IGNORECASE)

_SWITCHED = 101
_CLEAN = 1000
_REFUSALS = (401, 403, 404, 429, 502, 503, 504)
_EXCHANGE, _UPGRADE = "http_status.exchange", "http_status.upgrade"


def judge(facts: Facts, results: Results, claims: Claims) -> tuple[Status, tuple[Fact, ...]]:
    """Return how the run that the log is of ended, and what speaks against a pass being real."""
    passed, failed = results.count("passed"), results.count("failed")
    against = tuple(_against(facts, results, claims))
    failures = facts.has(*FAILURES) or bool(_bad(facts, passed)) or _bad_close(facts)
    if not passed:
        # Tests that passed may have provoked what they log; nothing else vouches for it.
        failures = failures or facts.has("trouble", "traceback") or _only_acknowledged(facts)
    if failed or failures or against:
        return Status.FAILED, against
    works = passed > 0 or facts.has(
        "event.terminal", "run_ended", "result_well", "state_well", "state_degraded", "went_well"
    )
    works = works or (claims.verdict_line > 0 and claims.backed_lines > 0)
    if facts.has(*DETOURS) or any(int(fact.value) >= 400 for fact in facts.of(_EXCHANGE)):
        return Status.DEGRADED if works else Status.FAILED, against
    return Status.PASSED if works or _answers(facts) else Status.FAILED, against


def overcome(
    facts: Facts, results: Results, claims: Claims, last_good_line: int
) -> Callable[[Fact], str]:
    """Return what gives a fact its name: ``overcome.KEY`` if a run came to its end after it.

    What a log tells of before the last event of a run that the tests passed did not stop it, nor
    what it says itself that it goes on without.
    """
    ends = [fact.line for key in ("event.terminal", "run_ended") for fact in facts.of(key)]
    is_good = results.count("passed") > 0 or (claims.verdict_line > 0 and not _wrong(facts))
    is_whole = is_good and not results.count("failed")
    opened = [fact.line for fact in facts.of("http_status") if fact.value == _SWITCHED]
    last_end = max(ends, default=0)
    last_open = max((*opened, *ends), default=0)
    last_good = max(last_end, last_good_line)
    retried_line = results.retried_line if is_whole and results.count("passed") else 0

    def is_over(fact: Fact) -> bool:
        if _under(fact.key, "http_status") and int(fact.value) in _REFUSALS:
            # A socket that was refused, and opened when it was tried again.
            return is_whole and fact.line < max(last_open, retried_line)
        if fact.line < retried_line and any(_under(fact.key, one) for one in _RETRIED):
            return not (fact.key.startswith("http_status") and int(fact.value) < 400)
        if fact.key in _BESIDE:
            return results.count("passed") > 0 and not results.count("failed")
        if not any(_under(fact.key, one) for one in _PASSING):
            return False
        if is_whole:
            return fact.line < last_good
        if results.count("failed") or not _GOES_ON.search(said := str(fact.value)):
            return False
        return fact.line < (last_good if _WITHOUT.search(said) else last_end)

    return lambda fact: f"overcome.{fact.key}" if is_over(fact) else fact.key


def _under(key: str, prefix: str) -> bool:
    return key == prefix or key.startswith(f"{prefix}.")


def _wrong(facts: Facts) -> bool:
    """Whether something ended that cannot be put right by another try."""
    return facts.has("event.error", "event.agent_error", "exception", "ws_error_code")


def _against(facts: Facts, results: Results, claims: Claims) -> Iterator[Fact]:
    """Yield ``fake.WHY`` for each reason why a pass, if one is claimed, proves nothing."""
    passed, failed, skipped = (results.count(what) for what in ("passed", "failed", "skipped"))
    if failed:
        return
    if not passed and results.line_of_nothing:
        yield Fact("fake.nothing_ran", results.line_of_nothing, 0)
    elif not passed and skipped:
        line = max(fact.line for fact in facts.of("tests_skipped"))
        yield Fact("fake.all_skipped", line, skipped)
    if passed:
        yield from _too_short(results)
        yield from _equals_window(facts, results)
    claimed = passed or claims.verdict_line
    if not passed and claims.claim_line and claims.nothing_line and not facts.has(*_CONTENT):
        yield Fact("fake.no_time", claims.nothing_line, 0)
    if (claimed or claims.claim_line) and facts.has("mock_used"):
        yield Fact("fake.mock", facts.of("mock_used")[0].line, facts.of("mock_used")[0].value)
    swallowed = facts.of("swallowed_timeout")
    if claimed and swallowed and not facts.has("event.terminal"):
        yield Fact("fake.swallowed_timeout", swallowed[0].line, swallowed[0].value)
    closes = facts.of("ws_close_code") if _bad_close(facts) else []
    wrong = [*facts.of("event.error"), *_bad(facts, passed), *closes]
    if claimed and wrong:
        yield Fact("fake.failure_counted", wrong[0].line, wrong[0].value)
    prints_only = (
        not claims.backed_lines and not passed and not skipped and not facts.has(*_CONTENT)
    )
    if claims.verdict_line and prints_only and facts.has("claim_unbacked"):
        yield Fact("fake.prints_only", claims.verdict_line, "no reply is quoted")


def _too_short(results: Results) -> Iterator[Fact]:
    times = results.passed_times
    if times and max(seconds for seconds, _, _ in times) <= _NO_TIME_S:
        yield Fact("fake.no_time", times[-1][1], times[-1][0])
    elif not times and results.took_s and results.took_s[0] <= _NO_TIME_S:
        yield Fact("fake.no_time", results.took_s[1], results.took_s[0])


def _equals_window(facts: Facts, results: Results) -> Iterator[Fact]:
    if facts.has("event.terminal"):
        return
    said = {float(fact.value) for fact in facts.of("window_s")}
    for seconds, line, name in results.passed_times:
        usual = _USUAL_WINDOWS_S if _LISTENING.search(name) else ()
        for window in (*said, *usual):
            if window >= 2 and 0 <= seconds - window <= _WINDOW_SLACK_S:
                yield Fact("fake.equals_window", line, seconds)
                return


def _bad(facts: Facts, passed: int) -> list[Fact]:
    """Return the answers that stop a run; a refused exchange is got round with a minted token."""
    bad = [
        fact for fact in facts.of("http_status") if int(fact.value) >= 400 and fact.key != _EXCHANGE
    ]
    if not passed:
        return bad
    # Tests ask for what is not there or not allowed on purpose; but not for a socket.
    return [fact for fact in bad if int(fact.value) >= 500 or fact.key == _UPGRADE]


def _bad_close(facts: Facts) -> bool:
    codes = [int(fact.value) for fact in facts.of("ws_close_code")]
    # A clean close after a terminal event is how a run ends.
    return any(code != _CLEAN for code in codes) or (
        _CLEAN in codes and not facts.has("event.terminal", "tests_passed")
    )


def _only_acknowledged(facts: Facts) -> bool:
    return facts.has("event.ack") and not facts.has("event.lifecycle", "event.terminal")


def _answers(facts: Facts) -> bool:
    return any(int(fact.value) < 300 for fact in facts.of("http_status"))
