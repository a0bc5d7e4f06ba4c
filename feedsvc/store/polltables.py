"""The tables of who reads. Days are UTC, kept as their number (``date.toordinal``)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    text,
)

from feedsvc.store.schema import Moment, metadata, short

# Polls a day of each feed by each reader. `clients` are those that asked for themselves.
polls = Table(
    "polls",
    metadata,
    Column("day", Integer, nullable=False),
    Column("feed", short(255), nullable=False),
    Column("reader", short(64), nullable=False),
    Column("polls", BigInteger, nullable=False, server_default=text("0")),
    Column("unchanged", BigInteger, nullable=False, server_default=text("0")),
    Column("unconditional", BigInteger, nullable=False, server_default=text("0")),
    Column("bytes", BigInteger, nullable=False, server_default=text("0")),
    Column("clients", BigInteger, nullable=False, server_default=text("0")),
    Column("missed", BigInteger, nullable=False, server_default=text("0")),
    PrimaryKeyConstraint("day", "feed", "reader"),
    sqlite_with_rowid=False,
)

# Polls of the whole site by status: an hour each, and of older days one row at midnight.
poll_hours = Table(
    "poll_hours",
    metadata,
    Column("hour", Moment, nullable=False),
    Column("status", short(16), nullable=False),
    Column("polls", BigInteger, nullable=False),
    PrimaryKeyConstraint("hour", "status"),
    sqlite_with_rowid=False,
)

# How long readers waited between two polls: those of 2**step seconds and more, below twice that.
poll_intervals = Table(
    "poll_intervals",
    metadata,
    Column("day", Integer, nullable=False),
    Column("reader", short(64), nullable=False),
    Column("step", Integer, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("seconds", BigInteger, nullable=False),
    PrimaryKeyConstraint("day", "reader", "step"),
    sqlite_with_rowid=False,
)

# Who was here today: a hash that nobody can trace back, and when it came last, in seconds since
# 1970: of these there are many, and whole seconds are told at no cost.
poll_clients = Table(
    "poll_clients",
    metadata,
    Column("day", Integer, nullable=False),
    Column("hash", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    PrimaryKeyConstraint("day", "hash"),
    sqlite_with_rowid=False,
)

# What the hashes of a day are made with, until it is over. Of very many clients one in 2**level is
# kept; `kept` is how many rows there are.
poll_salts = Table(
    "poll_salts",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("salt", LargeBinary, nullable=False),
    Column("level", Integer, nullable=False, server_default=text("0")),
    Column("kept", Integer, nullable=False, server_default=text("0")),
)

# The most subscribers that an aggregator named on a day, for each of its own ids of a feed.
subscriber_counts = Table(
    "subscriber_counts",
    metadata,
    Column("day", Integer, nullable=False),
    Column("feed", short(255), nullable=False),
    Column("reader", short(64), nullable=False),
    Column("feed_id", short(64), nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("day", "feed", "reader", "feed_id"),
    sqlite_with_rowid=False,
)

# How many subscribers the whole site had in the week that ended on a day, once that is over.
subscriber_days = Table(
    "subscriber_days",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("subscribers", BigInteger, nullable=False),
)
