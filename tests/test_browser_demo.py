"""The demo's page as a visitor uses it, in a real browser."""

import re
from pathlib import Path

import pytest
from browsing import Visit, as_another, visit
from playwright.async_api import Locator, expect

from bot.cli.house import completions

AUTH_LOG = "WebSocket closed: code 1008 reason AUTH_REQUIRED"


async def test_a_visitor_asks_watches_the_steps_and_reads_the_thread() -> None:
    async with visit("seed", unhurried=True) as one:
        await one.composer.fill("/stagecheck sta")
        await one.page.get_by_role("option", name="/stagecheck staging").click()
        await one.composer.press("Enter")
        last = one.messages.last
        await expect(last).to_contain_text("Checking staging")
        await expect(last).to_contain_text("Service health")
        await one.picture("progress")
        await one.house.idle()
        await expect(last).to_contain_text("Failed: staging does not work")
        await one.open_thread()
        await expect(one.thread).to_contain_text("ws_server_code_error")
        await expect(one.thread).to_contain_text("Evidence")


async def test_a_visitor_fixes_staging_and_runs_the_check_again() -> None:
    async with visit("seed") as one:
        await one.ask("/stagecheck staging")
        await one.open_thread()
        await one.page.get_by_role("button", name="Fix everything").click()
        await expect(one.page.get_by_role("status")).to_contain_text("Nothing is broken")
        await one.thread.get_by_role("button", name="Re-run Check").first.click()
        await expect(one.thread).to_contain_text("Passed: staging works")
        await one.page.get_by_role("button", name="New messages below").click()
        await expect(one.thread.get_by_text("staging works:").first).to_be_in_viewport()


async def test_a_visitor_verifies_the_key() -> None:
    async with visit("bypass-key-mismatch") as one:
        await one.ask("/stagecheck staging")
        await one.messages.last.get_by_role("button", name="Verify Bypass Key").click()
        await expect(one.page.locator(".thread-link")).to_contain_text("new")
        await one.open_thread()
        await expect(one.thread).to_contain_text("Failed: key on staging")


async def test_a_visitor_breaks_staging_at_the_side() -> None:
    async with visit() as one:
        await one.page.locator("[data-fault=backend-hangs]").click()
        await expect(one.page.get_by_role("status")).to_contain_text("Broken: 1 fault")
        assert one.house.staging.faults == ("backend-hangs",)
        await one.page.get_by_role("searchbox").fill("backend 502")
        await one.page.get_by_role("switch", name=re.compile("backend-502")).click()
        await expect(one.page.get_by_role("alert")).to_contain_text("cannot be combined")
        await expect(one.page.get_by_role("status")).to_contain_text("Broken: 1 fault")


async def test_what_a_fault_changes_on_our_side_holds_at_once() -> None:
    async with visit() as one:
        await one.page.locator("[data-fault=bypass-key-trailing-newline]").click()
        await expect(one.page.get_by_role("status")).to_contain_text("Broken: 1 fault")
        await one.house.ready()
        await one.ask("/stagecheck staging")
        await expect(one.messages.last).to_contain_text("Bypass key")
        await expect(one.messages.last).to_contain_text(re.compile("Failed|Degraded"))


async def test_a_visitor_pastes_a_log_into_the_form() -> None:
    async with visit() as one:
        await one.type("/stagecheck explain")
        form = one.page.get_by_role("dialog", name="Explain a log")
        await form.get_by_role("button", name="Explain").click()
        await expect(form.get_by_role("alert")).to_contain_text("Paste a log here")
        await form.get_by_label("Log", exact=False).first.fill(AUTH_LOG)
        await form.get_by_role("button", name="Explain").click()
        await expect(form).to_have_count(0)
        await one.house.idle()
        await expect(one.messages.last).to_contain_text("1 line read")


async def test_a_visitor_attaches_a_log_to_the_form(tmp_path: Path) -> None:
    log = tmp_path / "nightly.log"
    log.write_text(f"{AUTH_LOG}\n" * 500)
    async with visit() as one:
        await one.type("/stagecheck explain")
        form = one.page.get_by_role("dialog", name="Explain a log")
        await form.locator("input[type=file]").set_input_files(log)
        await expect(form).to_contain_text("Attached: nightly.log")
        await form.get_by_role("button", name="Explain").click()
        await expect(form).to_have_count(0)
        await one.house.idle()
        await expect(one.messages.last).to_contain_text("nightly.log")


