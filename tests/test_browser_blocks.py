"""What the page draws of an app's blocks, and what reaches the app from them, in a real browser."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from bolt_apps import client_of, http_app
from browsing import Visit, as_another, visit
from playwright.async_api import expect

from bot.sandbox import MiniSlack

HOSTILE = {
    "html": '<b>bold</b><img src=x onerror="alert(1)"><script>alert(1)</script>',
    "mention": "<!channel> <@U0STAGECHECK> <https://evil.example/|safe>",
    "right to left": "safe \u202egnp.exe\u202c end",
    "null": "before\x00after",
    "times and colons": "at 16:24:18 :no_such_emoji: *a* _b_",
    "script": "javascript:alert(1)",
    "long": "word " * 7_999 + "last!",
    "marks": "*" * 20_000 + "_" * 19_000,
}


@asynccontextmanager
async def app_visit() -> AsyncIterator[tuple[Visit, list[Any]]]:
    """Yield a visit to a workspace with an app that only writes down what it is told."""
    told: list[Any] = []
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(MiniSlack(channels=("staging", "general")))
        app = await stack.enter_async_context(http_app(slack))

        @app.action(re.compile(".*"))
        async def pressed(ack: Any, body: Any) -> None:
            await ack()
            told.append(body["actions"][0])

        @app.view("form")
        async def submitted(ack: Any, view: Any) -> None:
            told.append(view["state"]["values"])
            await ack()

        one = await stack.enter_async_context(visit(slack=slack))
        yield one, told


async def post(one: Visit, *blocks: Any, text: str = "blocks", **more: Any) -> None:
    channel = one.slack.workspace.channel("staging").id
    await client_of(one.slack).chat_postMessage(channel=channel, text=text, blocks=blocks, **more)
    await expect(one.messages.last).to_be_visible()


def plain(text: str) -> dict[str, str]:
    return {"type": "plain_text", "text": text}


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def rich(*elements: Any) -> dict[str, Any]:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(elements)}],
    }


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
async def test_hostile_text_of_an_app_stands_as_text(text: str) -> None:
    async with app_visit() as (one, _):
        await post(one, rich({"type": "text", "text": text[:9_000]}))
        channel = one.slack.workspace.channel("staging").id
        await client_of(one.slack).chat_postMessage(channel=channel, text=escaped(text)[:39_000])
        one.slack.say(text[:12_000], user="grace")
        await expect(one.messages).to_have_count(3)
        for at, shown in enumerate((text[:9_000], text[:39_000], text[:12_000])):
            words = await one.messages.nth(at).locator(".message-main").text_content() or ""
            assert as_read(shown) in as_read(words), at
        assert await one.page.locator(".messages :is(script, img, iframe)").count() == 0


def as_read(text: str) -> str:
    """Without the signs that mrkdwn may take, and as HTML carries characters that it cannot."""
    return "".join(sign for sign in text.replace("\x00", "\ufffd") if sign not in "*_ \ufffd")


async def test_links_that_would_run_something_lead_nowhere() -> None:
    run = "javascript:alert(1)"
    async with app_visit() as (one, _):
        await post(one, text="Slack refuses the first of these; the page does not rely on that.")
        blocks = (
            rich({"type": "link", "url": run, "text": "rich"}),
            {"type": "section", "text": {"type": "mrkdwn", "text": f"<{run}|written>"}},
            {"type": "markdown", "text": f"[marked]({run}) and [fine](https://fine.example/)"},
        )
        one.slack.workspace.edit(one.slack.messages()[0], text="", blocks=blocks)
        for label in ("rich", "written", "marked"):
            await one.messages.last.get_by_text(label, exact=True).click()
        assert len(one.page.context.pages) == 1
        fine = one.messages.last.get_by_role("link", name="fine")
        await expect(fine).to_have_attribute("href", "https://fine.example/")
        await expect(fine).to_have_attribute("rel", re.compile("noopener"))


async def test_a_confirm_dialog_comes_before_what_it_asks_about() -> None:
    async with app_visit() as (one, told):
        confirm = {"title": plain("Resolve?"), "text": plain("For everybody."), "style": "danger"}
        confirm |= {"confirm": plain("Resolve"), "deny": plain("Keep")}
        button = {"type": "button", "action_id": "end", "text": plain("Resolve Incident")}
        await post(one, {"type": "actions", "elements": [button | {"confirm": confirm}]})
        press = one.page.get_by_role("button", name="Resolve Incident")
        await press.click()
        await one.page.get_by_role("button", name="Keep").click()
        await expect(one.page.get_by_role("dialog")).to_have_count(0)
        assert told == []
        await press.click()
        await one.page.get_by_role("button", name="Resolve", exact=True).click()
        await one.slack.until(lambda: told, timeout_s=30)
        assert told[0]["action_id"] == "end"


async def test_menus_and_choices_report_what_was_chosen() -> None:
    options = [{"text": plain(word), "value": word.lower()} for word in ("One", "Two")]
    async with app_visit() as (one, told):
        elements = [
            {"type": "overflow", "action_id": "more", "options": options},
            {"type": "static_select", "action_id": "pick", "options": options},
            {"type": "datepicker", "action_id": "day"},
            {"type": "radio_buttons", "action_id": "radio", "options": options},
            {"type": "users_select", "action_id": "who"},
        ]
        await post(one, {"type": "actions", "elements": elements})
        await one.page.get_by_role("button", name="More actions").click()
        await one.page.get_by_role("menuitem", name="Two").click()
        await one.page.get_by_label("pick").select_option("one")
        await one.page.get_by_label("day").fill("2026-02-03")
        await one.page.get_by_label("Two").check()
        await one.page.get_by_label("who").select_option(label="@grace")
        await one.slack.until(lambda: len(told) == 5, timeout_s=30)
        found = {one["action_id"]: one for one in told}
        assert found["more"]["selected_option"]["value"] == "two"
        assert found["pick"]["selected_option"]["value"] == "one"
        assert found["day"]["selected_date"] == "2026-02-03"
        assert found["radio"]["selected_option"]["value"] == "two"
        assert found["who"]["selected_user"] == one.slack.workspace.user("grace").id


async def test_a_form_reports_all_of_its_fields() -> None:
    options = [{"text": plain(word), "value": word.lower()} for word in ("One", "Two")]
    fields = {
        "text": {"type": "plain_text_input", "multiline": True},
        "count": {"type": "number_input", "is_decimal_allowed": False},
        "boxes": {"type": "checkboxes", "options": options},
        "pick": {"type": "static_select", "options": options},
        "at": {"type": "timepicker"},
    }
    async with app_visit() as (one, told):
        ada = one.slack.workspace.user("ada").id
        blocks = [
            {
                "type": "input",
                "block_id": name,
                "label": plain(name),
                "element": {"action_id": name, **element},
            }
            for name, element in fields.items()
        ]
        view = {"type": "modal", "callback_id": "form", "title": plain("Form")}
        view |= {"submit": plain("Send"), "blocks": blocks}
        trigger = one.slack.workspace.open_trigger(ada)
        await client_of(one.slack).views_open(trigger_id=trigger, view=view)
        form = one.page.get_by_role("dialog", name="Form")
        await form.get_by_role("button", name="Send").click()
        await expect(form.get_by_role("alert")).to_contain_text("has to be filled in")
        await form.get_by_label("text").fill("several\nlines")
        await form.get_by_label("count").fill("3")
        await form.get_by_label("Two").check()
        await form.get_by_label("pick").select_option("one")
        await form.get_by_label("at").fill("03:00")
        await form.get_by_role("button", name="Send").click()
        await expect(form).to_have_count(0)
        values = {name: next(iter(state.values())) for name, state in told[0].items()}
        assert values["text"]["value"] == "several\nlines"
        assert values["count"]["value"] == "3"
        assert [option["value"] for option in values["boxes"]["selected_options"]] == ["two"]
        assert values["pick"]["selected_option"]["value"] == "one"
        assert values["at"]["selected_time"] == "03:00"


async def test_the_home_tab_is_shown_and_can_be_pressed() -> None:
    async with app_visit() as (one, told):
        button = {"type": "button", "action_id": "check", "text": plain("Check staging")}
        blocks = [
            {"type": "header", "text": plain("One target")},
            {"type": "section", "text": plain("staging: well"), "accessory": button},
        ]
        await client_of(one.slack).views_publish(
            user_id=one.slack.workspace.user("ada").id, view={"type": "home", "blocks": blocks}
        )
        await one.page.get_by_role("button", name="stagecheck").click()
        await expect(one.page.get_by_role("heading", name="One target")).to_be_visible()
        await one.page.get_by_role("button", name="Check staging").click()
        await one.slack.until(lambda: told, timeout_s=30)
        assert told[0]["action_id"] == "check"


async def test_tables_turn_pages_and_unknown_blocks_show_what_they_are() -> None:
    rows = [[{"type": "raw_text", "text": f"run {number}"}] for number in range(7)]
    async with app_visit() as (one, _):
        header = [{"type": "raw_text", "text": "Run"}]
        table = {"type": "data_table", "caption": "Runs", "page_size": 3, "rows": [header, *rows]}
        await post(one, table)
        shown = one.page.get_by_role("table", name="Runs")
        await expect(shown).to_contain_text("run 2")
        await one.page.get_by_role("button", name="Next").click()
        await expect(shown).to_contain_text("run 3")
        await expect(shown).not_to_contain_text("run 2")
        unknown = {"type": "hologram", "block_id": "h", "beam": {"power": "<b>9</b>"}}
        message = one.slack.messages()[0]
        one.slack.workspace.edit(message, text="", blocks=(unknown,))
        await one.page.get_by_text("hologram", exact=True).click()
        await expect(one.page.locator(".unknown pre")).to_contain_text('"power": "<b>9</b>"')


async def test_numbers_of_a_list_go_on_where_another_list_came_between() -> None:
    def listed(style: str, text: str, **more: int) -> Any:
        return {
            **rich({"type": "text", "text": text}),
            "type": "rich_text_list",
            "style": style,
        } | more

    async with app_visit() as (one, _):
        lists = [
            listed("ordered", "Why is it red"),
            listed("bullet", "o1", indent=1),
            listed("ordered", "Why then", offset=1),
            listed("bullet", "o2", indent=1),
            listed("ordered", "Why at all", offset=2),
        ]
        await post(one, {"type": "rich_text", "elements": lists})
        for number, why in enumerate(("Why is it red", "Why then", "Why at all"), start=1):
            item = one.messages.last.get_by_role("listitem").filter(has_text=why)
            await expect(item).to_contain_text(f"{number}.")


async def test_people_see_what_is_theirs_and_what_is_new_to_them() -> None:
    async with app_visit() as (one, _):
        other = await as_another(one, "grace")
        channel = one.slack.workspace.channel("staging").id
        ada = one.slack.workspace.user("ada").id
        await client_of(one.slack).chat_postEphemeral(channel=channel, user=ada, text="psst")
        await other.page.get_by_role("button", name="general").click()
        await post(one, text=f"For <@{one.slack.workspace.user('grace').id}>")
        await expect(one.messages).to_have_count(2)
        await expect(one.messages.first).to_contain_text("Only visible to you")
        unread = other.page.get_by_role("button", name="staging, unread messages, 1 for you")
        await unread.click()
        await expect(other.messages).to_have_count(1)
        await expect(unread).to_have_count(0)
        await one.page.get_by_role("button", name="Dismiss message").click()
        await expect(one.messages).to_have_count(1)


async def test_people_react_and_share_files(tmp_path: Path) -> None:
    file = tmp_path / "trace.html"
    file.write_text("<script>alert(1)</script>")
    async with app_visit() as (one, _):
        await one.page.locator(".composer input[type=file]").set_input_files(file)
        await expect(one.page.get_by_role("list", name="Attached files")).to_contain_text("trace")
        await one.type("See this trace")
        await expect(one.messages.last).to_contain_text("trace.html")
        await one.messages.last.hover()
        await one.page.get_by_role("button", name="Add reaction").last.click()
        await one.page.get_by_role("menuitem").first.click()
        mine = one.page.get_by_role("group", name="Reactions").get_by_role("button")
        await expect(mine).to_have_attribute("aria-pressed", "true")
        await mine.click()
        await expect(mine).to_have_count(0)
        async with one.page.expect_download() as download:
            await one.page.get_by_role("link", name="trace.html").click()
        await (await download.value).save_as(tmp_path / "saved")
        assert (tmp_path / "saved").read_bytes() == file.read_bytes()


LINES = "\n".join(f"line {number}" for number in range(80))


def section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


async def update(one: Visit, *blocks: Any) -> None:
    """Have the app change the newest message."""
    message = one.slack.messages()[-1]
    await client_of(one.slack).chat_update(
        channel=message.channel, ts=message.ts, text="changed", blocks=blocks
    )


async def test_a_message_that_outgrows_the_window_is_seen_from_its_beginning() -> None:
    async with app_visit() as (one, _):
        for number in range(12):
            await post(one, section(f"before {number}\n" * 4))
        await one.type("Is it well?")
        await post(one, section("Checking"))
        await update(one, section(f"Verdict\n{LINES}"))
        await expect(one.messages.last).to_contain_text("line 79")
        await expect(one.messages.last.locator(".message-head")).to_be_in_viewport()
        await post(one, section("Incident"))
        below = one.page.get_by_role("button", name="New messages below")
        await expect(below).to_be_visible()
        await expect(one.messages.nth(13).locator(".message-head")).to_be_in_viewport()
        await one.type("Is it over?")
        await expect(one.messages.last).to_be_in_viewport()
        await expect(below).to_have_count(0)


async def test_what_came_first_is_not_pushed_out_by_what_follows() -> None:
    async with app_visit() as (one, _):
        await post(one, section(LINES))
        await one.type("Again")
        for number in range(6):
            await post(one, section(f"Reply {number}\n" * 12))
        await expect(one.messages).to_have_count(8)
        await expect(one.messages.nth(2).locator(".message-head")).to_be_in_viewport()
        await one.page.get_by_role("button", name="New messages below").click()
        await one.page.locator(".main .messages").hover()
        await one.page.mouse.wheel(0, 20_000)
        await expect(one.messages.last.locator(".blocks")).to_be_in_viewport(ratio=0.9)


async def test_an_update_closes_no_menu_and_takes_no_focus() -> None:
    options = [{"text": plain(word), "value": word.lower()} for word in ("One", "Two")]
    async with app_visit() as (one, told):
        more = {"type": "overflow", "action_id": "more", "options": options}
        button = {"type": "button", "action_id": "again", "text": plain("Again")}
        controls = {"type": "actions", "elements": [button, more]}
        row = {**section("A row"), "accessory": {**button, "action_id": "row"}}
        await post(one, section("1 failure"), row, controls)
        await one.page.get_by_role("button", name="More actions").click()
        await one.page.keyboard.press("ArrowDown")
        second = one.page.get_by_role("menuitem", name="Two")
        await expect(second).to_be_focused()
        await update(one, section("2 failures"), section("Since noon"), row, controls)
        await expect(one.messages.last).to_contain_text("Since noon")
        await expect(second).to_be_focused()
        await one.page.keyboard.press("Enter")
        await one.slack.until(lambda: told, timeout_s=30)
        assert told[0]["selected_option"]["value"] == "two"
        in_row = one.page.get_by_role("button", name="Again").first
        await in_row.focus()
        await update(one, section("3 failures"), row, controls)
        await expect(one.messages.last).to_contain_text("3 failures")
        await expect(in_row).to_be_focused()


async def test_a_text_too_long_is_told_and_never_cut() -> None:
    log = {"type": "plain_text_input", "action_id": "log", "multiline": True, "max_length": 10}
    file = {"type": "file_input", "action_id": "file"}
    view = {
        "type": "modal",
        "callback_id": "form",
        "title": plain("Form"),
        "submit": plain("Send"),
        "blocks": [
            {"type": "input", "block_id": "log", "label": plain("Log"), "element": log},
            {
                "type": "input",
                "block_id": "file",
                "label": plain("File"),
                "element": file,
                "optional": True,
            },
        ],
    }
    async with app_visit() as (one, told):
        trigger = one.slack.workspace.open_trigger(one.slack.workspace.user("ada").id)
        await client_of(one.slack).views_open(trigger_id=trigger, view=view)
        form = one.page.get_by_role("dialog", name="Form")
        await form.get_by_label("Log").fill("0123456789abcde")
        await expect(form.get_by_label("Log")).to_have_value("0123456789abcde")
        await expect(form).to_contain_text("15 of 10 characters")
        await form.get_by_role("button", name="Send").click()
        await expect(form.get_by_role("alert")).to_contain_text("5 characters too many")
        await expect(form.get_by_role("alert")).to_contain_text("Attach it as a file")
        await form.get_by_label("Log").press("Backspace")
        await expect(form.get_by_role("alert")).to_have_count(0)
        await form.get_by_label("Log").fill("0123456789")
        await form.get_by_role("button", name="Send").click()
        await expect(form).to_have_count(0)
        assert told[0]["log"]["log"]["value"] == "0123456789"
        await one.composer.fill("x" * 12_001)
        await expect(one.page.get_by_role("alert")).to_contain_text("1 character too many")
        await expect(one.page.get_by_role("button", name="Send")).to_be_disabled()


async def press_and_reply(one: Visit, told: list[Any]) -> None:
    """Press the button, to which the app replies in the thread."""
    await one.page.get_by_role("button", name="Again").click()
    await one.slack.until(lambda: told, timeout_s=30)
    parent = one.slack.messages()[0]
    await client_of(one.slack).chat_postMessage(
        channel=parent.channel, thread_ts=parent.ts, text="Running"
    )


async def test_an_answer_in_a_thread_lets_its_link_stand_out() -> None:
    button = {"type": "button", "action_id": "again", "text": plain("Again")}
    async with app_visit() as (one, told):
        await post(one, {"type": "actions", "elements": [button]})
        await press_and_reply(one, told)
        await expect(one.page.locator(".thread-link")).to_have_attribute("data-answered", "")
        await expect(one.page.locator(".toast")).to_have_count(0)


async def test_an_answer_where_nobody_looks_is_said_and_shown() -> None:
    button = {"type": "button", "action_id": "again", "text": plain("Again")}
    async with app_visit() as (one, told):
        await post(one, {"type": "actions", "elements": [button]}, section(LINES))
        await press_and_reply(one, told)
        note = one.page.get_by_role("status").filter(has_text="answers in the thread")
        await note.get_by_role("button", name="Open the thread").click()
        await expect(one.thread).to_contain_text("Running")
        await expect(note).to_have_count(0)


async def test_names_of_emoji_are_slacks_and_units_stay_with_their_numbers() -> None:
    async with app_visit() as (one, _):
        await post(one, section(":large_green_circle: *staging* :no_such: passed in 4.3 s."))
        words = await one.messages.last.locator(".blocks").text_content() or ""
        assert words == "\U0001f7e2 staging :no_such: passed in 4.3\u00a0s."
