"""The page of a run is for who follows a link of ours; to all others it is not there."""

import json
import time
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from samples import HOSTILE, SAMPLES, soaked
from slack_house import House, channel_id, house

from bot.config import Server
from bot.deps import Deps
from bot.gate import Gate
from bot.model import Caller, Trigger
from bot.pages import NO_RUN, linking
from bot.report import POLICY, RENDERERS, build_report, thread_messages
from bot.workflows import report_of
from tests.page_server import PEPPER, asked, serving

PUBLIC = "https://stagecheck.example.test/bot"
PAGE_OF = linking(Server(public_url=PUBLIC), Gate(pepper=PEPPER))


def configured(deps: Deps, *, public_url: str = PUBLIC, token: str = "") -> Deps:
    server = Server(public_url=public_url, link_expiry_s=60)
    return replace(
        deps,
        settings=deps.settings.model_copy(update={"server": server}),
        page_of=linking(server, Gate(token, pepper=PEPPER)),
    )


async def kept(deps: Deps, name: str = "seed", *, asked_by: str = "") -> str:
    """Keep a run and return its id."""
    run, diagnosis = SAMPLES[name]
    if asked_by:
        run = replace(run, caller=Caller(id=asked_by), trigger=Trigger.COMMAND)
    await deps.store.save_run(run, diagnosis)
    return run.id


def local(link: str) -> str:
    """Return what a proxy passes on of a link: the path below the public address."""
    assert link.startswith(PUBLIC)
    return link.removeprefix(PUBLIC)


async def test_who_follows_a_link_sees_the_page_that_the_shell_writes() -> None:
    async with house(changed=configured) as bot, serving(bot.deps) as url:
        run_id = await kept(bot.deps)
        status, page, headers = await asked(url, local(bot.deps.page_of(run_id)))
        assert status == 200
        assert page == RENDERERS["html"](await report_of(bot.deps, run_id))
        assert headers["Content-Type"] == "text/html; charset=utf-8"


async def test_the_page_names_who_asked_as_slack_does_and_else_says_that_it_is_an_id() -> None:
    async with house(changed=configured) as bot, serving(bot.deps) as url:
        ada = bot.slack.workspace.user("ada").id
        run_id = await kept(bot.deps, asked_by=ada)
        _, nameless, _ = await asked(url, local(bot.deps.page_of(run_id)))
        await bot.ask("/stagecheck help")
        _, named, _ = await asked(url, local(bot.deps.page_of(run_id)))
    assert f"<dd>Slack user {ada}, by " in nameless
    assert "<dd>ada, by " in named


async def test_the_page_is_guarded_by_its_headers() -> None:
    async with house(changed=configured) as bot, serving(bot.deps) as url:
        _, _, headers = await asked(url, local(bot.deps.page_of(await kept(bot.deps))))
    assert headers["Content-Security-Policy"] == f"{POLICY}; frame-ancestors 'none'"
    assert headers["Referrer-Policy"] == "no-referrer"  # the address is the key
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "no-store" in headers["Cache-Control"]


@pytest.mark.parametrize(
    "change",
    [
        lambda link: link.partition("?")[0],
        lambda link: link.replace("sig=", "sig=0"),
        lambda link: link[:-1] + ("0" if link[-1] != "0" else "1"),
        lambda link: link.replace("until=", "until=9"),
        lambda link: link.replace("/runs/r", "/runs/R"),
        lambda link: link.partition("&")[0],
    ],
    ids=["unsigned", "longer", "other", "extended", "another run", "no signature"],
)
async def test_to_others_the_page_is_not_there(change: object) -> None:
    assert callable(change)
    async with house(changed=configured) as bot, serving(bot.deps) as url:
        link = local(bot.deps.page_of(await kept(bot.deps)))
        status, text, _ = await asked(url, change(link))
    assert (status, text) == (404, NO_RUN)


async def test_a_link_expires() -> None:
    now = [time.time()]
    gate = Gate(pepper=PEPPER, neighbours=False, clock=lambda: now[0])
    async with house(changed=configured) as bot, serving(bot.deps, gate=gate) as url:
        link = local(bot.deps.page_of(await kept(bot.deps)))
        assert (await asked(url, link))[0] == 200
        now[0] += 61
        assert (await asked(url, link))[0] == 404


