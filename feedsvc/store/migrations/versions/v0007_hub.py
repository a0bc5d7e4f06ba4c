"""The hub: who is pushed to, what they asked for, and what is owed to them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the hub's tables, and room in ``built`` for what is worth telling of a feed."""
    with op.batch_alter_table("built") as built:
        built.alter_column("digest", type_=sa.String(64), existing_nullable=False)
    op.create_table(
        "subscriptions",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("outcome", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.UniqueConstraint("path", "callback", "kind"),
        sqlite_autoincrement=True,
    )
    op.create_index("subscriptions_host", "subscriptions", ["host"])
    op.create_index("subscriptions_expires", "subscriptions", ["expires"])
    op.create_table(
        "checks",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("callback", sa.Text, nullable=False),
        sa.Column("mode", sa.String(16), nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("secret", sa.LargeBinary),
        sa.Column("lease", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default=sa.text("''")),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.UniqueConstraint("path", "callback"),
        sqlite_autoincrement=True,
    )
    op.create_index("checks_due", "checks", ["due"])
    op.create_index("checks_host", "checks", ["host"])
    op.create_table(
        "deliveries",
        sa.Column("subscription", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("path", sa.String(255), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("published", sa.BigInteger, nullable=False),
        sa.Column("lane", sa.Integer, nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("claimed", sa.BigInteger),
    )
    op.create_index("deliveries_due", "deliveries", ["lane", "due"])
    op.create_table(
        "askers",
        sa.Column("host", sa.String(255), primary_key=True),
        sa.Column("minute", sa.BigInteger, nullable=False),
        sa.Column("requests", sa.Integer, nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
    )
    op.create_table(
        "tallies",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
