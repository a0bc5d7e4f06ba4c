"""Where articles come from: a folder of the disk, or a bucket; the few verbs that a scan needs."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from feedsvc.config import Bucket
from feedsvc.ingest import describe_media, stat_media
from feedsvc.model import MediaFile
from feedsvc.scan.bucket import BucketContent
from feedsvc.scan.listing import (
    Fingerprint,
    Folders,
    Listing,
    Status,
    fingerprint,
    is_present,
    kind_of,
    list_folder,
)


class Source(Protocol):
    """A source of articles and media.

    Paths are as the source spells them, relative, with slashes; media are named by NFC paths.
    ``reads_at_once`` is how many threads may read, where 1 says that processes pay better, and
    ``pause`` the least number of seconds after which a second look confirms that a file is gone,
    or nearly: twice of it.
    """

    @property
    def reads_at_once(self) -> int: ...

    @property
    def pause(self) -> float: ...

    def list_files(
        self, suffixes: Collection[str], under: str = "", known: Folders = ...
    ) -> Listing:
        """List all articles; ContentFolderError unless that is everything, or says what is not."""
        ...

    def refresh(self) -> None:
        """See the source as it is now, before a deletion is believed; or ContentFolderError."""
        ...

    def read(self, path: str, most: int) -> tuple[bytes | None, Status]:
        """Return a file's bytes, None if over ``most`` or no file; OSError as files raise it."""
        ...

    def find_mark(self, path: str) -> Fingerprint:
        """Return the fingerprint under which a file that cannot be read is remembered."""
        ...

    def kind(self, path: str) -> int:
        """Return the type bits of what lies at a path, not following a link; 0 for nothing."""
        ...

    def crosses_link(self, path: str) -> bool:
        """Whether any name on the way to a path is a link."""
        ...

    def is_present(self, path: str) -> bool:
        """Whether a listing would find a file at ``path``."""
        ...

    def is_there(self, path: str) -> bool:
        """Whether anything lies at ``path``."""
        ...

    def is_readable(self, path: str) -> bool:
        """Whether a file that could not be read may be by now."""
        ...

    def stat_media(self, path: str) -> Status | None:
        """Return the status of a media file, None where there is none."""
        ...

    def describe_media(self, path: str) -> MediaFile:
        """Return what a media file is; one that cannot be had says why."""
        ...


@dataclass(frozen=True, slots=True)
class FolderContent:
    """A folder of the disk, or of a network share."""

    root: Path

    @property
    def reads_at_once(self) -> int:
        return 1

    @property
    def pause(self) -> float:
        return 0.05

    def list_files(
        self, suffixes: Collection[str], under: str = "", known: Folders | None = None
    ) -> Listing:
        return list_folder(self.root, suffixes, under, known or {})

    def refresh(self) -> None:
        """Do nothing: each question is put to the disk itself."""

    def read(self, path: str, most: int) -> tuple[bytes | None, Status]:
        # O_NONBLOCK: opening a named pipe must not hang the engine.
        handle = os.open(self.root / path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            before = os.fstat(handle)
            if not stat.S_ISREG(before.st_mode) or before.st_size > most:
                return None, before
            parts, left = [], most + 1
            while left > 0 and (part := os.read(handle, min(left, 1 << 20))):
                parts.append(part)
                left -= len(part)
            after = os.fstat(handle)
        finally:
            os.close(handle)
        return (b"".join(parts) if left > 0 else None), after

    def find_mark(self, path: str) -> Fingerprint:
        try:
            return fingerprint((self.root / path).stat())
        except OSError:
            return (0, 0, 0)

    def kind(self, path: str) -> int:
        return kind_of(self.root / path)

    def crosses_link(self, path: str) -> bool:
        parts = path.split("/")
        ways = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
        return any((self.root / way).is_symlink() for way in ways if way)

    def is_present(self, path: str) -> bool:
        return is_present(self.root, path)

    def is_there(self, path: str) -> bool:
        return os.path.lexists(self.root / path)

    def is_readable(self, path: str) -> bool:
        return os.access(self.root / path, os.R_OK)

    def stat_media(self, path: str) -> Status | None:
        return stat_media(self.root, path)

    def describe_media(self, path: str) -> MediaFile:
        return describe_media(self.root, path)


def open_source(folder: Path | Bucket) -> Source:
    """Return the source that ``content.folder`` names; nothing is asked of it yet."""
    return BucketContent(folder) if isinstance(folder, Bucket) else FolderContent(folder)
