"""The workspaces that installed the app, and in which of them each channel and person is.

Tokens come here sealed: what is kept is of no use without a secret that is not in the database.
"""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from bot.store.codec import plain
from bot.store.database import Database
from bot.store.tables import executions, installations, whereabouts


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """The app in one workspace, or in all of an organisation; `key` is the id of either."""

    key: str
    team: str
    enterprise: str
    name: str
    bot: str
    bot_user: str
    scopes: str
    sealed: bytes = field(repr=False)
    expires_at: float = 0.0
    """Seconds since 1970; 0 for a token that does not expire."""
    generation: int = 0
    """Grows with each token that takes the place of another."""


class Installations:
    """Keeps what OAuth gave us. Every method may raise StoreError."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, installed: Installed) -> None:
        """Keep an installation; a newer one of the same workspace takes its place."""
        row = _row(installed)

        def write(connection: Connection) -> None:
            connection.execute(sa.delete(installations).where(installations.c.key == installed.key))
            connection.execute(sa.insert(installations), row)

        try:
            await self._database.write(write)
        except IntegrityError:
            await self._database.write(write)

    async def renew(self, installed: Installed) -> bool:
        """Put a renewed token in the place of any before it; False if nothing is installed there.

        What is newer stays. Renewing with the same one again changes nothing.
        """
        same = installations.c.key == plain(installed.key)
        older = sa.update(installations).where(
            same, installations.c.generation < installed.generation
        )
        there = sa.select(installations.c.key).where(same)

        def write(connection: Connection) -> bool:
            if connection.execute(older.values(_row(installed))).rowcount == 1:
                return True
            return connection.execute(there).first() is not None

        return await self._database.write(write)

    async def find(self, key: str) -> Installed | None:
        """Return the installation of a workspace or organisation, if there is one."""
        query = sa.select(installations).where(installations.c.key == plain(key))
        found = await self._database.read(lambda connection: connection.execute(query).first())
        return Installed(**found._mapping) if found is not None else None

    async def all(self) -> tuple[Installed, ...]:
        """Return every installation, by key."""
        query = sa.select(installations).order_by(installations.c.key)
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple(Installed(**row._mapping) for row in found)

    async def remove(self, key: str, *, generation: int) -> bool:
        """Forget an installation and its token; tell whether there was one.

        One that is newer than `generation` stays: it was made after what speaks against this one.
        """
        query = sa.delete(installations).where(
            installations.c.key == plain(key), installations.c.generation <= generation
        )
        return await self._database.write(lambda connection: connection.execute(query).rowcount > 0)

    async def note(self, id: str, key: str) -> None:
        """Remember that the channel or person `id` was heard of in the workspace `key`."""
        row = {"id": plain(id), "key": plain(key)}
        same = whereabouts.c.id == row["id"]

        def write(connection: Connection) -> None:
            if connection.execute(sa.update(whereabouts).where(same).values(row)).rowcount == 0:
                connection.execute(sa.insert(whereabouts), row)

        try:
            await self._database.write(write)
        except IntegrityError:
            await self._database.write(write)

    async def whereabouts(self, id: str) -> str:
        """Return the workspace in which `id` was last heard of, or an empty string."""
        query = sa.select(whereabouts.c.key).where(whereabouts.c.id == plain(id))
        return await self._database.read(
            lambda connection: str(connection.execute(query).scalar() or "")
        )

    async def add_execution(self, id: str, *, run_id: str, key: str) -> None:
        """Remember that the execution `id` of a workflow's step waits for a run to end."""
        row = {"id": plain(id), "run_id": plain(run_id), "key": plain(key)}
        same = executions.c.id == row["id"]

        def write(connection: Connection) -> None:
            if connection.execute(sa.update(executions).where(same).values(row)).rowcount == 0:
                connection.execute(sa.insert(executions), row)

        try:
            await self._database.write(write)
        except IntegrityError:
            await self._database.write(write)

    async def executions(self, run_id: str) -> tuple[tuple[str, str], ...]:
        """Return what waits for a run: the id of each execution, and its workspace."""
        query = sa.select(executions.c.id, executions.c.key).where(
            executions.c.run_id == plain(run_id)
        )
        found = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple((row.id, row.key) for row in found)

    async def end_execution(self, id: str) -> None:
        """Forget an execution that was told how its run ended."""
        query = sa.delete(executions).where(executions.c.id == plain(id))
        await self._database.write(lambda connection: connection.execute(query))


def _row(installed: Installed) -> dict[str, Any]:
    texts = ("key", "team", "enterprise", "name", "bot", "bot_user", "scopes")
    return {name: plain(getattr(installed, name)) for name in texts} | {
        "sealed": installed.sealed,
        "expires_at": installed.expires_at,
        "generation": installed.generation,
    }
