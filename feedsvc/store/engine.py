"""Everything in which database engines differ; the rest of the store is portable SQL."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

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
    create_engine,
    event,
    extract,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from feedsvc.errors import StoreError

# How long a writer waits for another one (the command line beside a running engine), in seconds.
BUSY_TIMEOUT = 10.0

# How often to try again when several processes meet at a new file, in seconds.
_WAL_EVERY = 0.02

_WRITES = "feedsvc_writes"

# A second, and the Julian day on which 1970 began, from which SQLite counts.
_MICROSECONDS = 1_000_000
_JULIAN_1970 = 2_440_587.5


def open_engine(url: str) -> Engine:
    """Open the database at ``url`` without reading it yet.

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
        return _open_sqlite(parsed)
    raise StoreError(
        f'store.url: "{parsed.render_as_string()}" is not supported; write sqlite:///path/to/file.db'
    )


def _open_sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise StoreError("store.url: a store in memory is lost at once; name a file")
    if "\0" in url.database:
        raise StoreError("store.url: a file's name has no NUL character")
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        target = path if path.exists() else path.parent
        is_folder = path.is_dir()
    except OSError as error:
        raise StoreError(
            f"the store's folder {path.parent} cannot be made or entered: {error.strerror}"
        ) from None
    if not os.access(target, os.W_OK) or is_folder:
        raise StoreError(f"the store {path} cannot be written: check its owner and permissions")
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # We begin transactions ourselves: the driver's own way would begin them too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        _switch_to_wal(cursor)
        # In WAL mode this survives kill -9 whole; only a power cut may lose the last second, and
        # the content folder gives that back.
        cursor.execute("PRAGMA synchronous = NORMAL")
        # Copying the log into the database waits for the disk: not after every batch of a bulk.
        cursor.execute("PRAGMA wal_autocheckpoint = 8000")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.execute("PRAGMA mmap_size = 0")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A writer takes the lock at once: a reader that turns writer could fail half-way.
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _switch_to_wal(cursor: Any) -> None:
    """Let readers and a writer work side by side; the file remembers it for ever.

    The switch needs the file for itself for a moment, and SQLite does not wait for that.
    """
    end = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
            time.sleep(_WAL_EVERY)
        else:
            return


def connect_to_write(engine: Engine) -> contextlib.AbstractContextManager[Connection]:
    """Begin a transaction that may write; it commits on leaving and rolls back on an exception."""
    return engine.execution_options(**{_WRITES: True}).begin()


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


def add_missing(connection: Connection, table: Table, row: Mapping[str, Any]) -> None:
    """Insert a row unless there is one with the same primary key, whoever puts it there."""
    put = _find_insert(connection.dialect)(table).values(row)
    connection.execute(put.on_conflict_do_nothing())


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


class ChangeWatch:
    """Tells cheaply whether another connection has committed since the last look."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file = Path(engine.url.database or "")
        with self._as_store_errors():
            self._connection = engine.raw_connection()
        self._inode = self._find_inode()
        self._seen: Any = None

    def changed(self) -> bool:
        """Whether something may have changed; the first look always says yes.

        Raises StoreError when the store's file is no longer the one that was opened.
        """
        if self._find_inode() != self._inode:
            # Open connections would go on reading the file that was removed or replaced.
            if self._connection.is_valid:
                self._connection.invalidate()
            self._engine.dispose()
            raise StoreError(f"the store {self._file} was removed or replaced")
        with self._as_store_errors(), contextlib.closing(self._connection.cursor()) as cursor:
            (version,) = cursor.execute("PRAGMA data_version").fetchone()
        before, self._seen = self._seen, version
        return bool(version != before)

    @contextlib.contextmanager
    def _as_store_errors(self) -> Iterator[None]:
        # The raw connection is the driver's own: SQLAlchemy does not wrap what it raises.
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"the store {self._file} does not answer: {error}") from error

    def _find_inode(self) -> int:
        try:
            return self._file.stat().st_ino
        except OSError:
            return 0

    def close(self) -> None:
        """Give the connection back."""
        self._connection.close()
