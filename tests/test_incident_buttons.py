"""Every button of an incident works in both modes, twice-clicked and by two people at once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from incident_house import Desk, desk

from bot.alerting import Incident, IncidentState
from bot.model import Severity
from bot.sandbox import MiniSlack

MODES = ["http", "socket"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A button or a choice, the form it may open, and what comes of it."""

    label: str
    values: tuple[Any, ...] = (None, None)
    """What ada and grace choose, in a menu."""
    form: dict[str, Any] = field(default_factory=dict)
    says: str
    """What the thread says of it."""
    holds: Callable[[Incident], bool] = lambda _: True
    refusal: str = ""
    """What the second one is told."""


CASES = {
    "acknowledge": Case(
        label="Acknowledge",
        says="acknowledged it.",
        holds=lambda one: one.state is IncidentState.ACKNOWLEDGED,
        refusal="acknowledged i1",
    ),
    "fixed": Case(
        label="I Fixed It",
        says="says it is fixed",
        refusal="that it is fixed; a run is on its way to see",
    ),
    "assign": Case(
        label="Assign…",
        values=("mary", "mary"),
        says="assigned it to",
        holds=lambda one: bool(one.assigned_to),
        refusal="has i1 already",
    ),
    "severity": Case(
        label="…",
        values=("Severity…", "Severity…"),
        form={"level": "low"},
        says="set the severity to low",
        holds=lambda one: one.severity is Severity.LOW,
        refusal="set the severity of i1 to low already",
    ),
    "resolve": Case(
        label="…",
        values=("Resolve…", "Resolve…"),
        form={"reason": "rotated the key"},
        says="Resolved by",
        holds=lambda one: (
            one.state is IncidentState.RESOLVED and one.resolution == "rotated the key"
        ),
        refusal="resolved i1",
    ),
    "mute": Case(
        label="…",
        values=("Mute…", "Mute…"),
        form={"duration": "2h", "reason": "a deploy"},
        says="muted staging until",
        refusal="muted staging",
    ),
    "note": Case(
        label="…",
        values=("Add a Note…", "Add a Note…"),
        form={"text": "It began with the release."},
        says="It began with the release.",
    ),
}


@pytest.fixture(params=MODES)
async def it(request: pytest.FixtureRequest) -> AsyncIterator[Desk]:
    slack = MiniSlack(users=("ada", "grace", "mary"))
    async with desk(slack=slack, socket_mode=request.param == "socket") as at_desk:
        await at_desk.failed(2)
        yield at_desk


def chosen(it: Desk, value: Any) -> Any:
    return it.id_of(value) if value == "mary" else value


async def use(it: Desk, case: Case, user: str, *, number: int = 0, repeat: int = 1) -> None:
    """Press it as `user`, and fill in what it opens."""
    value = chosen(it, case.values[number])
    await it.press(case.label, user=user, value=value, repeat=repeat)
    if case.form:
        delivery = await it.submit(case.form, user=user)
        assert delivery.ok, delivery.error


@pytest.mark.parametrize("name", CASES)
async def test_it_works_and_says_who_did_it(it: Desk, name: str) -> None:
    case = CASES[name]
    await use(it, case, "ada")
    told = [line for line in it.thread if case.says in line]
    assert len(told) == 1
    assert f"<@{it.id_of('ada')}>" in told[0]
    assert case.holds(await it.incident())
    acts = [entry for entry in await it.home.deps.store.alerts.timeline("i1") if entry.by]
    assert acts[0].by == it.id_of("ada")


@pytest.mark.parametrize("name", CASES)
async def test_clicked_twice_it_is_done_once(it: Desk, name: str) -> None:
    case = CASES[name]
    await use(it, case, "ada", repeat=3)
    assert len([line for line in it.thread if case.says in line]) == 1


@pytest.mark.parametrize("name", [name for name in CASES if CASES[name].refusal])
async def test_of_two_people_at_once_the_first_wins_and_the_second_is_told_who(
    it: Desk, name: str
) -> None:
    case = CASES[name]
    ts = it.parent.ts
    both = ("ada", "grace")
    presses = [
        it.home.slack.press(ts, case.label, user=user, value=chosen(it, case.values[number]))
        for number, user in enumerate(both)
    ]
    assert all(delivery.ok for delivery in await asyncio.gather(*presses))
    await it.home.listeners.idle()
    if case.form:
        forms = [it.home.slack.submit(case.form, user=user) for user in both]
        assert all(delivery.ok for delivery in await asyncio.gather(*forms))
    await it.told()
    told = [line for line in it.thread if case.says in line]
    assert len(told) == 1
    whispers = [line for user in both for line in it.whispers(user)]
    refused = [line for line in whispers if line.startswith("That has no effect any more")]
    assert len(refused) == 1
    assert case.refusal in refused[0]
    first = next(user for user in both if f"<@{it.id_of(user)}>" in told[0])
    assert f"<@{it.id_of(first if name != 'assign' else 'mary')}>" in refused[0]


