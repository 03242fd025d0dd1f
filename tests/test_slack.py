"""The bot in Slack, end to end: real staging, real small Slack, over HTTP and over Socket Mode."""

import pytest
from slack_house import house


@pytest.mark.parametrize("socket_mode", [False, True])
async def test_a_command_becomes_a_plan_then_an_outcome_with_the_report_below(
    socket_mode: bool,
) -> None:
    async with house("seed", socket_mode=socket_mode) as home:
        await home.ask("/stagecheck staging")
        parent, *thread = home.slack.messages()
    assert "plan" in {block["type"] for block in parent.versions[0].blocks}
    assert parent.edits > 1
    assert "Failed" in parent.text
    assert thread
    assert {message.thread_ts for message in thread} == {parent.ts}
