"""What tells an export whether a page or a feed can have changed, without making either."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from feedsvc.store import schema
from feedsvc.store.engine import is_one_of
from feedsvc.store.rows import State

# Bytes of a mark: that two states of an entry share one would come once in 2^64 changes.
_MARK = 8

# Rows handed over at a time: bounds the memory, since articles come with them.
_PAGE = 500


@dataclass(frozen=True, slots=True)
class EntryMark:
    """An entry's life, and a hash of all that its row says; another hash, another page."""

    uid: str
    state: State
    shown: bool
    published: datetime
    expires: datetime | None
    mark: bytes

    def is_public(self, now: datetime) -> bool:
        """Whether anybody may see it at ``now``, as ``StoredEntry.is_public`` decides it."""
        if self.state is not State.LIVE or self.published > now:
            return False
        return self.expires is None or self.expires > now

    def was_public(self, now: datetime) -> bool:
        """Whether the public has seen it, as ``StoredEntry.was_public`` decides it."""
        return self.shown or (self.state is State.LIVE and self.published <= now)


class MarkTables:
    """The verbs that tell what may have changed, all of one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entries(self) -> Iterator[EntryMark]:
        """Yield every entry of the ledger, in no order."""
        table = schema.entries
        rows = self._connection.execution_options(yield_per=_PAGE).execute(select(table))
        for row in rows:
            said = (row.id, row.path, row.state, row.shown, row.published, row.updated)
            more = (row.expires, row.visible, row.quiet)
            digest = hashlib.blake2b(repr((said, more)).encode(), digest_size=_MARK)
            digest.update(row.article)
            digest.update(row.filing)
            yield EntryMark(
                row.uid,
                State(row.state),
                bool(row.shown),
                row.published,
                row.expires,
                digest.digest(),
            )

    def media(self) -> Iterator[tuple[str, str, str]]:
        """Yield uid and path of each media file that an entry shows, and what is known of it."""
        media, uses = schema.media.c, schema.media_uses.c
        query = (
            select(uses.uid, schema.media)
            .join(schema.media, media.path == uses.path)
            .order_by(uses.uid, uses.path)
        )
        for row in self._connection.execute(query):
            yield row.uid, row.path, repr(tuple(row)[1:])

    def archives(self) -> dict[tuple[str, int], datetime]:
        """Return when each archive document was closed, by its feed and its number."""
        rows = self._connection.execute(select(schema.archives))
        return {(row.section, row.page): row.closed for row in rows}

    def archived(self) -> Iterator[tuple[str, int, str, str]]:
        """Yield feed, number and uid of what archive documents hold, and its retraction."""
        filed, dead = schema.filed.c, schema.tombstones.c
        held = (
            select(filed.section, filed.page, filed.uid)
            .where(filed.page > 0)
            .order_by(filed.section, filed.page, filed.uid)
        )
        for section, page, uid in self._connection.execute(held):
            yield section, page, uid, ""
        left = (
            select(dead.section, dead.page, dead.uid, dead.retracted)
            .where(dead.page > 0)
            .order_by(dead.section, dead.page, dead.uid)
        )
        for section, page, uid, when in self._connection.execute(left):
            yield section, page, uid, str(when)

    def labels(self, now: datetime, limit: int) -> list[str]:
        """Return the tags and authors with the most public entries, in the order of their names."""
        labels = schema.labels.c
        count = func.count().label("count")
        query = (
            select(labels.name)
            .where(labels.published <= now, labels.retracted.is_(None))
            .group_by(labels.name)
            .order_by(count.desc(), labels.name)
            .limit(limit)
        )
        return sorted(self._connection.execute(query).scalars())

    def labelled(self, names: Collection[str]) -> Iterator[tuple[str, str, str]]:
        """Yield the name and uid of what has or had one of some labels, and its retraction."""
        labels = schema.labels.c
        query = (
            select(labels.name, labels.uid, labels.retracted)
            .where(is_one_of(self._connection, labels.name, names))
            .order_by(labels.name, labels.uid)
        )
        for name, uid, when in self._connection.execute(query):
            yield name, uid, str(when or "")

    def public(self, now: datetime) -> Iterator[str]:
        """Yield the uids of the whole site's public entries, the oldest first, as sitemaps do."""
        filed = schema.filed.c
        query = (
            select(filed.uid)
            .where(filed.section == "all", filed.published <= now)
            .where((filed.expires.is_(None)) | (filed.expires > now))
            .order_by(filed.published, filed.uid)
        )
        yield from self._connection.execute(query).scalars()
