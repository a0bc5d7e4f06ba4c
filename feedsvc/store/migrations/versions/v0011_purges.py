"""What caches in front of the site have to forget."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the tables of purges, and of what has changed that nobody keeps ready."""
    op.create_table(
        "purges",
        sa.Column("cache", sa.String(32), primary_key=True),
        sa.Column("target", sa.Text, primary_key=True),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
    )
    op.create_index("purges_due", "purges", ["cache", "due"])
    op.create_table(
        "touched",
        sa.Column("path", sa.Text, primary_key=True),
    )
