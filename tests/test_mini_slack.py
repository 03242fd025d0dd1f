"""The small Slack's Web API answers Slack's own SDK as Slack does."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import NotFound, UsageError
from bot.sandbox import MiniSlack
from bot.sandbox.slack.args import Args
from tests.bolt_apps import client_of

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "Staging *passed*"}}


@pytest.fixture
async def slack() -> AsyncIterator[MiniSlack]:
    async with MiniSlack(channels=("staging", "general")) as slack:
        yield slack


@pytest.fixture
def client(slack: MiniSlack) -> AsyncWebClient:
    return client_of(slack)


@pytest.fixture
def channel(slack: MiniSlack) -> str:
    return slack.workspace.channel("staging").id


async def refused(call) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_message_is_posted_and_every_state_of_it_is_kept(slack, client, channel) -> None:
    posted = await client.chat_postMessage(channel=channel, text="Checking", blocks=[SECTION])
    await client.chat_update(channel=channel, ts=posted["ts"], text="Passed", blocks=[SECTION])
    (message,) = slack.messages("staging")
    assert [version.text for version in message.versions] == ["Checking", "Passed"]
    assert message.blocks[0]["text"] == SECTION["text"]


async def test_text_without_blocks_takes_the_blocks_away(slack, client, channel) -> None:
    posted = await client.chat_postMessage(channel=channel, text="Checking", blocks=[SECTION])
    await client.chat_update(channel=channel, ts=posted["ts"], text="Passed")
    assert slack.messages("staging")[0].blocks == ()


async def test_blocks_without_text_keep_the_text_and_show_no_edit(slack, client, channel) -> None:
    posted = await client.chat_postMessage(channel=channel, text="Checking", blocks=[SECTION])
    blocks_only = {"channel": channel, "ts": posted["ts"], "blocks": [SECTION]}
    updated = await client.api_call("chat.update", json=blocks_only)
    assert slack.messages("staging")[0].text == "Checking"
    assert "edited" not in updated["message"]
    both = {**blocks_only, "text": "Passed with blocks"}  # which only a notification says
    updated = await client.api_call("chat.update", json=both)
    assert "edited" not in updated["message"]
    updated = await client.chat_update(channel=channel, ts=posted["ts"], text="Passed")
    assert "edited" in updated["message"]


async def test_time_stamps_are_unique_and_rise(client, channel) -> None:
    posted = await asyncio.gather(
        *(client.chat_postMessage(channel=channel, text=f"{n}") for n in range(20))
    )
    stamps = [answer["ts"] for answer in posted]
    assert len(set(stamps)) == 20
    assert all(len(stamp.partition(".")[2]) == 6 for stamp in stamps)


async def test_time_stamps_rise_even_when_the_clock_stands_still() -> None:
    async with MiniSlack(clock=lambda: 1_700_000_000.0) as slack:
        assert [slack.say("x").ts for _ in range(3)] == [
            "1700000000.000000",
            "1700000000.000100",
            "1700000000.000200",
        ]


async def test_a_thread_is_read_back_with_its_metadata(client, channel) -> None:
    parent = await client.chat_postMessage(
        channel=channel,
        text="Run",
        metadata={"event_type": "run", "event_payload": {"id": "r1"}},
    )
    for number in range(3):
        await client.chat_postMessage(channel=channel, thread_ts=parent["ts"], text=f"{number}")
    plain = await client.conversations_replies(channel=channel, ts=parent["ts"])
    assert [one["text"] for one in plain["messages"]] == ["Run", "0", "1", "2"]
    assert plain["messages"][0]["reply_count"] == 3
    assert "metadata" not in plain["messages"][0]
    full = await client.conversations_replies(
        channel=channel, ts=parent["ts"], include_all_metadata=True
    )
    assert full["messages"][0]["metadata"]["event_payload"] == {"id": "r1"}


async def test_history_is_newest_first_and_leaves_threads_out(client, channel) -> None:
    first = await client.chat_postMessage(channel=channel, text="first")
    await client.chat_postMessage(channel=channel, text="reply", thread_ts=first["ts"])
    await client.chat_postMessage(
        channel=channel, text="told", thread_ts=first["ts"], reply_broadcast=True
    )
    found = await client.conversations_history(channel=channel)
    assert [one["text"] for one in found["messages"]] == ["told", "first"]


async def test_long_histories_come_in_pages(client, channel) -> None:
    for number in range(5):
        await client.chat_postMessage(channel=channel, text=f"{number}")
    pages = await client.conversations_history(channel=channel, limit=2)
    texts = [[one["text"] for one in page["messages"]] async for page in pages]
    assert texts == [["4", "3"], ["2", "1"], ["0"]]


async def test_a_missing_text_beside_blocks_is_warned_of(client, channel) -> None:
    blocks_only = {"channel": channel, "blocks": [SECTION]}
    posted = await client.api_call("chat.postMessage", json=blocks_only)
    assert posted["warning"] == "missing_text_in_message"


async def test_invalid_blocks_are_refused_with_reason_and_place(client, channel) -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="x", blocks=[SECTION, header])
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"] == [
        "[ERROR] must be less than 151 characters [json-pointer:/blocks/1/text/text]"
    ]


LONG = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5
# method, arguments; CHANNEL, SAID and so on stand for what the test made beforehand
REFUSALS = {
    "channel_not_found": ("chat.postMessage", {"channel": "C404", "text": "x"}),
    "not_in_channel": ("chat.postMessage", {"channel": "PUBLIC", "text": "x"}),
    "is_archived": ("chat.postMessage", {"channel": "OLD", "text": "x"}),
    "no_text": ("chat.postMessage", {"text": ""}),
    "msg_too_long": ("chat.postMessage", {"text": "x" * 40_001}),
    "msg_blocks_too_long": ("chat.postMessage", {"text": "x", "blocks": LONG}),
    "thread_not_found": ("chat.postMessage", {"text": "x", "thread_ts": "1.000100"}),
    "cannot_reply_to_message": ("chat.postMessage", {"text": "x", "thread_ts": "REPLY"}),
    "invalid_blocks_format": ("chat.postMessage", {"text": "x", "blocks": "[{"}),
    "invalid_metadata_format": ("chat.postMessage", {"text": "x", "metadata": {"a": 1}}),
    "message_not_found": ("chat.update", {"ts": "1.000100", "text": "x"}),
    "cant_update_message": ("chat.update", {"ts": "SAID", "text": "x"}),
    "cant_delete_message": ("chat.delete", {"ts": "SAID"}),
    "unknown_method": ("chat.shout", {}),
    "user_not_found": ("users.info", {"user": "U404"}),
    "user_not_in_channel": ("chat.postEphemeral", {"user": "U404", "text": "x"}),
    "invalid_cursor": ("conversations.history", {"cursor": "?"}),
    "invalid_arguments": ("pins.add", {}),
}


@pytest.mark.parametrize("error", REFUSALS)
async def test_refusals_are_worded_as_slack_words_them(slack, client, channel, error) -> None:
    posted = await client.chat_postMessage(channel=channel, text="x")
    reply = await client.chat_postMessage(channel=channel, text="x", thread_ts=posted["ts"])
    slack.workspace.archive(slack.workspace.add_channel("old").id)
    made = {
        "PUBLIC": slack.workspace.add_channel("public", bot_is_member=False).id,
        "OLD": slack.workspace.channel("old").id,
        "SAID": slack.say("hello").ts,
        "REPLY": reply["ts"],
    }
    method, args = REFUSALS[error]
    args = {"channel": channel} | {
        key: made.get(value, value) if isinstance(value, str) else value
        for key, value in args.items()
    }
    assert await refused(client.api_call(method, json=args)) == error


async def test_a_private_channel_without_the_app_does_not_exist_for_it(slack, client) -> None:
    hidden = slack.workspace.add_channel("hidden", private=True, bot_is_member=False).id
    assert await refused(client.chat_postMessage(channel=hidden, text="x")) == "channel_not_found"


async def test_an_update_may_hold_less_text_than_a_post(client, channel) -> None:
    """4,000 bytes, counted after &, < and > are escaped."""
    posted = await client.chat_postMessage(channel=channel, text="x" * 40_000)
    await client.chat_update(channel=channel, ts=posted["ts"], text="x" * 4000)
    for text in ("x" * 4001, "é" * 2001, "&" * 801):
        update = client.chat_update(channel=channel, ts=posted["ts"], text=text)
        assert await refused(update) == "msg_too_long"


async def test_a_token_has_to_be_there_and_right_and_of_the_right_kind(slack, channel) -> None:
    expected = {"": "not_authed", "xoxb-wrong": "invalid_auth"}
    expected[slack.app_token] = "not_allowed_token_type"
    for token, error in expected.items():
        client = client_of(slack, token=token)
        assert await refused(client.chat_postMessage(channel=channel, text="x")) == error
    assert await refused(client_of(slack).apps_connections_open(app_token="xapp-x")) == (
        "invalid_auth"
    )


async def test_a_missing_scope_is_named() -> None:
    async with MiniSlack(scopes=("commands",)) as slack:
        client = client_of(slack)
        with pytest.raises(SlackApiError) as caught:
            await client.chat_postMessage(channel=slack.workspace.channel("staging").id, text="x")
        assert caught.value.response["needed"] == "chat:write"
        answer = await client.auth_test()
        assert answer.headers["x-oauth-scopes"] == "commands"


async def test_an_ephemeral_message_is_for_one_and_cannot_be_changed(slack, client, channel):
    ada = slack.workspace.user("ada").id
    posted = await client.chat_postEphemeral(channel=channel, user=ada, text="psst")
    assert [one.text for one in slack.ephemerals("staging", "ada")] == ["psst"]
    assert slack.ephemerals("staging", "grace") == []
    assert slack.messages("staging") == []
    update = client.chat_update(channel=channel, ts=posted["message_ts"], text="x")
    assert await refused(update) == "message_not_found"


async def test_the_smaller_methods_answer(slack, client, channel) -> None:
    posted = await client.chat_postMessage(channel=channel, text="x")
    ts = posted["ts"]
    reply = await client.chat_postMessage(channel=channel, text="y", thread_ts=ts)
    link = await client.chat_getPermalink(channel=channel, message_ts=reply["ts"])
    assert f"thread_ts={ts}" in link["permalink"]
    await client.reactions_add(channel=channel, timestamp=ts, name="eyes")
    again = client.reactions_add(channel=channel, timestamp=ts, name="eyes")
    assert await refused(again) == "already_reacted"
    await client.pins_add(channel=channel, timestamp=ts)
    assert await refused(client.pins_add(channel=channel, timestamp=ts)) == "already_pinned"
    assert (await client.conversations_info(channel=channel))["channel"]["is_member"]
    user = await client.users_info(user=slack.workspace.user("ada").id)
    assert user["user"]["name"] == "ada"
    assert (await client.auth_test())["bot_id"]
    await client.chat_delete(channel=channel, ts=reply["ts"])
    assert slack.thread("staging", ts) == []


async def test_a_file_is_uploaded_into_a_thread(slack, client, channel) -> None:
    parent = await client.chat_postMessage(channel=channel, text="Run")
    await client.files_upload_v2(
        filename="chart.png",
        title="Runs of the week",
        file=b"\x89PNG",
        channel=channel,
        thread_ts=parent["ts"],
    )
    (reply,) = slack.thread("staging", parent["ts"])
    assert reply.files[0]["title"] == "Runs of the week"
    assert [file.content for file in slack.files.files.values()] == [b"\x89PNG"]


async def test_a_file_cut_short_is_not_shared(slack, client, channel) -> None:
    opened = await client.files_getUploadURLExternal(filename="chart.png", length=9)
    async with aiohttp.ClientSession() as session:
        async with session.post(opened["upload_url"], data=b"\x89PNG"):
            pass
        async with session.post(opened["upload_url"], data=b"\x89PNG") as again:
            assert again.status == 404
    complete = client.files_completeUploadExternal(
        files=[{"id": opened["file_id"]}], channel_id=channel
    )
    assert await refused(complete) == "file_upload_size_mismatch"
    assert slack.messages() == []


async def test_a_post_to_a_person_opens_the_direct_messages(slack, client) -> None:
    ada = slack.workspace.user("ada")
    posted = await client.chat_postMessage(channel=ada.id, text="hello")
    assert posted["channel"].startswith("D")
    assert [one.text for one in slack.messages(posted["channel"])] == ["hello"]


async def test_arguments_count_wherever_they_stand(slack, channel) -> None:
    url = f"{slack.api_url}chat.postMessage"
    async with aiohttp.ClientSession() as session:
        for parts in (
            {"params": {"channel": channel, "text": "query", "token": slack.bot_token}},
            {"data": {"channel": channel, "text": "form", "token": slack.bot_token}},
            {"params": {"channel": channel}, "json": {"text": "x", "token": slack.bot_token}},
        ):
            async with session.post(url, **parts) as response:
                assert (await response.json())["ok"]
    assert [call.args["channel"] for call in slack.calls] == [channel] * 3
    assert all("token" not in call.args for call in slack.calls)


@pytest.mark.parametrize(
    "how", ["500", "503", "html", "disconnect", "timeout", "channel_not_found"]
)
async def test_planned_trouble_does_nothing(slack, client, channel, how) -> None:
    slack.fail("chat.postMessage", how=how)
    client.timeout, client.retry_handlers = 0.2, []
    # AttributeError: what the SDK makes of a web page with status 200.
    with pytest.raises((SlackApiError, aiohttp.ClientError, TimeoutError, AttributeError)):
        await client.chat_postMessage(channel=channel, text="x")
    assert slack.messages("staging") == []
    await client.chat_postMessage(channel=channel, text="x")


@pytest.mark.parametrize("how", ["accept_then_timeout", "accept_then_disconnect"])
async def test_a_call_may_be_accepted_without_an_answer(slack, client, channel, how) -> None:
    slack.fail("chat.postMessage", how=how)
    client.timeout, client.retry_handlers = 0.2, []
    with pytest.raises((aiohttp.ClientError, TimeoutError)):
        await client.chat_postMessage(channel=channel, text="x")
    assert [message.text for message in slack.messages("staging")] == ["x"]
    assert slack.calls[0].trouble == how


async def test_a_planned_rate_limit_says_how_long_to_wait(slack, client, channel) -> None:
    slack.fail("chat.postMessage", how="429", retry_after=7)
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="x")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "7"
    assert caught.value.response["error"] == "ratelimited"


async def test_trouble_that_is_not_known_is_refused(slack) -> None:
    with pytest.raises(UsageError, match="429"):
        slack.fail("chat.postMessage", how="503 please")


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


async def test_posting_may_burst_and_then_once_a_second_for_each_channel() -> None:
    clock = Clock()
    async with MiniSlack(channels=("staging", "general"), limits=True, clock=clock) as slack:
        client = client_of(slack)
        first, second = (slack.workspace.channel(name).id for name in ("staging", "general"))
        for _ in range(5):
            await client.chat_postMessage(channel=first, text="x")
        assert await refused(client.chat_postMessage(channel=first, text="x")) == "ratelimited"
        await client.chat_postMessage(channel=second, text="x")
        clock.now += 1
        await client.chat_postMessage(channel=first, text="x")
        assert await refused(client.chat_postMessage(channel=first, text="x")) == "ratelimited"


async def test_updates_share_fifty_a_minute_in_the_workspace() -> None:
    clock = Clock()
    async with MiniSlack(limits=True, clock=clock) as slack:
        client = client_of(slack)
        channel = slack.workspace.channel("staging").id
        ts = (await client.chat_postMessage(channel=channel, text="x"))["ts"]
        for number in range(50):
            await client.chat_update(channel=channel, ts=ts, text=f"{number}")
        with pytest.raises(SlackApiError) as caught:
            await client.chat_update(channel=channel, ts=ts, text="one too many")
        clock.now += int(caught.value.response.headers["Retry-After"])
        await client.chat_update(channel=channel, ts=ts, text="later")


async def test_settled_waits_for_the_last_call(slack, client, channel) -> None:
    async def post_slowly() -> None:
        for number in range(3):
            await client.chat_postMessage(channel=channel, text=f"{number}")
            await asyncio.sleep(0.05)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(post_slowly())
        await slack.until(lambda: slack.calls)
        await slack.settled(quiet_s=0.2)
        assert len(slack.messages("staging")) == 3


async def test_what_is_not_there_is_named_with_what_is(slack) -> None:
    with pytest.raises(NotFound, match="#general, #staging"):
        slack.messages("stagin")
    with pytest.raises(NotFound, match="ada, grace"):
        slack.ephemerals("staging", "adam")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(("id", "type", "text", "event_type")), inner, max_size=3)
    ),
    max_leaves=6,
)
NAMES = (
    *("channel", "ts", "text", "blocks", "thread_ts", "metadata", "user", "view", "view_id"),
    *("trigger_id", "user_id", "files", "filename", "length", "channel_id", "oldest", "latest"),
    *("limit", "cursor", "timestamp", "name", "message_ts", "hash"),
)


@pytest.mark.parametrize("method", MiniSlack().api.methods)
@settings(max_examples=10)
@given(data=st.data())
async def test_no_arguments_break_a_method(method, data) -> None:
    slack = MiniSlack()
    known = st.sampled_from(
        (slack.workspace.channel("staging").id, slack.say("x").ts, slack.workspace.user("ada").id)
    )
    args = data.draw(st.dictionaries(st.sampled_from(NAMES), known | json_values, max_size=6))
    # A method has no chance to break before it is given what it needs.
    args |= data.draw(st.sampled_from(({}, {"channel": slack.workspace.channel("staging").id})))
    token = slack.app_token if slack.api.methods[method].token == "app" else slack.bot_token
    answer = slack.api.answer(method, token, Args(args))
    assert answer["ok"] is True or answer["error"]
