"""Indexes that nothing reads go; hardly any entry expires, so only those that do are indexed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Drop three indexes of ``entries``, and make that of ``filed.expires`` a partial one."""
    for name in ("entries_path", "entries_published", "entries_expires"):
        op.drop_index(name, "entries")
    op.drop_index("filed_expires", "filed")
    expires = sa.text("expires IS NOT NULL")
    op.create_index(
        "filed_expires", "filed", ["expires"], sqlite_where=expires, postgresql_where=expires
    )
