"""`fixed`: what it starts, what its caller may start, and that nothing is noted without a run."""

from incident_house import desk

from bot.config import Permissions
from bot.labels import Label
from bot.workflows.sparing import KEY_BURST

NOT_THE_KEY = Permissions(verify_key=("U0NOBODY",))


async def test_who_may_not_try_the_key_has_the_other_checks_made() -> None:
    async with desk(permissions=NOT_THE_KEY) as it:
        await it.failed(2, cause=Label.BYPASS_KEY_MISMATCH)
        await it.failed(check="key", cause=Label.BYPASS_KEY_MISMATCH)
        await it.ask("/stagecheck fixed")
        made = [run.check for run in await it.home.deps.store.recent(limit=9) if run.caller.id]
        incident = await it.incident()
    assert incident.checks == ("pipeline", "key")
    assert incident.verifying_by == it.id_of("ada")
    assert made.count("key") == 1  # the one that failed


async def test_what_only_the_key_can_show_is_refused_to_who_may_not_try_it() -> None:
    async with desk(permissions=NOT_THE_KEY) as it:
        await it.failed(2, check="key", cause=Label.BYPASS_KEY_MISMATCH)
        await it.ask("/stagecheck fixed")
        assert (await it.incident()).verifying_by == ""
        assert len(await it.home.deps.store.recent(limit=9)) == 2
        assert "which you may not try" in it.whispers()[-1]


async def test_a_key_that_was_tried_too_often_leaves_no_claim_without_a_run() -> None:
    async with desk() as it:
        await it.failed(2, check="key", cause=Label.BYPASS_KEY_MISMATCH)
        for number in range(KEY_BURST):
            await it.home.deps.store.claim(f"verify-key:staging:{number}", ttl_s=80.0)
        await it.ask("/stagecheck fixed")
        assert (await it.incident()).verifying_by == ""
        assert "was verified 4 times" in it.whispers()[-1]


async def test_a_target_that_is_not_configured_any_more_is_not_claimed_to_be_looked_at() -> None:
    async with desk() as it:
        await it.failed(2, target="gone")
        await it.ask("/stagecheck fixed i1")
        assert (await it.incident()).verifying_by == ""
        assert "gone is not configured any more" in it.whispers()[-1]


async def test_a_look_at_the_key_that_could_not_start_is_not_said_to_be_under_way() -> None:
    async with desk() as it:
        await it.failed(2, check="key", cause=Label.BYPASS_KEY_MISMATCH)
        await it.home.engine.close(deadline_s=1.0)
        await it.ask("/stagecheck fixed")
        assert "shutting down" in it.whispers()[-1]
