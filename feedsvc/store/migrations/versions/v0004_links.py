"""The Link header of a feed, which names its hubs and its own address."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; feeds get theirs when they are next built."""
    nothing = sa.text("''")
    op.add_column(
        "representations", sa.Column("link", sa.Text, nullable=False, server_default=nothing)
    )
