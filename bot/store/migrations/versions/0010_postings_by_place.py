"""Messages of ours are found by where they are: whose thread somebody acts in."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the index."""
    op.create_index("postings_by_place", "postings", ["channel", "ts"])
