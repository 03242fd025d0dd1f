"""Runs with their observations and reports, postings, claims, and the installation's own values."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the first tables. Written out: a migration must not change when the code does."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("check", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("executed", sa.Boolean, nullable=False),
        sa.Column("started_at", moment, nullable=False),
        sa.Column("duration_s", sa.Float, nullable=False),
        sa.Column("trigger", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("transcript", sa.LargeBinary, nullable=False),
    )
    op.create_index("runs_by_target", "runs", ["target", "started_at"])
    op.create_index("runs_by_time", "runs", ["started_at"])
    _create_parts_of_runs(moment)
    _create_own_tables(moment)


def _create_own_tables(moment: sa.DateTime) -> None:
    op.create_table(
        "postings",
        sa.Column("run_id", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("ts", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
    )
    op.create_table(
        "claims",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("expires_at", moment, nullable=False),
    )
    op.create_index("claims_by_expiry", "claims", ["expires_at"])
    op.create_table(
        "install",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.LargeBinary, nullable=False),
    )


def _create_parts_of_runs(moment: sa.DateTime) -> None:
    op.create_table(
        "observations",
        sa.Column(
            "run_id", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "reports",
        sa.Column(
            "run_id", sa.Text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("diagnosis", sa.Text, nullable=False),
    )
