"""What an experiment showed decides between look-alikes: late or never, mistyped or missing."""

from typing import Any

from bot.diagnosis import diagnose
from bot.model import Run
from tests.evidence import EXCHANGED, answer, asked, connected, run


def silent(*, run_names: list[str] | None = None, **waited: Any) -> Run:
    """Return a run that fell silent within a short window, and what waiting longer showed."""
    facts = {
        "names": run_names or [],
        "missing": ["agent_completed"],
        "end": "gap_timeout",
        "window_s": 2.0,
        "frames": 1,
        **{f"wait_long__{key}": value for key, value in waited.items()},
    }
    return run(asked(EXCHANGED, **facts), failed=("events",))


def unknown_name(**siblings: Any) -> Run:
    """Return a run whose socket's host is unknown, and what a look at its siblings showed."""
    seen = {
        **connected(EXCHANGED),
        "connect.status": None,
        "connect.error": "dns",
        "connect.error_text": "Name or service not known",
        "health.hosts_unresolved": ["api-staging.example.test"],
        **{f"sibling_hosts.{key}": value for key, value in siblings.items()},
    }
    return run(seen, failed=("connect",), skipped=("request", "events"))


NAMES = ["agent_started", "agent_completed"]
CASES = {
    "late": silent(outcome="terminal", names=NAMES, after_s=3.4),
    "late, not over": silent(outcome="events", names=NAMES[:1], after_s=3.4),
    "endless": silent(
        run_names=["agent_started", "agent_thinking"],
        outcome="events",
        names=["agent_thinking"],
        after_s=3.4,
    ),
    "never": silent(outcome="no_answer", waited_s=6.0),
    "mistyped": unknown_name(variant={"api-staging.example.test": "api.staging.example.test"}),
    "not known": unknown_name(unresolved=["api-staging.example.test"]),
}


def test_what_came_later_than_we_listened_is_slow_and_not_silent() -> None:
    assert answer(CASES["late"]) == answer(CASES["late, not over"]) == "latency_slo_exceeded"
    assert "3.4 s after the request" in diagnose(CASES["late"]).causes[0].summary
    assert answer(CASES["never"]) == answer(CASES["endless"]) == "event_timeout"


def test_an_end_that_came_late_is_surer_than_a_beginning() -> None:
    sure, less = (diagnose(CASES[name]).causes[0].confidence for name in ("late", "late, not over"))
    assert sure > less


def test_a_near_name_that_exists_is_told_as_what_was_meant() -> None:
    def told(name: str) -> str:
        return " ".join(why.answer for why in diagnose(CASES[name]).whys)

    assert "does exist" in told("mistyped")
    assert "does exist" not in told("not known")
