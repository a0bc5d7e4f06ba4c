"""What can be done to the store within one transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Connection, Table, delete, insert, select, union, update

from feedsvc.labels import labels_of
from feedsvc.model import MediaFile, Representation
from feedsvc.store import schema
from feedsvc.store.desk import (
    list_fresh_arrivals,
    list_old_arrivals,
    list_quiet_arrivals,
    list_quiet_since,
    read_held,
    set_quiet,
)
from feedsvc.store.engine import is_one_of, upsert
from feedsvc.store.history import close_pages
from feedsvc.store.hub import HubTables
from feedsvc.store.media import put_files, put_uses
from feedsvc.store.orders import OrderTables
from feedsvc.store.purges import PurgeTables
from feedsvc.store.readership import ReadershipTables
from feedsvc.store.rows import (
    Deed,
    State,
    StoredEntry,
    StoredFile,
    entry_to_row,
    file_to_row,
    representation_to_row,
    row_to_entry,
    row_to_file,
)
from feedsvc.store.sources import put_sources, read_sources
from feedsvc.store.stories import StoryTables
from feedsvc.store.ticks import TickTables

# Kept while there are caches in front of the site: else nobody wants to know what they must forget.
CACHES_FACT = "caches"


class Writer:
    """The writing verbs; got from ``Store.writing()``, which commits or rolls back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_fact(self, name: str, value: str) -> None:
        """Keep what the whole site has one of."""
        upsert(self._connection, schema.facts, [{"name": name, "value": value}])

    def fact(self, name: str) -> str:
        """Return what the site knows under ``name``, or an empty string."""
        query = select(schema.facts.c.value).where(schema.facts.c.name == name)
        return self._connection.execute(query).scalar() or ""

    def revision(self) -> int:
        """Return the number of the newest publication; nobody can raise it meanwhile."""
        return self._read_count("revision")

    def put_files(self, files: Iterable[StoredFile]) -> None:
        """Remember files that were read, replacing what was known of them."""
        upsert(self._connection, schema.files, [file_to_row(file) for file in files])

    def drop_files(self, paths: Collection[str]) -> None:
        """Forget files that are gone, what they said, and their problems."""
        self.stories.drop_sketches({file.path: file.sketch for file in self.files_of(paths)})
        self.stories.drop_copies(paths)
        self._delete(schema.files, "path", paths)
        self.drop_sources(paths)
        self.clear_problems(paths)

    def files_of(self, values: Collection[str], column: str = "path") -> list[StoredFile]:
        """Return the known files whose ``column`` (path, digest or uid) is one of ``values``."""
        table = schema.files
        listed = is_one_of(self._connection, table.c[column], values)
        query = select(table).where(listed).order_by(table.c.path)
        return [row_to_file(row) for row in self._connection.execute(query)] if values else []

    def entries_of(self, column: str, values: Collection[str]) -> list[StoredEntry]:
        """Return the entries whose ``uid`` or ``key`` is one of ``values``."""
        table = schema.entries
        query = select(table).where(is_one_of(self._connection, table.c[column], values))
        return [row_to_entry(row) for row in self._connection.execute(query)] if values else []

    def put_entries(
        self,
        entries: Sequence[StoredEntry],
        sections: Collection[str],
        packed: Mapping[str, bytes] = MappingProxyType({}),
        loud: Collection[str] = (),
    ) -> None:
        """Keep entries and file the live ones; mark what they touch for building again.

        ``sections`` are those that exist in the config: nothing is filed elsewhere. Feeds that an
        entry left are marked as well as those that it came to; one that was retracted leaves a
        tombstone in each, and its place in an archive document is kept. ``packed`` has the articles
        that were packed before, by uid. In feeds that they come to now, quiet entries are quiet,
        unless those are ``loud``; where they stand already, they stay what they are.
        """
        if not entries:
            return
        uids = [entry.uid for entry in entries]
        live, dead = self._places_of(schema.filed, uids), self._places_of(schema.tombstones, uids)
        places = dead | live
        quiet = self._find_quiet(uids)
        self._delete(schema.filed, "uid", uids)
        if dead:
            self._delete(schema.tombstones, "uid", uids)
        upsert(
            self._connection,
            schema.entries,
            [entry_to_row(entry, packed.get(entry.uid, b"")) for entry in entries],
        )
        filed = [
            {
                "section": section,
                "published": entry.published,
                "uid": entry.uid,
                "expires": entry.expires,
                "page": places.get((entry.uid, section), 0),
                "quiet": (
                    (entry.uid, section) in quiet
                    if (entry.uid, section) in live
                    else entry.quiet and section not in loud
                ),
            }
            for entry in entries
            if entry.state is State.LIVE
            for section in ("all", *entry.filing.sections)
            if section == "all" or section in sections
        ]
        upsert(self._connection, schema.filed, filed)
        self._put_tombstones(entries, places)
        touched = {section for _, section in places} | {str(row["section"]) for row in filed}
        touched |= self._put_labels(entries, uids)
        self.mark_dirty(self._add_cuts(touched))
        self._note_for_caches(places)

    def _put_labels(self, entries: Sequence[StoredEntry], uids: Collection[str]) -> set[str]:
        """Keep the tags and authors of entries; return those that entries left or came to."""
        table = schema.labels
        listed = is_one_of(self._connection, table.c.uid, uids)
        before = self._connection.execute(select(table.c.name).distinct().where(listed)).scalars()
        touched = set(before)
        if touched:
            self._delete(table, "uid", uids)
        rows = [
            {
                "name": name,
                "published": entry.published,
                "uid": entry.uid,
                "expires": entry.expires,
                "retracted": entry.retracted,
            }
            for entry in entries
            if entry.state is State.LIVE or entry.retracted
            for name in labels_of(entry.article.tags, entry.article.authors)
        ]
        upsert(self._connection, table, rows)
        return touched | {str(row["name"]) for row in rows}

    def _add_cuts(self, touched: Collection[str]) -> set[str]:
        """Return the feeds that are built of those ``touched``: sections, and the cuts we keep."""
        sections = {name for name in touched if "/" not in name}
        kept = self._connection.execute(select(schema.cuts.c.name)).scalars()
        return sections | {
            name for name in kept if name in touched or not sections.isdisjoint(name.split("+"))
        }

    def put_media(
        self,
        files: Sequence[MediaFile],
        uses: Mapping[str, Collection[str]] = MappingProxyType({}),
        unsure: Sequence[MediaFile] = (),
    ) -> list[str]:
        """Keep what media files are, and which of them entries show, by uid.

        What is known of a file wins over ``unsure``, where it is being written just now. The feeds
        of entries that show others now, or whose files are not what they were, are built again.
        Return the paths of such files.
        """
        touched = put_uses(self._connection, uses) if uses else []
        changed, users = put_files(self._connection, files, unsure)
        self._touch([*touched, *users])
        if self.fact(CACHES_FACT):
            self.purges.touch(f"/media/{path}" for path in changed)
        return changed

    def _touch(self, uids: Collection[str]) -> None:
        """Ask for all feeds in which entries stand to be built again."""
        if not uids:
            return
        self._note_for_caches(self._places_of(schema.filed, list(uids)))
        found: set[str] = set()
        for table, name in ((schema.filed, "section"), (schema.labels, "name")):
            listed = is_one_of(self._connection, table.c.uid, uids)
            query = select(table.c[name]).distinct().where(listed)
            found |= set(self._connection.execute(query).scalars())
        self.mark_dirty(self._add_cuts(found))

    def _note_for_caches(self, places: Mapping[tuple[str, str], int]) -> None:
        """Note the pages and archive documents of entries that stood there before."""
        if places and self.fact(CACHES_FACT):
            pages = {f"/articles/{uid}" for uid, _ in places}
            closed = {(name, page) for (_, name), page in places.items() if page}
            documents = {f"/feeds/{name}/archive/{page}" for name, page in closed}
            self.purges.touch(pages | documents)

    def keep_cut(self, name: str, most: int, idle_since: datetime, now: datetime) -> bool:
        """Keep the feed of a cut in the publication from now on; return whether there was room.

        Where ``most`` are kept already, it takes the place of the one that was asked for last
        before ``idle_since``, if any.
        """
        table = schema.cuts
        kept = self._connection.execute(select(table).order_by(table.c.asked)).all()
        if any(row.name == name for row in kept):
            return True
        if len(kept) >= most:
            if kept[0].asked >= idle_since:
                return False
            self.drop_cuts([row.name for row in kept[: len(kept) - most + 1]])
        upsert(self._connection, table, [{"name": name, "asked": now}])
        self.mark_dirty([name])
        return True

    def touch_cuts(self, names: Collection[str], now: datetime) -> None:
        """Note that kept cuts were asked for."""
        table = schema.cuts
        listed = is_one_of(self._connection, table.c.name, names)
        self._connection.execute(update(table).where(listed).values(asked=now))

    def drop_cuts(self, names: Collection[str]) -> None:
        """Keep the feeds of these cuts no longer; the next publishing takes them out."""
        self._delete(schema.cuts, "name", names)
        self.mark_dirty(names)

    def _put_tombstones(
        self, entries: Sequence[StoredEntry], places: Mapping[tuple[str, str], int]
    ) -> None:
        # A live one was retracted from the feeds alone: it may not be syndicated any more.
        retracted = {one.uid: one.retracted for one in entries}
        rows = [
            {"section": section, "uid": uid, "retracted": when, "page": page}
            for (uid, section), page in places.items()
            if (when := retracted.get(uid))
        ]
        upsert(self._connection, schema.tombstones, rows)

    def close_pages(self, section: str, size: int, now: datetime, rest: bool = False) -> None:
        """Put the public entries that have none into archive documents of ``size``, oldest first.

        What does not fill one stays out, unless ``rest`` asks for it: no set changes any more once
        it is made (RFC 5005, P50).
        """
        close_pages(self._connection, section, size, now, rest)

    def put_deeds(self, deeds: Sequence[Deed]) -> None:
        """Write lines of the audit log."""
        rows = [
            {"at": one.at, "who": one.who, "action": one.action, "uid": one.uid}
            | {"detail": one.detail}
            for one in deeds
        ]
        if rows:
            self._connection.execute(insert(schema.audit), rows)

    def sections_due(self, after: datetime, until: datetime) -> set[str]:
        """Return the feeds in which an entry appears or expires in ``(after, until]``."""
        filed, labels = schema.filed.c, schema.labels.c
        appearing = select(filed.uid).where(
            filed.section == "all", filed.published > after, filed.published <= until
        )
        expiring = select(filed.uid).where(filed.expires > after, filed.expires <= until)
        # Of "in these or in those" PostgreSQL would make a walk through the whole table.
        uids = union(appearing, expiring)
        query = select(filed.section).distinct().where(filed.uid.in_(uids))
        labelled = select(labels.name).distinct().where(labels.uid.in_(uids))
        found = set(self._connection.execute(query).scalars())
        return self._add_cuts(found | set(self._connection.execute(labelled).scalars()))

    def put_sources(self, texts: Mapping[str, bytes]) -> None:
        """Keep the text of plain files, by path and packed, as the newest that came."""
        if texts:
            put_sources(self._connection, texts)

    def drop_sources(self, paths: Collection[str]) -> None:
        """Forget the text of files that are gone, or refused."""
        self._delete(schema.sources, "path", paths)

    def sources_of(self, paths: Collection[str]) -> dict[str, str]:
        """Return the text of plain files as it was scraped, by path."""
        return read_sources(self._connection, paths)

    def held(self) -> list[StoredEntry]:
        """Return the entries that are held back, the first to be released first."""
        return read_held(self._connection)

    def old_arrivals(self, since: datetime, before: datetime, most: int) -> list[str]:
        """Return the uids of up to ``most`` entries that came since then, dated ``before``."""
        return list_old_arrivals(self._connection, since, before, most)

    def fresh_arrivals(
        self, since: datetime, dated: tuple[datetime, datetime], most: int
    ) -> list[tuple[datetime, str, datetime]]:
        """Return date, uid and arrival of the newest news that came since then, so ``dated``."""
        return list_fresh_arrivals(self._connection, since, dated, most)

    def quiet_arrivals(self) -> list[datetime]:
        """Return the moments at which quiet entries came, the last one first."""
        return list_quiet_arrivals(self._connection)

    def hush(self, uids: Collection[str], loud: Collection[str] = ()) -> list[str]:
        """Make entries quiet in all feeds but the ``loud``; return the paths of those."""
        self._touch(uids)
        return set_quiet(self._connection, uids, True, loud)

    def unhush(self, since: datetime) -> list[str]:
        """Make news of the quiet entries that came from ``since`` on; return their paths."""
        uids = list_quiet_since(self._connection, since)
        self._touch(uids)
        return set_quiet(self._connection, uids, False, ())

    @property
    def hub(self) -> HubTables:
        """Who subscribes, and what is owed to whom."""
        return HubTables(self._connection)

    @property
    def orders(self) -> OrderTables:
        """What was asked for on the dashboard."""
        return OrderTables(self._connection)

    @property
    def ticks(self) -> TickTables:
        """Whose turn it is among several engines."""
        return TickTables(self._connection)

    @property
    def purges(self) -> PurgeTables:
        """What caches in front of the site have to forget."""
        return PurgeTables(self._connection)

    @property
    def readership(self) -> ReadershipTables:
        """Who reads."""
        return ReadershipTables(self._connection)

    @property
    def stories(self) -> StoryTables:
        """What tells which files are copies of a story."""
        return StoryTables(self._connection)

    def put_problem(self, path: str, kind: str, message: str, now: datetime) -> None:
        """Report what needs a person; a problem that is known already keeps its first date."""
        table = schema.problems
        query = select(table.c.since, table.c.message).where(table.c.path == path)
        known = self._connection.execute(query).first()
        since = known.since if known and known.message == message else now
        row = {"path": path, "kind": kind, "message": message, "since": since}
        upsert(self._connection, table, [row])

    def clear_problems(self, paths: Collection[str]) -> None:
        """Take back what was reported of ``paths``: it was mended, or is gone."""
        self._delete(schema.problems, "path", paths)

    def mark_dirty(self, sections: Collection[str]) -> None:
        """Ask for feeds to be built again."""
        if not sections:
            return
        stamp = self._count_up("stamp")
        upsert(
            self._connection,
            schema.dirty,
            [{"section": section, "stamp": stamp} for section in sorted(sections)],
        )

    def clear_dirty(self, built: Mapping[str, int]) -> None:
        """Take back the marks of feeds that were built, unless they changed since then."""
        table = schema.dirty.c
        for section, stamp in built.items():
            self._connection.execute(
                delete(schema.dirty).where(table.section == section, table.stamp <= stamp)
            )

    def put_built(self, marks: Mapping[str, tuple[str, datetime]]) -> None:
        """Remember what feeds looked like when they were built: their hash and their date."""
        rows = [
            {"section": section, "digest": digest, "updated": updated}
            for section, (digest, updated) in marks.items()
        ]
        upsert(self._connection, schema.built, rows)

    def drop_built(self, sections: Collection[str]) -> None:
        """Forget feeds that exist no more."""
        self._delete(schema.built, "section", sections)

    def publish(self, changed: Mapping[str, Representation], gone: Mapping[str, datetime]) -> int:
        """Replace what the world sees, all at once; return the new revision.

        ``gone`` are the paths that are no longer published, each with the moment it went.
        """
        revision = self._count_up("revision")
        rows = [representation_to_row(path, revision, changed[path]) for path in sorted(changed)]
        rows += [
            representation_to_row(path, revision, Representation("", {}, gone[path], 0))
            for path in sorted(gone)
        ]
        upsert(self._connection, schema.representations, rows)
        return revision

    def _places_of(self, table: Table, uids: Sequence[str]) -> dict[tuple[str, str], int]:
        """Return the archive page of each entry in each feed where it stands, or stood."""
        listed = is_one_of(self._connection, table.c.uid, uids)
        query = select(table.c.uid, table.c.section, table.c.page).where(listed)
        return {(uid, section): page for uid, section, page in self._connection.execute(query)}

    def _find_quiet(self, uids: Sequence[str]) -> set[tuple[str, str]]:
        """Return the feeds in which entries stand that did not come as news, as (uid, feed)."""
        filed = schema.filed.c
        listed = is_one_of(self._connection, filed.uid, uids)
        query = select(filed.uid, filed.section).where(listed, filed.quiet)
        return {(uid, section) for uid, section in self._connection.execute(query)}

    def _count_up(self, name: str) -> int:
        number = self._read_count(name) + 1
        self.put_fact(name, str(number))
        return number

    def _read_count(self, name: str) -> int:
        return int(self.fact(name) or 0)

    def _delete(self, table: Table, column: str, values: Collection[str]) -> None:
        if values:
            listed = is_one_of(self._connection, table.c[column], values)
            self._connection.execute(delete(table).where(listed))
