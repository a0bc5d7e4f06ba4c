"""Media files, the feeds of tags and authors, and the cuts that readers have asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables; a scan that reads every file again fills them."""
    op.create_table(
        "media",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("modified_ns", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("duration", sa.Integer, nullable=False),
        sa.Column("trouble", sa.Text, nullable=False),
    )
    op.create_table(
        "media_uses",
        sa.Column("uid", sa.String(16), nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("uid", "path"),
    )
    op.create_index("media_uses_path", "media_uses", ["path"])
    op.create_table(
        "labels",
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.String(16), nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.Column("retracted", sa.BigInteger),
        sa.PrimaryKeyConstraint("name", "published", "uid"),
    )
    op.create_index("labels_uid", "labels", ["uid"])
    op.create_table(
        "cuts",
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("asked", sa.BigInteger, nullable=False),
    )
    # Names of these feeds are longer than those of sections.
    for table in ("dirty", "built"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("section", type_=sa.String(255), existing_nullable=False)
    with op.batch_alter_table("representations") as batch:
        batch.alter_column("path", type_=sa.Text, existing_nullable=False)
    # What was read before knows nothing of all this.
    op.execute(sa.text("DELETE FROM facts WHERE name = 'read_by'"))
