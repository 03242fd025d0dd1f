"""What each command answers."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from samples import PASSED_DIAGNOSIS, PASSED_RUN, SEED_DIAGNOSIS, SEED_RUN
from slack_house import House, house

from bot.commands import COMMANDS, Reply, dispatch, refusal
from bot.errors import NotFound, StagecheckError, StoreError, Unavailable, UsageError
from bot.model import Caller, Place, Run, Status
from bot.report import Card, card_message, card_text

ADA = Caller(id="U1")
HERE = Place(channel="C1")


@pytest.fixture
async def home() -> AsyncIterator[House]:
    async with house() as home:
        yield home


async def answer(home: House, line: str) -> Card:
    reply = await dispatch(home.deps, line, ADA, HERE)
    assert reply.card is not None
    return reply.card


async def keep(home: House, *runs: Run) -> None:
    for run in runs:
        diagnosis = PASSED_DIAGNOSIS if run.status is Status.PASSED else SEED_DIAGNOSIS
        await home.deps.store.save_run(run, diagnosis)


def passed(id: str, *, hours_ago: int) -> Run:
    return replace(PASSED_RUN, id=id, started_at=SEED_RUN.started_at - timedelta(hours=hours_ago))


def failed(id: str, *, hours_ago: int) -> Run:
    return replace(SEED_RUN, id=id, started_at=SEED_RUN.started_at - timedelta(hours=hours_ago))


def cells(card: Card) -> tuple[tuple[str, ...], ...]:
    assert card.table is not None
    return card.table.rows


async def test_status_of_what_was_never_checked_says_so(home: House) -> None:
    card = await answer(home, "status")
    assert card.title == "Never checked: staging"
    assert cells(card) == (("staging", "Never checked", "–", "–"),)
    assert [button.command for button in card.buttons] == ["run staging"]


async def test_status_says_since_when_and_why_a_target_fails(home: House) -> None:
    await keep(
        home,
        failed("r1", hours_ago=1),
        failed("r2", hours_ago=2),
        passed("r3", hours_ago=3),
        failed("r4", hours_ago=4),
    )
    card = await answer(home, "status")
    assert card.title == "Not well: staging"
    [row] = cells(card)
    assert row[0] == "staging"
    assert re.fullmatch(r"Failed since [\d-]+ 22:39:\d\d UTC", row[1])
    assert row[2] == "Code error in the socket's path"
    assert "23:39" in row[3]


async def test_status_of_a_target_that_never_did_otherwise_says_it_is_so_since_the_first_check(
    home: House,
) -> None:
    await keep(home, passed("r1", hours_ago=1), passed("r2", hours_ago=2))
    card = await answer(home, "status")
    assert card.title == "All targets passed"
    assert cells(card)[0][1].endswith("the first check")


async def test_a_key_check_does_not_change_the_state_of_its_target(home: House) -> None:
    await keep(home, passed("r1", hours_ago=2), replace(failed("r2", hours_ago=1), check="key"))
    assert cells(await answer(home, "status"))[0][1].startswith("Passed since")


async def test_many_key_checks_do_not_hide_how_a_target_is(home: House) -> None:
    keys = (replace(passed(f"k{n:03}", hours_ago=0), check="key") for n in range(110))
    await keep(home, *keys, failed("r1", hours_ago=1), passed("r2", hours_ago=2))
    assert cells(await answer(home, "status"))[0][1].startswith("Failed since")


async def test_a_run_that_errored_is_not_said_to_be_the_targets_doing(home: House) -> None:
    await keep(home, replace(failed("r1", hours_ago=1), status=Status.ERRORED))
    card = await answer(home, "status")
    assert card.title == "Our own side failed: staging"
    assert cells(card)[0][1].startswith("Errored since")


async def test_history_lists_the_last_ten_runs_newest_first(home: House) -> None:
    await keep(home, *(passed(f"r{number:02}", hours_ago=number) for number in range(12)))
    card = await answer(home, "history staging")
    assert card.title == "The last 10 runs of staging"
    assert [row[-1] for row in cells(card)] == [f"r{number:02}" for number in range(10)]


async def test_history_says_nothing_that_is_the_same_in_every_row(home: House) -> None:
    await keep(home, passed("r1", hours_ago=1), failed("r2", hours_ago=2))
    of_one = (await answer(home, "history staging")).table
    assert of_one is not None
    assert of_one.columns == ("When", "Outcome", "Cause", "Took", "Run")
    await keep(home, replace(passed("r3", hours_ago=0), check="key"))
    of_all = (await answer(home, "history")).table
    assert of_all is not None
    assert of_all.columns[:3] == ("When", "Target", "Check")


async def test_a_run_in_the_history_is_one_press_away(home: House) -> None:
    await keep(home, failed("r0123456789", hours_ago=1))
    await home.ask("/stagecheck history staging")
    [listed] = home.slack.ephemerals()
    delivery = await home.slack.press(listed.ts, "menu:card", value="show r0123456789")
    assert delivery.ok, delivery.error
    await home.idle()
    assert home.slack.messages()[-1].text.startswith("Failed: pipeline on staging")


async def test_where_people_can_reach_a_page_its_run_is_a_link(home: House) -> None:
    await keep(home, failed("r0123456789", hours_ago=1))
    deps = replace(home.deps, page_of=lambda run: f"https://stagecheck.example.test/runs/{run}")
    card = (await dispatch(deps, "history staging", ADA, HERE)).card
    assert card is not None
    assert card.menu is None
    [row] = card_message(card).blocks[-1]["rows"][1:]
    [link] = row[-1]["elements"][0]["elements"]
    assert (link["type"], link["text"]) == ("link", "r0123456789")
    assert link["url"].endswith("/runs/r0123456789")


async def test_history_without_runs_says_how_to_make_one(home: House) -> None:
    card = await answer(home, "history")
    assert (card.title, card.lines) == ("No runs yet", ("`run TARGET` makes the first.",))


async def test_a_run_is_shown_to_everybody_by_the_beginning_of_its_id(home: House) -> None:
    await keep(home, failed("r0123456789", hours_ago=1))
    reply = await dispatch(home.deps, "show r01234", ADA, HERE)
    assert reply.public
    assert reply.card is not None
    assert reply.card.title.startswith("Failed: pipeline on staging")
    assert any(line.startswith("Cause:") for line in reply.card.lines)
    assert [button.command for button in reply.card.buttons] == ["run staging"]


async def test_a_shown_run_of_the_key_offers_to_verify_the_key_again(home: House) -> None:
    await keep(home, replace(failed("r0123456789", hours_ago=1), check="key"))
    [button] = (await answer(home, "show r01234")).buttons
    assert (button.label, button.command) == ("Verify Bypass Key", "verify-key staging")


async def test_a_shown_run_of_a_target_that_is_no_more_offers_no_other(home: House) -> None:
    await keep(home, replace(failed("r0123456789", hours_ago=1), target="gone"))
    assert (await answer(home, "show r01234")).buttons == ()


async def test_a_run_that_is_not_there_is_not_found(home: House) -> None:
    await keep(home, failed("r0123456789", hours_ago=1))
    with pytest.raises(NotFound, match="Did you mean r0123456789"):
        await dispatch(home.deps, "show r0123456788", ADA, HERE)


async def test_targets_are_listed_with_their_addresses_and_checks(home: House) -> None:
    card = await answer(home, "targets")
    assert card.title == "One target"
    assert cells(card)[0][:2] == ("staging", home.staging.api_url)
    assert card.lines == ("Checks: `pipeline`, `key`.",)


async def test_help_lists_every_command_with_its_usage(home: House) -> None:
    card = await answer(home, "help")
    assert [row[0] for row in cells(card)] == [command.usage for command in COMMANDS.values()]
    assert "For example: `/stagecheck staging`" in card.lines


@pytest.mark.parametrize("name", COMMANDS)
async def test_help_tells_more_of_every_command(home: House, name: str) -> None:
    card = await answer(home, f"help {name}")
    assert f"Usage: `/stagecheck {COMMANDS[name].usage}`" in card.lines


async def test_help_of_a_first_word_tells_of_all_that_begin_with_it(home: House) -> None:
    card = await answer(home, "help incident")
    usages = ["incident [list]", "incident show [INCIDENT]", "incident open [TARGET] [TITLE]"]
    assert [row[0] for row in cells(card)] == usages


async def test_help_of_an_unknown_command_names_the_nearest(home: House) -> None:
    with pytest.raises(UsageError, match="Did you mean `status`"):
        await dispatch(home.deps, "help statsu", ADA, HERE)


async def test_the_same_key_starts_one_run(home: House) -> None:
    channel = Place(channel=home.slack.workspace.channel("staging").id)
    first = await dispatch(home.deps, "run staging", ADA, channel, key="k")
    again = await dispatch(home.deps, "run staging", ADA, channel, key="k")
    await home.idle()
    late = await dispatch(home.deps, "run staging", ADA, channel, key="k")
    [summary] = await home.deps.store.recent()
    assert {first.started, again.started, late.started} == {summary.id}
    assert (first.card, again.card, late.card) == (None, None, None)


async def test_a_name_in_the_table_is_the_name_of_its_command() -> None:
    assert [command.name for command in COMMANDS.values()] == list(COMMANDS)
    assert all(
        command.summary and not command.summary.endswith(".") for command in COMMANDS.values()
    )


@pytest.mark.parametrize(
    ("error", "title"),
    [
        (UsageError("No such word.", hint="Try another."), "I did not understand that"),
        (NotFound("No such run."), "I could not find that"),
        (StoreError("The database is full."), "Our database cannot be used"),
        (Unavailable("Shutting down."), "That did not work"),
    ],
)
def test_an_error_is_answered_with_what_is_wrong_and_what_to_do(
    error: StagecheckError, title: str
) -> None:
    reply = refusal(error)
    assert isinstance(reply, Reply)
    assert not reply.public
    assert reply.card is not None
    assert (reply.card.title, reply.card.lines[0]) == (title, error.message)
    assert (error.hint in reply.card.lines) == bool(error.hint)
    assert card_message(reply.card).blocks
    assert title in card_text(reply.card)
