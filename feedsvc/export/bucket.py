"""A bucket as a target, through obstore: S3, and whatever speaks its language."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, BinaryIO, cast

from feedsvc.bucket import Patience, open_bucket
from feedsvc.config import Bucket, parse_bucket
from feedsvc.errors import ContentFolderError
from feedsvc.export.layout import STATE, ExportError, Layout, is_safe
from feedsvc.export.targets import WRITERS, File

# One request may take so long, and be tried so often: a bucket that is gone is told of in a minute.
# The first is for a part of a long recording over a slow line.
_PATIENCE = Patience(request=timedelta(seconds=60), retries=3, retrying=timedelta(seconds=20))

# A message of a bucket may quote a whole page.
_REASON_MOST = 200


class BucketTarget:
    """A bucket, or what lies below a prefix in one; ``url`` is ``s3://bucket/prefix``.

    Keys, region and endpoint come from the usual variables: AWS_ACCESS_KEY_ID, AWS_ENDPOINT, ...
    """

    def __init__(self, url: str, coding: str = "identity", variants: bool = False) -> None:
        bucket = _parse(url)
        self.name = str(bucket)
        self.layout = Layout(plain_names=True, coding=coding, variants=variants, gone=False)
        try:
            self._store = open_bucket(bucket, _PATIENCE)
        except ContentFolderError as error:
            raise ExportError(str(error)) from None

    def open(self) -> None:
        """Begin a run."""

    def is_empty(self) -> bool:
        """Whether nothing lies there that is not ours."""
        with self._as_export_errors():
            for found in self._store.list(chunk_size=10):
                if any(not one["path"].startswith(f"{STATE}/") for one in found):
                    return False
            return True

    def read_note(self, name: str) -> bytes | None:
        """Return one of our own notes; None if there is none."""
        with self._as_export_errors():
            try:
                return bytes(self._store.get(f"{STATE}/{name}").bytes())
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                return None

    def write_note(self, name: str, data: bytes) -> None:
        """Replace one of our own notes, all at once."""
        with self._as_export_errors():
            attributes = {"Content-Type": "application/gzip", "Cache-Control": "no-store"}
            self._store.put(f"{STATE}/{name}", data, attributes=attributes)

    def remove_note(self, name: str) -> None:
        """Remove one of our own notes."""
        self._delete_one(f"{STATE}/{name}")

    def put(self, files: Sequence[File]) -> None:
        """Replace each object, all at once."""
        self._each(self._put, files)

    def delete(self, names: Collection[str]) -> None:
        """Remove objects that are there."""
        self._each(self._delete_one, [name for name in names if is_safe(name)])

    def close(self) -> None:
        """End a run."""

    def _put(self, file: File) -> None:
        if not is_safe(file.name):
            raise ExportError(f"{self.name}: {file.name!r} is no name for an object there")
        attributes = {"Content-Type": file.content_type, "Cache-Control": file.cache_control}
        attributes["Content-Encoding"] = "" if file.coding == "identity" else file.coding
        said = {name: value for name, value in attributes.items() if value}
        with self._as_export_errors():
            if isinstance(file.body, bytes):
                self._store.put(file.name, file.body, attributes=said)
                return
            if not file.body.is_remote:
                with file.body.reading() as stream:
                    self._store.put(file.name, stream, attributes=said)
                return
            # The library cannot ask one server while it tells another.
            with tempfile.TemporaryFile() as copy:
                file.body.copy_to(cast(BinaryIO, copy))
                copy.seek(0)
                self._store.put(file.name, copy, attributes=said)

    def _delete_one(self, name: str) -> None:
        with self._as_export_errors(), contextlib.suppress(FileNotFoundError):
            self._store.delete(name)

    def _each(self, act: Callable[[Any], None], values: Sequence[Any]) -> None:
        with ThreadPoolExecutor(WRITERS) as pool:
            for _ in pool.map(act, values):
                pass

    @contextlib.contextmanager
    def _as_export_errors(self) -> Iterator[None]:
        from obstore.exceptions import BaseError

        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            raise ExportError(f"{self.name} cannot be used: {_explain(error)}") from error


def _parse(url: str) -> Bucket:
    try:
        # Two slashes stay: they name no bucket.
        return parse_bucket(url.rstrip("/") if url.count("/") > 2 else url)
    except ValueError as error:  # without the URL: there may be a key in it
        raise ExportError(f"write s3://bucket or s3://bucket/prefix: {error}") from None


def _explain(error: Exception) -> str:
    """Return the reason in one short line, and what to do about it where that is known."""
    said = " ".join(str(error).split())
    hints = {
        "NoSuchBucket": "there is no such bucket: make it first",
        "AccessDenied": "access denied: these keys need s3:ListBucket, GetObject, PutObject and "
        "DeleteObject",
        "SignatureDoesNotMatch": "the keys are wrong: see AWS_SECRET_ACCESS_KEY",
        "InvalidAccessKeyId": "the keys are wrong: see AWS_ACCESS_KEY_ID",
        "169.254.169.254": "no keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        "builder error": "is AWS_ENDPOINT right? one with http:// needs AWS_ALLOW_HTTP=true",
    }
    return next((hint for sign, hint in hints.items() if sign in said), said[:_REASON_MOST])
