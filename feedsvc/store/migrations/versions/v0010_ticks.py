"""Whose turn it is among several engines, and which engines there are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the tables of ticks and engines."""
    op.create_table(
        "ticks",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("holder", sa.String(255), nullable=False),
        sa.Column("term", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "engines",
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("seen", sa.BigInteger, nullable=False),
    )
