"""Two replicas over one PostgreSQL: what Slack delivers to both of them runs once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from crashing import PATIENCE_S, Bot, bot_of

from bot.sandbox import MiniSlack, Staging
from bot.sandbox.slack import Delivery, NumberedButton
from tests.invariants import is_over, part_of
from tests.postgres import Postgres

# One for each thing asked: of a target that was checked just now there is no other run.
TARGETS = ("staging", "beta")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two replicas, and the Slack and the database of both."""

    slack: MiniSlack
    replicas: tuple[Bot, Bot]
    database: str

    def turn_to(self, number: int) -> None:
        """Have Slack deliver to one of the replicas from now on."""
        self.slack.request_url = f"{self.replicas[number].address}/slack/events"

    async def again(self, delivery: Delivery, number: int) -> Delivery:
        """Deliver once more, to another replica."""
        self.turn_to(number)
        return await self.slack.redeliver(delivery)

    async def ended(self, runs: int) -> None:
        """Return once `runs` runs have their outcomes."""

        def told() -> bool:
            parents = [one for one in self.slack.messages() if part_of(one) == "announcement"]
            return sum(is_over(parent) for parent in parents) >= runs

        await self.slack.until(told, timeout_s=PATIENCE_S)

    def runs(self) -> int:
        with psycopg.connect(self.database) as connection:
            found = connection.execute("SELECT count(*) FROM runs").fetchone()
        assert found is not None
        return int(found[0])


@asynccontextmanager
async def pair(folder: Path, database: str) -> AsyncIterator[Pair]:
    folders = [folder / name for name in ("first", "second")]
    for each in folders:
        each.mkdir()
    async with (
        Staging() as staging,
        MiniSlack() as slack,
        bot_of(folders[0], staging, slack, database=database, targets=TARGETS) as first,
        bot_of(folders[1], staging, slack, database=database, targets=TARGETS) as second,
    ):
        await first.start()
        await second.start()
        yield Pair(slack, (first, second), database)
        for each in (first, second):
            assert await each.stop() == 0


async def test_what_is_delivered_to_both_replicas_runs_once(
    tmp_path: Path, postgres: Postgres
) -> None:
    async with pair(tmp_path, postgres.new_database()) as both:
        asks = (
            lambda: both.slack.command("/stagecheck staging"),
            lambda: both.slack.mention("beta"),
            lambda: both.slack.press(rerun(both.slack).message_ts, rerun(both.slack).action_id),
        )
        for runs, ask in enumerate(asks, start=1):
            both.turn_to(0)
            delivery = await ask()
            assert delivery.ok, delivery.error
            # At once, while the first is at it; and once more when all is over.
            assert (await both.again(delivery, 1)).ok
            await both.ended(runs)
            assert all([(await both.again(delivery, number)).ok for number in (0, 1)])
            await both.slack.settled()
            assert both.runs() == runs


def rerun(slack: MiniSlack) -> NumberedButton:
    """The button below the outcome of the first run."""
    return [each for each in slack.numbered_buttons() if each.label == "Re-run Check"][-1]
