"""A real Chromium in front of the mini workspace, without a screen."""

import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from bot.cli.house import House, open_house
from bot.sandbox import MiniSlack
from tests.missing import missing

ARTIFACTS = Path(__file__).parent.parent / ".artifacts" / "browser"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Without these the browser looks for its maker's servers at every start.
QUIET = (
    "--no-sandbox",  # CI runs as root, where Chromium's own sandbox cannot be
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# A machine with a crowd of tests on it is slow; nothing here waits this long when all is well.
PATIENCE_MS = 30_000
expect.set_options(timeout=PATIENCE_MS)


@dataclass(slots=True, kw_only=True)
class Visit:
    """One person at the page; `troubles` is what the page did that it never should."""

    page: Page
    slack: MiniSlack
    home: House | None = None
    troubles: list[str] = field(default_factory=list)

    @property
    def house(self) -> House:
        assert self.home is not None, "There is no bot in this visit."
        return self.home

    @property
    def composer(self) -> Locator:
        return self.page.locator(".main .composer textarea")

    @property
    def thread(self) -> Locator:
        return self.page.get_by_role("complementary", name="Thread")

    @property
    def messages(self) -> Locator:
        return self.page.locator(".main [data-message]")

    async def type(self, line: str) -> None:
        """Type a line into the composer, and send it."""
        await self.composer.fill(line)
        await self.composer.press("Enter")
        await expect(self.composer).to_have_value("")

    async def ask(self, line: str) -> None:
        """Type a line, and wait until the bot has answered all of it."""
        await self.type(line)
        await self.house.idle()

    async def open_thread(self) -> None:
        """Open the newest thread."""
        await self.page.locator(".thread-link").last.click()
        await expect(self.thread).to_be_visible()

    async def skip_tour(self) -> None:
        await self.page.get_by_role("button", name="Skip the tour").click()

    async def picture(self, name: str) -> None:
        """Keep what the page shows now, for whoever wants to look."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        await self.page.screenshot(path=ARTIFACTS / f"{name}.png")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Yield the machine's own Chromium."""
    found = os.environ.get("CHROME") or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        missing("There is no Chromium: install one, or name it in CHROME.")
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=found, args=QUIET)
        try:
            yield chromium
        finally:
            await chromium.close()


@asynccontextmanager
async def visit(
    *faults: str,
    slack: MiniSlack | None = None,
    unhurried: bool = False,
    watches: bool = False,
    size: tuple[int, int] = (1400, 900),
    dark: bool = False,
    tour: bool = False,
) -> AsyncIterator[Visit]:
    """Yield a visit to the demo with `faults`, or to a `slack` of one's own without a bot.

    Fails at its end if the page asked another host for anything, or if a script of it broke.
    """
    async with AsyncExitStack() as stack:
        home = None
        if slack is None:
            home = await stack.enter_async_context(
                open_house(0, faults, unhurried=unhurried, watches=watches)
            )
            slack = home.slack
        chromium = await stack.enter_async_context(browser())
        colours = "dark" if dark else "light"
        page = await chromium.new_page(
            viewport={"width": size[0], "height": size[1]}, color_scheme=colours
        )
        page.set_default_timeout(PATIENCE_MS)
        one = Visit(page=page, slack=slack, home=home)
        watch(one)
        await page.goto(slack.workspace.base_url)
        await expect(one.composer).to_be_visible()
        if home and not tour:
            await one.skip_tour()
        yield one
        if test := os.environ.get("PYTEST_CURRENT_TEST"):
            await one.picture(re.sub(r"\W+", "-", test.split("::")[-1].removesuffix(" (call)")))
        assert one.troubles == []


async def as_another(one: Visit, name: str, *, tour: bool = False) -> Visit:
    """Open the page a second time, as somebody else."""
    context = one.page.context.browser
    assert context is not None
    page = await context.new_page(viewport={"width": 1400, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    other = Visit(page=page, slack=one.slack, home=one.home, troubles=one.troubles)
    watch(other)
    await page.goto(f"{one.slack.workspace.base_url}/?as={name}")
    await expect(other.composer).to_be_visible()
    if one.home and not tour:
        await other.skip_tour()
    return other


def watch(one: Visit) -> None:
    """Note what the page must never do: ask another host, run a stranger's script, break."""
    own = urlsplit(one.slack.workspace.base_url).netloc

    def asked(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != own:
            one.troubles.append(f"asked {url}")

    page = one.page
    page.on("request", lambda request: asked(request.url))
    page.on("websocket", lambda socket: asked(socket.url))
    page.on("pageerror", lambda error: one.troubles.append(f"broke: {error}"))
    page.on("dialog", lambda dialog: one.troubles.append(f"ran: {dialog.message}"))
    page.on("console", lambda said: _note(one, said.type, said.text))


def _note(one: Visit, kind: str, text: str) -> None:
    if kind == "error":
        one.troubles.append(f"said: {text}")
