"""SQLite: how its file is opened, locked and watched."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from feedsvc.errors import StoreError

# How often to try again when several processes meet at a new file, in seconds.
_WAL_EVERY = 0.02


def open_sqlite(url: URL, patience: float, writes: str) -> Engine:
    """Open a database in a file; a transaction with the execution option ``writes`` locks it.

    ``patience`` is for how long a writer waits for another one, in seconds. Raises StoreError when
    the file has no name, or its folder cannot be made or written.
    """
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
    engine = create_engine(url, connect_args={"timeout": patience})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # We begin transactions ourselves: the driver's own way would begin them too late.
        connection.isolation_level = None
        cursor = connection.cursor()
        _switch_to_wal(cursor, patience)
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
        is_writer = connection.get_execution_options().get(writes, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writer else "BEGIN")

    return engine


def _switch_to_wal(cursor: Any, patience: float) -> None:
    """Let readers and a writer work side by side; the file remembers it for ever.

    The switch needs the file for itself for a moment, and SQLite does not wait for that.
    """
    end = time.monotonic() + patience
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


class FileWatch:
    """Asks the file, by shared memory, whether another connection has committed."""

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
