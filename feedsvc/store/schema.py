"""The tables, in portable SQL.

Moments are microseconds since 1970 in UTC, so that every engine compares them alike.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_micro(moment: datetime) -> int:
    """Return an aware moment as the tables keep it."""
    return (moment - _EPOCH) // _MICROSECOND


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970 in UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn a datetime into microseconds."""
        return None if value is None else to_micro(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Turn microseconds into a datetime in UTC."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


def short(length: int) -> String:
    """Return the type of a text that is rarely longer than ``length`` characters.

    SQLite takes the length for a remark; PostgreSQL would refuse what is longer, and with it all
    that is written at once.
    """
    return String(length).with_variant(Text, "postgresql")


metadata = MetaData()

# What the whole site has one of: the revision, the config in force, how far releases have come.
facts = Table(
    "facts",
    metadata,
    Column("name", short(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# The ledger of the content folder. `uid` is the entry that the file became, if it became one.
files = Table(
    "files",
    metadata,
    Column("path", Text, primary_key=True),
    Column("modified_ns", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("inode", BigInteger, nullable=False),
    Column("digest", short(32), nullable=False),
    Column("uid", short(16)),
    # The hashes by which it is found in `sketches`, packed.
    Column("sketch", LargeBinary),
    Index("files_digest", "digest"),
)

# The text of plain files as it was scraped, packed: cleaning again needs no file. `number` counts
# up, so that the newest are known.
sources = Table(
    "sources",
    metadata,
    Column("path", Text, primary_key=True),
    Column("number", Integer, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Index("sources_number", "number"),
)

# A few hashes of what each file says: those that share some may tell the same story.
sketches = Table(
    "sketches",
    metadata,
    Column("hash", BigInteger, nullable=False),
    Column("path", Text, nullable=False),
    PrimaryKeyConstraint("hash", "path"),
    sqlite_with_rowid=False,
)

# The files that tell the story of an entry which another file leads.
copies = Table(
    "copies",
    metadata,
    Column("path", Text, primary_key=True),
    Column("uid", short(16), nullable=False),
    Index("copies_uid", "uid"),
)

# The ledger of identity: rows are never deleted, so that an id is never given twice.
entries = Table(
    "entries",
    metadata,
    Column("uid", short(16), primary_key=True),
    Column("id", Text, nullable=False),
    Column("key", Text, nullable=False, unique=True),
    Column("path", Text, nullable=False),
    Column("state", short(16), nullable=False),
    Column("shown", Boolean, nullable=False),
    Column("published", Moment, nullable=False),
    Column("updated", Moment, nullable=False),
    Column("expires", Moment),
    Column("visible", short(32), nullable=False),
    Column("certain", short(64), nullable=False),
    Column("article", LargeBinary, nullable=False),
    Column("filing", LargeBinary, nullable=False),
    # When it left the public, and whether a person withdrew it: then its file cannot undo that.
    Column("retracted", Moment),
    Column("withheld", Boolean, nullable=False, server_default=false()),
    # When it came, and until when it is held back for a last look, while it is.
    Column("arrived", Moment),
    Column("held_until", Moment),
    # The sections that a person put it into by command, as a JSON list; empty if nobody did.
    Column("corrected", Text, nullable=False, server_default=text("''")),
    # It came with so many others that it is no news: see `filed`.
    Column("quiet", Boolean, nullable=False, server_default=false()),
    Index("entries_certain", "certain", "published"),
    Index("entries_arrived", "arrived", "published"),
    Index("entries_held", "held_until"),
)

# Which live entries stand in which feed; `all` is the whole site. `page` is the archive document
# that an entry belongs to for good, 0 until it has one.
filed = Table(
    "filed",
    metadata,
    Column("section", short(64), nullable=False),
    Column("published", Moment, nullable=False),
    Column("uid", short(16), nullable=False),
    Column("expires", Moment),
    Column("page", Integer, nullable=False, server_default=text("0")),
    # It stands in archive documents and on pages only. Sections that were made later, and podcasts,
    # have it all the same.
    Column("quiet", Boolean, nullable=False, server_default=false()),
    PrimaryKeyConstraint("section", "published", "uid"),
    Index("filed_uid", "uid"),
    Index("filed_expires", "expires"),
    Index("filed_page", "section", "page"),
)

# Entries that the public saw in a feed, and that left it: told to readers as deleted (RFC 6721).
tombstones = Table(
    "tombstones",
    metadata,
    Column("section", short(64), nullable=False),
    Column("uid", short(16), nullable=False),
    Column("retracted", Moment, nullable=False),
    Column("page", Integer, nullable=False),
    PrimaryKeyConstraint("section", "uid"),
    Index("tombstones_retracted", "section", "retracted"),
    Index("tombstones_page", "section", "page"),
    Index("tombstones_uid", "uid"),
)

# The archive documents of each feed that are closed: their sets of entries never change (RFC 5005).
archives = Table(
    "archives",
    metadata,
    Column("section", short(64), nullable=False),
    Column("page", Integer, nullable=False),
    Column("closed", Moment, nullable=False),
    PrimaryKeyConstraint("section", "page"),
)

# What persons did, for ever.
audit = Table(
    "audit",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", short(32), nullable=False),
    Column("uid", short(16), nullable=False),
    Column("detail", Text, nullable=False),
)

# The media files of the content folder that articles show, as they were when we looked.
media = Table(
    "media",
    metadata,
    Column("path", Text, primary_key=True),
    Column("modified_ns", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("type", short(64), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("duration", Integer, nullable=False),
    Column("trouble", Text, nullable=False),
)

# Which entries show which of them.
media_uses = Table(
    "media_uses",
    metadata,
    Column("uid", short(16), nullable=False),
    Column("path", Text, nullable=False),
    PrimaryKeyConstraint("uid", "path"),
    Index("media_uses_path", "path"),
)

# The tags and authors of live entries, each a feed of its own for who asks: `tag/climate`.
# `retracted` is when the entry left the public.
labels = Table(
    "labels",
    metadata,
    Column("name", short(255), nullable=False),
    Column("published", Moment, nullable=False),
    Column("uid", short(16), nullable=False),
    Column("expires", Moment),
    Column("retracted", Moment),
    PrimaryKeyConstraint("name", "published", "uid"),
    Index("labels_uid", "uid"),
)

# The feeds of other cuts (a tag, an author, a union of sections) that are kept in the publication,
# with the moment they were last asked for while they were not.
cuts = Table(
    "cuts",
    metadata,
    Column("name", short(255), primary_key=True),
    Column("asked", Moment, nullable=False),
)

problems = Table(
    "problems",
    metadata,
    Column("path", Text, primary_key=True),
    Column("kind", short(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("since", Moment, nullable=False),
)

# Feeds that must be built again; the stamp tells a change that came during the build.
dirty = Table(
    "dirty",
    metadata,
    Column("section", short(255), primary_key=True),
    Column("stamp", BigInteger, nullable=False),
)

# The publication. A row whose `content_type` is empty says that the path is no longer published.
representations = Table(
    "representations",
    metadata,
    Column("path", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("content_type", short(128), nullable=False),
    Column("modified", Moment, nullable=False),
    Column("max_age", Integer, nullable=False),
    Column("location", Text, nullable=False),
    Column("etag", short(32), nullable=False),
    Column("gone", Boolean, nullable=False, server_default=false()),
    Column("link", Text, nullable=False, server_default=text("''")),
    Column("identity", LargeBinary),
    Column("gzip", LargeBinary),
    Column("br", LargeBinary),
    Column("zstd", LargeBinary),
    Index("representations_revision", "revision"),
)

# What caches in front of the site have to forget: paths or surrogate keys, for each cache. It is
# told at `due`, and for the last time at `last`; `since` tells how long that has failed.
purges = Table(
    "purges",
    metadata,
    Column("cache", short(32), primary_key=True),
    Column("target", Text, primary_key=True),
    Column("due", Moment, nullable=False),
    Column("last", Moment, nullable=False),
    Column("since", Moment, nullable=False),
    Column("attempt", Integer, nullable=False),
    Index("purges_due", "cache", "due"),
)

# Paths that have changed and are not in the publication: articles' pages, archives, media files.
touched = Table(
    "touched",
    metadata,
    Column("path", Text, primary_key=True),
)

# What each feed looked like without its own date: tells whether a build changed anything (F12).
built = Table(
    "built",
    metadata,
    Column("section", short(255), primary_key=True),
    Column("digest", short(64), nullable=False),
    Column("updated", Moment, nullable=False),
)

# Who is pushed to, or told of changes: WebSub subscribers, and hubs elsewhere. `topic` is the URL
# as it was asked for, `path` where it is published. The lease counts from the request.
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("path", short(255), nullable=False),
    Column("callback", Text, nullable=False),
    Column("kind", short(16), nullable=False),
    Column("topic", Text, nullable=False),
    Column("host", short(255), nullable=False),
    # Encrypted: the store alone gives nobody's secret away.
    Column("secret", LargeBinary),
    Column("since", Moment, nullable=False),
    Column("expires", Moment),
    # Tries in a row that failed, and how the last one ended.
    Column("failures", Integer, nullable=False, server_default=text("0")),
    Column("outcome", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("path", "callback", "kind"),
    Index("subscriptions_host", "host"),
    Index("subscriptions_expires", "expires"),
    # A number is never given twice: a delivery to who left must not reach who came.
    sqlite_autoincrement=True,
)

# What subscribers asked for and have not confirmed yet, and what they are to be told is over.
# A newer request for the same pair takes the place of an older one.
checks = Table(
    "checks",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("path", short(255), nullable=False),
    Column("callback", Text, nullable=False),
    Column("mode", short(16), nullable=False),
    Column("topic", Text, nullable=False),
    Column("host", short(255), nullable=False),
    Column("secret", LargeBinary),
    Column("lease", Integer, nullable=False),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Column("asked", Moment, nullable=False),
    Column("due", Moment, nullable=False),
    Column("attempt", Integer, nullable=False, server_default=text("0")),
    UniqueConstraint("path", "callback"),
    Index("checks_due", "due"),
    Index("checks_host", "host"),
    sqlite_autoincrement=True,
)

# What is owed, one row a subscription at most: newer content takes the place of older. `lane` is 0
# for what is new and 1 for what failed before, so that the dead never stand before the living.
deliveries = Table(
    "deliveries",
    metadata,
    Column("subscription", Integer, primary_key=True, autoincrement=False),
    Column("path", short(255), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("published", Moment, nullable=False),
    Column("lane", Integer, nullable=False),
    Column("due", Moment, nullable=False),
    Column("attempt", Integer, nullable=False),
    # Until when a process has it in hand.
    Column("claimed", Moment),
    Index("deliveries_due", "lane", "due"),
)

# How much each host of callbacks has asked for of late.
askers = Table(
    "askers",
    metadata,
    Column("host", short(255), primary_key=True),
    Column("minute", Moment, nullable=False),
    Column("requests", Integer, nullable=False),
    Column("hour", Moment, nullable=False),
    Column("failures", Integer, nullable=False),
)

# What the hub has done so far, counted for ever: sent, failed by reason, how long it took.
tallies = Table(
    "tallies",
    metadata,
    Column("name", short(64), primary_key=True),
    Column("count", BigInteger, nullable=False),
)

# What was asked for on the dashboard; the engine carries it out, in this order. `outcome` says how
# that went, `trouble` that it could not be done.
orders = Table(
    "orders",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("who", Text, nullable=False),
    Column("action", short(32), nullable=False),
    Column("uid", short(16), nullable=False),
    Column("detail", Text, nullable=False),
    Column("done", Moment),
    Column("outcome", Text, nullable=False, server_default=text("''")),
    Column("trouble", Boolean, nullable=False, server_default=false()),
    Index("orders_done", "done"),
    sqlite_autoincrement=True,
)

# Whose turn it is, by what: `holder` has it until `due`, by the database's clock. `term` counts the
# holders, so that one who comes back late is known.
ticks = Table(
    "ticks",
    metadata,
    Column("name", short(64), primary_key=True),
    Column("holder", short(255), nullable=False),
    Column("term", BigInteger, nullable=False),
    Column("due", Moment, nullable=False),
    Column("since", Moment, nullable=False),
)

# The engines that are there, at work or standing by.
engines = Table(
    "engines",
    metadata,
    Column("name", short(255), primary_key=True),
    Column("seen", Moment, nullable=False),
)