async def test_a_log_in_a_message_is_explained_by_its_shortcut() -> None:
    async with visit() as one:
        await one.type(AUTH_LOG)
        await one.messages.last.hover()
        await one.messages.last.get_by_role("button", name="More message shortcuts").click()
        await one.page.get_by_role("menuitem", name="Explain this failure").click()
        await expect(one.page.locator(".thread-link")).to_contain_text(re.compile(r"\d repl"))
        await one.open_thread()
        await expect(one.thread).to_contain_text("1 line read")


async def test_an_incident_is_opened_acknowledged_and_resolved() -> None:
    async with visit() as one:
        await one.type("Checkout fails for everybody on staging")
        await one.messages.last.hover()
        await one.messages.last.get_by_role("button", name="More message shortcuts").click()
        await one.page.get_by_role("menuitem", name="Open an incident").click()
        # Who opened it is told so alone, before it or after it.
        more = one.page.get_by_role("button", name="More actions")
        incident = one.messages.filter(has_text="Incident i1").filter(has=more)
        await incident.get_by_role("button", name="Acknowledge").click()
        await expect(incident).to_contain_text("acknowledged")
        await one.picture("incident")
        await incident.get_by_role("button", name="More actions").click()
        await one.page.get_by_role("menuitem", name="Resolve").click()
        form = one.page.get_by_role("dialog", name="Resolve i1")
        await form.get_by_label("What ended it").fill("The rollback")
        await form.get_by_role("button", name="Resolve").click()
        # Which leaves nothing to press.
        over = one.messages.filter(has_text="Incident i1").filter(has_text="resolved")
        await expect(over.last).to_be_visible()
        await expect(incident).to_have_count(0)


async def test_the_tour_leads_to_a_cause_and_to_a_good_check() -> None:
    async with visit(tour=True) as one:
        tour = one.page.get_by_role("region", name="Tour")
        await ask_as_proposed(one)
        await expect(tour).to_contain_text("Step 2 of 5")
        await one.open_thread()
        await expect(tour).to_contain_text("Step 3 of 5")
        await one.page.locator("[data-fault=seed]").click()
        await expect(tour).to_contain_text("Step 4 of 5")
        await ask_as_proposed(one)
        await one.open_thread()
        await expect(tour).to_contain_text("Step 5 of 5")
        await one.page.get_by_role("button", name="Fix everything").click()
        await expect(one.thread.locator("[data-tour-here]")).to_have_text("Re-run Check")
        await expect(tour).to_contain_text("Step 5 of 5")
        await one.thread.get_by_role("button", name="Re-run Check").first.click()
        await expect(tour).to_contain_text("You know your way around")
        await tour.get_by_role("button", name="Close", exact=True).click()
        await one.page.reload()
        await expect(one.composer).to_be_visible()
        await expect(tour).to_have_count(0)


async def ask_as_proposed(one: Visit) -> None:
    before = await one.messages.count()
    await one.page.get_by_role("button", name="Type it for me").click()
    await expect(one.composer).to_have_value("/stagecheck staging")
    await one.composer.press("Enter")
    await expect(one.messages).to_have_count(before + 1)
    await one.house.idle()


async def test_the_tour_leads_through_an_incident_where_checks_are_made_by_themselves() -> None:
    async with visit("seed", tour=True, watches=True) as one:
        tour = one.page.get_by_role("region", name="Tour")
        outlined = one.page.locator("[data-tour-here]")
        await ask_as_proposed(one)
        await expect(outlined).to_have_class(re.compile("thread-link"))
        await outlined.click()
        await expect(tour).to_contain_text("Step 5 of 6")  # broken already, and the cause was read
        await expect(outlined).to_have_text("Acknowledge")
        await outlined.click()
        await expect(tour).to_contain_text("Step 6 of 6")
        await expect(outlined).to_have_text("Fix everything")
        await outlined.click()
        await expect(outlined).to_have_text("Re-run Check")
        await expect(one.thread.locator("[data-tour-here]")).to_have_count(1)
        incident = one.messages.filter(has_text="Incident i1")
        await expect(incident).to_contain_text("recovering")  # by a run that nobody asked for
        await expect(tour).to_contain_text("Step 6 of 6")
        await outlined.click()
        await expect(tour).to_contain_text("You know your way around")


async def test_the_tour_asks_for_nothing_that_was_done_in_another_order() -> None:
    async with visit(tour=True) as one:
        tour = one.page.get_by_role("region", name="Tour")
        await one.page.locator("[data-fault=seed]").click()
        await expect(one.page.get_by_role("status")).to_contain_text("Broken: 1 fault")
        await one.house.ready()
        await expect(tour).to_contain_text("Step 1 of 5")
        await ask_as_proposed(one)
        await expect(tour).to_contain_text("Step 2 of 5")
        await one.open_thread()
        await expect(tour).to_contain_text("Step 5 of 5")
        await one.page.get_by_role("button", name="Fix everything").click()
        await expect(one.page.get_by_role("status")).to_contain_text("Nothing is broken")
        await expect(tour).to_contain_text("Step 5 of 5")
        await one.ask("/stagecheck staging")
        await expect(tour).to_contain_text("You know your way around")


