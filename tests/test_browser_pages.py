"""The pages in a real browser: with and without scripts, on paper, and full of hostile text."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from browsing import ARTIFACTS, browser
from playwright.async_api import Page, expect
from samples import HOSTILE, PASSED_RUN, SAMPLES, soaked

from bot.model import Observation, Status
from bot.report import StatusRow, build_report, render_badge, render_html, render_status

SIZES = {"wide": (1280, 900), "narrow": (390, 844)}
# Wider than the window: a page that has to be pushed from side to side.
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SIDEWAYS = """[...document.querySelectorAll(".wide")]
    .filter(one => one.scrollWidth > one.clientWidth).length"""
SHOWN = """[...document.querySelectorAll(".frames > li")]
    .filter(one => getComputedStyle(one).display !== "none").length"""


@asynccontextmanager
async def opened(text: str, folder: Path, **how: Any) -> AsyncIterator[Page]:
    """Yield a browser at the page `text`; fails if it fetched, broke or was refused anything."""
    file, troubles = folder / "page.html", []
    file.write_text(text, encoding="utf-8")
    async with browser() as chromium:
        page = await (await chromium.new_context(**how)).new_page()
        page.on("console", lambda said: troubles.append(said.text))
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("dialog", lambda dialog: troubles.append(dialog.message))
        page.on("request", lambda asked: troubles.append(asked.url))
        await page.goto(file.as_uri())
        yield page
        assert troubles == [file.as_uri()]


def report(name: str = "seed") -> str:
    run, diagnosis = SAMPLES[name]
    return render_html(build_report(run, diagnosis, previous=PASSED_RUN))


def size(name: str) -> dict[str, int]:
    return dict(zip(("width", "height"), SIZES[name], strict=True))


async def picture(page: Page, name: str) -> None:
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png", full_page=True)


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", SIZES)
async def test_the_page_fits_its_window(tmp_path: Path, width: str, colours: str) -> None:
    how = {"viewport": size(width), "color_scheme": colours}
    async with opened(report(), tmp_path, **how) as page:
        assert await page.evaluate(OVERFLOW) == 0
        await picture(page, f"run-page-{width}-{colours}")


async def test_no_table_is_to_be_moved_sideways_in_a_narrow_window(tmp_path: Path) -> None:
    run, diagnosis = SAMPLES["seed"]
    place = {"source": f"file:/etc/{'long/' * 8}key", "used": True, "state": "set", "length": 35}
    claim = {"claim": "token_type", "sent": "access" * 4, "wanted": "access", "verdict": "another"}
    known = (("exchange", "key_places", [place]), ("token", "examined", [claim]))
    seen = (
        Observation(id=f"o9{step}", at=run.started_at, step=step, key=key, value=value)
        for step, key, value in known
    )
    run = replace(run, observations=(*run.observations, *seen))
    told = render_html(build_report(run, diagnosis, previous=PASSED_RUN))
    async with opened(told, tmp_path, viewport=size("narrow")) as page:
        titles = page.locator("table.stacked thead")
        await expect(titles.filter(has_text="Fingerprint")).to_have_count(1)
        await expect(titles.filter(has_text="Claim")).to_have_count(1)
        assert await page.evaluate(SIDEWAYS) == 0


@pytest.mark.parametrize("name", ["markup", "bidi", "control", "long", "mentions"])
async def test_hostile_text_stands_as_text(tmp_path: Path, name: str) -> None:
    text = f'{HOSTILE[name]}<script>alert(1)</script>"><img src=x onerror=alert(2)>'
    run, diagnosis = soaked(text)
    page_of = render_html(build_report(run, diagnosis, previous=PASSED_RUN))
    async with opened(page_of, tmp_path, viewport=size("narrow")) as page:
        assert await page.evaluate(OVERFLOW) == 0
        assert await page.locator("img, iframe, object, embed, form").count() == 0
        assert "<script>alert(1)</script>" in await page.locator("body").inner_text()
        await picture(page, f"run-page-hostile-{name}")


async def test_without_scripts_all_is_there_and_frames_can_be_filtered(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(report())
    async with browser() as chromium:
        page = await (await chromium.new_context(java_script_enabled=False)).new_page()
        await page.goto(file.as_uri())
        await expect(page.locator("h2").first).to_have_text("Summary")
        await expect(page.get_by_role("button")).to_have_count(0)
        frames = page.locator(".frames > li")
        sent = page.locator(".frames > li.sent")
        await expect(sent.first).to_be_visible()
        await page.get_by_label("> sent").uncheck()
        await expect(sent.first).to_be_hidden()
        await expect(frames.last).to_be_visible()
        evidence = page.locator(".chain details").first
        await expect(evidence.locator("li").first).to_be_hidden()
        await evidence.locator("summary").click()
        await expect(evidence.locator("li").first).to_be_visible()


async def test_frames_are_found_by_their_text(tmp_path: Path) -> None:
    async with opened(report(), tmp_path) as page:
        everything = await page.evaluate(SHOWN)
        await page.get_by_label("Text").fill("AUTH_required")
        assert await page.evaluate(SHOWN) == 1
        await expect(page.locator("#found")).to_have_text(f"1 of {everything}")
        await page.get_by_label("Text").fill("")
        assert await page.evaluate(SHOWN) == everything


async def test_all_evidence_opens_and_closes_by_one_button(tmp_path: Path) -> None:
    async with opened(report(), tmp_path) as page:
        button = page.get_by_role("button", name="Open all evidence")
        await button.click()
        await expect(page.locator("details:not([open])")).to_have_count(0)
        await button.click()
        await expect(page.locator("details[open]")).to_have_count(0)


async def test_on_paper_all_evidence_is_open_and_nothing_is_to_be_pressed(tmp_path: Path) -> None:
    async with opened(report(), tmp_path) as page:
        await page.emulate_media(media="print")
        for part in (".tools", "nav", ".filter"):
            await expect(page.locator(part)).to_be_hidden()
        await expect(page.locator(".chain details li").first).to_be_visible()
        assert (await page.pdf()).startswith(b"%PDF")


async def test_the_raw_json_can_be_downloaded(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(report())
    async with browser() as chromium:
        page = await (await chromium.new_context(java_script_enabled=False)).new_page()
        await page.goto(file.as_uri())
        async with page.expect_download() as coming:
            await page.get_by_role("link", name="Download raw JSON").click()
        saved = tmp_path / "raw.json"
        await (await coming.value).save_as(saved)
    assert json.loads(saved.read_text())["run_id"] == SAMPLES["seed"][0].id


@pytest.mark.parametrize("width", SIZES)
async def test_the_status_page_fits_its_window(tmp_path: Path, width: str) -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    rows = [
        StatusRow(
            target=f"target-{status or 'new'}",
            status=status,
            since=at if status else None,
            checked_at=at if status else None,
            note="2 newer runs failed on our side" if status is Status.PASSED else "",
            cause="Bypass key differs" if status is Status.FAILED else "",
            worked={"7d": 99.5, "30d": None},
            recent=tuple(Status) * 2 if status else (),
        )
        for status in (*Status, None)
    ]
    async with opened(render_status("Status", rows, at=at), tmp_path, viewport=size(width)) as page:
        assert await page.evaluate(OVERFLOW) == 0
        assert width == "wide" or await page.evaluate(SIDEWAYS) == 0
        await expect(page.get_by_text("target-failed does not work.")).to_be_visible()
        await picture(page, f"status-page-{width}")


async def test_a_badge_is_drawn_as_an_image(tmp_path: Path) -> None:
    badge = tmp_path / "badge.svg"
    badge.write_text(render_badge("staging <b>", Status.FAILED))
    file = tmp_path / "badge.html"
    file.write_text('<img src="badge.svg">')
    async with browser() as chromium:
        page = await chromium.new_page()
        await page.goto(file.as_uri())
        width = await page.evaluate("document.images[0].naturalWidth")
    assert width > 60
