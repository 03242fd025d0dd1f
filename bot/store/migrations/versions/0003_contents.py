"""Runs packed in a table of their own, and the indexes for many of them.

Rows saved before stay as and where they are: rewriting a million of them would take minutes, in
which the bot would not answer. They are read as they were written, until they are too old to keep.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the table, the moment of saving, and the indexes."""
    on_postgresql = op.get_context().dialect.name == "postgresql"
    text = sa.Text(collation="C") if on_postgresql else sa.Text()
    if on_postgresql:
        # Rewrites no row, only the index of the key.
        op.alter_column("runs", "id", type_=text)
    op.create_table(
        "contents",
        sa.Column("run_id", text, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("run", sa.LargeBinary, nullable=False),
        sa.Column("diagnosis", sa.LargeBinary, nullable=False),
    )
    if on_postgresql:
        # Packed already: trying to pack it again is lost time.
        for column in ("run", "diagnosis"):
            op.execute(f"ALTER TABLE contents ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.add_column("runs", sa.Column("saved_at", sa.DateTime(timezone=True)))
    op.create_index("runs_by_check", "runs", ["target", "check", "started_at"])
    op.create_index("runs_by_age", "runs", ["target", "saved_at"])
