"""A stream is judged against the event contract: names, order, pairs, one end, no mock."""

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.probe.contract import Judgement, Meaning, Vocabulary, judge, same_user
from bot.probe.frames import Frame, take_apart
from bot.target import Events
from tests.frame_strategies import FRAMES

EVENTS = Events(
    pairs={"tool_executing": "tool_completed"},
    optional=("agent_thinking", "agent_progress"),
    aliases={"start_agent": "agent_started", "agent_response_complete": "agent_completed"},
    canned_agents=("Agent processed your message", "analysis_tool"),
)
HEALTHY = ("agent_started", "agent_thinking", "tool_executing", "tool_completed", "agent_completed")


def frames(*bodies: Any, every_s: float = 1.0) -> list[Frame]:
    return [
        take_apart(
            json.dumps({"type": body} if isinstance(body, str) else body).encode(),
            n=n,
            at_s=n * every_s,
        )
        for n, body in enumerate(bodies, start=1)
    ]


def judged(*bodies: Any, asked_at_s: float = 0.0) -> Judgement:
    return judge(frames(*bodies), EVENTS, asked_at_s=asked_at_s)


def meaning(body: Any) -> Meaning:
    return Vocabulary(EVENTS).meaning(frames(body)[0])


def test_a_healthy_stream_lacks_and_violates_nothing() -> None:
    judgement = judged(*HEALTHY)
    assert judgement.names == HEALTHY
    assert (judgement.missing, judgement.violations, judgement.canned) == ((), (), ())
    assert (judgement.terminal, judgement.terminal_count) == ("agent_completed", 1)


@pytest.mark.parametrize(
    "said",
    [
        {"status": "error"},
        {"data": {"status": "FAILED"}},
        {"payload": {"success": False}},
        {"data": {"ok": False}},
    ],
)
def test_an_end_that_says_it_failed_did_not_complete(said: dict[str, Any]) -> None:
    assert meaning({"type": "agent_completed", **said}) is Meaning.FAILED


@pytest.mark.parametrize(
    "said",
    [
        {"status": "completed"},
        {"status": "success", "error": None},
        {"payload": {"success": True}},
        {"data": {"result": {"status": "error", "text": "what the answer is about"}}},
        {"data": {"result": "status: error"}},
    ],
)
def test_an_end_that_speaks_of_errors_may_have_completed(said: dict[str, Any]) -> None:
    assert meaning({"type": "agent_completed", **said}) is Meaning.COMPLETED


def test_names_with_a_dot_are_those_of_the_contract() -> None:
    dotted = Events(
        started="job.started",
        completed="job.finished",
        failed=("job.error",),
        required=("job.started", "job.finished"),
    )
    vocabulary = Vocabulary(dotted)
    found = [
        (*vocabulary.name(one), vocabulary.meaning(one))
        for one in frames("job.started", "job.error", "job.finished")
    ]
    assert found == [
        ("job.started", "job.started", Meaning.EVENT),
        ("job.error", "job.error", Meaning.FAILED),
        ("job.finished", "job.finished", Meaning.COMPLETED),
    ]


def test_an_id_in_the_other_case_is_the_same_user() -> None:
    assert same_user("E2E-User-1", "e2e-user-1")
    assert not same_user("E2E-User-2", "e2e-user-1")


def test_nested_agents_absent_tools_and_no_thinking_are_legal() -> None:
    judgement = judged("agent_started", "agent_started", "agent_started", "agent_completed")
    assert (judgement.missing, judgement.violations) == ((), ())


def test_noise_acks_and_progress_may_stand_anywhere() -> None:
    ack = {"type": "ack", "received_type": "start_agent", "status": "acknowledged"}
    judgement = judged("ping", "agent_progress", ack, *HEALTHY[:2], "ping", ack, *HEALTHY[2:])
    assert (judgement.missing, judgement.violations, judgement.unknown_types) == ((), (), ())


def test_names_on_the_wire_are_translated_and_told() -> None:
    judgement = judged("start_agent", {"type": "x", "data": {"event": "agent_response_complete"}})
    assert judgement.names == ("agent_started", "agent_completed")
    assert judgement.renamed == {
        "start_agent": "agent_started",
        "agent_response_complete": "agent_completed",
    }


def test_an_inner_name_nobody_knows_does_not_hide_the_outer_one() -> None:
    judgement = judged({"type": "agent_thinking", "data": {"type": "reasoning"}})
    assert judgement.names == ("agent_thinking",)


def test_a_lost_event_is_missing_and_an_unknown_one_is_named() -> None:
    judgement = judged("agent_begun", "agent_completed")
    assert judgement.missing == ("agent_started",)
    assert judgement.unknown_types == ("agent_begun",)


