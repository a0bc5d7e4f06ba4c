"""Who reads: polls, intervals, clients of the day, and the subscribers that aggregators name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_COUNTS = ("polls", "unchanged", "unconditional", "bytes", "clients", "missed")


def upgrade() -> None:
    """Add the tables of who reads."""
    op.create_table(
        "polls",
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("feed", sa.String(255), nullable=False),
        sa.Column("reader", sa.String(64), nullable=False),
        *(
            sa.Column(name, sa.BigInteger, nullable=False, server_default=sa.text("0"))
            for name in _COUNTS
        ),
        sa.PrimaryKeyConstraint("day", "feed", "reader"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll_hours",
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("polls", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hour", "status"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll_intervals",
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "reader", "step"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll_clients",
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("hash", sa.BigInteger, nullable=False),
        sa.Column("seen", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "hash"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "poll_salts",
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("level", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("kept", sa.Integer, nullable=False, server_default=sa.text("0")),
    )
    op.create_table(
        "subscriber_counts",
        sa.Column("day", sa.Integer, nullable=False),
        sa.Column("feed", sa.String(255), nullable=False),
        sa.Column("reader", sa.String(64), nullable=False),
        sa.Column("feed_id", sa.String(64), nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("day", "feed", "reader", "feed_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "subscriber_days",
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subscribers", sa.BigInteger, nullable=False),
    )
