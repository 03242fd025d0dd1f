"""How long each step took, beside the run; runs saved before count as not measured."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column, and the index by which the runs that passed are found."""
    op.add_column("runs", sa.Column("durations", sa.Text, nullable=False, server_default="{}"))
    op.create_index("runs_by_outcome", "runs", ["target", "check", "status", "started_at"])
