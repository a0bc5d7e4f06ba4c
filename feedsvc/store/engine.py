"""Everything in which database engines differ; the rest of the store is portable SQL."""

from __future__ import annotations

import contextlib
import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Dialect,
    Engine,
    Table,
    Text,
    any_,
    bindparam,
    cast,
    extract,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from feedsvc.errors import StoreError
from feedsvc.store.bounds import AT_LENGTH, Bounds
from feedsvc.store.naming import show_url
from feedsvc.store.postgres import DRIVER, ServerWatch, open_postgres
from feedsvc.store.sqlite import FileWatch, open_sqlite

# How long a writer waits for another one (the command line beside a running engine), in seconds.
BUSY_TIMEOUT = 10.0

_WRITES = "feedsvc_writes"

# A second, and the Julian day on which 1970 began, from which SQLite counts.
_MICROSECONDS = 1_000_000
_JULIAN_1970 = 2_440_587.5


def open_engine(url: str, bounds: Bounds = AT_LENGTH) -> Engine:
    """Open the database at ``url`` without reading it yet; ``bounds`` are for a silent server.

    Raises StoreError when the URL is not understood, its engine is not supported, or the folder of
    an SQLite file cannot be made or written.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # Without the URL itself: there may be a password in it.
        raise StoreError(
            "store.url: is not a database URL; write sqlite:///path/to/file.db"
        ) from None
    # Other drivers of SQLite are not ours, nor are its options: we set what we need ourselves.
    if parsed.drivername in ("sqlite", "sqlite+pysqlite") and not parsed.query:
        return open_sqlite(parsed, BUSY_TIMEOUT, _WRITES)
    if parsed.drivername == DRIVER:
        return open_postgres(parsed, BUSY_TIMEOUT, _WRITES, bounds)
    shown = show_url(parsed)
    if parsed.get_backend_name() in ("postgresql", "postgres"):
        better = show_url(parsed.set(drivername=DRIVER))
        raise StoreError(f'store.url: "{shown}" is not supported; write {better}')
    raise StoreError(
        f'store.url: "{shown}" is not supported; write sqlite:///path/to/file.db, '
        f"or {DRIVER}://user@host/database"
    )


def connect_to_write(engine: Engine) -> contextlib.AbstractContextManager[Connection]:
    """Begin a transaction that may write; it commits on leaving and rolls back on an exception."""
    options: dict[str, Any] = {_WRITES: True}
    if engine.dialect.name == "postgresql":
        # Each statement sees what the writer before committed while this one waited for it.
        options["isolation_level"] = "READ COMMITTED"
    return engine.execution_options(**options).begin()


def analyze(engine: Engine, tables: Iterable[Table]) -> None:
    """Let the database count what ``tables`` hold, by which it plans how it looks things up.

    PostgreSQL does so by itself, but only some minutes after much was written at once; till then it
    walks through the whole of what it takes for small. SQLite plans by its indexes alone. Nothing
    depends on it: that it fails is no error.
    """
    if engine.dialect.name != "postgresql":
        return
    with (
        contextlib.suppress(DBAPIError),
        engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
    ):
        quote = connection.dialect.identifier_preparer.format_table
        connection.exec_driver_sql(f"ANALYZE {', '.join(map(quote, tables))}")


def upsert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``, each replacing the row that has the same primary key."""
    if not rows:
        return
    put = _compile_upsert(table, connection.dialect)
    connection.exec_driver_sql(put.sql, [put.convert(row) for row in rows])


def add_up(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert ``rows``; where one has the same primary key, its numbers are added to that row's."""
    if not rows:
        return
    put = _compile_upsert(table, connection.dialect, adds=True)
    connection.exec_driver_sql(put.sql, [put.convert(row) for row in rows])


@dataclass(frozen=True, slots=True)
class _Upsert:
    """A statement for many rows, and how each of their values goes to the driver.

    SQLAlchemy does the same for each row anew, which costs as much as the engine's own work.
    """

    sql: str
    names: tuple[str, ...]
    pick: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    ways: tuple[tuple[int, Callable[[Any], Any]], ...]
    positional: bool

    def convert(self, row: Mapping[str, Any]) -> Any:
        """Make the driver's parameters of a row."""
        values = self.pick(row)
        if self.ways:
            changed = list(values)
            for at, way in self.ways:
                changed[at] = way(changed[at])
            values = tuple(changed)
        return values if self.positional else dict(zip(self.names, values, strict=True))


@functools.cache
def _compile_upsert(table: Table, dialect: Dialect, adds: bool = False) -> _Upsert:
    statement: Any = _find_insert(dialect)(table)
    keys = [column.name for column in table.primary_key.columns]
    columns = [column.name for column in table.columns if column.name not in keys]
    if columns:
        new = {
            name: table.c[name] + statement.excluded[name] if adds else statement.excluded[name]
            for name in columns
        }
        statement = statement.on_conflict_do_update(index_elements=keys, set_=new)
    else:
        statement = statement.on_conflict_do_nothing(index_elements=keys)
    compiled = statement.compile(dialect=dialect, column_keys=[one.name for one in table.columns])
    order = compiled.positiontup or [column.name for column in table.columns]
    ways = (table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in order)
    return _Upsert(
        str(compiled),
        tuple(order),
        itemgetter(*order),  # every table has two columns at least
        tuple((at, way) for at, way in enumerate(ways) if way),
        compiled.positional,
    )


def add_missing(connection: Connection, table: Table, *rows: Mapping[str, Any]) -> None:
    """Insert rows unless there are some with the same primary keys, whoever puts them there."""
    put = _find_insert(connection.dialect)(table)
    connection.execute(put.on_conflict_do_nothing(), [dict(row) for row in rows])


def db_now(connection: Connection) -> ColumnElement[int]:
    """Return the database's time, one clock for all machines, in microseconds since 1970.

    SQLite knows it to the millisecond.
    """
    if connection.dialect.name == "postgresql":
        # Not now(), which stands still while a transaction lasts.
        seconds = extract("epoch", func.clock_timestamp())
        return cast(seconds * _MICROSECONDS, BigInteger)
    days = func.julianday("now") - literal_column(str(_JULIAN_1970))
    return cast(days * (86_400 * _MICROSECONDS), BigInteger)


def is_one_of(
    connection: Connection, column: ColumnElement[Any], values: Iterable[str] | Iterable[int]
) -> ColumnElement[bool]:
    """Return the condition that a column is one of ``values``, however many they are.

    They travel as one parameter: one for each would cost more than the look-up itself, and engines
    bound their number.
    """
    listed: list[Any] = sorted(set(values))
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql

        kind = BigInteger if listed and isinstance(listed[0], int) else Text
        return column == any_(bindparam(None, listed, type_=postgresql.ARRAY(kind)))
    table = func.json_each(json.dumps(listed)).table_valued("value")
    return column.in_(select(table.c.value))


def _find_insert(dialect: Dialect) -> Callable[[Table], Any]:
    if dialect.name != "postgresql":
        return sqlite.insert
    # Large, and needed by few: only they wait for it.
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


class ChangeWatch(Protocol):
    """Tells cheaply whether another connection has committed since the last look."""

    def changed(self) -> bool:
        """Whether something may have changed; the first look always says yes.

        Raises StoreError when the store is no longer there.
        """

    def close(self) -> None:
        """Give the connection back."""


def open_watch(engine: Engine) -> ChangeWatch:
    """Begin to watch a database. Raises StoreError when it does not answer."""
    return ServerWatch(engine) if engine.dialect.name == "postgresql" else FileWatch(engine)
