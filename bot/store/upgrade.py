"""Bringing the tables up to date with Alembic, inside the transaction of the caller."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import Connection

MIGRATIONS = Path(__file__).parent / "migrations"


def migrations() -> Config:
    """Return Alembic's configuration for the migrations of this package."""
    config = Config()
    # Doubled, because the library reads % as the beginning of a variable.
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def upgrade(connection: Connection) -> None:
    """Run every migration that is missing; the caller commits."""
    config = migrations()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
