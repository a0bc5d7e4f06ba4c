"""Archive documents, which never change their set (RFC 5005), and entries that were retracted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, or_, select, update

from feedsvc.model import Tombstone
from feedsvc.store import schema
from feedsvc.store.engine import upsert
from feedsvc.store.rows import ArchivePage, StoredEntry, row_to_entry


def list_unpaged(connection: Connection, section: str, now: datetime) -> dict[str, bool]:
    """Return the public entries that no archive document holds, each with whether it is quiet."""
    filed = schema.filed.c
    query = select(filed.uid, filed.quiet, filed.published, filed.expires).where(
        filed.section == section, filed.page == 0
    )
    # Asked to look at moments, SQLite goes by them through the whole section, which has no end:
    # what no document holds is little.
    return {
        uid: bool(quiet)
        for uid, quiet, published, expires in connection.execute(query)
        if published <= now and (expires is None or expires > now)
    }


def count_pages(connection: Connection, section: str) -> int:
    """Return how many archive documents of a section are closed."""
    archives = schema.archives.c
    query = select(func.max(archives.page)).where(archives.section == section)
    return int(connection.execute(query).scalar() or 0)


def read_page(connection: Connection, section: str, page: int, now: datetime) -> ArchivePage | None:
    """Return what an archive document holds now; None if there is none of that number."""
    filed, dead, archives = schema.filed.c, schema.tombstones.c, schema.archives.c
    closed = select(func.max(archives.closed, type_=schema.Moment)).where(
        archives.section == section, archives.page.in_((page, page + 1))
    )
    entries = (
        select(schema.entries)
        .join(schema.filed, filed.uid == schema.entries.c.uid)
        .where(filed.section == section, filed.page == page)
        .where(or_(filed.expires.is_(None), filed.expires > now))
    )
    pages = count_pages(connection, section)
    if not 0 < page <= pages:
        return None
    return ArchivePage(
        page,
        pages,
        connection.execute(closed).scalar_one(),
        tuple(_newest_first(row_to_entry(row) for row in connection.execute(entries))),
        _find_tombstones(connection, dead.section == section, dead.page == page),
    )


def _newest_first(entries: Iterable[StoredEntry]) -> list[StoredEntry]:
    """Sort entries here: asked for an order, SQLite reads the whole section in that order instead.

    That is a hundred times as much work among 100,000 articles.
    """
    return sorted(entries, key=lambda entry: (entry.published, entry.uid), reverse=True)


def list_tombstones(connection: Connection, section: str, limit: int) -> tuple[Tombstone, ...]:
    """Return the entries that were retracted last from a feed, the last one first."""
    if "/" in section:
        return _find_retracted(connection, section, limit)
    return _find_tombstones(connection, schema.tombstones.c.section == section, limit=limit)


def close_pages(connection: Connection, section: str, size: int, now: datetime, rest: bool) -> None:
    """Put the public entries that have none into archive documents; see ``Writer.close_pages``."""
    filed = schema.filed.c
    free = (filed.section == section, filed.page == 0, filed.published <= now)
    count = int(connection.execute(select(func.count()).where(*free)).scalar() or 0)
    pages = -(-count // size) if rest else count // size
    if not pages:
        return
    last = count_pages(connection, section)
    rank = func.row_number().over(order_by=(filed.published, filed.uid))
    chosen = (
        select(filed.uid, filed.published, rank.label("rank"))
        .where(*free)
        .order_by(filed.published, filed.uid)
        .limit(pages * size)
        .subquery()
    )
    connection.execute(
        update(schema.filed)
        .where(filed.section == section)
        .where(filed.published == chosen.c.published, filed.uid == chosen.c.uid)
        .values(page=last + 1 + (chosen.c.rank - 1) // size)
    )
    numbers = range(last + 1, last + 1 + pages)
    rows = [{"section": section, "page": page, "closed": now} for page in numbers]
    upsert(connection, schema.archives, rows)


def _find_retracted(connection: Connection, label: str, limit: int) -> tuple[Tombstone, ...]:
    labels = schema.labels.c
    query = (
        select(schema.entries.c.id, labels.retracted)
        .join(schema.labels, labels.uid == schema.entries.c.uid)
        .where(labels.name == label, labels.retracted.is_not(None))
        .order_by(labels.retracted.desc(), labels.uid)
        .limit(limit)
    )
    return tuple(Tombstone(id_, when) for id_, when in connection.execute(query))


def _find_tombstones(
    connection: Connection, *where: ColumnElement[bool], limit: int | None = None
) -> tuple[Tombstone, ...]:
    dead = schema.tombstones.c
    query = (
        select(schema.entries.c.id, dead.retracted)
        .join(schema.tombstones, dead.uid == schema.entries.c.uid)
        .where(*where)
        .order_by(dead.retracted.desc(), dead.uid)
        .limit(limit)
    )
    return tuple(Tombstone(id_, when) for id_, when in connection.execute(query))
