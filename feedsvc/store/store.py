"""The verbs of the store: reading here, writing through a ``Writer`` in one transaction.

This is the contract that every engine satisfies; ``tests/store`` holds them to it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from feedsvc.model import Filing, MediaFile, Representation, Tombstone
from feedsvc.store import schema
from feedsvc.store.bounds import AT_LENGTH, Bounds
from feedsvc.store.desk import (
    find_next_release,
    list_uncertain,
    read_deeds,
    read_held,
    read_latest,
)
from feedsvc.store.engine import (
    ChangeWatch,
    analyze,
    connect_to_write,
    is_one_of,
    open_engine,
    open_watch,
)
from feedsvc.store.exporting import MarkTables
from feedsvc.store.figures import (
    SiteFigures,
    count_sections,
    list_unfiled,
    read_figures,
    read_problems,
)
from feedsvc.store.history import count_pages, list_tombstones, list_unpaged, read_page
from feedsvc.store.hub import HubTables
from feedsvc.store.media import list_troubled, read_media_marks, read_media_of
from feedsvc.store.migrate import migrate
from feedsvc.store.orders import OrderTables
from feedsvc.store.places import find_next_due, read_newest, read_oldest
from feedsvc.store.purges import PurgeTables
from feedsvc.store.readership import ReadershipTables
from feedsvc.store.rows import (
    ArchivePage,
    Deed,
    Problem,
    SectionCount,
    State,
    StoredEntry,
    StoredFile,
    row_to_entry,
    row_to_file,
    row_to_representation,
)
from feedsvc.store.sources import read_newest_sources
from feedsvc.store.stories import find_copies
from feedsvc.store.ticks import Crew, Fence, TickTables, read_crew
from feedsvc.store.trouble import as_store_errors
from feedsvc.store.writer import Writer

# How many entries are read at a time when all of them are wanted: bounds the memory.
_PAGE = 500


class Store:
    """The site's memory, in the database at ``url``; safe to use from several threads.

    Every method raises StoreError when the database fails, or is silent beyond its ``bounds``.
    """

    def __init__(self, url: str, bounds: Bounds = AT_LENGTH) -> None:
        self.url = url
        self._engine = open_engine(url, bounds)
        self._fence: Fence | None = None

    def put_fence(self, fence: Fence) -> None:
        """Let nothing be written from now on unless this process holds the tick of ``fence``."""
        self._fence = fence

    def migrate(self) -> bool:
        """Make or upgrade the tables; return whether anything had to be done."""
        return migrate(self._engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def analyze(self) -> None:
        """Let the database see how much it holds now, after much was written at once.

        It is a help and no more: raises nothing.
        """
        analyze(self._engine, schema.metadata.sorted_tables)

    def watch(self) -> ChangeWatch:
        """Return what tells cheaply whether somebody else has written."""
        with as_store_errors():
            return open_watch(self._engine)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Writer]:
        """Begin a transaction; it commits on leaving and rolls back on any exception.

        Behind a fence, raises NotAtWorkError if another process has this one's turn.
        """
        with as_store_errors(), connect_to_write(self._engine) as connection:
            if self._fence is None:
                yield Writer(connection)
                return
            with self._fence.guard(connection):
                yield Writer(connection)

    @contextlib.contextmanager
    def reading_orders(self) -> Iterator[OrderTables]:
        """Read what was asked for on the dashboard."""
        with self._reading() as connection:
            yield OrderTables(connection)

    @contextlib.contextmanager
    def reading_ticks(self) -> Iterator[TickTables]:
        """Read whose turn it is."""
        with self._reading() as connection:
            yield TickTables(connection)

    def crew(self) -> Crew:
        """Return which engine is at work, and how many stand by."""
        with self._reading() as connection:
            return read_crew(connection)

    @contextlib.contextmanager
    def reading_hub(self) -> Iterator[HubTables]:
        """Read the hub's tables, all at one moment."""
        with self._reading() as connection:
            yield HubTables(connection)

    @contextlib.contextmanager
    def reading_purges(self) -> Iterator[PurgeTables]:
        """Read what caches have to forget, all at one moment."""
        with self._reading() as connection:
            yield PurgeTables(connection)

    @contextlib.contextmanager
    def reading_readership(self) -> Iterator[ReadershipTables]:
        """Read who reads, all at one moment."""
        with self._reading() as connection:
            yield ReadershipTables(connection)

    @contextlib.contextmanager
    def reading_marks(self) -> Iterator[MarkTables]:
        """Read what tells an export what may have changed, all at one moment."""
        with self._reading() as connection:
            yield MarkTables(connection)

    # Facts and problems

    def fact(self, name: str) -> str:
        """Return what the site knows under ``name``, or an empty string."""
        query = select(schema.facts.c.value).where(schema.facts.c.name == name)
        with self._reading() as connection:
            return connection.execute(query).scalar() or ""

    def problems(self) -> list[Problem]:
        """Return what needs a person, by path."""
        query = select(schema.problems).order_by(schema.problems.c.path)
        with self._reading() as connection:
            rows = connection.execute(query).all()
        return [Problem(row.path, row.kind, row.message, row.since) for row in rows]

    def problems_of(self, kinds: Collection[str], limit: int) -> list[Problem]:
        """Return up to ``limit`` problems of some ``kinds``, by path."""
        with self._reading() as connection:
            return read_problems(connection, kinds, limit)

    # The ledger of files

    def files(self) -> dict[str, StoredFile]:
        """Return every file that was read, by path."""
        with self._reading() as connection:
            rows = connection.execute(select(schema.files))
            return {row.path: row_to_file(row) for row in rows}

    def has_more_files(self, than: int) -> bool:
        """Whether more files were read than so many; costs no more, however many there are."""
        query = select(schema.files.c.path).offset(than).limit(1)
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def file(self, path: str) -> StoredFile | None:
        """Return one file that was read."""
        query = select(schema.files).where(schema.files.c.path == path)
        with self._reading() as connection:
            row = connection.execute(query).first()
        return row_to_file(row) if row else None

    # Entries

    def entry(self, uid: str) -> StoredEntry | None:
        """Return one entry of any state."""
        return self._one_entry(schema.entries.c.uid == uid)

    def entry_of_key(self, key: str) -> StoredEntry | None:
        """Return the entry whose id was made from ``key``."""
        return self._one_entry(schema.entries.c.key == key)

    def newest(
        self,
        name: str,
        now: datetime,
        limit: int,
        *,
        skip: int = 0,
        since: datetime | None = None,
        quiet: bool = False,
    ) -> list[StoredEntry]:
        """Return the newest public entries of a section, tag or author, newest first (R42).

        Ties are in the order of their uid. The first ``skip`` are left out, and so are those that
        are not newer than ``since``; and, unless they are asked for, those that are no news.
        """
        with self._reading() as connection:
            return read_newest(connection, name, now, limit, skip, since, quiet)

    def oldest(self, now: datetime, limit: int, skip: int = 0) -> list[StoredEntry]:
        """Return public entries of the whole site, the oldest first, after the first ``skip``."""
        with self._reading() as connection:
            return read_oldest(connection, now, limit, skip)

    def has_label(self, name: str, now: datetime) -> bool:
        """Whether the public has ever seen an entry with this tag or author."""
        labels = schema.labels.c
        query = select(labels.uid).where(labels.name == name, labels.published <= now).limit(1)
        with self._reading() as connection:
            return connection.execute(query).first() is not None

    def cuts(self) -> list[str]:
        """Return the cuts whose feeds are kept in the publication, by name."""
        with self._reading() as connection:
            query = select(schema.cuts.c.name).order_by(schema.cuts.c.name)
            return list(connection.execute(query).scalars())

    def entries(self, *states: State) -> Iterator[StoredEntry]:
        """Yield every entry in one of ``states``, by uid, in pages that bound the memory."""
        table, last = schema.entries, ""
        while True:
            query = (
                select(table)
                .where(table.c.uid > last, table.c.state.in_([state.value for state in states]))
                .order_by(table.c.uid)
                .limit(_PAGE)
            )
            with self._reading() as connection:
                page = [row_to_entry(row) for row in connection.execute(query)]
            if not page:
                return
            yield from page
            last = page[-1].uid

    def certain(self, section: str, limit: int) -> list[StoredEntry]:
        """Return the newest entries that a person filed in ``section`` first."""
        table = schema.entries
        query = (
            select(table)
            .where(table.c.certain == section)
            .order_by(table.c.published.desc(), table.c.uid)
            .limit(limit)
        )
        with self._reading() as connection:
            return [row_to_entry(row) for row in connection.execute(query)]

    def counts(self, now: datetime) -> dict[str, SectionCount]:
        """Return how many public entries each section holds, and its newest date."""
        with self._reading() as connection:
            return count_sections(connection, now)

    def figures(self, now: datetime) -> SiteFigures:
        """Return the site in numbers, all of one moment."""
        with self._reading() as connection:
            return read_figures(connection, now)

    def unfiled(self, now: datetime, limit: int) -> list[StoredEntry]:
        """Return public entries that stand in no section, the newest first."""
        with self._reading() as connection:
            return list_unfiled(connection, now, limit)

    # Plain text as it was scraped

    def newest_sources(self, limit: int) -> list[tuple[str, str]]:
        """Return path and text of the plain files that came last, the last one first."""
        with self._reading() as connection:
            return read_newest_sources(connection, limit)

    def newest_source(self) -> int:
        """Return the number of the plain file that came last; 0 if there is none."""
        query = select(func.max(schema.sources.c.number))
        with self._reading() as connection:
            return int(connection.execute(query).scalar() or 0)

    def copies_of(self, uid: str) -> list[str]:
        """Return the paths of the files that tell an entry's story and do not lead."""
        with self._reading() as connection:
            return find_copies(connection, [uid]).get(uid, [])

    # Media files

    def media_of(self, uids: Collection[str]) -> dict[str, MediaFile]:
        """Return what is known of the media files that entries name, by path."""
        with self._reading() as connection:
            return read_media_of(connection, uids)

    def media_marks(self) -> dict[str, tuple[int, int]]:
        """Return the time of modification and the size of every media file that entries name."""
        with self._reading() as connection:
            return read_media_marks(connection)

    def troubled(self) -> list[StoredEntry]:
        """Return the entries that name a media file which cannot be used, or may not be."""
        with self._reading() as connection:
            uids = list_troubled(connection)
        found = [one for one in self.entries_of(uids) if one.is_coming or one.state is State.DRAFT]
        return sorted(found, key=lambda entry: entry.path)

    # History: archive documents and retracted entries

    def entries_of(self, uids: Collection[str]) -> list[StoredEntry]:
        """Return entries by uid, in no order."""
        with self._reading() as connection:
            listed = is_one_of(connection, schema.entries.c.uid, uids)
            rows = connection.execute(select(schema.entries).where(listed))
            return [row_to_entry(row) for row in rows]

    def unpaged(self, section: str, now: datetime) -> dict[str, bool]:
        """Return the public entries of a section that no archive document holds.

        By their uid, each with whether it is quiet, and so stands in no live feed either.
        """
        with self._reading() as connection:
            return list_unpaged(connection, section, now)

    def pages(self, section: str) -> int:
        """Return how many archive documents of a section are closed."""
        with self._reading() as connection:
            return count_pages(connection, section)

    def page(self, section: str, page: int, now: datetime) -> ArchivePage | None:
        """Return what an archive document holds now; None if there is none of that number."""
        with self._reading() as connection:
            return read_page(connection, section, page, now)

    def tombstones(self, section: str, limit: int) -> tuple[Tombstone, ...]:
        """Return the entries that were retracted last from a feed, the last one first."""
        with self._reading() as connection:
            return list_tombstones(connection, section, limit)

    def deeds(self, limit: int, uid: str = "") -> list[Deed]:
        """Return the last lines of the audit log, or of what was done to one entry."""
        with self._reading() as connection:
            return read_deeds(connection, limit, uid)

    # The desk: what is held back, and what nobody filed for certain

    def held(self) -> list[StoredEntry]:
        """Return the entries that are held back, the first to be released first."""
        with self._reading() as connection:
            return read_held(connection)

    def next_held(self) -> datetime | None:
        """Return when the first entry that is held back is to be released."""
        with self._reading() as connection:
            return find_next_release(connection)

    def latest(self, limit: int, skip: int = 0) -> list[StoredEntry]:
        """Return the entries of any state that came last, after the last ``skip`` of them."""
        with self._reading() as connection:
            return read_latest(connection, limit, skip)

    def uncertain(self, limit: int) -> list[tuple[str, Filing]]:
        """Return uid and filing of the entries that no person filed, the newest first."""
        with self._reading() as connection:
            return list(list_uncertain(connection, limit))

    # Time: embargoes and expiry

    def next_due(self, after: datetime) -> datetime | None:
        """Return the first moment after ``after`` at which an entry appears or expires.

        One that is held back appears when it is released.
        """
        with self._reading() as connection:
            return find_next_due(connection, after)

    # The publication

    def dirty(self) -> dict[str, int]:
        """Return the feeds that must be built again, each with the stamp of its last change."""
        with self._reading() as connection:
            rows = connection.execute(select(schema.dirty).order_by(schema.dirty.c.section))
            return {row.section: row.stamp for row in rows}

    def built(self) -> dict[str, tuple[str, datetime]]:
        """Return what each feed looked like when it was built: its digest and its date."""
        with self._reading() as connection:
            rows = connection.execute(select(schema.built))
            return {row.section: (row.digest, row.updated) for row in rows}

    def revision(self) -> int:
        """Return the number of the newest publication; 0 before the first."""
        return int(self.fact("revision") or 0)

    def representations_since(self, revision: int) -> dict[str, Representation | None]:
        """Return what was published after ``revision``; None for a path that went away."""
        table = schema.representations
        query = select(table).where(table.c.revision > revision)
        with self._reading() as connection:
            return {row.path: row_to_representation(row) for row in connection.execute(query)}

    def etags(self) -> Mapping[str, str]:
        """Return the ETag of every published path."""
        table = schema.representations.c
        query = select(table.path, table.etag).where(table.content_type != "")
        with self._reading() as connection:
            return {row.path: row.etag for row in connection.execute(query)}

    @contextlib.contextmanager
    def _reading(self) -> Iterator[Connection]:
        with as_store_errors(), self._engine.connect() as connection:
            yield connection

    def _one_entry(self, condition: object) -> StoredEntry | None:
        query = select(schema.entries).where(condition)  # type: ignore[arg-type]
        with self._reading() as connection:
            row = connection.execute(query).first()
        return row_to_entry(row) if row else None
