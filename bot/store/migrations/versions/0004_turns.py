"""Who holds a claim, and the turns at Slack that several processes share."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("claims", sa.Column("holder", sa.Text, nullable=False, server_default=""))
    op.create_table(
        "turns",
        sa.Column("name", sa.Text, primary_key=True),
        # Seconds since 1970 by the database's clock, the one that all processes share.
        sa.Column("full_until", sa.Double, nullable=False),
        sa.Column("held_until", sa.Double, nullable=False),
    )
