"""The rows of media files, and of which entries show which of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, or_, select

from feedsvc.model import MediaFile
from feedsvc.store import schema
from feedsvc.store.engine import is_one_of, upsert

_COLUMNS = MediaFile.__match_args__


def read_media_of(connection: Connection, uids: Collection[str]) -> dict[str, MediaFile]:
    """Return the media files of entries, by path."""
    media, uses = schema.media.c, schema.media_uses
    if not uids:
        return {}
    query = (
        select(schema.media)
        .join(uses, uses.c.path == media.path)
        .where(is_one_of(connection, uses.c.uid, uids))
    )
    return {row.path: row_to_media(row) for row in connection.execute(query)}


def read_media_marks(connection: Connection) -> dict[str, tuple[int, int]]:
    """Return the time of modification and the size of every media file that entries show."""
    media = schema.media.c
    rows = connection.execute(select(media.path, media.modified_ns, media.size))
    return {row.path: (row.modified_ns, row.size) for row in rows}


def list_troubled(connection: Connection) -> list[str]:
    """Return the uids of the entries that name a media file which cannot be used."""
    media, uses = schema.media.c, schema.media_uses.c
    query = (
        select(uses.uid)
        .distinct()
        .join(schema.media, media.path == uses.path)
        .where(or_(media.size <= 0, media.trouble != ""))
        .order_by(uses.uid)
    )
    return list(connection.execute(query).scalars())


def put_uses(connection: Connection, uses: Mapping[str, Collection[str]]) -> list[str]:
    """Keep which media files each entry shows; return the entries that show others now.

    What nothing shows any more is forgotten.
    """
    table, media = schema.media_uses, schema.media
    listed = is_one_of(connection, table.c.uid, uses)
    before: dict[str, set[str]] = {}
    for uid, path in connection.execute(select(table.c.uid, table.c.path).where(listed)):
        before.setdefault(uid, set()).add(path)
    changed = [uid for uid, paths in uses.items() if before.get(uid, set()) != set(paths)]
    left = {path for uid in changed for path in before.get(uid, ())}
    if left:
        connection.execute(delete(table).where(is_one_of(connection, table.c.uid, changed)))
    rows = [{"uid": uid, "path": path} for uid in changed for path in sorted(set(uses[uid]))]
    upsert(connection, table, rows)
    if left:
        unused = media.c.path.not_in(select(table.c.path))
        connection.execute(delete(media).where(is_one_of(connection, media.c.path, left), unused))
    return changed


def put_files(
    connection: Connection, files: Sequence[MediaFile], unsure: Sequence[MediaFile]
) -> tuple[list[str], list[str]]:
    """Keep what media files are now, as far as any entry shows them; of ``unsure`` only new ones.

    Return the paths of those that are not what they were, and the entries that show them.
    """
    table, uses = schema.media, schema.media_uses
    paths = {file.path for file in (*files, *unsure)}
    if not paths:
        return [], []
    known = {
        row.path: row_to_media(row)
        for row in connection.execute(
            select(table).where(is_one_of(connection, table.c.path, paths))
        )
    }
    fresh = {file.path: file for file in unsure if file.path not in known}
    fresh |= {file.path: file for file in files if known.get(file.path) != file}
    if not fresh:
        return [], []
    users: dict[str, set[str]] = {}
    listed = is_one_of(connection, uses.c.path, fresh)
    for uid, path in connection.execute(select(uses.c.uid, uses.c.path).where(listed)):
        users.setdefault(path, set()).add(uid)
    upsert(connection, table, [_media_to_row(fresh[path]) for path in sorted(users)])
    return sorted(users), sorted(set().union(*users.values()))


def _media_to_row(file: MediaFile) -> dict[str, Any]:
    return {name: getattr(file, name) for name in _COLUMNS}


def row_to_media(row: Any) -> MediaFile:
    """Read a row of ``media``."""
    return MediaFile(*(getattr(row, name) for name in _COLUMNS))