@pytest.mark.parametrize(
    ("names", "violation"),
    [
        (("agent_thinking", "agent_started", "agent_completed"), "before agent_started"),
        (("agent_started", "agent_completed", "agent_thinking"), "after agent_completed"),
        (("agent_started", "tool_executing", "agent_completed"), "without tool_completed"),
        (("agent_started", "tool_completed", "agent_completed"), "without tool_executing"),
        (("agent_started", "agent_completed", "agent_completed"), "2 terminal events"),
        (("agent_started", "agent_completed", "agent_failed"), "2 terminal events"),
    ],
)
def test_a_broken_rule_is_a_violation(names: Sequence[str], violation: str) -> None:
    assert violation in "; ".join(judged(*names).violations)


def test_tools_are_paired_by_name() -> None:
    def tool(kind: str, name: str) -> dict[str, Any]:
        return {"type": f"tool_{kind}", "payload": {"tool_name": name}}

    crossed = [tool("executing", "a"), tool("executing", "b"), tool("completed", "a")]
    judgement = judged("agent_started", *crossed, "agent_completed")
    assert judgement.violations == ("tool_executing of b without tool_completed",)
    well = judged("agent_started", *crossed, tool("completed", "b"), "agent_completed")
    assert well.violations == ()


def test_an_end_sent_again_by_a_retry_is_one_end() -> None:
    again = {"type": "agent_completed", "attempt": 2}
    assert judged("agent_started", "agent_completed", again).terminal_count == 1


def test_a_frame_that_is_no_json_object_is_a_violation() -> None:
    garbage = take_apart(b"<html>", n=9, at_s=9.0)
    judgement = judge([*frames(*HEALTHY), garbage], EVENTS, asked_at_s=0.0)
    assert judgement.violations == ("1 frame is no JSON object",)


@pytest.mark.parametrize(
    "mock",
    [
        {"type": "agent_completed", "final_response": "Agent processed your message: 'ping'"},
        {"type": "tool_executing", "tool_name": "analysis_tool"},
        {"type": "agent_completed", "data": {"real_llm_used": False}},
    ],
)
def test_a_mock_is_known_by_its_marks(mock: dict[str, Any]) -> None:
    assert judged("agent_started", mock).canned != ()


def test_even_spacing_supports_a_mark_and_is_none_by_itself() -> None:
    assert judged(*HEALTHY).canned == ()
    marked = judged(*HEALTHY[:-1], {"type": "agent_completed", "tool": "analysis_tool"})
    assert "constant spacing" in marked.canned[-1]


def test_a_name_that_only_contains_a_mark_is_none() -> None:
    assert judged({"type": "tool_executing", "tool_name": "data_analysis_tool"}).canned == ()


def test_gaps_are_counted_between_telling_frames_from_the_request_on() -> None:
    judgement = judged("connect", "ping", "ping", "agent_started", asked_at_s=1.5)
    assert judgement.longest_gap_s == 2.5
    assert judgement.names == ("agent_started",)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"type": "connect", "data": {"user_id": "u"}}, Meaning.GREETING),
        ({"type": "system_message", "data": {"status": "acknowledged"}}, Meaning.ACK),
        ({"type": "system_message", "data": {"content": "Message received"}}, Meaning.ACK),
        ({"type": "error_message"}, Meaning.ERROR),
        ({"type": "notice", "error_code": "NO_TOKEN"}, Meaning.ERROR),
        ({"type": "auth_error"}, Meaning.ERROR),
        ({"type": "unauthorized"}, Meaning.ERROR),
        ({"type": "agent_failed"}, Meaning.FAILED),
        ({"type": "whatever"}, Meaning.UNKNOWN),
        ([], Meaning.GARBAGE),
    ],
)
def test_a_frame_means_what_its_name_and_fields_say(body: Any, expected: Meaning) -> None:
    assert meaning(body) is expected


@pytest.mark.parametrize(
    ("shown", "is_same"),
    [
        ("staging-e2e-user-001", True),
        ("staging-...", True),
        ("staging-", True),
        ("staging-e2e…", True),
        ("staging-e2e-user-00", False),
        ("demo-use...", False),
        ("sta...", False),
        ("", False),
    ],
)
def test_a_shortened_user_id_is_the_same_user(shown: str, is_same: bool) -> None:
    assert same_user(shown, "staging-e2e-user-001") is is_same


@settings(deadline=None, max_examples=60)
@given(st.lists(FRAMES, max_size=8), st.floats(min_value=0, max_value=5))
def test_any_stream_can_be_judged(bodies: list[dict[str, Any]], asked_at_s: float) -> None:
    judgement = judge(frames(*bodies), EVENTS, asked_at_s=asked_at_s)
    assert judgement.terminal_count >= bool(judgement.terminal)
    assert judgement.longest_gap_s >= 0
