"""Moving a whole site from one store to another, of whatever engines."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, func, insert, inspect, select, text

from feedsvc.errors import StoreError
from feedsvc.store import schema
from feedsvc.store.engine import analyze, connect_to_write, open_engine
from feedsvc.store.figures import JOBS_FACT
from feedsvc.store.lineage import (
    PLACES_OWN,
    are_one_database,
    are_one_file,
    is_only_a_copy,
    list_losses,
    mark_copied,
)
from feedsvc.store.migrate import HEAD, migrate, name_store
from feedsvc.store.trouble import as_store_errors

# Rows that are held in memory at a time; the largest are articles, of some kilobytes.
_AT_ONCE = 500

# An engine writes this down as soon as it is at work: a copy does not have it, so that a store
# which has it is more than a copy.
_SIGN = JOBS_FACT

_SAME = "both stores are the same: nothing to copy"
_WHAT = "the store cannot be copied"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Transferred:
    """How many rows came over, by table, and the engine's last word at the old place."""

    rows: dict[str, int]
    sign: str


def transfer_store(source: str, target: str, progress: Progress | None = None) -> Transferred:
    """Make the store at the URL ``target`` the same as the one at ``source``, which stays.

    All comes over in one transaction: whatever breaks it off leaves the target as it was, and what
    an earlier transfer has brought is replaced. ``progress`` is told the rows done, and all. Raises
    StoreError when the source is no store of this version, or the target is the same store or holds
    what the source has not.
    """
    if source == target:
        raise StoreError(_SAME)
    with _opened(source) as old, _opened(target) as new:
        if are_one_file(old, new):
            raise StoreError(_SAME)
        _require_current(old)
        migrate(new)
        with as_store_errors(_WHAT), old.connect() as reading, connect_to_write(new) as writing:
            _require_free(reading, writing)
            done = _copy_all(reading, writing, progress)
        analyze(new, schema.metadata.sorted_tables)
        return done


def _copy_all(reading: Connection, writing: Connection, progress: Progress | None) -> Transferred:
    tables = [one for one in schema.metadata.tables.values() if one not in PLACES_OWN]
    sizes = {str(table.name): _count(reading, table) for table in tables}
    done, total = 0, sum(sizes.values())
    for table in tables:
        writing.execute(delete(table))
        rows = reading.execution_options(yield_per=_AT_ONCE).execute(select(table)).mappings()
        for some in rows.partitions(_AT_ONCE):
            writing.execute(insert(table), [dict(row) for row in some])
            done += len(some)
            if progress:
                progress(done, total)
        _carry_numbers(reading, writing, table)
    sign = _read_fact(reading, _SIGN)
    writing.execute(delete(schema.facts).where(schema.facts.c.name == _SIGN))
    mark_copied(writing)
    return Transferred(sizes, sign)


def _require_current(engine: Engine) -> None:
    file = engine.url.database or ""
    if engine.dialect.name == "sqlite" and not Path(file).exists():
        raise StoreError(f"there is no store at {file}")  # looking would make an empty one
    with as_store_errors(_WHAT), engine.connect() as connection:
        form = None
        if inspect(connection).has_table("alembic_version"):
            form = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if form != HEAD:
        where = name_store(engine)
        raise StoreError(
            f"{where} is no store of this version of feedsvc: name one that is, or run feedsvc "
            "migrate on its config first"
        )


def _require_free(reading: Connection, writing: Connection) -> None:
    """Raise StoreError where something would be lost that an earlier transfer has not brought."""
    if are_one_database(reading, writing):
        raise StoreError(_SAME)
    if not _count(writing, schema.entries) and not _count(writing, schema.subscriptions):
        return
    if _read_fact(writing, "tag") != _read_fact(reading, "tag"):
        raise StoreError("the target holds another site: name an empty database")
    if _read_fact(writing, _SIGN):
        raise StoreError(
            "the target is at work already: feedsvc serve has run on it, and what happened there "
            "since would be lost; name an empty database"
        )
    if is_only_a_copy(writing):
        return
    # One that was filled by an older version, or where the site was before, holds nothing else.
    losses = list_losses(reading, writing)
    if losses:
        raise StoreError(
            "the target has contents of its own, which the source has not, or in an older form "
            f"only: {', '.join(map(str, losses))} would be lost; name an empty database"
        )


def _carry_numbers(reading: Connection, writing: Connection, table: Table) -> None:
    """Let the target count on where the source does: no number is given twice."""
    column = table.autoincrement_column
    if column is None:
        return
    last = max(_read_last(reading, table), _read_last(writing, table))
    name = table.name
    if writing.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence(name, column.name)
        writing.execute(select(func.setval(sequence, max(last, 1), last > 0)))
    elif table.dialect_options["sqlite"]["autoincrement"]:
        where = {"name": name, "last": last}
        writing.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), where)
        insertion = "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"
        writing.execute(text(insertion), where)


def _read_last(connection: Connection, table: Table) -> int:
    """Return the highest number that a table has given so far."""
    column = table.autoincrement_column
    assert column is not None
    highest = connection.execute(select(func.max(column))).scalar() or 0
    if connection.dialect.name == "postgresql":
        query = (
            "SELECT pg_sequence_last_value(CAST(pg_get_serial_sequence(:name, :at) AS regclass))"
        )
        values = {"name": table.name, "at": column.name}
        return max(highest, connection.execute(text(query), values).scalar() or 0)
    if table.dialect_options["sqlite"]["autoincrement"]:
        query = "SELECT seq FROM sqlite_sequence WHERE name = :name"
        return max(highest, connection.execute(text(query), {"name": table.name}).scalar() or 0)
    return int(highest)


def _read_fact(connection: Connection, name: str) -> str:
    query = select(schema.facts.c.value).where(schema.facts.c.name == name)
    return connection.execute(query).scalar() or ""


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar() or 0)


@contextlib.contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = open_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()
