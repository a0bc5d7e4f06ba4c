"""Whether a store is whole: looking at it without writing, and mending what is safe to mend."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    StaticPool,
    Table,
    create_engine,
    delete,
    exists,
    func,
    inspect,
    select,
)
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from feedsvc.errors import StoreError
from feedsvc.store import schema
from feedsvc.store.engine import connect_to_write, open_engine
from feedsvc.store.migrate import HEAD
from feedsvc.store.rows import State
from feedsvc.store.snapshot import place_of_store
from feedsvc.store.trouble import as_store_errors
from feedsvc.store.writer import Writer

# How long to wait for who is just writing, in seconds.
_PATIENCE = 5.0

# So many instructions of SQLite (a millisecond or so) between two looks at the clock.
_INSTRUCTIONS = 100_000

# How PostgreSQL says that a question took too long.
_CANCELED = "57014"

# How long to look for damage before anything is mended, in seconds.
_CHECK_SECONDS = 120.0

# Of a damaged store, and of entries without a file, the first say enough.
_SHOWN = 3

# Each row of the first needs one of the second; where that is missing, nobody can reach it.
_NEEDS: tuple[tuple[Column[object], Column[object]], ...] = (
    (schema.filed.c.uid, schema.entries.c.uid),
    (schema.labels.c.uid, schema.entries.c.uid),
    (schema.tombstones.c.uid, schema.entries.c.uid),
    (schema.media_uses.c.uid, schema.entries.c.uid),
    (schema.copies.c.uid, schema.entries.c.uid),
    (schema.copies.c.path, schema.files.c.path),
    (schema.sketches.c.path, schema.files.c.path),
    (schema.sources.c.path, schema.files.c.path),
    (schema.deliveries.c.subscription, schema.subscriptions.c.number),
)

# Where the row names a feed that was built with it, this is the feed's name.
_FEEDS = {"filed": "section", "labels": "name", "tombstones": "section"}

# An entry in one of these states was made from a file that was there at the last look.
_FROM_FILES = (State.LIVE.value, State.HELD.value, State.DRAFT.value)

# Facts that are moments at which something happened.
_MOMENTS = ("renewed", "released_until")


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """What a look at a store has found.

    ``damage`` are the faults of the file, ``is_checked`` says that there was time to look for all.
    ``orphans`` are rows that nobody can reach, by table; ``lost`` the paths of some of the
    ``losses`` entries whose file is not in the ledger. ``moments`` are the latest that the store
    has of each kind, ``known`` the files that were read, ``troubled`` the paths with a problem.
    ``tag`` is what ids are made with, where the config does not say.
    """

    form: str
    is_current: bool
    damage: tuple[str, ...] = ()
    is_checked: bool = True
    orphans: Mapping[str, int] = field(default_factory=dict)
    losses: int = 0
    lost: tuple[str, ...] = ()
    moments: Mapping[str, datetime] = field(default_factory=dict)
    known: frozenset[str] = frozenset()
    troubled: frozenset[str] = frozenset()
    subscriptions: int = 0
    tag: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether what it holds can be relied upon."""
        return self.is_current and not self.damage


def examine_store(place: Path | str, seconds: float) -> StoreHealth:
    """Look at the store in a file, or at a server's URL, without writing anything.

    It takes so many seconds at most; on a server each question does. Raises StoreError when it
    cannot be read at all, or is none of ours.
    """
    if isinstance(place, str):
        return _examine(place, seconds)
    file = place
    was_alone = not _log_of(file).exists()
    failed: StoreError | None = None
    health: StoreHealth | None = None
    try:
        health = _examine(file, seconds)
    except StoreError as error:
        failed = error
    if (failed or (health and health.damage)) and was_alone and _log_of(file).exists():
        # Somebody has begun to write meanwhile, which may look like damage.
        return _examine(file, seconds)
    if failed:
        raise failed
    assert health
    return health


def _examine(place: Path | str, seconds: float) -> StoreHealth:
    with _looking(place) as connection:
        if isinstance(place, str) and not inspect(connection).has_table("alembic_version"):
            return StoreHealth("", is_current=False)
        form = str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())
        damage: tuple[str, ...] = ()
        orphans: dict[str, int] = {}
        lost: tuple[str, ...] = ()
        losses, is_checked = 0, False
        with _ending(connection, seconds):
            damage = _check_pages(connection)
            if damage or form != HEAD:
                return StoreHealth(form, form == HEAD, damage)
            orphans = _count_orphans(connection)
            lost, losses = _find_lost(connection)
            is_checked = True
        files = schema.files.c
        return StoreHealth(
            form=form,
            is_current=True,
            is_checked=is_checked,
            orphans=orphans,
            losses=losses,
            lost=lost,
            moments=_find_moments(connection),
            known=frozenset(
                connection.execute(select(files.path).where(files.size >= 0)).scalars()
            ),
            troubled=frozenset(connection.execute(select(schema.problems.c.path)).scalars()),
            subscriptions=_count(connection, schema.subscriptions),
            tag=connection.execute(
                select(schema.facts.c.value).where(schema.facts.c.name == "tag")
            ).scalar()
            or "",
        )


def read_etag(place: Path | str, path: str) -> str:
    """Return the ETag of what is published at ``path``; empty if nothing. Raises StoreError."""
    table = schema.representations.c
    with _looking(place) as connection:
        query = select(table.etag).where(table.path == path)
        return connection.execute(query).scalar() or ""


