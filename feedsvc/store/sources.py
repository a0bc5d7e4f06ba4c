"""The text of plain files as it was scraped: what cleaning again starts from."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import zstandard
from sqlalchemy import Connection, func, select

from feedsvc.errors import StoreError
from feedsvc.store import schema
from feedsvc.store.engine import is_one_of, upsert
from feedsvc.store.rows import pack_bytes


def pack_text(text: str) -> bytes:
    """Return a text as the store keeps it; other processes do this ahead of the writer."""
    return pack_bytes(text.encode("utf-8", "surrogatepass"))


def unpack_text(path: str, packed: bytes) -> str:
    """Return a text that was packed; raises StoreError when its row is damaged."""
    try:
        return zstandard.decompress(packed).decode("utf-8", "surrogatepass")
    except (zstandard.ZstdError, ValueError) as error:
        raise StoreError(
            f"the store is damaged: the text of {path} cannot be read ({error})"
        ) from None


def put_sources(connection: Connection, texts: Mapping[str, bytes]) -> None:
    """Keep packed texts by path, as the newest that came."""
    table = schema.sources
    last = int(connection.execute(select(func.max(table.c.number))).scalar() or 0)
    rows = [
        {"path": path, "number": number, "text": text}
        for number, (path, text) in enumerate(texts.items(), start=last + 1)
    ]
    upsert(connection, table, rows)


def read_sources(connection: Connection, paths: Collection[str]) -> dict[str, str]:
    """Return the texts of plain files, by path."""
    table = schema.sources
    query = select(table.c.path, table.c.text).where(is_one_of(connection, table.c.path, paths))
    return {path: unpack_text(path, text) for path, text in connection.execute(query)}


def read_newest_sources(connection: Connection, limit: int) -> list[tuple[str, str]]:
    """Return path and text of the plain files that came last, the last one first."""
    table = schema.sources
    query = select(table.c.path, table.c.text).order_by(table.c.number.desc()).limit(limit)
    return [(path, unpack_text(path, text)) for path, text in connection.execute(query)]
