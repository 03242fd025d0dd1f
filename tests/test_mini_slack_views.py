"""Modals, the Home tab and shortcuts of the small Slack, used by a real Bolt app."""

import time
from collections.abc import AsyncIterator

import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

from bot.errors import NotFound, UsageError
from bot.sandbox import MiniSlack
from tests.bolt_apps import client_of, socket_app


def plain(text: str) -> dict:
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": plain(text), "value": text} for text in ("1h", "2h")]
MODAL = {
    "type": "modal",
    "callback_id": "mute",
    "title": plain("Mute staging"),
    "submit": plain("Mute"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "for",
            "label": plain("How long"),
            "element": {"type": "static_select", "action_id": "duration", "options": OPTIONS},
        },
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Reason"),
            "optional": True,
            "element": {"type": "plain_text_input", "action_id": "reason"},
        },
    ],
}
HOME = {
    "type": "home",
    "blocks": [
        {
            "type": "section",
            "text": {"type": "mrkdwn", "text": "*staging* passes"},
            "accessory": {"type": "button", "text": plain("Run Check"), "action_id": "do:run"},
        }
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[MiniSlack]:
    async with MiniSlack() as slack:
        yield slack


@pytest.fixture
async def app(slack: MiniSlack) -> AsyncIterator[AsyncApp]:
    """An app whose command opens the modal."""
    async with socket_app(slack) as app:

        @app.command("/stagecheck")
        async def opens(ack, client, command):
            await ack()
            await client.views_open(trigger_id=command["trigger_id"], view=MODAL)

        yield app


async def open_modal(slack: MiniSlack) -> None:
    await slack.command("/stagecheck mute")
    await slack.until(slack.modal)


async def test_what_was_filled_in_arrives_by_block_and_action(slack, app) -> None:
    seen = []

    @app.view("mute")
    async def mute(ack, view):
        await ack()
        seen.append(view["state"]["values"])

    await open_modal(slack)
    await slack.submit({"How long": "2h", "reason": "deploy"})
    assert seen[0]["for"]["duration"]["selected_option"]["value"] == "2h"
    assert seen[0]["why"]["reason"] == {"type": "plain_text_input", "value": "deploy"}
    assert slack.modal() is None


async def test_a_form_with_a_gap_is_not_submitted(slack, app) -> None:
    await open_modal(slack)
    with pytest.raises(UsageError, match="How long"):
        await slack.submit({"reason": "deploy"})
    with pytest.raises(UsageError, match="Reason"):
        await slack.submit({"for": "1h", "who": "me"})


async def test_errors_keep_the_modal_open(slack, app) -> None:
    @app.view("mute")
    async def mute(ack):
        await ack(response_action="errors", errors={"why": "Say why"})

    await open_modal(slack)
    delivery = await slack.submit({"for": "1h"})
    assert delivery.ack["errors"] == {"why": "Say why"}
    assert slack.modal() is not None


async def test_errors_at_no_field_are_a_failure(slack, app) -> None:
    @app.view("mute")
    async def mute(ack):
        await ack(response_action="errors", errors={"nowhere": "Say why"})

    await open_modal(slack)
    assert not (await slack.submit({"for": "1h"})).ok


async def test_a_submission_may_update_push_or_clear(slack, app) -> None:
    steps = iter(
        (
            {"response_action": "update", "view": MODAL | {"title": plain("Really")}},
            {"response_action": "push", "view": MODAL | {"title": plain("Second")}},
            {"response_action": "clear"},
        )
    )

    @app.view("mute")
    async def mute(ack):
        await ack(**next(steps))

    await open_modal(slack)
    for title in ("Really", "Second"):
        await slack.submit({"for": "1h"})
        assert slack.modal().body["title"]["text"] == title
    await slack.submit({"for": "1h"})
    assert slack.modal() is None


async def test_closing_is_told_to_an_app_that_asked(slack, app) -> None:
    seen = []

    @app.view_closed("mute")
    async def closed(ack, view):
        await ack()
        seen.append(view["callback_id"])

    await open_modal(slack)
    await slack.close()
    assert seen == ["mute"]
    with pytest.raises(NotFound):
        await slack.close()


async def refused(call) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_a_trigger_opens_one_view_within_three_seconds() -> None:
    now = [time.time()]
    async with MiniSlack(clock=lambda: now[0]) as slack:
        client = client_of(slack)
        trigger = slack.workspace.open_trigger(slack.workspace.user("ada").id)
        await client.views_open(trigger_id=trigger, view=MODAL)
        again = client.views_open(trigger_id=trigger, view=MODAL)
        assert await refused(again) == "exchanged_trigger_id"
        late = slack.workspace.open_trigger(slack.workspace.user("ada").id)
        now[0] += 3.1
        assert await refused(client.views_open(trigger_id=late, view=MODAL)) == "expired_trigger_id"
        made_up = client.views_open(trigger_id="1.2.3", view=MODAL)
        assert await refused(made_up) == "invalid_trigger_id"


async def test_a_stack_of_modals_has_three_at_most(slack) -> None:
    client, user = client_of(slack), slack.workspace.user("ada").id
    await client.views_open(trigger_id=slack.workspace.open_trigger(user), view=MODAL)
    for _ in range(2):
        await client.views_push(trigger_id=slack.workspace.open_trigger(user), view=MODAL)
    push = client.views_push(trigger_id=slack.workspace.open_trigger(user), view=MODAL)
    assert await refused(push) == "push_limit_reached"


async def test_a_late_update_is_refused_by_its_hash(slack) -> None:
    client = client_of(slack)
    trigger = slack.workspace.open_trigger(slack.workspace.user("ada").id)
    opened = (await client.views_open(trigger_id=trigger, view=MODAL))["view"]
    other = MODAL | {"title": plain("Other")}
    await client.views_update(view_id=opened["id"], hash=opened["hash"], view=other)
    late = client.views_update(view_id=opened["id"], hash=opened["hash"], view=MODAL)
    assert await refused(late) == "hash_conflict"
    assert slack.modal().body["title"]["text"] == "Other"


async def test_a_view_that_slack_refuses_is_refused_with_its_place(slack) -> None:
    client = client_of(slack)
    trigger = slack.workspace.open_trigger(slack.workspace.user("ada").id)
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=trigger, view=MODAL | {"title": plain("x" * 25)})
    assert "/view/title/text" in str(caught.value.response["response_metadata"])
    with pytest.raises(SlackApiError):
        await client.views_open(trigger_id=trigger, view=HOME)


async def test_the_home_tab_is_published_and_pressed(slack, app) -> None:
    seen = []

    @app.event("app_home_opened")
    async def opened(event, client):
        await client.views_publish(user_id=event["user"], view=HOME)

    @app.action("do:run")
    async def run(ack, body):
        await ack()
        seen.append(body["view"]["type"])

    await slack.open_home()
    await slack.until(slack.home)
    await slack.press_in_view("Run Check")
    assert seen == ["home"]
    assert slack.home_text() == "staging passes  [Run Check]\n"


async def test_shortcuts_arrive_with_and_without_a_message(slack, app) -> None:
    seen = []

    @app.shortcut("sc_run")
    async def run(ack, payload):
        await ack()
        seen.append((payload["type"], payload.get("message", {}).get("text")))

    said = slack.say("staging is odd")
    await slack.shortcut("sc_run")
    await slack.shortcut("sc_run", message_ts=said.ts)
    assert seen == [("shortcut", None), ("message_action", "staging is odd")]
