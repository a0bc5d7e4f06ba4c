"""What tells an export whether a page or a feed can have changed, without making either."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, Connection, func, select, type_coerce

from feedsvc.model import MediaFile
from feedsvc.store import schema
from feedsvc.store.engine import is_one_of
from feedsvc.store.media import row_to_media
from feedsvc.store.rows import State, unpack_heading
from feedsvc.store.schema import to_micro

# Bytes of a mark: that two states of an entry share one would come once in 2^64 changes.
_MARK = 8

# Rows handed over at a time: bounds the memory, since articles come with them.
_PAGE = 500


@dataclass(frozen=True, slots=True)
class EntryMark:
    """Who may see an entry at a moment, and a hash of all that its row says.

    Another hash, another page. ``is_public`` and ``was_public`` are what StoredEntry decides.
    """

    uid: str
    is_public: bool
    was_public: bool
    mark: bytes
    article: bytes

    @property
    def heading(self) -> tuple[str, str]:
        """Slug and title; raises StoreError when the row is damaged."""
        return unpack_heading(self.article)


class MarkTables:
    """The verbs that tell what may have changed, all of one moment."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entries(self, now: datetime) -> Iterator[EntryMark]:
        """Yield every entry of the ledger as it is at ``now``, in no order."""
        entry, at = schema.entries.c, to_micro(now)
        # As the tables keep them: to make moments of a million numbers would take seconds.
        published, updated, expires = (
            type_coerce(column, BigInteger)
            for column in (entry.published, entry.updated, entry.expires)
        )
        query = select(
            *(entry.uid, entry.article, entry.filing, entry.state, entry.shown),
            *(published, expires, updated, entry.id, entry.path, entry.visible, entry.quiet),
        )
        rows = self._connection.execution_options(yield_per=_PAGE).execute(query)
        for uid, article, filing, state, shown, start, end, *more in rows:
            said = (state, shown, start, end, *more)
            digest = hashlib.blake2b(repr(said).encode(), digest_size=_MARK)
            digest.update(article)
            digest.update(filing)
            begun = state == State.LIVE and start <= at
            public = begun and (end is None or end > at)
            yield EntryMark(uid, public, bool(shown) or begun, digest.digest(), article)

    def media(self) -> Iterator[tuple[str, MediaFile]]:
        """Yield the uid of each entry that shows media files, with one of them after the other."""
        media, uses = schema.media.c, schema.media_uses.c
        query = (
            select(uses.uid, schema.media)
            .join(schema.media, media.path == uses.path)
            .order_by(uses.uid, uses.path)
        )
        for row in self._connection.execute(query):
            yield row.uid, row_to_media(row)

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
