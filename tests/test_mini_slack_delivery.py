"""The small Slack brings commands, presses and events to a real Bolt app, and judges its acks."""

import asyncio
import time
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp

from bot.errors import NotFound, UsageError
from bot.sandbox import MiniSlack
from bot.sandbox.slack.actions import find_action
from tests.bolt_apps import CONNECTIONS, client_of, http_app, socket_app

BUTTONS = [
    {
        "type": "actions",
        "block_id": "main",
        "elements": [
            {
                "type": "button",
                "text": {"type": "plain_text", "text": "Re-run Check"},
                "action_id": "do:run",
                "value": "run staging",
            },
            {
                "type": "overflow",
                "action_id": "more",
                "options": [
                    {"text": {"type": "plain_text", "text": "Mute"}, "value": "mute staging 2h"}
                ],
            },
        ],
    }
]


@pytest.fixture
async def slack() -> AsyncIterator[MiniSlack]:
    async with MiniSlack(ack_s=0.3) as slack:
        yield slack


@pytest.fixture(params=CONNECTIONS)
async def app(slack: MiniSlack, request) -> AsyncIterator[AsyncApp]:
    """The same app twice: over HTTP and over Socket Mode."""
    async with CONNECTIONS[request.param](slack) as app:
        yield app


async def post_buttons(slack: MiniSlack) -> str:
    channel = slack.workspace.channel("staging").id
    posted = await client_of(slack).chat_postMessage(channel=channel, text="x", blocks=BUTTONS)
    return str(posted["ts"])


async def test_a_command_arrives_with_people_and_channels_as_ids(slack, app) -> None:
    seen = []

    @app.command("/stagecheck")
    async def run(ack, command):
        await ack()
        seen.append(command)

    delivery = await slack.command("/stagecheck assign @grace in #staging & more", user="ada")
    grace, staging = slack.workspace.user("grace").id, slack.workspace.channel("staging").id
    assert delivery.ok
    assert seen[0]["text"] == f"assign <@{grace}|grace> in <#{staging}|staging> &amp; more"
    assert seen[0]["user_id"] == slack.workspace.user("ada").id
    assert seen[0]["channel_name"] == "staging"


@pytest.mark.parametrize("kind", ["ephemeral", "in_channel"])
async def test_the_body_of_an_ack_is_shown(slack, app, kind) -> None:
    @app.command("/stagecheck")
    async def run(ack):
        await ack(text="Two targets", response_type=kind)

    await slack.command("/stagecheck targets")
    shown = slack.messages() if kind == "in_channel" else slack.ephemerals()
    assert [message.text for message in shown] == ["Two targets"]


async def test_a_text_as_ack_is_for_the_caller_only(slack, app) -> None:
    @app.command("/stagecheck")
    async def run(ack):
        await ack("Unknown word")

    await slack.command("/stagecheck runn", user="grace")
    assert [message.text for message in slack.ephemerals(user="grace")] == ["Unknown word"]
    assert slack.ephemerals(user="ada") == []


async def test_an_ack_with_blocks_that_slack_refuses_is_a_failure(slack, app) -> None:
    @app.command("/stagecheck")
    async def run(ack):
        await ack(text="x", blocks=[{"type": "sextion"}])

    delivery = await slack.command("/stagecheck")
    assert delivery.error == "invalid_blocks"
    assert "invalid_blocks" in slack.ephemerals()[0].text


async def test_no_ack_in_time_is_told_to_the_caller(slack, app) -> None:
    @app.command("/stagecheck")
    async def run(ack):
        await asyncio.sleep(0.5)

    delivery = await slack.command("/stagecheck staging")
    assert not delivery.ok
    assert delivery.error == "operation_timeout"
    assert slack.ephemerals()[0].text == '/stagecheck failed with the error "operation_timeout"'


async def test_nobody_there_is_told_to_the_caller(slack) -> None:
    assert (await slack.command("/stagecheck")).error == "dispatch_failed"
    slack.request_url = "http://127.0.0.1:9/slack/events"
    assert (await slack.command("/stagecheck")).error == "dispatch_failed"


async def test_a_command_in_a_thread_never_reaches_the_app(slack, app) -> None:
    ts = await post_buttons(slack)
    delivery = await slack.command("/stagecheck", thread_ts=ts)
    assert delivery.error == "not_delivered"
    assert "not supported in threads" in slack.ephemerals()[0].text


async def test_an_unknown_command_never_reaches_the_app(slack, app) -> None:
    assert (await slack.command("/stagechek staging")).error == "not_delivered"


