"""What a feed has had: archive documents, retracted entries, and what persons did."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns and tables."""
    no = sa.text("0")
    op.add_column("entries", sa.Column("retracted", sa.BigInteger))
    op.add_column("entries", sa.Column("withheld", sa.Boolean, nullable=False, server_default=no))
    op.add_column("filed", sa.Column("page", sa.Integer, nullable=False, server_default=no))
    op.create_index("filed_page", "filed", ["section", "page"])
    op.add_column(
        "representations", sa.Column("gone", sa.Boolean, nullable=False, server_default=no)
    )
    op.create_table(
        "tombstones",
        sa.Column("section", sa.String(64), nullable=False),
        sa.Column("uid", sa.String(16), nullable=False),
        sa.Column("retracted", sa.BigInteger, nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("section", "uid"),
    )
    op.create_index("tombstones_retracted", "tombstones", ["section", "retracted"])
    op.create_index("tombstones_page", "tombstones", ["section", "page"])
    op.create_index("tombstones_uid", "tombstones", ["uid"])
    op.create_table(
        "archives",
        sa.Column("section", sa.String(64), nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("closed", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("section", "page"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("uid", sa.String(16), nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
    )
