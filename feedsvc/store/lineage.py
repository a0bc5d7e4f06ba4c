"""Whether a store may be replaced by a copy of another: is it the same, and what would be lost?"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Table, delete, func, insert, select, text

from feedsvc.store import schema
from feedsvc.store.engine import is_one_of

# Which engines are at work belongs to a place, and so does what a copy has left there.
PLACES_OWN = (schema.ticks, schema.engines)

# The row of `ticks` in which a store that was filled by a copy has what that brought.
_COPIED = "copied"

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)

# Rows of which it is asked at a time whether the other store has them.
_AT_ONCE = 500

# The fact that counts publications.
_REVISION = "revision"

# What nobody can make again, and what tells whether the other store has it: by its key, and by a
# column that is the same there, or a later one. All the rest comes from these or is a statistic.
_IRREPLACEABLE: tuple[tuple[str, ColumnElement[Any], ColumnElement[Any]], ...] = (
    ("entries", schema.entries.c.uid, schema.entries.c.updated),
    ("subscriptions", schema.subscriptions.c.number, schema.subscriptions.c.since),
    ("lines in the audit log", schema.audit.c.number, schema.audit.c.at),
)

_IS_LOCKED = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 "
    "AND classid = CAST(CAST(:one AS bigint) AS oid) "
    "AND objid = CAST(CAST(:other AS bigint) AS oid) "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_LOCK = text("SELECT pg_advisory_xact_lock(CAST(:one AS int), CAST(:other AS int))")


@dataclass(frozen=True, slots=True)
class Loss:
    """How many rows of a store another one has not, or has in an older form."""

    what: str
    rows: int

    def __str__(self) -> str:
        return f"{self.rows:,} of its {self.what}"


def are_one_file(one: Engine, other: Engine) -> bool:
    """Whether two engines have the same file, however it is spelled or linked."""
    if not one.dialect.name == other.dialect.name == "sqlite":
        return False
    first, second = (Path(engine.url.database or "") for engine in (one, other))
    if first.exists() and second.exists():
        return first.samefile(second)
    return first.resolve() == second.resolve()


def are_one_database(one: Connection, other: Connection) -> bool:
    """Whether two connections lead to the same schema of the same server, by whatever names."""
    if not one.dialect.name == other.dialect.name == "postgresql":
        return False
    # A lock that only they can know: ids of servers may be kept from users, names may be aliases.
    lock = {"one": secrets.randbits(31), "other": secrets.randbits(31)}
    other.execute(_LOCK, lock)
    if not one.execute(_IS_LOCKED, lock).scalar():
        return False
    where = select(func.current_schema())
    return one.execute(where).scalar() == other.execute(where).scalar()


def mark_copied(connection: Connection) -> None:
    """Note in a store that what it holds now was brought by a copy."""
    ticks = schema.ticks
    connection.execute(delete(ticks).where(ticks.c.name == _COPIED))
    values = {"name": _COPIED, "holder": _fingerprint(connection), "term": 0}
    connection.execute(insert(ticks).values(**values, due=_NEVER, since=_NEVER))


def is_only_a_copy(connection: Connection) -> bool:
    """Whether nothing came to a store since a copy filled it."""
    ticks = schema.ticks.c
    mark = connection.execute(select(ticks.holder).where(ticks.name == _COPIED)).scalar()
    return mark is not None and mark == _fingerprint(connection)


def list_losses(source: Connection, target: Connection) -> list[Loss]:
    """Return what would be gone for good if ``target`` became the same as ``source``."""
    counted = [
        Loss(what, sum(_count_lost(source, target, key, mark)))
        for what, key, mark in _IRREPLACEABLE
    ]
    return [loss for loss in counted if loss.rows]


def _count_lost(
    source: Connection, target: Connection, key: ColumnElement[Any], mark: ColumnElement[Any]
) -> Iterator[int]:
    last: Any = None
    while True:
        query = select(key, mark).order_by(key).limit(_AT_ONCE)
        page = target.execute(query if last is None else query.where(key > last)).all()
        if not page:
            return
        here = {row[0]: row[1] for row in page}
        listed = is_one_of(source, key, list(here))
        there = {row[0]: row[1] for row in source.execute(select(key, mark).where(listed))}
        yield sum(name not in there or there[name] < value for name, value in here.items())
        last = page[-1][0]


def _fingerprint(connection: Connection) -> str:
    """Return what is another as soon as an engine or a command has worked on a store."""
    revision = select(schema.facts.c.value).where(schema.facts.c.name == _REVISION)
    told = [str(connection.execute(revision).scalar() or "")]
    told += [
        f"{table.name} {' '.join(map(str, _measure(connection, table)))}"
        for table in schema.metadata.sorted_tables
        if table not in (*PLACES_OWN, schema.facts)
    ]
    return hashlib.blake2b("\n".join(told).encode(), digest_size=16).hexdigest()


def _measure(connection: Connection, table: Table) -> tuple[Any, ...]:
    number = table.autoincrement_column
    what = (func.count(),) if number is None else (func.count(), func.max(number))
    return tuple(connection.execute(select(*what).select_from(table)).one())