async def test_the_tour_shows_how_to_break_it_again_when_nobody_has_read_why() -> None:
    async with visit(tour=True) as one:
        tour = one.page.get_by_role("region", name="Tour")
        await ask_as_proposed(one)
        await one.open_thread()
        await one.page.locator("[data-fault=seed]").click()
        await expect(tour).to_contain_text("Ask again, and read why")
        await one.page.get_by_role("button", name="Fix everything").click()
        await expect(tour).to_contain_text("Break staging")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_the_tour_covers_nothing_in_a_narrow_window(dark: bool) -> None:
    async with visit(size=(400, 800), tour=True, dark=dark) as one:
        tour = one.page.get_by_role("region", name="Tour")
        await ask_as_proposed(one)
        await expect(tour).to_contain_text("Open the thread")
        unfold = tour.get_by_role("button", name="What to do in this step")
        await expect(tour.get_by_text("The report is in the thread")).to_be_hidden()
        assert await stands_above(tour, one.page.get_by_role("main")) < 60
        await unfold.click()
        await expect(tour.get_by_text("The report is in the thread")).to_be_visible()
        await stands_above(tour, one.page.get_by_role("main"))
        await one.open_thread()
        await stands_above(tour, one.thread)
        await one.page.get_by_role("button", name="Close thread").click()
        await one.page.get_by_role("button", name="Simulated staging").click()
        await stands_above(tour, one.page.get_by_role("complementary", name="Simulated staging"))


async def stands_above(upper: Locator, lower: Locator) -> float:
    """Assert that the one ends where the other begins; return how high it is."""
    top, below = await upper.bounding_box(), await lower.bounding_box()
    assert top is not None
    assert below is not None
    assert top["y"] == 0
    assert below["y"] == pytest.approx(top["height"], abs=1)
    return top["height"]


async def test_the_tabs_of_the_app_stand_on_one_line_in_a_narrow_window() -> None:
    async with visit(size=(400, 800)) as one:
        await one.page.get_by_role("button", name="Channels").click()
        await one.page.get_by_role("button", name="stagecheck", exact=True).click()
        head = one.page.get_by_role("main").locator(".pane-head")
        whole = await head.bounding_box()
        tabs = [await head.get_by_text(name).bounding_box() for name in ("Home", "Messages")]
        assert whole is not None
        assert all(tab is not None and tab["y"] >= whole["y"] for tab in tabs)
        assert len({tab["y"] for tab in tabs if tab}) == 1
        assert all(tab["y"] + tab["height"] <= whole["y"] + whole["height"] for tab in tabs if tab)
        name = head.get_by_role("heading", name="stagecheck")
        assert await name.evaluate("one => one.scrollWidth <= one.clientWidth")


@pytest.mark.parametrize("size", [(400, 800), (1280, 800)], ids=["narrow", "wide"])
async def test_the_table_of_steps_fits_the_thread(size: tuple[int, int]) -> None:
    async with visit("seed", size=size) as one:
        await one.ask("/stagecheck staging")
        await one.open_thread()
        table = one.thread.locator("table").filter(has_text="What happened")
        await expect(table).to_have_count(1)
        around = table.locator("xpath=ancestor::*[contains(@class, 'block_wrapper')][1]")
        assert await around.evaluate("one => one.scrollWidth <= one.clientWidth")


async def test_the_tour_begins_at_its_beginning_for_whoever_comes_later() -> None:
    async with visit() as one:
        await one.ask("/stagecheck staging")
        other = await as_another(one, "grace", tour=True)
        tour = other.page.get_by_role("region", name="Tour")
        await expect(tour).to_contain_text("Step 1 of 5")
        await expect(other.page.locator("[data-tour-here]")).to_have_class("composer-box")


async def test_a_line_that_was_proposed_once_is_not_proposed_again() -> None:
    async with visit(tour=True) as one:
        await one.page.get_by_role("button", name="Type it for me").click()
        await expect(one.composer).to_have_value("/stagecheck staging")
        await one.page.get_by_role("button", name="general").click()
        await expect(one.composer).to_have_attribute("placeholder", "Message #general")
        await expect(one.composer).to_have_value("")


