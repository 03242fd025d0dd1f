"""The status page and the badges: off unless configured, and then no more than is meant to be."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import HOSTILE, PASSED_RUN, SAMPLES
from slack_house import House, house, said

from bot.config import Schedule, StatusPage
from bot.deps import Deps
from bot.model import Status
from bot.report import StatusRow, render_badge, render_status, status_document
from bot.report.page.status import summary
from bot.report.visible import clip
from tests.page_server import asked, serving

AT = datetime(2026, 11, 22, 16, tzinfo=UTC)


@asynccontextmanager
async def public(**page: Any) -> AsyncIterator[tuple[House, str]]:
    """Yield the bot with a status page, and where its pages are."""
    shown = StatusPage(**{"targets": ("staging",), **page})

    def configured(deps: Deps) -> Deps:
        return replace(deps, settings=deps.settings.model_copy(update={"status_page": shown}))

    async with house(changed=configured) as bot, serving(bot.deps) as url:
        yield bot, url


async def keep(bot: House, name: str, *, hours_ago: float) -> None:
    run, diagnosis = SAMPLES[name]
    at = bot.deps.clock() - timedelta(hours=hours_ago)
    run = replace(run, id=f"r{name}{hours_ago}", started_at=at)
    await bot.deps.store.save_run(run, diagnosis)


@pytest.mark.parametrize("path", ["/status", "/badge/staging.svg", "/status?format=json"])
async def test_nothing_is_there_unless_it_is_configured(path: str) -> None:
    async with house() as bot, serving(bot.deps) as url:
        assert (await asked(url, path))[0] == 404


async def test_everybody_sees_how_a_target_is_and_since_when() -> None:
    async with public(title="Our staging") as (bot, url):
        await keep(bot, "passed", hours_ago=3)
        await keep(bot, "seed", hours_ago=2)
        await keep(bot, "seed", hours_ago=1)
        status, page, headers = await asked(url, "/status", {"X-Forwarded-For": "203.0.113.9"})
    assert status == 200
    assert "<h1>Our staging</h1>" in page
    assert "staging does not work." in page
    assert "33.3 %" in page
    assert "default-src &#x27;none&#x27;" in page
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_json_is_for_who_asks_for_it() -> None:
    async with public() as (bot, url):
        await keep(bot, "seed", hours_ago=1)
        by_query = await asked(url, "/status?format=json")
        by_header = await asked(url, "/status", {"Accept": "application/json"})
        browser = await asked(url, "/status", {"Accept": "text/html,application/json"})
    found = json.loads(by_query[1])
    assert json.loads(by_header[1])["targets"] == found["targets"]
    assert browser[1].startswith("<!doctype html>")
    [target] = found["targets"]
    assert found["schema"] == 1
    assert (target["target"], target["status"], target["recent"]) == (
        "staging",
        "failed",
        ["failed"],
    )
    assert target["worked_percent"] == {"7d": 0.0, "30d": 0.0}


async def test_why_is_told_only_where_that_is_configured() -> None:
    for causes in (False, True):
        async with public(causes=causes) as (bot, url):
            await keep(bot, "seed", hours_ago=1)
            _, page, _ = await asked(url, "/status")
            assert ("Code error in the socket" in page) is causes


async def test_no_more_is_shown_than_is_meant_to_be() -> None:
    async with public() as (bot, url):
        await keep(bot, "seed", hours_ago=1)
        texts = [(await asked(url, path))[1] for path in ("/status", "/status?format=json")]
    for text in texts:
        for kept in ("rseed", "AUTH_REQUIRED", "staging.example.test", "U0ADA0001", "127.0.0.1"):
            assert kept not in text


async def test_a_target_that_the_page_does_not_name_is_not_there() -> None:
    async with public() as (_, url):
        assert (await asked(url, "/badge/canary.svg"))[0] == 404
        assert (await asked(url, "/badge/staging.svg"))[0] == 200


async def test_a_badge_is_an_image_that_may_stand_anywhere() -> None:
    async with public() as (bot, url):
        await keep(bot, "seed", hours_ago=1)
        _, badge, headers = await asked(url, "/badge/staging.svg")
    assert headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    root = ET.fromstring(badge)
    assert root.attrib["aria-label"] == "staging: failed"
    assert not [one for one in root.iter() if one.tag.endswith("script")]


async def test_a_crowd_asks_the_store_once() -> None:
    async with public() as (bot, url):
        await asked(url, "/status")
        await keep(bot, "seed", hours_ago=1)
        _, page, _ = await asked(url, "/status")
    assert "not checked yet" in page


async def test_a_store_that_is_away_is_said_so() -> None:
    async with public() as (bot, url):
        await bot.deps.store.close()
        assert (await asked(url, "/status"))[0] == 503
        assert (await asked(url, "/badge/staging.svg"))[0] == 503


def row(status: Status | None, target: str = "staging") -> StatusRow:
    return StatusRow(
        target=target,
        status=status,
        since=PASSED_RUN.started_at if status else None,
        checked_at=PASSED_RUN.started_at if status else None,
        note="",
        cause="",
        worked={"7d": 99.96, "30d": None},
        recent=(status,) if status else (),
    )


def test_the_worst_is_said_first() -> None:
    passed, failed = row(Status.PASSED), row(Status.FAILED, "canary")
    assert summary([passed]) == "Everything works."
    assert summary([passed, failed]) == "canary does not work."
    assert summary([failed, failed]) == "canary, canary do not work."
    assert summary([passed, row(Status.DEGRADED, "b")]) == (
        "Everything that is known works; not by the proper way: b."
    )
    assert summary([passed, row(Status.ERRORED)]) == "Nothing is known not to work."
    assert summary([row(None)]) == "Nothing is known not to work."


async def test_our_own_trouble_hides_no_failure_and_does_not_begin_it_anew() -> None:
    async with public() as (bot, url):
        await keep(bot, "seed", hours_ago=3)
        await keep(bot, "seed", hours_ago=2)
        await keep(bot, "errored", hours_ago=1)
        found = json.loads((await asked(url, "/status?format=json"))[1])["targets"][0]
        page = (await asked(url, "/status"))[1]
        await bot.ask("/stagecheck status")
        [told] = bot.slack.ephemerals(user="ada")
    three_hours_ago = bot.deps.clock() - timedelta(hours=3)
    assert found["status"] == "failed"
    assert found["since"][:16] == three_hours_ago.isoformat()[:16]
    assert "1 newer run failed on our side" in page
    assert "1 newer run failed on our side" in said(told.blocks)


async def test_what_was_seen_long_ago_is_no_state_of_today() -> None:
    schedule = Schedule(target="staging", cron="0 * * * *")

    def scheduled(deps: Deps) -> Deps:
        page = StatusPage(targets=("staging",))
        update = {"status_page": page, "schedules": (schedule,)}
        return replace(deps, settings=deps.settings.model_copy(update=update))

    for hours_ago, status in ((2, "passed"), (5, None)):
        async with house(changed=scheduled) as bot, serving(bot.deps) as url:
            await keep(bot, "passed", hours_ago=hours_ago)
            found = json.loads((await asked(url, "/status?format=json"))[1])["targets"][0]
            page = (await asked(url, "/status"))[1]
            badge = (await asked(url, "/badge/staging.svg"))[1]
        assert found["status"] == status
        assert found["checked_at"] is not None
        assert ("did not come" in page) is (status is None)
        assert ("unknown" in badge) is (status is None)


def test_our_own_trouble_is_not_the_targets() -> None:
    page = render_status("Status", [row(Status.ERRORED)], at=AT)
    assert "not known: the check itself had trouble" in page
    assert "does not work" not in page


def test_almost_always_is_not_always() -> None:
    assert "99.9 %" in render_status("Status", [row(Status.PASSED)], at=AT)
    assert json.loads(status_document([row(None)], at=AT))["targets"][0]["status"] is None


@given(text=st.sampled_from(sorted(HOSTILE.values())) | st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_whatever_a_target_is_called_the_badge_is_one(text: str) -> None:
    for status in (None, *Status):
        root = ET.fromstring(render_badge(text, status))
        shown = [one.text or "" for one in root.iter() if one.tag.endswith("}text")]
        assert shown[0] == clip(text, 40)
        assert {one.tag.rpartition("}")[2] for one in root.iter()} == {
            "svg",
            "title",
            "rect",
            "text",
        }
