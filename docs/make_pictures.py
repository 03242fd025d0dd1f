"""Draw docs/pictures: the demo's page, as a visitor sees it in a browser.

uv run python -m docs.make_pictures
"""

import asyncio
import io
import re
from pathlib import Path

from PIL import Image
from playwright.async_api import expect

from tests.browsing import Visit, visit

FOLDER = Path(__file__).parent / "pictures"
SIZE = (1280, 800)
# The page has few colours: with so many nobody sees a difference, and a picture stays small.
COLOURS = 256
MOST_BYTES = 150_000


async def main() -> None:
    """Ask, watch, read, look after an incident, and take a picture of each."""
    FOLDER.mkdir(exist_ok=True)
    async with visit(unhurried=True, size=SIZE) as one:
        await one.type("/stagecheck staging")
        await expect(one.messages.first).to_contain_text(re.compile(r"\(\d of 6\)"))
        await take(one, "progress")
    async with visit("seed", size=SIZE) as one:
        await one.ask("/stagecheck staging")
        await expect(one.messages.first).to_contain_text("Failed: staging does not work")
        await one.page.get_by_role("button", name="Close the panel").click()
        await one.open_thread()
        whys = one.thread.get_by_role("heading", name="Five whys")
        for shown in (one.messages.filter(has_text="Failed: staging").first, whys):
            await shown.evaluate("one => one.scrollIntoView()")
        await take(one, "report")
        await one.page.get_by_role("button", name="Close thread").click()
    async with visit("seed", size=SIZE) as one:
        for _ in range(2):  # one failure is no incident
            await one.ask("/stagecheck staging")
        incident = one.messages.filter(has_text="Incident i1").last
        await incident.get_by_role("button", name="Acknowledge").click()
        await expect(incident).to_contain_text("acknowledged")
        await incident.evaluate("one => one.scrollIntoView()")
        await take(one, "incident")


async def take(one: Visit, name: str) -> None:
    """Take a picture without the mouse's traces, with few colours."""
    await one.page.mouse.move(SIZE[0] / 2, 5)
    await one.page.evaluate("document.activeElement.blur()")
    await asyncio.sleep(0.5)  # for what fades
    shot = Image.open(io.BytesIO(await one.page.screenshot()))
    path = FOLDER / f"{name}.png"
    shot.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    assert path.stat().st_size < MOST_BYTES, path


if __name__ == "__main__":
    asyncio.run(main())
