"""Media files that lie in a bucket: their facts, and reading them in parts."""

from __future__ import annotations

import io
import unicodedata
from typing import BinaryIO, cast

from feedsvc.bucket.objects import ObjectStatus, as_os_error, open_bucket, stat_object
from feedsvc.config import Bucket
from feedsvc.errors import RefusedError
from feedsvc.ingest import MISSING, describe_stream, require_served
from feedsvc.model import MediaFile

# Bytes a request: a picture's size stands in its first, and players take a recording bit by bit.
_PART = 256 * 1024


def describe_object(bucket: Bucket, path: str, key: str, status: ObjectStatus) -> MediaFile:
    """Return what the media file at ``path`` is; one that cannot be had says why."""
    try:
        require_served(path)
    except RefusedError as error:
        return MediaFile(path, trouble=str(error))
    parts = _Parts(bucket, key, status)
    try:
        found = describe_stream(
            cast(BinaryIO, io.BufferedReader(parts, _PART)),
            path,
            status.st_mtime_ns,
            status.st_size,
        )
    except OSError as error:
        return MediaFile(path, trouble=f"cannot be read: {error.strerror}")
    # A reader of pictures takes a server that went away for a broken picture: it is asked again.
    return MediaFile(path, trouble=f"cannot be read: {parts.trouble}") if parts.trouble else found


def open_object(bucket: Bucket, path: str) -> tuple[BinaryIO, ObjectStatus]:
    """Open the media file at ``path`` (NFC) to be served, and return its status.

    Raises RefusedError for what is not there or not to be served, OSError for a server that does
    not answer.
    """
    require_served(path)
    found = find_object(bucket, path)
    if found is None:
        raise RefusedError(MISSING)
    key, status = found
    return cast(BinaryIO, io.BufferedReader(_Parts(bucket, key, status), _PART)), status


def find_object(bucket: Bucket, path: str) -> tuple[str, ObjectStatus] | None:
    """Return key and status of what lies at ``path`` (NFC), None where nothing does.

    Its key may be written in NFC or NFD. Raises OSError for a server that does not answer.
    """
    for key in dict.fromkeys((path, unicodedata.normalize("NFD", path))):
        if status := stat_object(bucket, key):
            return key, status
    return None


class _Parts(io.RawIOBase):
    """One version of an object as a stream, a request for each part."""

    def __init__(self, bucket: Bucket, key: str, status: ObjectStatus) -> None:
        self.trouble = ""
        self._bucket = bucket
        self._key = key
        self._status = status
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._status.st_size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        import obstore

        end = min(self._at + len(buffer), self._status.st_size)
        if end <= self._at:
            return 0
        try:
            with as_os_error():
                # Of this very version: another that took its place must not be mixed in.
                options = {"range": (self._at, end), "if_match": self._status.etag or None}
                got = obstore.get(open_bucket(self._bucket), self._key, options=options)  # type: ignore[arg-type]
                data = bytes(got.bytes())[: end - self._at]
        except OSError as error:
            self.trouble = error.strerror or str(error)
            raise
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
