"""The objects of a bucket, by obstore: one listing, and one object read within bounds.

What fails for the bucket as a whole is a ContentFolderError; what fails for one object is an
OSError, as it would be for a file.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from feedsvc.config import Bucket
from feedsvc.errors import ContentFolderError

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import S3Store

# So many objects are read at a time: what a request waits for is the way, and not this machine.
READS_AT_ONCE = 8

# Objects a request of a listing: the protocol's own limit.
_PAGE = 1_000
# A listing that takes longer, or is longer, is given up: it would hold up the scans for ever.
_LIST_SECONDS = 300.0
_LIST_MOST = 2_000_000

# A server that is gone is found to be so within some seconds, and tried again at the next scan.
_CONNECT = timedelta(seconds=5)

# A signed 64-bit column keeps what tells one ETag from another.
_TAG_MASK = (1 << 63) - 1
_SECOND = 1_000_000_000

# How an answer is told by the library, and what of its words is another each time.
_STATUS = re.compile(r"non-2xx status code: (\d{3}[A-Za-z ]{0,40})")
_PASSING = re.compile(r"\s(?:in [0-9.]+[a-zµ]+|[A-Z]+ https?://\S+|https?://\S+)")

# An error's first line tells people what to do about it; the rest is for programmers.
_REASON_MOST = 200


@dataclass(frozen=True, slots=True)
class ObjectStatus:
    """What a listing tells of an object, in the words of a file's status.

    The ETag stands in for the inode, and in the parts of a second: dates of objects have none.
    """

    st_mtime_ns: int
    st_size: int
    st_ino: int
    etag: str = ""
    st_mode: int = stat.S_IFREG

    @property
    def st_mtime(self) -> float:
        """When the object was put there, in whole seconds."""
        return float(self.st_mtime_ns // _SECOND)

    @property
    def st_ctime(self) -> float:
        """The same: objects appear whole, and are never touched later."""
        return self.st_mtime

    @property
    def st_ctime_ns(self) -> int:
        """The same in nanoseconds."""
        return self.st_mtime_ns


@dataclass(slots=True)
class Found:
    """A bucket at one moment: its objects by their keys, and the folders that cannot be listed."""

    objects: dict[str, ObjectStatus] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def require_library() -> None:
    """Raise ContentFolderError where the library for buckets is not installed."""
    try:
        import obstore  # noqa: F401
    except ImportError:
        raise ContentFolderError(
            "a bucket needs a library that is not installed: pip install 'feedsvc[s3]'"
        ) from None


def find_key_fault(key: str) -> str:
    """Return why a key is no safe path below the content folder; nothing if it is one."""
    if any(part in ("", ".", "..") for part in key.split("/")):
        return "its key has an empty part, . or ..: rename it"
    if not key.isprintable() and any(ord(one) < 32 or 127 <= ord(one) < 160 for one in key):
        return "its key has control characters: rename it"
    return ""


def list_objects(bucket: Bucket) -> Found:
    """Return all objects of a bucket; one request for each 1,000.

    Raises ContentFolderError unless the listing is whole: what it lacks would count as deleted.
    """
    store, until = open_bucket(bucket), time.monotonic() + _LIST_SECONDS
    import obstore
    from obstore.exceptions import InvalidPathError

    found = Found()
    try:
        with _as_trouble(bucket):
            for page in obstore.list(store, chunk_size=_PAGE):
                _note(page, found, until, bucket)
    except InvalidPathError:
        # The library gives up the page that has a key which is no path. Folder by folder only the
        # one folder is lost, which says so.
        found = Found()
        _walk(store, bucket, found, until)
    return found


def read_object(bucket: Bucket, key: str, most: int) -> tuple[bytes | None, ObjectStatus]:
    """Return an object's bytes (None if there are over ``most``) and its status.

    Raises FileNotFoundError, PermissionError, or OSError for a server that does not answer.
    """
    require_library()
    import obstore

    with as_os_error():
        result = obstore.get(open_bucket(bucket), key)
        status = read_status(result.meta)
        if status.st_size > most:
            return None, status
        parts, left = [], most
        for part in result.stream(min_chunk_size=1 << 20):
            left -= len(part)
            if left < 0:
                return None, status
            parts.append(bytes(part))
    return b"".join(parts), status


def stat_object(bucket: Bucket, key: str) -> ObjectStatus | None:
    """Ask for the status of one object; None where there is none. Raises OSError as reading it."""
    require_library()
    import obstore

    try:
        with as_os_error():
            return read_status(obstore.head(open_bucket(bucket), key))
    except FileNotFoundError:
        return None


def read_status(meta: ObjectMeta) -> ObjectStatus:
    """Return the status that an object's metadata tell."""
    etag = meta["e_tag"] or ""
    digest = hashlib.blake2b(etag.encode(), digest_size=8).digest()
    tag = int.from_bytes(digest, "big") & _TAG_MASK
    seconds = int(meta["last_modified"].timestamp())
    return ObjectStatus(seconds * _SECOND + tag % _SECOND, meta["size"], tag, etag)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may take, how often it is tried again, and for how long in all."""

    request: timedelta = timedelta(seconds=30)
    retries: int = 2
    retrying: timedelta = timedelta(seconds=10)


_READING = Patience()


@lru_cache(8)
def open_bucket(bucket: Bucket, patience: Patience = _READING) -> S3Store:
    """Return the library's hand on a bucket; the server and credentials are those of AWS_*.

    Raises ContentFolderError.
    """
    require_library()
    from obstore.store import S3Store

    allow_http = os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true", "yes", "on")
    try:
        return S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            client_options={
                "allow_http": allow_http,
                "connect_timeout": _CONNECT,
                "timeout": patience.request,
            },
            retry_config={
                "max_retries": patience.retries,
                "retry_timeout": patience.retrying,
            },
        )
    except Exception as error:  # whatever the AWS_* variables make it say
        raise ContentFolderError(
            f"the bucket {bucket} cannot be opened: {_brief(error)}; see the AWS_* variables"
        ) from None


@contextmanager
def as_os_error() -> Iterator[None]:
    """Turn what the library raises for one object into what a file would raise."""
    from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError):
        raise PermissionError(errno.EACCES, "the bucket's server refuses it") from None
    except FileNotFoundError:
        raise
    except BaseError as error:
        raise OSError(errno.EIO, f"the bucket's server does not give it: {_brief(error)}") from None


@contextmanager
def _as_trouble(bucket: Bucket) -> Iterator[None]:
    from obstore.exceptions import (
        BaseError,
        InvalidPathError,
        PermissionDeniedError,
        UnauthenticatedError,
    )

    try:
        yield
    except InvalidPathError:
        raise
    except (PermissionDeniedError, UnauthenticatedError):
        raise ContentFolderError(
            f"the content folder {bucket} cannot be read: its server refuses the credentials; set "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true for a public "
            "one"
        ) from None
    except (BaseError, OSError, ValueError) as error:
        if "NoSuchBucket" in str(error):
            raise ContentFolderError(
                f"the content folder {bucket} is missing: create the bucket, or set content.folder"
            ) from None
        raise ContentFolderError(
            f"the content folder {bucket} cannot be read: {_brief(error)}"
        ) from None


def _walk(store: S3Store, bucket: Bucket, found: Found, until: float) -> None:
    """List folder by folder, a request or more for each."""
    import obstore
    from obstore.exceptions import InvalidPathError

    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            with _as_trouble(bucket):
                listed = obstore.list_with_delimiter(store, prefix=folder or None)
        except InvalidPathError as error:
            reason = f"a key in it is no path ({_brief(error)}): rename that object"
            if not folder:
                raise ContentFolderError(
                    f"the content folder {bucket} cannot be read: {reason}"
                ) from None
            found.failed[folder] = f"the folder cannot be read: {reason}"
            continue
        _note(listed["objects"], found, until, bucket)
        waiting += listed["common_prefixes"]


def _note(page: Sequence[ObjectMeta], found: Found, until: float, bucket: Bucket) -> None:
    found.objects.update((meta["path"], read_status(meta)) for meta in page)
    if len(found.objects) > _LIST_MOST or time.monotonic() > until:
        raise ContentFolderError(
            f"the content folder {bucket} cannot be read: its listing has over {_LIST_MOST} "
            f"objects, or takes over {_LIST_SECONDS:.0f} s; give the site a prefix of its own"
        )


def _brief(error: Exception) -> str:
    """Return what an error says, in words that stay the same while its cause does.

    Without addresses: `/readyz` shows this to everybody.
    """
    text = str(error)
    if match := _STATUS.search(text):
        return f"its server answers {match[1].strip()}"
    if "timed out" in text or "TimedOut" in text:
        return "its server does not answer in time"
    if "error sending request" in text or "kind: Connect" in text:
        return "its server does not answer"
    line = _PASSING.sub("", (text.splitlines() or [""])[0])
    return "".join(one if one.isprintable() else "?" for one in line)[:_REASON_MOST]
