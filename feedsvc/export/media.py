"""Media files where they lie: in the content folder, or in a bucket that is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from feedsvc.bucket import find_object, open_object
from feedsvc.config import Bucket
from feedsvc.errors import ContentFolderError, RefusedError
from feedsvc.export.layout import ExportError
from feedsvc.ingest import locate_media, open_media, stat_media
from feedsvc.model import MediaFile

# So much of a file is in memory at a time, in bytes.
_PART = 1 << 18


@dataclass(frozen=True, slots=True)
class Source:
    """A media file as it was when it was listed; ``mark`` is another when it is another file."""

    folder: Path | Bucket
    path: str
    mark: str
    size: int

    @property
    def is_remote(self) -> bool:
        """Whether reading it asks a server."""
        return isinstance(self.folder, Bucket)

    @contextmanager
    def reading(self) -> Iterator[BinaryIO]:
        """Yield the file as a stream. Raises ExportError where it cannot be opened."""
        with _as_export_error(self.folder, self.path):
            if isinstance(self.folder, Bucket):
                stream, _ = open_object(self.folder, self.path)
            else:
                stream = open_media(locate_media(self.folder, self.path))
        with stream:
            yield stream

    def copy_to(self, target: BinaryIO) -> None:
        """Write the file's bytes to ``target``, whose own errors come out as they are.

        Raises ExportError where the file cannot be opened, or not be read to its end.
        """
        with self.reading() as stream:
            while True:
                with _as_export_error(self.folder, self.path):
                    part = stream.read(_PART)
                if not part:
                    return
                target.write(part)


def find_source(folder: Path | Bucket, path: str, known: MediaFile | None) -> Source | None:
    """Return a media file of the content folder, None where there is none to be served.

    ``known`` is what the last scan found: it spares a bucket a request for each file, and a bucket
    without events has nothing newer to tell. Raises ExportError when a bucket does not answer.
    """
    if isinstance(folder, Bucket):
        if known is None:
            return _ask_bucket(folder, path)
        if known.size < 0:
            return None
        return Source(folder, path, f"{known.modified_ns} {known.size}", known.size)
    status = stat_media(folder, path)
    if status is None:
        return None
    try:
        locate_media(folder, path)
    except RefusedError:
        return None
    return Source(folder, path, f"{status.st_mtime_ns} {status.st_size}", status.st_size)


def _ask_bucket(bucket: Bucket, path: str) -> Source | None:
    with _as_export_error(bucket, path):
        found = find_object(bucket, path)
    if found is None:
        return None
    status = found[1]
    return Source(bucket, path, f"{status.st_mtime_ns} {status.st_size}", status.st_size)


@contextmanager
def _as_export_error(folder: Path | Bucket, path: str) -> Iterator[None]:
    try:
        yield
    except ContentFolderError as error:
        raise ExportError(str(error)) from None
    except (RefusedError, OSError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ExportError(f"{folder}/{path} cannot be read: {reason}") from None
