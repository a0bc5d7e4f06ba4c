"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision: str | None = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "facts",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "files",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("modified_ns", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("inode", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("uid", sa.String(16)),
    )
    op.create_index("files_digest", "files", ["digest"])
    op.create_table(
        "entries",
        sa.Column("uid", sa.String(16), primary_key=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("shown", sa.Boolean, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.Column("visible", sa.String(32), nullable=False),
        sa.Column("certain", sa.String(64), nullable=False),
        sa.Column("article", sa.LargeBinary, nullable=False),
        sa.Column("filing", sa.LargeBinary, nullable=False),
    )
    op.create_index("entries_path", "entries", ["path"])
    op.create_index("entries_certain", "entries", ["certain", "published"])
    op.create_index("entries_published", "entries", ["published"])
    op.create_index("entries_expires", "entries", ["expires"])
    op.create_table(
        "filed",
        sa.Column("section", sa.String(64), nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("uid", sa.String(16), nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.PrimaryKeyConstraint("section", "published", "uid"),
    )
    op.create_index("filed_uid", "filed", ["uid"])
    op.create_index("filed_expires", "filed", ["expires"])
    op.create_table(
        "problems",
        sa.Column("path", sa.Text, primary_key=True),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "dirty",
        sa.Column("section", sa.String(64), primary_key=True),
        sa.Column("stamp", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "representations",
        sa.Column("path", sa.String(255), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("content_type", sa.String(128), nullable=False),
        sa.Column("modified", sa.BigInteger, nullable=False),
        sa.Column("max_age", sa.Integer, nullable=False),
        sa.Column("location", sa.Text, nullable=False),
        sa.Column("etag", sa.String(32), nullable=False),
        sa.Column("identity", sa.LargeBinary),
        sa.Column("gzip", sa.LargeBinary),
        sa.Column("br", sa.LargeBinary),
        sa.Column("zstd", sa.LargeBinary),
    )
    op.create_index("representations_revision", "representations", ["revision"])
    op.create_table(
        "built",
        sa.Column("section", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
    )
