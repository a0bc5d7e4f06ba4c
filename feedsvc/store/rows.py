"""The values that the store keeps, and how they become rows and back."""

from __future__ import annotations

import functools
import struct
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson
import zstandard
from pydantic import TypeAdapter

from feedsvc.errors import StoreError
from feedsvc.model import Article, Filing, Representation, Tombstone

_ARTICLE = TypeAdapter(Article)
_FILING = TypeAdapter(Filing)

# Articles are most of the store; at the fastest level they take a third of the space and less time
# than writing the rest would.
_PACK_LEVEL = 1

# A feed is built again with all but one of its articles as they were; this holds twenty feeds.
_UNPACKED_KEPT = 1_000

_own = threading.local()

# The feed of the whole site stands among the sections under this name.
WHOLE_SITE = "all"

CODINGS = ("identity", "gzip", "br", "zstd")


class State(StrEnum):
    """Where an entry is in its life; only LIVE ones can be read, from ``published`` on.

    HELD ones will be live when they have been here for long enough.
    """

    LIVE = "live"
    HELD = "held"
    DRAFT = "draft"
    WITHDRAWN = "withdrawn"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that was read: its fingerprint, its content's hash, and the entry it became.

    ``uid`` is empty for a file that was refused. ``sketch`` are a few hashes of what it says.
    """

    path: str
    modified_ns: int
    size: int
    inode: int
    digest: str
    uid: str = ""
    sketch: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as the ledger keeps it.

    ``key`` is what its id was made from; ``shown`` whether the public has ever seen it; ``visible``
    a hash of what a reader sees, so that only a visible edit moves ``updated`` (R45). ``retracted``
    is when it left the feeds, if it did; ``withheld`` says that a person withdrew it by command.
    ``arrived`` is when it came, ``held_until`` until when it is held back, while it is, and
    ``corrected`` are the sections that a person put it into by command. A ``quiet`` one came with
    so many others that it is no news.
    """

    uid: str
    id: str
    key: str
    path: str
    state: State
    shown: bool
    published: datetime
    updated: datetime
    expires: datetime | None
    visible: str
    article: Article
    filing: Filing
    retracted: datetime | None = None
    withheld: bool = False
    arrived: datetime | None = None
    held_until: datetime | None = None
    corrected: tuple[str, ...] = ()
    quiet: bool = False

    @property
    def is_coming(self) -> bool:
        """Whether it is public, or will be by itself."""
        return self.state in (State.LIVE, State.HELD)

    def is_public(self, now: datetime) -> bool:
        """Whether anybody may see it at ``now``: live, not embargoed, not expired."""
        if self.state is not State.LIVE or self.published > now:
            return False
        return self.expires is None or self.expires > now

    def was_public(self, now: datetime) -> bool:
        """Whether the public has seen it at some time up to ``now``."""
        return self.shown or (self.state is State.LIVE and self.published <= now)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that needs a person; ``path`` is a file of the content folder, or a name."""

    path: str
    kind: str
    message: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """What number ``page`` of a feed's ``pages`` archive documents holds.

    Its set of entries is fixed, and those that were retracted since stand in ``deleted``;
    ``changed`` is when it, or the link to the next one, was made.
    """

    page: int
    pages: int
    changed: datetime
    entries: tuple[StoredEntry, ...]
    deleted: tuple[Tombstone, ...]


@dataclass(frozen=True, slots=True)
class Deed:
    """What a person did to an entry: one line of the audit log."""

    at: datetime
    who: str
    action: str
    uid: str
    detail: str


@dataclass(frozen=True, slots=True)
class SectionCount:
    """How much a section holds at a moment."""

    entries: int
    newest: datetime | None


def pack_article(article: Article) -> bytes:
    """Return an article as the store keeps it; other processes do this ahead of the writer."""
    return pack_bytes(_ARTICLE.dump_json(article))


def pack_bytes(data: bytes) -> bytes:
    """Return data as the store keeps large values."""
    return _packer().compress(data)


def _packer() -> zstandard.ZstdCompressor:
    """Return this thread's compressor: making one costs as much as a small article does."""
    packer = getattr(_own, "packer", None)
    if packer is None:
        packer = _own.packer = zstandard.ZstdCompressor(_PACK_LEVEL)
    return packer


@functools.lru_cache(_UNPACKED_KEPT)
def _unpack_article(data: bytes) -> Article:
    return _ARTICLE.validate_json(zstandard.ZstdDecompressor().decompress(data))


def unpack_heading(data: bytes) -> tuple[str, str]:
    """Return slug and title of an article that was kept, without making the article.

    Raises StoreError when its row is damaged.
    """
    try:
        said = orjson.loads(zstandard.ZstdDecompressor().decompress(data))
        return said["slug"], said["title"]
    except (zstandard.ZstdError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"the store is damaged: an article cannot be read ({error})") from None


