"""What alerting remembers: watches, incidents, their timeline, what is to be told, and why."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


_ZONED = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the tables."""
    _remembered()
    _outgoing()
    _decided()


def _remembered() -> None:
    op.create_table(
        "watches",
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_table(
        "incidents",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("started_at", _ZONED, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("incidents_by_target", "incidents", ["target", "number"])
    op.create_index("incidents_by_state", "incidents", ["state", "number"])
    op.create_table(
        "entries",
        sa.Column("incident", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", _ZONED, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("run_id", sa.Text, nullable=False),
    )


def _outgoing() -> None:
    op.create_table(
        "notices",
        # The order in which they are told.
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("target", sa.Text, nullable=False),
        # The incident's id; empty for what is not about one.
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("route", sa.Text, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("decided_at", _ZONED, nullable=False),
        sa.Column("due_at", _ZONED, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        # pending, told, or dead: nobody will ever take it.
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("settled_at", _ZONED),
        sa.Column("error", sa.Text, nullable=False),
    )
    op.create_index("notices_by_state", "notices", ["state", "route", "incident", "id"])


def _decided() -> None:
    op.create_table(
        "decisions",
        sa.Column("target", sa.Text, primary_key=True),
        # The event's: a run's id, or the delivery that a person's act came with.
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("at", _ZONED, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("incident", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
    )
    op.create_index("decisions_by_time", "decisions", ["target", "at"])
    op.create_index("decisions_by_key", "decisions", ["key"])
