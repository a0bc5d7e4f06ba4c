"""Indexes that nothing reads go."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Drop three indexes of ``entries``."""
    for name in ("entries_path", "entries_published", "entries_expires"):
        op.drop_index(name, "entries")
