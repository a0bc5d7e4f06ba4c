"""What stands in a feed at a moment, and when that changes by itself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Table, and_, func, or_, select

from feedsvc.store import schema
from feedsvc.store.rows import WHOLE_SITE, StoredEntry, row_to_entry


def read_newest(
    connection: Connection,
    name: str,
    now: datetime,
    limit: int,
    skip: int,
    since: datetime | None,
    quiet: bool,
) -> list[StoredEntry]:
    """Return the newest public entries of a feed, newest first, then in the order of their uid."""
    places, here = _places_of(name)
    query = (
        select(schema.entries)
        .join(places, places.c.uid == schema.entries.c.uid)
        .where(here, places.c.published <= now)
        .where(or_(places.c.expires.is_(None), places.c.expires > now))
        .order_by(places.c.published.desc(), places.c.uid.desc())
        .limit(limit)
    )
    if since is not None:
        query = query.where(places.c.published > since)
    if not quiet:
        told = schema.filed if places is schema.filed else schema.entries
        query = query.where(told.c.quiet.is_(False))
    if skip:
        query = query.offset(skip)
    return [row_to_entry(row) for row in connection.execute(query)]


def read_oldest(connection: Connection, now: datetime, limit: int, skip: int) -> list[StoredEntry]:
    """Return public entries of the whole site, the oldest first."""
    filed = schema.filed.c
    query = (
        select(schema.entries)
        .join(schema.filed, filed.uid == schema.entries.c.uid)
        .where(filed.section == WHOLE_SITE, filed.published <= now)
        .where(or_(filed.expires.is_(None), filed.expires > now))
        .order_by(filed.published, filed.uid)
        .limit(limit)
        .offset(skip)
    )
    return [row_to_entry(row) for row in connection.execute(query)]


def find_next_due(connection: Connection, after: datetime) -> datetime | None:
    """Return the first moment after ``after`` at which an entry appears or expires."""
    filed = schema.filed.c
    appears = select(func.min(filed.published, type_=schema.Moment)).where(
        filed.section == WHOLE_SITE, filed.published > after
    )
    expires = select(func.min(filed.expires, type_=schema.Moment)).where(filed.expires > after)
    held = schema.entries.c.held_until
    released = select(func.min(held, type_=schema.Moment)).where(held > after)
    queries = (appears, expires, released)
    moments = connection.execute(select(*(one.scalar_subquery() for one in queries))).one()
    return min((moment for moment in moments if moment), default=None)


def _places_of(name: str) -> tuple[Table, ColumnElement[bool]]:
    """Return the table that says what stands in a feed, and the condition for this one."""
    if "/" in name:
        labels = schema.labels
        return labels, and_(labels.c.name == name, labels.c.retracted.is_(None))
    return schema.filed, schema.filed.c.section == name