async def test_the_panel_says_what_each_fault_does_and_moves_nothing() -> None:
    async with visit() as one:
        panel = one.page.get_by_role("complementary", name="Simulated staging")
        fault = one.page.locator("[data-fault=auth-service-down]")
        await expect(fault).to_contain_text("The auth service is down")
        await expect(fault).to_contain_text("degrades")
        before = await fault.bounding_box()
        await fault.click()
        await expect(panel).to_contain_text("opens no incident")
        assert await fault.bounding_box() == before
        await one.house.ready()
        await panel.get_by_role("button", name="Mend auth-service-down").click()
        await expect(panel).to_contain_text("Nothing is broken")
        assert await fault.bounding_box() == before
        await panel.get_by_text("Our own side").click()
        ours = one.page.locator("[data-fault=our-proxy-503]")
        await expect(ours).to_contain_text("our side")


async def test_the_panel_says_that_checks_are_made_by_themselves_and_when() -> None:
    async with visit(watches=True) as one:
        panel = one.page.get_by_role("complementary", name="Simulated staging")
        await expect(panel).to_contain_text("by itself, every minute, and every 15 seconds while")
        await expect(panel).to_contain_text("after 5 failures in a row it slows down again")
        await expect(panel).to_contain_text("2 failures in a row open an incident")
        said = panel.locator(".next")
        before = await said.text_content()
        assert re.search(r"Next check: \d+:\d\d:00 ", before or "")
        await one.page.locator("[data-fault=seed]").click()
        await one.ask("/stagecheck staging")
        await expect(said).not_to_have_text(before or "")


async def test_every_command_can_be_picked_from_the_list() -> None:
    async with visit() as one:
        await one.composer.fill("/")
        options = one.page.get_by_role("option")
        count = len(list(completions()))
        await expect(options).to_have_count(count)
        await expect(one.page.locator(".completions-head")).to_contain_text(f"{count} commands")
        await one.composer.press("ArrowUp")
        await expect(options.last).to_have_attribute("aria-selected", "true")
        await expect(options.last).to_be_in_viewport()
        assert "`" not in "".join(await options.all_text_contents())


async def test_what_a_message_offers_does_not_lie_over_its_words() -> None:
    async with visit("seed", size=(400, 800)) as one:
        await one.ask("/stagecheck staging")
        await one.open_thread()
        first = one.thread.locator("[data-message]").first
        await first.hover()
        bar = await first.get_by_role("group", name="Message actions").bounding_box()
        words = await first.locator(".blocks").bounding_box()
        assert bar is not None
        assert words is not None
        assert bar["y"] + bar["height"] <= words["y"] + 2


async def test_all_of_it_fits_a_narrow_window() -> None:
    async with visit("seed", size=(390, 800)) as one:
        await one.ask("/stagecheck staging")
        await one.open_thread()
        await one.picture("narrow-thread")
        await one.page.get_by_role("button", name="Close thread").click()
        await one.page.get_by_role("button", name="Simulated staging").click()
        await one.page.get_by_role("button", name="Fix everything").click()
        await one.picture("narrow-panel")
        await one.page.get_by_role("button", name="Close the panel").click()
        for asked, title in (("history staging", "Took"), ("status", "Last checked")):
            await one.ask(f"/stagecheck {asked}")
            await expect(one.messages.last.locator("table")).to_contain_text(title)
        tables = one.page.locator(".main .slack_blocks_to_jsx--block_wrapper:has(table)")
        for table in await tables.all():
            assert await table.evaluate("one => one.scrollWidth <= one.clientWidth")
        await one.picture("narrow-tables")
        await one.page.get_by_role("button", name="Channels").click()
        await one.page.get_by_role("button", name="general").click()
        await expect(one.composer).to_have_attribute("placeholder", "Message #general")
        assert await one.page.evaluate("document.body.scrollWidth <= window.innerWidth")


async def test_all_of_it_works_by_keyboard_alone() -> None:
    async with visit("seed") as one:
        await one.page.keyboard.press("/")
        await expect(one.composer).to_be_focused()
        await one.page.keyboard.type("stagecheck staging")  # the slash stands there already
        await one.page.keyboard.press("Enter")
        await expect(one.messages).to_have_count(1)
        await one.house.idle()
        await one.page.locator(".main .messages").focus()
        await one.page.keyboard.press("ArrowUp")
        await expect(one.messages.last).to_be_focused()
        await one.page.locator(".thread-link").focus()
        await one.page.keyboard.press("Enter")
        await expect(one.thread).to_contain_text("ws_server_code_error")
        await one.page.keyboard.press("Escape")
        await expect(one.thread).to_have_count(0)
        await one.page.keyboard.press("F6")
        assert await one.page.evaluate("document.activeElement.closest('[data-region]') !== null")
