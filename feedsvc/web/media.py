"""Media files of the content folder over HTTP: whole, in byte ranges, or not at all (RFC 9110).

Podcast apps ask by HEAD, then for parts; browsers seek by ranges. A file is read piece by piece as
its reader takes it, and only so many at a time: each slow reader of a long file keeps a thread of
the worker, and the feeds must not wait for those.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple

from flask import Request, Response, abort
from werkzeug.http import is_resource_modified

from feedsvc.bucket import ObjectStatus, open_object
from feedsvc.config import Bucket
from feedsvc.errors import ContentFolderError, RefusedError
from feedsvc.ingest import (
    SNIFFED_BYTES,
    locate_media,
    open_media,
    settle_type,
    sniff_type,
    type_of_name,
)
from feedsvc.web.launch import STREAMS_MOST

log = logging.getLogger(__name__)

MEDIA_MAX_AGE = 3600

# What is smaller is handed over at once, and keeps no thread: nearly every picture is.
WHOLE_MOST = 1_000_000
_PIECE = 64 * 1024
# Seconds after which a player may try again when all streams are taken.
_RETRY_AFTER = "5"

# What has a browser's window for itself can run nothing, and load nothing but itself and the site's
# icon. Viewers of documents are parts of browsers that refuse to work in a sandbox.
_STILL = "default-src 'none'; sandbox"
_RECORDED = "default-src 'none'; img-src 'self'; media-src 'self'"
_POLICIES = {"audio": _RECORDED, "video": _RECORDED, "application": "script-src 'none'"}

_RANGE = re.compile(r"bytes\s*=\s*(\d{0,19})\s*-\s*(\d{0,19})", re.ASCII | re.IGNORECASE)


class Span(NamedTuple):
    """A part of a file: where it begins, and how long it is."""

    start: int
    length: int


class UnsatisfiableError(ValueError):
    """A range that lies wholly behind the end of a file."""


def read_range(header: str, size: int) -> Span | None:
    """Return the part of a file that a Range header asks for; None for the whole.

    Several ranges at once, other units and what cannot be read are answered with the whole, as
    RFC 9110 allows. Raises UnsatisfiableError where nothing of the file is in the range.
    """
    match = _RANGE.fullmatch(header.strip())
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        length = min(int(match[2]), size)
        start = size - length
    else:
        start, last = int(match[1]), int(match[2]) if match[2] else size
        if match[2] and last < start:
            return None
        length = min(last + 1, size) - start
    if length <= 0:
        raise UnsatisfiableError
    return Span(start, length)


class MediaDesk:
    """Answers requests for media files; one for each worker."""

    def __init__(self) -> None:
        self._free = threading.BoundedSemaphore(STREAMS_MOST)

    def answer(self, folder: Path | Bucket, path: str, request: Request, now: datetime) -> Response:
        """Return the answer to a request for ``path`` below the content folder."""
        try:
            stream, status = _open(folder, unicodedata.normalize("NFC", path))
        except (ContentFolderError, ConnectionError):
            return Response(status=503, headers={"Retry-After": _RETRY_AFTER})
        except (RefusedError, OSError):
            abort(404)
        keep = False
        try:
            response, span = _begin(stream, status, path, request, now)
            if span is None:
                return response
            if span.length <= WHOLE_MOST:
                stream.seek(span.start)
                response.set_data(stream.read(span.length))
            elif self._free.acquire(blocking=False):
                keep = True
                response.response = _Pieces(stream, span, self._free)
            else:
                return Response(status=503, headers={"Retry-After": _RETRY_AFTER})
            return response
        except OSError as error:  # the disk, or the bucket's server in the middle
            log.error("media/%s cannot be read: %s", path, error.strerror or error)
            return Response(status=503, headers={"Retry-After": _RETRY_AFTER})
        finally:
            if not keep:
                stream.close()


def _open(folder: Path | Bucket, path: str) -> tuple[BinaryIO, os.stat_result | ObjectStatus]:
    """Open a media file; ConnectionError says that a bucket's server does not answer."""
    if isinstance(folder, Bucket):
        try:
            return open_object(folder, path)
        except PermissionError:
            raise
        except OSError as error:
            raise ConnectionError(str(error)) from None
    stream = open_media(locate_media(folder, path))
    return stream, os.fstat(stream.fileno())


def _begin(
    stream: BinaryIO,
    status: os.stat_result | ObjectStatus,
    path: str,
    request: Request,
    now: datetime,
) -> tuple[Response, Span | None]:
    """Return an answer without its body, and the part of the file that is to be its body."""
    size, tag = status.st_size, f"{status.st_mtime_ns:x}-{status.st_size:x}"
    modified = min(datetime.fromtimestamp(int(status.st_mtime), UTC), now.replace(microsecond=0))
    named = type_of_name(path)
    type_ = settle_type(named, sniff_type(stream.read(SNIFFED_BYTES))) or named
    response = Response(content_type=f"{type_}; charset=utf-8" if type_[:5] == "text/" else type_)
    response.set_etag(tag)
    response.headers["Last-Modified"] = format_datetime(modified, usegmt=True)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Cache-Control"] = f"public, max-age={MEDIA_MAX_AGE}"
    response.headers["Content-Security-Policy"] = _POLICIES.get(type_.partition("/")[0], _STILL)
    if status_code := _judge_conditions(request, tag, modified):
        response.status_code = status_code
        del response.headers["Content-Type"]
        return response, None
    span = Span(0, size)
    # A part is of use only to who has the rest of this very version.
    since = request.headers.get("If-Range", "")
    if not since or since in (f'"{tag}"', response.headers["Last-Modified"]):
        try:
            part = read_range(request.headers.get("Range", ""), size)
        except UnsatisfiableError:
            response.status_code = 416
            response.headers["Content-Range"] = f"bytes */{size}"
            return response, None
        if part:
            span = part
            response.status_code = 206
            last = span.start + span.length - 1
            response.headers["Content-Range"] = f"bytes {span.start}-{last}/{size}"
    response.headers["Content-Length"] = str(span.length)
    return response, None if request.method == "HEAD" else span


def _judge_conditions(request: Request, tag: str, modified: datetime) -> int:
    """Return 412 or 304 where a condition says so, 0 where the file goes out (RFC 9110, 13.2.2)."""
    unmodified_since = request.if_unmodified_since
    if "If-Match" in request.headers:
        if not request.if_match.contains(tag):
            return 412
    elif unmodified_since and modified > unmodified_since:
        return 412
    # Werkzeug takes an If-Match that fails for "not modified".
    others = {name: value for name, value in request.environ.items() if name != "HTTP_IF_MATCH"}
    return 0 if is_resource_modified(others, tag, last_modified=modified) else 304


class _Pieces:
    """The part of a file, read piece by piece; closing it lets the next reader in."""

    def __init__(self, stream: BinaryIO, span: Span, free: threading.BoundedSemaphore) -> None:
        self._stream = stream
        self._left = span.length
        self._free = free
        self._closed = False
        stream.seek(span.start)

    def __iter__(self) -> Iterator[bytes]:
        while self._left and (piece := self._stream.read(min(_PIECE, self._left))):
            self._left -= len(piece)
            yield piece

    def close(self) -> None:
        """Let go of the file, and of the place among the streams."""
        if not self._closed:
            self._closed = True
            self._stream.close()
            self._free.release()
