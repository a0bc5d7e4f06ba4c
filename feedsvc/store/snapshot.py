"""The store's file as a whole: a copy of one moment while others write, and keeping others out.

Of SQLite only. Other engines bring their own way to be backed up.
"""

from __future__ import annotations

import contextlib
import fcntl
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from feedsvc.errors import StoreError, StoreInUseError
from feedsvc.store.engine import open_engine
from feedsvc.store.migrate import HEAD
from feedsvc.store.naming import show_url

# Pages (4 kB each) between two looks at how far a copy has come: a moment's work, so that Ctrl-C
# ends it at once.
_STEP = 2_000

# How long to wait for a transaction that is just ending, in seconds.
_PATIENCE = 5.0

# A process that was killed holds its locks for a moment more; looked at so often, in seconds.
_ENDING, _AGAIN_AFTER = 1.5, 0.05

# SQLite locks these bytes of its file (its file format, "lock-byte page"): pending, reserved, and
# 510 that readers share. A connection in WAL mode keeps its share for as long as it is open.
_LOCK_AT, _LOCK_LENGTH = 0x40000000, 512

# Of a damaged file the first faults say enough.
_FAULTS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """What a store says of itself: the form of its tables, and what its ids are made with."""

    form: str
    tag: str


def file_of_store(url: str) -> Path:
    """Return the file of a store. Raises StoreError where the URL names no file of SQLite."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
            return Path(str(parsed.database))
        if parsed.get_backend_name() == "postgresql":
            raise StoreError(
                "store.url: this is for a store in a file; PostgreSQL has pg_dump and pg_restore, "
                "and the rest of the site is config.yaml and the content folder"
            )
    except (ArgumentError, ValueError):
        pass
    raise StoreError("store.url: this needs a store in a file, such as sqlite:///path/to/file.db")


def place_of_store(url: str) -> Path | str:
    """Return the file of a store, or the URL of one on a server. Raises StoreError for neither."""
    is_on_server = False
    with contextlib.suppress(ArgumentError, ValueError):
        is_on_server = make_url(url).get_backend_name() == "postgresql"
    if not is_on_server:
        return file_of_store(url)
    open_engine(url).dispose()  # says what is wrong with the URL, and asks nobody yet
    return url


def name_place(place: Path | str) -> str:
    """Return how a person knows the place of a store: without a password."""
    return show_url(place) if isinstance(place, str) else str(place)


def copy_store(
    source: Path, target: Path, progress: Callable[[int, int], None] | None = None
) -> StoreFacts:
    """Copy the store at ``source``, as it is at this moment, to the new file ``target``.

    Others may go on reading and writing: all of the copy is read in one transaction, which keeps
    nobody waiting. ``progress`` is told the pages done, and all. Raises StoreError when the store
    cannot be read, or the copy is not whole.
    """
    try:
        # `mode=ro`: never make a store, or write to it.
        with (
            contextlib.closing(_connect(f"{source.absolute().as_uri()}?mode=ro")) as old,
            contextlib.closing(_connect(target.absolute().as_uri())) as new,
        ):
            new.execute("PRAGMA synchronous = OFF")  # what a crash leaves of it is of no use
            old.execute("BEGIN")
            # The transaction begins with its first look. Without it a copy that takes several
            # steps would begin anew whenever somebody commits, and never end on a busy site.
            old.execute("SELECT count(*) FROM sqlite_master").fetchone()

            def report(_status: int, remaining: int, total: int) -> None:
                if progress:
                    progress(total - remaining, total)

            old.backup(new, pages=_STEP, progress=report)
            new.execute("PRAGMA journal_mode = DELETE")  # one file, with no log beside it
    except sqlite3.Error as error:
        raise StoreError(f"the store {source} cannot be copied: {error}") from None
    return inspect_store(target)


def inspect_store(file: Path) -> StoreFacts:
    """Check a store that nobody uses, and return what it says of itself.

    The file may come from anybody. Raises StoreError when it is not whole, not ours, or newer than
    this version.
    """
    try:
        with contextlib.closing(_connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1")) as one:
            one.execute("PRAGMA trusted_schema = OFF")
            faults = [str(row[0]) for row in one.execute(f"PRAGMA quick_check({_FAULTS_SHOWN})")]
            if faults != ["ok"]:
                raise StoreError(f"the store is damaged: {'; '.join(faults)}")
            kinds = dict(one.execute("SELECT type, count(*) FROM sqlite_master GROUP BY type"))
            # We make none; in a store that came from elsewhere they would run when we write.
            if kinds.keys() & {"trigger", "view"}:
                raise StoreError("the store was changed by another program: it has triggers")
            form = str(one.execute("SELECT version_num FROM alembic_version").fetchone()[0])
            tag = one.execute("SELECT value FROM facts WHERE name = 'tag'").fetchone()
            one.execute("SELECT uid FROM entries LIMIT 1").fetchall()
    except (sqlite3.Error, TypeError, IndexError) as error:
        raise StoreError(f"this is no store of feedsvc, or a damaged one: {error}") from None
    if not (form.isascii() and form.isdigit()):
        raise StoreError("this is no store of feedsvc")
    if int(form) > int(HEAD):
        raise StoreError(
            f"the store has form {form}, and this version of feedsvc knows those up to {HEAD}: "
            "install the version that made it, or a newer one"
        )
    return StoreFacts(form, str(tag[0]) if tag else "")


@contextlib.contextmanager
def hold_alone(file: Path) -> Iterator[None]:
    """Keep everybody else out of a store's file; it is one file then, with no log beside it.

    An engine, a web worker or a command that has the store open holds a lock on it, and no process
    that has ended leaves one behind. Raises StoreInUseError where there is one, and StoreError.
    """
    end = time.monotonic() + _ENDING
    with contextlib.ExitStack() as stack:
        while file.exists():
            try:
                stack.enter_context(contextlib.closing(_take_alone(file)))
                break
            except StoreInUseError:
                if time.monotonic() > end:
                    raise
            time.sleep(_AGAIN_AFTER)
        yield


def _take_alone(file: Path) -> sqlite3.Connection | BinaryIO:
    """Return what holds the lock on a store's file until it is closed."""
    connection = _connect(file.absolute().as_uri())
    try:
        # What was committed and stands in the log comes into the file; SQLite does that only for
        # who is alone. Who comes between the two is told by the second.
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        connection.close()
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise _in_use(file) from None
        return _lock_bytes(file)  # too damaged to be asked: its bytes are not
    return connection


def _lock_bytes(file: Path) -> BinaryIO:
    """Take the lock that SQLite would take, on a file that is no database."""
    try:
        opened = file.open("r+b")
    except OSError as error:
        raise StoreError(f"the store {file} cannot be written: {error.strerror}") from None
    try:
        fcntl.lockf(opened, fcntl.LOCK_EX | fcntl.LOCK_NB, _LOCK_LENGTH, _LOCK_AT)
    except OSError:
        opened.close()
        raise _in_use(file) from None
    return opened


def _in_use(file: Path) -> StoreInUseError:
    return StoreInUseError(
        f"the store {file} is in use: end feedsvc serve, and every other command on it, first"
    )


def _connect(uri: str) -> sqlite3.Connection:
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE, isolation_level=None)