@pytest.mark.parametrize("label", ["Re-run Check", "Verify Bypass Key"])
async def test_a_check_is_made_once_in_the_thread_and_says_who_asked(it: Desk, label: str) -> None:
    before = len(await it.home.deps.store.recent(limit=50))
    await it.press(label, repeat=3)
    runs = await it.home.deps.store.recent(limit=50)
    assert len(runs) == before + 1
    assert runs[0].caller.id == it.id_of("ada")
    [told] = [line for line in it.thread if runs[0].id in line and "asked by" in line]
    assert f"<@{it.id_of('ada')}>, by button" in told
    await it.press(label, user="grace")  # it stays for as long as the incident is open
    assert len(await it.home.deps.store.recent(limit=50)) == before + 2


@pytest.mark.parametrize(
    ("faults", "found"),
    [((), "passed: the server accepts the key"), (("seed",), "failed: HTTP 401 Invalid E2E")],
)
async def test_the_thread_says_what_was_found_of_the_key(faults: tuple[str, ...], found: str):
    async with desk(*faults) as it:
        await it.failed(2)
        await it.press("Verify Bypass Key")
        [told] = [line for line in it.thread if "verified the bypass key" in line]
    assert f"verified the bypass key: {found}" in told


async def test_two_people_who_ask_for_the_check_at_once_get_one(it: Desk) -> None:
    before = len(await it.home.deps.store.recent(limit=50))
    ts = it.parent.ts
    presses = [it.home.slack.press(ts, "Re-run Check", user=user) for user in ("ada", "grace")]
    assert all(delivery.ok for delivery in await asyncio.gather(*presses))
    await it.told()
    assert len(await it.home.deps.store.recent(limit=50)) == before + 1
    told = [line for user in ("ada", "grace") for line in it.whispers(user)]
    assert len([line for line in told if "staging is already being checked" in line]) == 1


async def test_the_post_mortem_is_a_file_in_the_thread(it: Desk) -> None:
    await it.press("…", value="Export Post-mortem", repeat=2)
    [message] = [m for m in it.home.slack.thread("staging", it.parent.ts) if m.files]
    [file] = message.files
    assert file["name"] == "postmortem-staging-i1.md"
    content = it.home.slack.files.files[file["id"]].content
    assert content is not None
    assert content.decode().startswith("# Post-mortem of i1: staging")


async def test_a_screen_that_shows_the_button_still_is_told_who_was_first(it: Desk) -> None:
    stale = it.parent
    await it.press("Acknowledge")
    it.home.slack.workspace.add(stale)  # grace's screen has not heard of the change
    await it.press("Acknowledge", ts=stale.ts, user="grace")
    [told] = it.whispers("grace")
    assert f"<@{it.id_of('ada')}>  acknowledged i1" in told


async def test_two_choices_of_one_menu_right_after_each_other_are_both_taken(it: Desk) -> None:
    await it.press("…", value="Severity…")
    await it.press("…", value="Add a Note…")
    view = it.home.slack.modal()
    assert view is not None
    assert view.body["title"]["text"] == "Note for i1"


async def test_what_is_wrong_in_a_form_is_said_at_its_field(it: Desk) -> None:
    await it.press("…", value="Mute…")
    wrong = await it.submit({"duration": "soon", "reason": ""})
    assert wrong.ack is not None
    assert "soon is no duration" in wrong.ack["errors"]["duration"]
    assert it.home.slack.modal() is not None
    assert (await it.home.deps.store.alerts.watch("staging")).mute is None
    right = await it.submit({"duration": "until 08:00", "reason": ""})
    assert right.ok
    assert (await it.home.deps.store.alerts.watch("staging")).mute is not None


async def test_a_form_that_arrives_twice_is_done_once(it: Desk) -> None:
    await it.press("…", value="Add a Note…")
    delivery = await it.submit({"text": "Seen before."})
    _ = await it.home.slack.redeliver(delivery)
    await it.told()
    assert len([line for line in await it.timeline() if "Seen before." in line]) == 1