async def test_a_press_arrives_as_block_actions(slack, app) -> None:
    seen = []

    @app.action("do:run")
    async def run(ack, body, action):
        await ack()
        seen.append((body, action))

    ts = await post_buttons(slack)
    delivery = await slack.press(ts, "Re-run Check", user="grace")
    assert delivery.ok
    body, action = seen[0]
    assert action["value"] == "run staging"
    assert action["block_id"] == "main"
    assert body["user"]["username"] == "grace"
    assert body["container"]["message_ts"] == ts
    assert body["message"]["blocks"][0]["block_id"] == "main"
    assert body["channel"]["name"] == "staging"


async def test_a_menu_reports_what_was_chosen(slack, app) -> None:
    seen = []

    @app.action("more")
    async def more(ack, action):
        await ack()
        seen.append(action["selected_option"]["value"])

    ts = await post_buttons(slack)
    await slack.press(ts, "more", value="Mute")
    assert seen == ["mute staging 2h"]
    with pytest.raises(UsageError, match="Mute"):
        await slack.press(ts, "more", value="Unmute")


async def test_impatient_presses_are_separate_deliveries(slack, app) -> None:
    seen = []

    @app.action("do:run")
    async def run(ack, body, action):
        await ack()
        seen.append((body["trigger_id"], action["action_ts"]))

    ts = await post_buttons(slack)
    delivery = await slack.press(ts, "do:run", repeat=3)
    assert all(one.ok for one in (delivery, *delivery.repeats))
    assert len(set(seen)) == len({action_ts for _, action_ts in seen}) == 3


async def test_a_button_that_is_gone_cannot_be_pressed(slack) -> None:
    ts = await post_buttons(slack)
    with pytest.raises(NotFound, match=r"\[Re-run Check\]"):
        await slack.press(ts, "Mute")


def test_a_button_is_found_though_an_update_gave_its_block_another_id() -> None:
    assert find_action(BUTTONS, "do:run", "before").block_id == "main"
    with pytest.raises(NotFound, match="do:run"):  # which of the two is not known
        find_action([*BUTTONS, {**BUTTONS[0], "block_id": "other"}], "do:run", "before")


async def test_nobody_presses_what_only_another_sees(slack, app) -> None:
    @app.command("/stagecheck")
    async def run(ack):
        await ack(text="x", blocks=BUTTONS)

    await slack.command("/stagecheck", user="ada")
    with pytest.raises(NotFound, match="grace"):
        await slack.press(slack.ephemerals()[0].ts, "do:run", user="grace")


async def test_an_ephemeral_message_is_replaced_through_its_response_url(slack, app) -> None:
    @app.command("/stagecheck")
    async def run(ack):
        await ack(text="Sure?", blocks=BUTTONS)

    @app.action("do:run")
    async def done(ack, respond):
        await ack()
        await respond(text="Started", replace_original=True)

    await slack.command("/stagecheck")
    await slack.press(slack.ephemerals()[0].ts, "do:run")
    (message,) = await slack.until(lambda: [m for m in slack.ephemerals() if m.edits])
    assert message.text == "Started"


async def respond_to(url: str, **body) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        return response.status, await response.text()


async def test_a_response_url_works_five_times() -> None:
    async with MiniSlack() as slack:
        url = (await slack.command("/stagecheck")).payload["response_url"]
        answers = [await respond_to(url, text=f"{n}") for n in range(6)]
        assert [status for status, _ in answers] == [200] * 5 + [404]
        assert "used_url" in answers[-1][1]
        assert [m.text for m in slack.ephemerals() if m.by_app] == ["0", "1", "2", "3", "4"]


async def test_a_response_url_works_for_thirty_minutes() -> None:
    now = [time.time()]
    async with MiniSlack(clock=lambda: now[0]) as slack:
        url = (await slack.command("/stagecheck")).payload["response_url"]
        now[0] += 30 * 60 - 1
        assert (await respond_to(url, text="x", response_type="in_channel"))[0] == 200
        now[0] += 2
        status, text = await respond_to(url, text="x")
        assert (status, "expired_url" in text) == (404, True)
        assert [message.text for message in slack.messages()] == ["x"]


async def test_an_original_is_deleted_through_its_response_url(slack) -> None:
    async with http_app(slack) as app:

        @app.action("do:run")
        async def done(ack, respond):
            await ack()
            await respond(delete_original=True)

        ts = await post_buttons(slack)
        await slack.press(ts, "do:run")
        await slack.until(lambda: not slack.messages())


async def test_an_event_arrives_and_again_when_it_is_redelivered(slack, app) -> None:
    seen = []

    @app.event("app_mention")
    async def mentioned(event, body, request):
        number = request.headers.get("x-slack-retry-num", [""])[0]
        reason = request.headers.get("x-slack-retry-reason", [""])[0]
        seen.append((event["text"].split(">")[1], body["event_id"], number, reason))

    first = await slack.mention("status")
    again = await slack.redeliver(first, attempt=2, reason="http_error")
    assert first.ok
    assert again.ok
    await slack.until(lambda: len(seen) == 2)
    assert seen[0][:2] == seen[1][:2]
    assert seen[0][2:] in (("", ""), ("0", ""))
    assert seen[1][2:] == ("2", "http_error")


