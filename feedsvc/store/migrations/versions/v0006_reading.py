"""What is kept for reading again, for copies of a story, and of what editors decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the tables and columns; a scan that reads every file again fills them."""
    op.create_table(
        "sources",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text", sa.LargeBinary, nullable=False),
    )
    op.create_index("sources_number", "sources", ["number"])
    op.create_table(
        "sketches",
        sa.Column("hash", sa.BigInteger, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("hash", "path"),
        sqlite_with_rowid=False,
    )
    op.add_column("files", sa.Column("sketch", sa.LargeBinary))
    op.create_table(
        "copies",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("uid", sa.String(16), nullable=False),
    )
    op.create_index("copies_uid", "copies", ["uid"])
    op.add_column("entries", sa.Column("arrived", sa.BigInteger))
    op.add_column("entries", sa.Column("held_until", sa.BigInteger))
    op.add_column(
        "entries",
        sa.Column("corrected", sa.Text, nullable=False, server_default=sa.text("''")),
    )
    op.add_column(
        "entries",
        sa.Column("quiet", sa.Boolean, nullable=False, server_default=sa.text("0")),
    )
    op.create_index("entries_arrived", "entries", ["arrived", "published"])
    op.create_index("entries_held", "entries", ["held_until"])
    op.add_column(
        "filed",
        sa.Column("quiet", sa.Boolean, nullable=False, server_default=sa.text("0")),
    )
    # What was read before knows nothing of all this.
    op.execute(sa.text("DELETE FROM facts WHERE name = 'read_by'"))
    # What was published before is no new site: many old articles at once are no news there.
    op.execute(
        sa.text(
            "INSERT INTO facts (name, value) "
            "SELECT 'opened', '2000-01-01T00:00:00+00:00' FROM facts WHERE name = 'revision'"
        )
    )