def mend_store(url: str) -> dict[str, int]:
    """Delete the rows that nobody can reach, and ask for the feeds that had them to be built again.

    Return how many went, by table. A store that is missing, damaged, or of another version is left
    alone. Raises StoreError.
    """
    place = place_of_store(url)
    if isinstance(place, Path) and not place.exists():
        return {}
    if not examine_store(place, _CHECK_SECONDS).is_usable:
        return {}
    engine = open_engine(url)
    try:
        with as_store_errors("the store cannot be mended"), connect_to_write(engine) as connection:
            found = _count_orphans(connection)
            touched: set[str] = set()
            for child, parent in _NEEDS:
                if child.table.name in found:
                    touched |= _list_feeds(connection, child, parent)
                    orphaned = delete(_table_of(child)).where(_is_orphan(child, parent))
                    connection.execute(orphaned)
            built = set(connection.execute(select(schema.built.c.section)).scalars())
            # Feeds of several sections are few: whether they had one of the rows is not asked.
            touched |= {name for name in built if "+" in name} if touched else set()
            Writer(connection).mark_dirty(touched & built)
            return found
    finally:
        engine.dispose()


def _log_of(file: Path) -> Path:
    """Return where the log lies that SQLite keeps beside a store while it is open."""
    return file.with_name(f"{file.name}-wal")


@contextlib.contextmanager
def _looking(place: Path | str) -> Iterator[Connection]:
    """Open a store to look at it. Raises StoreError, also for what comes later."""
    engine = open_engine(place) if isinstance(place, str) else _open_to_read(place)
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).split("\n")[0]
        raise StoreError(reason) from None
    finally:
        engine.dispose()


def _open_to_read(file: Path) -> Engine:
    uri = f"{file.absolute().as_uri()}?mode=ro"
    if not _log_of(file).exists():
        # Nobody has it open. Else even a reader would put SQLite's two files beside it.
        uri += "&immutable=1"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(
            uri, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA trusted_schema = OFF")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=StaticPool)


@contextlib.contextmanager
def _ending(connection: Connection, seconds: float) -> Iterator[None]:
    """Leave the block after so many seconds, wherever it is; a server bounds each question."""
    if connection.dialect.name == "postgresql":
        bound = max(1, int(seconds * 1000))
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {bound}")
        try:
            yield
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", "") != _CANCELED:
                raise
        connection.rollback()  # what comes next has the time that anything has
        return
    end = time.monotonic() + seconds
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.set_progress_handler(lambda: time.monotonic() > end, _INSTRUCTIONS)
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_INTERRUPT:
            raise
    finally:
        driver.set_progress_handler(None, 0)


def _check_pages(connection: Connection) -> tuple[str, ...]:
    """Return the faults of the file; a server looks after its own."""
    if connection.dialect.name == "postgresql":
        return ()
    rows = connection.exec_driver_sql(f"PRAGMA quick_check({_SHOWN})").scalars().all()
    # Some of them have several lines.
    faults = tuple(line for row in rows for line in str(row).splitlines())
    return () if faults == ("ok",) else faults[:_SHOWN]


def _count_orphans(connection: Connection) -> dict[str, int]:
    found: dict[str, int] = {}
    for child, parent in _NEEDS:
        query = select(func.count()).select_from(child.table).where(_is_orphan(child, parent))
        if count := connection.execute(query).scalar():
            name = str(child.table.name)
            found[name] = max(found.get(name, 0), count)
    return found


def _list_feeds(connection: Connection, child: Column[object], parent: Column[object]) -> set[str]:
    column = _FEEDS.get(child.table.name)
    if column is None:
        return set()
    query = select(child.table.c[column]).distinct().where(_is_orphan(child, parent))
    return set(connection.execute(query).scalars())


def _is_orphan(child: Column[object], parent: Column[object]) -> ColumnElement[bool]:
    return ~exists().where(parent == child).correlate(child.table)


def _table_of(column: Column[object]) -> Table:
    assert isinstance(column.table, Table)
    return column.table


def _find_lost(connection: Connection) -> tuple[tuple[str, ...], int]:
    """Return entries whose file is not in the ledger: paths of some, and how many."""
    entries, files = schema.entries, schema.files
    there = exists().where(files.c.path == entries.c.path).correlate(entries)
    lost = (entries.c.state.in_(_FROM_FILES), ~there)
    count = connection.execute(select(func.count()).select_from(entries).where(*lost)).scalar() or 0
    query = select(entries.c.path).where(*lost).order_by(entries.c.path).limit(_SHOWN)
    return (tuple(connection.execute(query).scalars()) if count else ()), count


def _find_moments(connection: Connection) -> dict[str, datetime]:
    latest = {
        "feeds' dates": schema.built.c.updated,
        "the audit log": schema.audit.c.at,
        "articles' arrival": schema.entries.c.arrived,
    }
    found: dict[str, datetime] = {}
    for name, column in latest.items():
        moment = connection.execute(select(func.max(column, type_=schema.Moment))).scalar()
        if moment:
            found[name] = moment
    query = select(schema.facts).where(schema.facts.c.name.in_(_MOMENTS))
    for row in connection.execute(query):
        with contextlib.suppress(ValueError):
            found[row.name] = datetime.fromisoformat(row.value)
    return found


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar() or 0)
