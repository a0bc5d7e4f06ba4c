"""What tells the same story: hashes of what files say, and which files follow another."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, delete, select, text

from feedsvc.store import schema
from feedsvc.store.engine import is_one_of, upsert


class StoryTables:
    """The verbs of the tables ``sketches`` and ``copies``, within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put_sketches(self, sketches: Mapping[str, Collection[int]]) -> None:
        """Let files, by path, be found by hashes of what they say (32 bits each)."""
        rows = _list_rows(sketches)
        # In the order of the index, which is twice as fast.
        upsert(self._connection, schema.sketches, sorted(rows, key=lambda row: row["hash"]))

    def drop_sketches(self, sketches: Mapping[str, Collection[int]]) -> None:
        """Let files be found by these hashes no longer."""
        if rows := _list_rows(sketches):
            statement = text("DELETE FROM sketches WHERE hash = :hash AND path = :path")
            self._connection.execute(statement, rows)

    def find_sketches(self, hashes: Collection[int]) -> dict[int, list[str]]:
        """Return the paths of the files that have one of ``hashes``, by hash, in order."""
        table, found = schema.sketches, dict[int, list[str]]()
        if hashes:
            query = select(table).where(is_one_of(self._connection, table.c.hash, hashes))
            for row in self._connection.execute(query):
                found.setdefault(row.hash, []).append(row.path)
        return {one: sorted(paths) for one, paths in found.items()}

    def put_copies(self, copies: Mapping[str, str]) -> None:
        """Note that files, by path, tell the story of an entry, by uid, which another leads."""
        rows = [{"path": path, "uid": uid} for path, uid in copies.items()]
        upsert(self._connection, schema.copies, rows)

    def drop_copies(self, paths: Collection[str]) -> None:
        """Note that files follow no other one."""
        if paths:
            table = schema.copies
            listed = is_one_of(self._connection, table.c.path, paths)
            self._connection.execute(delete(table).where(listed))

    def copies_of(self, uids: Collection[str]) -> dict[str, list[str]]:
        """Return the paths of the files that follow in telling an entry's story, by uid."""
        return find_copies(self._connection, uids)


def find_copies(connection: Connection, uids: Collection[str]) -> dict[str, list[str]]:
    """Return the files that follow another one in telling the story of an entry, by uid."""
    table, found = schema.copies, dict[str, list[str]]()
    if uids:
        listed = is_one_of(connection, table.c.uid, uids)
        for row in connection.execute(select(table).where(listed).order_by(table.c.path)):
            found.setdefault(row.uid, []).append(row.path)
    return found


def _list_rows(sketches: Mapping[str, Collection[int]]) -> list[dict[str, int | str]]:
    return [{"hash": one, "path": path} for path, sketch in sketches.items() for one in sketch]