async def test_a_run_that_is_not_there_looks_like_one_that_is_not_shown() -> None:
    async with house(changed=configured) as bot, serving(bot.deps) as url:
        await kept(bot.deps)
        status, text, _ = await asked(url, local(bot.deps.page_of("r0000000000000000")))
        assert (status, text) == (404, NO_RUN)


async def test_the_beginning_of_an_id_opens_nothing() -> None:
    async with house(changed=configured) as bot, serving(bot.deps) as url:
        run_id = await kept(bot.deps)
        assert (await asked(url, local(bot.deps.page_of(run_id[:8]))))[0] == 404


async def test_without_a_public_address_only_this_machine_sees_pages_and_nothing_links() -> None:
    async with (
        house(changed=lambda deps: configured(deps, public_url="")) as bot,
        serving(bot.deps) as url,
    ):
        run_id = await kept(bot.deps)
        assert bot.deps.page_of(run_id) == ""
        assert (await asked(url, f"/runs/{run_id}"))[0] == 200
        for headers in ({"X-Forwarded-For": "203.0.113.9"}, {"Host": "evil.example"}):
            assert (await asked(url, f"/runs/{run_id}", headers))[0] == 404


async def test_with_a_public_address_this_machine_needs_a_link_too() -> None:
    async with house(changed=configured) as bot, serving(bot.deps) as url:
        assert (await asked(url, f"/runs/{await kept(bot.deps)}"))[0] == 404


async def test_the_token_opens_every_page() -> None:
    token = "correct-horse-battery"
    gate = Gate(token, pepper=PEPPER)
    async with house(changed=configured) as bot, serving(bot.deps, gate=gate) as url:
        path = f"/runs/{await kept(bot.deps)}"
        assert (await asked(url, path, {"Authorization": f"Bearer {token}"}))[0] == 200
        assert (await asked(url, path, {"Authorization": "Bearer something-else-x"}))[0] == 404


async def test_a_store_that_is_away_is_no_missing_page() -> None:
    async with house(changed=configured) as bot, serving(bot.deps) as url:
        link = local(bot.deps.page_of(await kept(bot.deps)))
        await bot.deps.store.close()
        status, text, _ = await asked(url, link)
    assert status == 503
    assert "Try again in a minute" in text


async def test_hostile_text_reaches_the_browser_as_text() -> None:
    async with house(changed=configured) as bot, serving(bot.deps) as url:
        run, diagnosis = soaked(HOSTILE["markup"] + "<script>alert(1)</script>")
        await bot.deps.store.save_run(run, diagnosis)
        _, page, _ = await asked(url, local(bot.deps.page_of(run.id)))
    assert page.count("<script") == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<img" not in page


def links_in(bot: House) -> list[str]:
    """Return every link to a page that stands in the channel."""
    texts = [
        element["text"]
        for message in bot.slack.workspace.entries[channel_id(bot.slack)].values()
        for block in message.blocks
        if block["type"] == "context"
        for element in block["elements"]
    ]
    found = [text.partition("<https://")[2].partition("|")[0] for text in texts]
    return [f"https://{link.replace('&amp;', '&')}" for link in found if link]


async def test_the_outcome_in_slack_links_to_the_page() -> None:
    async with house("seed", page_of=PAGE_OF) as bot, serving(bot.deps) as url:
        await bot.ask("/stagecheck staging")
        [link] = links_in(bot)
        status, page, _ = await asked(url, local(link))
        assert status == 200
        assert "Five whys" in page
        assert urlsplit(link).path.startswith("/bot/runs/r")


async def test_show_gives_a_new_link() -> None:
    async with house(page_of=PAGE_OF) as bot, serving(bot.deps) as url:
        await bot.ask(f"/stagecheck show {await kept(bot.deps)}")
        [link] = links_in(bot)
        assert (await asked(url, local(link)))[0] == 200


def test_the_report_of_an_incident_links_to_the_page() -> None:
    report = build_report(*SAMPLES["seed"])
    plain, linked = thread_messages(report), thread_messages(report, page=f"{PUBLIC}/runs/r1?a&b")
    assert f"<{PUBLIC}/runs/r1?a&amp;b|Report page>" in json.dumps(linked[0].blocks)
    assert PUBLIC not in json.dumps([message.blocks for message in plain])


async def test_nothing_in_slack_links_to_a_page_unless_it_is_configured() -> None:
    async with house("seed") as bot:
        await bot.ask("/stagecheck staging")
        assert links_in(bot) == []
