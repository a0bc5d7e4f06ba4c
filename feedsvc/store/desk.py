"""What an editor's desk asks of the store: what is held back, unsure, or came with too many."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from feedsvc.model import Filing
from feedsvc.store import schema
from feedsvc.store.engine import is_one_of
from feedsvc.store.rows import Deed, State, StoredEntry, row_to_entry, unpack_filing

# Those that are public, or will be by themselves.
_COMING = (State.LIVE.value, State.HELD.value)


def read_held(connection: Connection) -> list[StoredEntry]:
    """Return the entries that are held back, the first to be released first."""
    table = schema.entries
    query = select(table).where(table.c.held_until.is_not(None))
    rows = connection.execute(query.order_by(table.c.held_until, table.c.uid))
    return [row_to_entry(row) for row in rows]


def read_latest(connection: Connection, limit: int, skip: int) -> list[StoredEntry]:
    """Return the entries of any state that came last, the last one first."""
    table = schema.entries
    order = (table.c.arrived.desc(), table.c.published.desc(), table.c.uid)
    query = select(table).order_by(*order).limit(limit).offset(skip)
    return [row_to_entry(row) for row in connection.execute(query)]


def find_next_release(connection: Connection) -> datetime | None:
    """Return when the first entry that is held back is to be released."""
    query = select(func.min(schema.entries.c.held_until, type_=schema.Moment))
    return connection.execute(query).scalar()


def list_uncertain(connection: Connection, limit: int) -> Iterator[tuple[str, Filing]]:
    """Yield uid and filing of the entries that no person filed, the newest first.

    Of what is not public, only what is held back.
    """
    table = schema.entries.c
    query = (
        select(table.uid, table.filing)
        .where(table.certain == "", table.state.in_(_COMING))
        .order_by(table.published.desc(), table.uid)
        .limit(limit)
    )
    for uid, filing in connection.execute(query):
        yield uid, unpack_filing(filing)


def list_old_arrivals(
    connection: Connection, since: datetime, before: datetime, most: int
) -> list[str]:
    """Return the uids of up to ``most`` entries that came from ``since`` on, dated ``before``."""
    table = schema.entries.c
    query = (
        select(table.uid)
        .where(*_came_since(since), table.published < before)
        .order_by(table.arrived)
        .limit(most)
    )
    return list(connection.execute(query).scalars())


def list_fresh_arrivals(
    connection: Connection, since: datetime, dated: tuple[datetime, datetime], most: int
) -> list[tuple[datetime, str, datetime]]:
    """Return date, uid and arrival of the newest entries that came as news from ``since`` on.

    Both ends of ``dated`` bound the dates. At most ``most`` are returned, the newest first.
    """
    table = schema.entries.c
    query = (
        select(table.published, table.uid, table.arrived)
        .where(*_came_since(since), table.quiet.is_(False), table.published.between(*dated))
        .order_by(table.published.desc(), table.uid.desc())
        .limit(most)
    )
    return [(published, uid, arrived) for published, uid, arrived in connection.execute(query)]


def list_quiet_arrivals(connection: Connection) -> list[datetime]:
    """Return the moments at which quiet entries came, the last one first."""
    table = schema.entries.c
    query = select(table.arrived).distinct().where(table.quiet, table.arrived.is_not(None))
    return list(connection.execute(query.order_by(table.arrived.desc())).scalars())


def list_quiet_since(connection: Connection, since: datetime) -> list[str]:
    """Return the uids of the quiet entries that came from ``since`` on."""
    table = schema.entries.c
    query = select(table.uid).where(table.arrived >= since, table.quiet)
    return list(connection.execute(query).scalars())


def set_quiet(
    connection: Connection, uids: Collection[str], quiet: bool, loud: Collection[str]
) -> list[str]:
    """Make entries quiet, or news again, in all feeds but the ``loud``; return their paths."""
    entries, filed = schema.entries, schema.filed
    listed = is_one_of(connection, entries.c.uid, uids)
    query = select(entries.c.path).where(listed, entries.c.quiet.is_not(quiet))
    paths = list(connection.execute(query).scalars())
    connection.execute(update(entries).where(listed).values(quiet=quiet))
    stands = (is_one_of(connection, filed.c.uid, uids), filed.c.section.not_in(sorted(loud)))
    connection.execute(update(filed).where(*stands).values(quiet=quiet))
    return paths


def read_deeds(connection: Connection, limit: int, uid: str = "") -> list[Deed]:
    """Return the last lines of the audit log, or of what it has of one entry."""
    table = schema.audit
    query = select(table).order_by(table.c.number.desc()).limit(limit)
    if uid:
        query = query.where(table.c.uid == uid)
    rows = connection.execute(query)
    return [Deed(row.at, row.who, row.action, row.uid, row.detail) for row in rows]


def _came_since(since: datetime) -> tuple[ColumnElement[bool], ...]:
    table = schema.entries.c
    return (table.arrived >= since, table.state.in_(_COMING))