def unpack_filing(data: bytes) -> Filing:
    """Return a filing that was kept; raises StoreError when its row is damaged."""
    try:
        return _FILING.validate_json(data)
    except ValueError as error:
        reason = str(error).split("\n")[0]
        raise StoreError(f"the store is damaged: a filing cannot be read ({reason})") from None


def _pack_sketch(sketch: Sequence[int]) -> bytes | None:
    return struct.pack(f"<{len(sketch)}I", *sketch) if sketch else None


def _unpack_sketch(packed: bytes | None) -> tuple[int, ...]:
    """Return the hashes of a file; none from a row that is not ours."""
    if not packed or len(packed) % 4:
        return ()
    return struct.unpack(f"<{len(packed) // 4}I", packed)


def file_to_row(file: StoredFile) -> dict[str, Any]:
    """Make a row of ``files``."""
    return {
        "path": file.path,
        "modified_ns": file.modified_ns,
        "size": file.size,
        "inode": file.inode,
        "digest": file.digest,
        "uid": file.uid or None,
        "sketch": _pack_sketch(file.sketch),
    }


def row_to_file(row: Any) -> StoredFile:
    """Read a row of ``files``."""
    return StoredFile(
        row.path,
        row.modified_ns,
        row.size,
        row.inode,
        row.digest,
        row.uid or "",
        _unpack_sketch(row.sketch),
    )


def entry_to_row(entry: StoredEntry, packed: bytes = b"") -> dict[str, Any]:
    """Make a row of ``entries``; ``packed`` is its article, where that was done before."""
    teaches = entry.filing.certain and entry.is_coming
    return {
        "uid": entry.uid,
        "id": entry.id,
        "key": entry.key,
        "path": entry.path,
        "state": entry.state.value,
        "shown": entry.shown,
        "published": entry.published,
        "updated": entry.updated,
        "expires": entry.expires,
        "visible": entry.visible,
        "certain": entry.filing.sections[0] if teaches else "",
        "article": packed or pack_article(entry.article),
        "filing": _FILING.dump_json(entry.filing),
        "retracted": entry.retracted,
        "withheld": entry.withheld,
        "arrived": entry.arrived,
        "held_until": entry.held_until,
        "corrected": orjson.dumps(entry.corrected).decode() if entry.corrected else "",
        "quiet": entry.quiet,
    }


def row_to_entry(row: Any) -> StoredEntry:
    """Read a row of ``entries``.

    Raises StoreError when it holds what we never wrote: a damaged file, or another version's.
    """
    try:
        return _read_entry(row)
    except (zstandard.ZstdError, ValueError) as error:
        reason = str(error).split("\n")[0]
        raise StoreError(
            f"the store is damaged: the entry of {row.path} cannot be read ({reason}): restore a "
            "copy, or move the store away, and the next scan makes a new one from the articles"
        ) from None


def _read_entry(row: Any) -> StoredEntry:
    return StoredEntry(
        uid=row.uid,
        id=row.id,
        key=row.key,
        path=row.path,
        state=State(row.state),
        shown=bool(row.shown),
        published=row.published,
        updated=row.updated,
        expires=row.expires,
        visible=row.visible,
        article=_unpack_article(row.article),
        filing=_FILING.validate_json(row.filing),
        retracted=row.retracted,
        withheld=bool(row.withheld),
        arrived=row.arrived,
        held_until=row.held_until,
        corrected=tuple(orjson.loads(row.corrected)) if row.corrected else (),
        quiet=bool(row.quiet),
    )


def representation_to_row(path: str, revision: int, value: Representation) -> dict[str, Any]:
    """Make a row of ``representations``."""
    row: dict[str, Any] = {
        "path": path,
        "revision": revision,
        "content_type": value.content_type,
        "modified": value.modified,
        "max_age": value.max_age,
        "location": value.location,
        "etag": value.etag,
        "gone": value.gone,
        "link": value.link,
    }
    row.update({coding: value.bodies.get(coding) for coding in CODINGS})
    return row


def row_to_representation(row: Any) -> Representation | None:
    """Read a row of ``representations``; None says that the path is no longer published."""
    if not row.content_type:
        return None
    values: Mapping[str, Any] = row._mapping
    bodies = {coding: bytes(values[coding]) for coding in CODINGS if values[coding] is not None}
    return Representation(
        row.content_type,
        bodies,
        row.modified,
        row.max_age,
        row.location,
        row.etag,
        bool(row.gone),
        row.link,
    )
