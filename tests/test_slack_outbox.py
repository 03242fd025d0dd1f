"""The outbox loses nothing, doubles nothing it can tell, keeps order, and knows when to stop."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from slack_house import FAST, UNLIMITED, channel_id, outbox_of, plain, said

from bot.errors import DeliveryError
from bot.masking import Masker, Secret
from bot.metrics import Metrics
from bot.sandbox import MiniSlack
from bot.slack import Outbox, Rate, Tag

TAG = Tag(run_id="r0123456789", part="announcement")


@pytest.fixture
async def slack() -> AsyncIterator[MiniSlack]:
    async with MiniSlack() as slack:
        yield slack


@pytest.fixture
async def outbox(slack: MiniSlack) -> AsyncIterator[Outbox]:
    async with outbox_of(slack) as outbox:
        yield outbox


async def test_a_post_says_where_it_is_and_unfurls_nothing(
    slack: MiniSlack, outbox: Outbox
) -> None:
    sent = await outbox.post(channel_id(slack), plain("hello"), tag=TAG)
    [message] = slack.messages()
    assert (sent.ts, sent.channel, message.text) == (message.ts, message.channel, "hello")
    assert message.metadata == {
        "event_type": "stagecheck_run",
        "event_payload": {"run_id": "r0123456789", "part": "announcement"},
    }
    assert (slack.calls[-1].args["unfurl_links"], slack.calls[-1].args["unfurl_media"]) == (
        False,
        False,
    )


async def test_posts_of_one_channel_keep_their_order_when_one_of_them_has_trouble(
    slack: MiniSlack, outbox: Outbox
) -> None:
    slack.fail("chat.postMessage", how="503", times=2)
    texts = [str(number) for number in range(6)]
    await asyncio.gather(*(outbox.post(channel_id(slack), plain(text)) for text in texts))
    assert [message.text for message in slack.messages()] == texts


@pytest.mark.parametrize("how", ["500", "503", "html", "timeout", "disconnect", "internal_error"])
async def test_a_post_that_got_lost_is_repeated_until_it_arrives(
    slack: MiniSlack, outbox: Outbox, how: str
) -> None:
    slack.fail("chat.postMessage", how=how, times=2)
    await outbox.post(channel_id(slack), plain("hello"), tag=TAG)
    [message] = slack.messages()
    assert said(message.blocks) == "hello"


@pytest.mark.parametrize(
    "how", ["accept_then_timeout", "accept_then_500", "accept_then_disconnect"]
)
@pytest.mark.parametrize("in_thread", [False, True])
async def test_a_post_whose_answer_got_lost_is_found_and_not_repeated(
    slack: MiniSlack, outbox: Outbox, how: str, in_thread: bool
) -> None:
    parent = await outbox.post(channel_id(slack), plain("parent"))
    slack.fail("chat.postMessage", how=how)
    thread = parent.ts if in_thread else ""
    sent = await outbox.post(channel_id(slack), plain("hello"), thread=thread, tag=TAG)
    assert [message.ts for message in slack.messages()] == [parent.ts, sent.ts]


async def test_a_connection_that_ends_without_an_answer_does_not_double_a_post(
    slack: MiniSlack,
) -> None:
    # Time enough for slack_sdk to repeat the call by itself, as it does unless it is told not to.
    async with outbox_of(slack, pace=replace(FAST, request_s=5.0)) as outbox:
        slack.fail("chat.postMessage", how="accept_then_disconnect")
        await outbox.post(channel_id(slack), plain("hello"), tag=TAG)
    assert len(slack.messages()) == 1


async def test_a_search_that_gets_lost_is_repeated_before_anything_is_posted_again(
    slack: MiniSlack, outbox: Outbox
) -> None:
    slack.fail("chat.postMessage", how="accept_then_timeout")
    slack.fail("conversations.history", how="500", times=2)
    await outbox.post(channel_id(slack), plain("hello"), tag=TAG)
    assert len(slack.messages()) == 1


async def test_a_message_is_found_beyond_the_first_page_of_a_thread(
    slack: MiniSlack, outbox: Outbox
) -> None:
    channel = channel_id(slack)
    parent = await outbox.post(channel, plain("parent"))
    for number in range(230):
        await outbox.post(channel, plain(str(number)), thread=parent.ts)
    slack.fail("chat.postMessage", how="accept_then_500")
    sent = await outbox.post(channel, plain("hello"), thread=parent.ts, tag=TAG)
    assert slack.messages()[-1].ts == sent.ts
    assert len(slack.messages()) == 232


async def test_every_page_of_a_search_waits_for_its_turn_and_is_counted() -> None:
    slow = replace(
        FAST, methods={"conversations.history": Rate(burst=1, per_minute=0.01)}, patience_s=1.0
    )
    metrics = Metrics()
    async with MiniSlack() as slack:
        for number in range(210):
            slack.say(str(number))
        async with outbox_of(slack, pace=slow, metrics=metrics) as outbox:
            with pytest.raises(DeliveryError, match="within"):
                await outbox.post(channel_id(slack), plain("a"), tag=TAG, perhaps_posted=True)
        pages = [call.method for call in slack.calls].count("conversations.history")
    assert pages == 1
    counted = metrics.render().decode()
    assert '{method="conversations.history",outcome="ok"} 1.0' in counted


async def test_where_the_bot_may_not_look_a_repeated_post_says_that_it_may_be_a_copy() -> None:
    async with MiniSlack(scopes=("chat:write",)) as slack, outbox_of(slack) as outbox:
        slack.fail("chat.postMessage", how="accept_then_timeout")
        await outbox.post(channel_id(slack), plain("hello"), tag=TAG)
        first, second = slack.messages()
    assert "may be here twice" not in said(first.blocks)
    assert "may be here twice" in said(second.blocks)


async def test_what_an_earlier_life_may_have_posted_is_looked_for_first(
    slack: MiniSlack, outbox: Outbox
) -> None:
    first = await outbox.post(channel_id(slack), plain("hello"), tag=TAG)
    again = await outbox.post(channel_id(slack), plain("hello"), tag=TAG, perhaps_posted=True)
    other = Tag(run_id="r0123456789", part="report-1")
    report = await outbox.post(channel_id(slack), plain("report"), tag=other, perhaps_posted=True)
    assert again == first
    assert [message.ts for message in slack.messages()] == [first.ts, report.ts]


async def test_when_slack_asks_to_wait_the_method_rests_and_nothing_is_lost(
    slack: MiniSlack, outbox: Outbox
) -> None:
    slack.fail("chat.postMessage", how="429", times=3, retry_after=0)
    await asyncio.gather(*(outbox.post(channel_id(slack), plain(str(n))) for n in range(4)))
    assert [message.text for message in slack.messages()] == ["0", "1", "2", "3"]


async def test_after_a_429_nobody_calls_the_method_before_its_time() -> None:
    async with MiniSlack(channels=("staging", "other")) as slack, outbox_of(slack) as outbox:
        slack.fail("chat.postMessage", how="429", retry_after=1)
        posts = [
            asyncio.create_task(outbox.post(channel_id(slack, name), plain(name)))
            for name in ("staging", "other", "staging", "other")
        ]
        await asyncio.gather(*posts)
        refused, *others = [call for call in slack.calls if call.method == "chat.postMessage"]
    # Those of the other channel that were on their way before the 429 came back may be early.
    late = [call for call in others if call.at >= refused.at + 1]
    assert len(late) >= 3


async def test_slacks_own_limits_are_not_run_into() -> None:
    pace = replace(FAST, channel=Rate(burst=4, per_minute=58))
    async with MiniSlack(limits=True) as slack, outbox_of(slack, pace=pace) as outbox:
        await asyncio.gather(*(outbox.post(channel_id(slack), plain(str(n))) for n in range(6)))
        assert [call.status for call in slack.calls] == [200] * 6


async def test_a_message_that_slack_never_takes_ends_in_an_error_that_may_pass(
    slack: MiniSlack, outbox: Outbox
) -> None:
    slack.fail("chat.postMessage", how="503", times=100)
    with pytest.raises(DeliveryError) as caught:
        await outbox.post(channel_id(slack), plain("hello"))
    assert not caught.value.permanent
    assert len(slack.calls) == FAST.attempts


async def test_patience_ends_even_when_slack_asks_to_wait_for_an_hour(slack: MiniSlack) -> None:
    slack.fail("chat.postMessage", how="429", retry_after=3600)
    async with outbox_of(slack, pace=replace(FAST, patience_s=0.2)) as outbox:
        with pytest.raises(DeliveryError, match="within"):
            await outbox.post(channel_id(slack), plain("hello"))


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("not_in_channel", "/invite @stagecheck"),
        ("channel_not_found", "/invite @stagecheck"),
        ("is_archived", "another channel"),
        ("invalid_auth", "new bot token"),
        ("account_inactive", "new bot token, and restart `stagecheck serve`"),
        ("some_new_code", ""),
    ],
)
async def test_what_slack_refuses_for_good_is_not_repeated_and_says_what_to_do(
    slack: MiniSlack, outbox: Outbox, code: str, hint: str
) -> None:
    slack.fail("chat.postMessage", how=code)
    with pytest.raises(DeliveryError) as caught:
        await outbox.post(channel_id(slack), plain("hello"))
    assert (caught.value.permanent, caught.value.code) == (True, code)
    assert hint in caught.value.hint
    assert len(slack.calls) == 1


async def test_a_slack_that_is_not_there_ends_in_an_error() -> None:
    async with MiniSlack() as slack:
        gone = slack
    async with outbox_of(gone) as outbox:
        with pytest.raises(DeliveryError, match="no connection"):
            await outbox.post(channel_id(gone), plain("hello"))


async def test_no_secret_leaves_whatever_message_it_is_in(slack: MiniSlack) -> None:
    secret = Secret(name="bypass_key", source="env:KEY", value="open-sesame-1234")
    masker = Masker([secret], pepper=b"pepper")
    async with outbox_of(slack, masker=masker) as outbox:
        sent = await outbox.post(channel_id(slack), plain("the key is open-sesame-1234"))
        await outbox.update(sent.channel, sent.ts, plain("still open-sesame-1234"))
    assert "open-sesame-1234" not in str(slack.calls)
    assert "[redacted bypass_key" in slack.messages()[0].text


async def test_a_message_beyond_slacks_limits_is_cut_instead_of_refused(
    slack: MiniSlack, outbox: Outbox
) -> None:
    sent = await outbox.post(channel_id(slack), plain("start " + "x" * 50_000 + " end"))
    await outbox.update(sent.channel, sent.ts, plain("begin " + "&" * 50_000 + " stop"))
    [message] = slack.messages()
    assert message.text.startswith("begin")
    assert message.text.endswith("stop")


async def test_an_answer_at_a_response_url_survives_trouble(
    slack: MiniSlack, outbox: Outbox
) -> None:
    delivery = await slack.command("/stagecheck help")
    slack.fail("response_url", how="500")
    slack.fail("response_url", how="429", retry_after=0)
    await outbox.respond(str(delivery.payload["response_url"]), plain("only you"))
    assert slack.ephemerals()[-1].text == "only you"


async def test_an_answer_at_a_used_up_response_url_is_an_error_that_does_not_tell_the_url(
    slack: MiniSlack, outbox: Outbox
) -> None:
    url = str((await slack.command("/stagecheck help")).payload["response_url"])
    for _ in range(5):
        await outbox.respond(url, plain("again"))
    with pytest.raises(DeliveryError) as caught:
        await outbox.respond(url, plain("once more"))
    assert caught.value.permanent
    assert url not in str(caught.value)


@pytest.mark.parametrize("text", ["<html>no such page 81f2</html>", "x" * 200, ""])
async def test_what_a_proxy_says_is_no_word_of_slacks(text: str) -> None:
    """It would be a new series of the metrics each time."""

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=404, text=text)

    metrics, app = Metrics(), web.Application()
    app.router.add_post("/", refuse)
    server = TestServer(app)
    await server.start_server()
    async with MiniSlack() as slack, outbox_of(slack, metrics=metrics) as outbox:
        with pytest.raises(DeliveryError) as caught:
            await outbox.respond(str(server.make_url("/")), plain("hello"))
    await server.close()
    assert caught.value.code == "HTTP 404"
    assert 'method="response_url",outcome="HTTP 404"' in metrics.render().decode()


class TestProgress:
    async def test_of_many_edits_the_latest_is_shown(
        self, slack: MiniSlack, outbox: Outbox
    ) -> None:
        sent = await outbox.post(channel_id(slack), plain("0"))
        for number in range(1, 50):
            outbox.progress(sent.channel, sent.ts, plain(str(number)))
        await outbox.idle()
        [message] = slack.messages()
        assert (message.text, message.edits) == ("49", 1)

    async def test_the_end_is_shown_and_nothing_older_after_it(self, slack: MiniSlack) -> None:
        async with outbox_of(slack, pace=replace(FAST, edit_gap_s=60.0)) as outbox:
            sent = await outbox.post(channel_id(slack), plain("0"))
            outbox.progress(sent.channel, sent.ts, plain("1"))
            await outbox.update(sent.channel, sent.ts, plain("end"))
            outbox.progress(sent.channel, sent.ts, plain("2"))
            await outbox.idle()
        assert [version.text for version in slack.messages()[0].versions] == ["0", "end"]

    async def test_the_end_waits_for_an_edit_that_is_on_its_way(
        self, slack: MiniSlack, outbox: Outbox
    ) -> None:
        sent = await outbox.post(channel_id(slack), plain("0"))
        slack.fail("chat.update", how="accept_then_timeout")
        outbox.progress(sent.channel, sent.ts, plain("1"))
        await slack.until(lambda: slack.messages()[0].edits)
        await outbox.update(sent.channel, sent.ts, plain("end"))
        assert [version.text for version in slack.messages()[0].versions] == ["0", "1", "end"]
        edit, end = (call for call in slack.calls if call.method == "chat.update")
        # The edit has to be given up first: begun is begun, it could arrive at any time.
        assert end.at - edit.at >= FAST.request_s * 0.9

    async def test_two_edits_of_a_message_keep_their_distance(self, slack: MiniSlack) -> None:
        async with outbox_of(slack, pace=replace(FAST, edit_gap_s=0.2)) as outbox:
            sent = await outbox.post(channel_id(slack), plain("0"))
            outbox.progress(sent.channel, sent.ts, plain("1"))
            await slack.until(lambda: slack.messages()[0].edits == 1)
            outbox.progress(sent.channel, sent.ts, plain("2"))
            await outbox.idle()
        first, second = slack.messages()[0].versions[1:]
        assert second.at - first.at >= 0.15

    async def test_progress_leaves_the_last_calls_of_a_minute_to_outcomes(
        self, slack: MiniSlack
    ) -> None:
        pace = replace(FAST, methods={"chat.update": Rate(burst=5, per_minute=0.001)}, spared=4)
        async with outbox_of(slack, pace=pace) as outbox:
            channel = channel_id(slack)
            sent = [await outbox.post(channel, plain(f"run {number}")) for number in range(4)]
            for message in sent:
                outbox.progress(channel, message.ts, plain("under way"))
            await slack.until(lambda: any(message.edits for message in slack.messages()))
            for message in sent:
                await outbox.update(channel, message.ts, plain("ended"))
        assert [message.text for message in slack.messages()] == ["ended"] * 4

    @pytest.mark.parametrize("how", ["500", "429", "timeout"])
    async def test_an_edit_that_got_lost_is_made_again_unless_a_newer_one_came(
        self, slack: MiniSlack, outbox: Outbox, how: str
    ) -> None:
        sent = await outbox.post(channel_id(slack), plain("0"))
        slack.fail("chat.update", how=how, retry_after=0)
        outbox.progress(sent.channel, sent.ts, plain("1"))
        await outbox.idle()
        assert slack.messages()[0].text == "1"

    async def test_an_edit_of_a_message_that_is_gone_is_given_up(
        self, slack: MiniSlack, outbox: Outbox
    ) -> None:
        outbox.progress(channel_id(slack), "1700000000.000100", plain("1"))
        await outbox.idle()
        assert [call.answer["error"] for call in slack.calls] == ["message_not_found"]

    @pytest.mark.parametrize("how", ["500", "429", "timeout", "disconnect"])
    async def test_the_end_survives_trouble(
        self, slack: MiniSlack, outbox: Outbox, how: str
    ) -> None:
        sent = await outbox.post(channel_id(slack), plain("0"))
        slack.fail("chat.update", how=how, times=3, retry_after=0)
        await outbox.update(sent.channel, sent.ts, plain("end"))
        assert slack.messages()[0].text == "end"


async def test_closing_ends_what_waits_and_leaves_nothing_running(slack: MiniSlack) -> None:
    before = asyncio.all_tasks()
    async with outbox_of(slack, pace=replace(FAST, edit_gap_s=60.0)) as outbox:
        sent = await outbox.post(channel_id(slack), plain("0"))
        outbox.progress(sent.channel, sent.ts, plain("1"))
        await outbox.close(deadline_s=0.01)
    assert not {task for task in asyncio.all_tasks() - before if "edit" in task.get_name()}


async def test_every_call_is_counted_by_method_and_by_how_it_ended(slack: MiniSlack) -> None:
    metrics = Metrics()
    async with outbox_of(slack, metrics=metrics) as outbox:
        slack.fail("chat.postMessage", how="500")
        slack.fail("chat.postMessage", how="429", retry_after=0)
        slack.fail("chat.update", how="cant_update_message")
        sent = await outbox.post(channel_id(slack), plain("hello"))
        with pytest.raises(DeliveryError):
            await outbox.update(sent.channel, sent.ts, plain("end"))
    counted = metrics.render().decode()
    for method, outcome in (
        ("chat.postMessage", "lost"),
        ("chat.postMessage", "ratelimited"),
        ("chat.postMessage", "ok"),
        ("chat.update", "cant_update_message"),
    ):
        assert f'{{method="{method}",outcome="{outcome}"}} 1.0' in counted


def test_the_pace_of_the_product_stays_below_slacks_limits() -> None:
    pace = type(FAST)()
    for method, tier in {"chat.update": 50, "conversations.replies": 50}.items():
        rate = pace.methods[method]
        assert rate.burst + rate.per_minute <= tier
    assert pace.channel.per_minute <= 60
    assert pace.edit_gap_s >= 3
    assert UNLIMITED not in pace.methods.values()


async def test_message_whose_blocks_slack_refuses_arrives_as_plain_text() -> None:
    async with MiniSlack() as slack, outbox_of(slack) as outbox:
        slack.fail("chat.postMessage", how="invalid_blocks")
        sent = await outbox.post(channel_id(slack), plain("what it says"))
        (message,) = [one for one in slack.messages("staging") if one.ts == sent.ts]
    assert said(message.blocks) == "what it says"
