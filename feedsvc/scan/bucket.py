"""A bucket as a source of articles: known by its last whole listing, read object by object."""

from __future__ import annotations

import stat
from collections.abc import Collection

from feedsvc.bucket import (
    READS_AT_ONCE,
    ObjectStatus,
    describe_object,
    find_key_fault,
    list_objects,
    read_object,
    stat_object,
)
from feedsvc.config import Bucket
from feedsvc.ingest import MISSING, SUFFIXES, type_of_name
from feedsvc.model import MediaFile
from feedsvc.scan.listing import (
    Fingerprint,
    Folders,
    Listing,
    Status,
    fingerprint,
    is_article_name,
    join,
    normalise,
    split,
)

# A deletion is believed at the second listing that lacks the object, twice this later (seconds).
_PAUSE = 1.0


class BucketContent:
    """The articles and media of a bucket; answers from its last listing, once there was one."""

    reads_at_once = READS_AT_ONCE
    pause = _PAUSE

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        # By normalised path: the key as the bucket has it, and the status; replaced as a whole.
        self._listed: dict[str, tuple[str, ObjectStatus]] | None = None
        self._failed: Collection[str] = ()

    def list_files(
        self, suffixes: Collection[str], under: str = "", known: Folders | None = None
    ) -> Listing:
        found = list_objects(self._bucket)
        listing = Listing(failed=dict(found.failed))
        folders = listing.folders
        folders[""] = {}
        listed: dict[str, tuple[str, ObjectStatus]] = {}
        for key in sorted(found.objects):
            status, path = found.objects[key], normalise(key)
            if fault := find_key_fault(key):
                readable = "".join(one if one.isprintable() else "?" for one in key)
                listing.refused[readable] = fault
                continue
            folder, name = split(path)
            if any(part.startswith(".") for part in path.split("/")):
                continue
            if not is_article_name(name, suffixes):
                if type_of_name(name):
                    listed.setdefault(path, (key, status))
                continue
            if path in listed:
                other = key
                if key == path:  # two names that nobody can tell apart: the normalised one counts
                    other, _ = listed[path]
                    listing.raw.pop(path, None)
                listing.refused[other] = (
                    "another file has this name, its accents written in another way"
                )
                if other == key:
                    continue
            elif key != path:
                listing.raw[path] = key
            listed[path] = (key, status)
            mark = fingerprint(status)
            before = (known or {}).get(folder, {}).get(name)
            folders.setdefault(folder, {})[name] = before if before == mark else mark
        self._failed = tuple(found.failed)
        self._listed = listed
        if under:
            listing.folders = {
                folder: files
                for folder, files in folders.items()
                if f"{folder}/".startswith(f"{under}/")
            }
        return listing

    def refresh(self) -> None:
        self.list_files(SUFFIXES)

    def read(self, path: str, most: int) -> tuple[bytes | None, Status]:
        return read_object(self._bucket, path, most)

    def find_mark(self, path: str) -> Fingerprint:
        return (0, 0, 0)  # every scan tries it again

    def kind(self, path: str) -> int:
        there = self._listed is None or self.is_present(path)
        return stat.S_IFREG if there else 0

    def crosses_link(self, path: str) -> bool:
        return False

    def is_present(self, path: str) -> bool:
        # What cannot be told counts as present: nothing is withdrawn because of it.
        if any(f"{path}/".startswith(join(folder, "")) for folder in self._failed):
            return True
        return self._find(normalise(path)) is not None

    def is_there(self, path: str) -> bool:
        return self.is_present(path)

    def is_readable(self, path: str) -> bool:
        return self.is_present(path)

    def stat_media(self, path: str) -> Status | None:
        found = self._find(path)
        return found[1] if found else None

    def describe_media(self, path: str) -> MediaFile:
        found = self._find(path)
        if found is None:
            return MediaFile(path, trouble=MISSING)
        return describe_object(self._bucket, path, *found)

    def _find(self, path: str) -> tuple[str, ObjectStatus] | None:
        """Return the key and status of what lies at a normalised path."""
        if self._listed is not None:
            return self._listed.get(path)
        try:
            status = stat_object(self._bucket, path)
        except OSError:
            return None
        return (path, status) if status else None