async def test_an_event_nobody_listens_for_is_a_failed_delivery(slack, app) -> None:
    delivery = await slack.event({"type": "team_join", "user": "U1"})
    assert not delivery.ok


async def test_a_signature_proves_who_sent_the_body(slack) -> None:
    async with http_app(slack) as app:

        @app.command("/stagecheck")
        async def run(ack):
            await ack()

        slack.courier.signing_secret = "not the app's"
        delivery = await slack.command("/stagecheck")
        assert (delivery.status, delivery.error) == (401, "dispatch_failed")


async def test_a_socket_url_works_once(slack) -> None:
    opened = await client_of(slack).apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(opened["url"]) as socket:
            assert (await socket.receive_json())["type"] == "hello"
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await session.ws_connect(opened["url"])
        assert caught.value.status == 408


async def test_ten_connections_are_kept_and_no_more(slack) -> None:
    client = client_of(slack)
    async with aiohttp.ClientSession() as session:
        kept = []
        for _ in range(10):
            opened = await client.apps_connections_open(app_token=slack.app_token)
            kept.append(await session.ws_connect(opened["url"]))
        await slack.until(lambda: len(slack.sockets.connections) == 10)
        opened = await client.apps_connections_open(app_token=slack.app_token)
        one_more = await session.ws_connect(opened["url"])
        assert (await one_more.receive_json())["reason"] == "too_many_websockets"
        assert len(slack.sockets.connections) == 10


async def test_an_app_sent_away_comes_back_at_a_new_address(slack) -> None:
    async with socket_app(slack) as app:

        @app.command("/stagecheck")
        async def run(ack):
            await ack()

        await slack.disconnect("refresh_requested")
        await slack.until(lambda: slack.sockets.opened == 2 and slack.sockets.connections)
        assert (await slack.command("/stagecheck")).ok


async def test_two_connections_take_turns(slack) -> None:
    seen = []

    def listen(app: AsyncApp, name: str) -> None:
        @app.command("/stagecheck")
        async def run(ack):
            await ack()
            seen.append(name)

    async with socket_app(slack) as first, socket_app(slack) as second:
        listen(first, "first")
        listen(second, "second")
        for _ in range(4):
            await slack.command("/stagecheck")
    assert sorted(seen) == ["first", "first", "second", "second"]


async def test_a_connection_that_dies_takes_the_delivery_with_it(slack) -> None:
    opened = await client_of(slack).apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(opened["url"])
        assert (await socket.receive_json())["type"] == "hello"
        async with asyncio.TaskGroup() as tasks:
            delivery = tasks.create_task(slack.command("/stagecheck"))
            assert (await socket.receive_json())["type"] == "slash_commands"
            slack.cut()
        assert delivery.result().error == "dispatch_failed"


async def test_only_an_ack_counts_of_what_an_app_sends(slack) -> None:
    opened = await client_of(slack).apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session:
        socket = await session.ws_connect(opened["url"])
        await socket.receive_json()
        async with asyncio.TaskGroup() as tasks:
            delivery = tasks.create_task(slack.command("/stagecheck"))
            envelope = await socket.receive_json()
            for noise in ("not json", "[]", "{}", '{"envelope_id": "another"}'):
                await socket.send_str(noise)
            await socket.send_json({"envelope_id": envelope["envelope_id"], "payload": "x"})
        assert delivery.result().error == "dispatch_failed"
        async with asyncio.TaskGroup() as tasks:
            delivery = tasks.create_task(slack.command("/stagecheck"))
            envelope = await socket.receive_json()
            await socket.send_json({"envelope_id": envelope["envelope_id"]})
        assert delivery.result().ok


async def test_a_refused_socket_is_planned_like_any_trouble(slack) -> None:
    slack.fail("socket", how="503")
    opened = await client_of(slack).apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(opened["url"])


async def test_stopping_is_quick_even_with_calls_and_sockets_open() -> None:
    slack = MiniSlack()
    await slack.start()
    slack.fail("auth.test", how="timeout")
    opened = await client_of(slack).apps_connections_open(app_token=slack.app_token)
    async with aiohttp.ClientSession() as session:
        await session.ws_connect(opened["url"])
        waiting = asyncio.create_task(session.post(f"{slack.api_url}auth.test"))
        await slack.until(lambda: slack.calls[-1].trouble)
        started = time.monotonic()
        await slack.stop()
        assert time.monotonic() - started < 1
        assert (await waiting).status == 503
