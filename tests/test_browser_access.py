"""The page for people who cannot use a mouse, see it well, or see it at all."""

from typing import Any

import pytest
from browsing import Visit, visit
from playwright.async_api import expect

# Everything a person can reach has a name for who hears it.
NAMELESS = """() => [...document.querySelectorAll("button, a[href], input, select, textarea")]
  .filter(one => one.offsetParent && !one.hidden)
  .filter(one => !(one.ariaLabel || one.textContent.trim() || one.title || one.labels?.length
    || one.getAttribute("aria-labelledby")))
  .map(one => one.outerHTML.slice(0, 120))"""

# WCAG 2.2, 1.4.3: 4.5 to 1, and 3 to 1 for what is large.
FAINT = """() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const read = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const behind = one => {
    const layers = [];
    for (let at = one; at; at = at.parentElement) {
      const [r, g, b, a] = read(getComputedStyle(at).backgroundColor);
      if (a) layers.push([r, g, b, a]);
      if (a === 1) break;
    }
    return layers.reduceRight(
      (below, [r, g, b, a]) => [r, g, b].map((part, at) => part * a + below[at] * (1 - a)),
      [255, 255, 255]);
  };
  const light = colour => {
    const [r, g, b] = colour.map(part => part / 255)
      .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const one = texts.currentNode.parentElement;
    const style = getComputedStyle(one);
    const seen = one.checkVisibility({opacityProperty: true, visibilityProperty: true});
    if (!texts.currentNode.data.trim() || !seen || one.closest(":disabled, .out-of-sight, .skip")) {
      continue;
    }
    if (/^\\p{Extended_Pictographic}/u.test(texts.currentNode.data)) continue;
    const [front, back] = [light(read(style.color).slice(0, 3)), light(behind(one))];
    const ratio = (Math.max(front, back) + 0.05) / (Math.min(front, back) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) {
      found.add(`${ratio.toFixed(2)}: ${one.className} ${texts.currentNode.data.slice(0, 40)}`);
    }
  }
  return [...found];
}"""


async def all_of_it(one: Visit) -> list[Any]:
    """Look at the page in several of its states; return what is nameless or faint in them."""
    wrong = []

    async def look(state: str) -> None:
        for script in (NAMELESS, FAINT):
            wrong.extend([state, found] for found in await one.page.evaluate(script))

    await one.ask("/stagecheck staging")
    await one.ask("/stagecheck nonsense")
    await one.open_thread()
    await look("thread")
    await one.page.get_by_role("button", name="Close thread").click()
    await one.page.get_by_role("button", name="stagecheck", exact=True).click()
    await look("home")
    await one.page.get_by_role("button", name="staging", exact=True).click()
    await one.composer.fill("/stagecheck ")
    await expect(one.page.get_by_role("option").first).to_be_visible()
    await look("completion")
    await one.type("/stagecheck explain")
    await expect(one.page.get_by_role("dialog")).to_be_visible()
    await one.page.mouse.move(5, 5)
    await look("form")
    return wrong


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
async def test_everything_has_a_name_and_can_be_read(dark: bool) -> None:
    async with visit("seed", dark=dark, tour=True) as one:
        wrong = await all_of_it(one)
        assert wrong == [], "\n".join(map(str, wrong))


async def test_colours_follow_the_system_until_somebody_chooses() -> None:
    async with visit(dark=True) as one:
        root = one.page.locator("html")
        await expect(root).to_have_attribute("data-theme", "dark")
        await one.page.emulate_media(color_scheme="light")
        await expect(root).to_have_attribute("data-theme", "light")
        await one.page.get_by_role("button", name="Colours: as the system").click()
        await expect(root).to_have_attribute("data-theme", "dark")
        await one.page.reload()
        await expect(root).to_have_attribute("data-theme", "dark")


async def test_a_new_message_is_said_to_who_cannot_see_it_come() -> None:
    async with visit() as one:
        said = one.page.locator(".out-of-sight[aria-live=polite]")
        one.slack.say("Is it only me?", user="grace")
        await expect(said).to_have_text("grace: Is it only me?")


async def test_the_focus_stays_in_a_form_and_comes_back() -> None:
    async with visit() as one:
        await one.type("/stagecheck explain")
        form = one.page.get_by_role("dialog")
        await expect(form.get_by_role("textbox").first).to_be_focused()
        for _ in range(12):
            await one.page.keyboard.press("Tab")
            outside = "document.activeElement.closest('.page > :not(dialog)')"
            assert await one.page.evaluate(outside) is None
        await one.page.keyboard.press("Escape")
        await expect(form).to_have_count(0)
        await expect(one.composer).to_be_focused()
