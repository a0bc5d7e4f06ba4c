"""The media files that articles name: what is different of them since we looked.

A file may come after the article that names it, be copied slowly, be replaced or go away; each
changes the feeds of its entries, and never the date of any. Only files that are named are looked
at, so that a folder without media costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from feedsvc.ingest import (
    BEING_WRITTEN,
    MISSING,
    REFERENCES_MOST,
    judge_address,
    list_candidates,
    list_references,
)
from feedsvc.model import Article, MediaFile
from feedsvc.scan.listing import Fingerprint, Status, fingerprint
from feedsvc.scan.source import Source
from feedsvc.scan.stillness import Arrival, still_for
from feedsvc.store import Store

# (mtime in ns, size in bytes) of a file that was described, compared for inequality.
Mark = tuple[int, int]

_NOTHING: Mark = (-1, -1)
_GONE: Fingerprint = (-1, -1, -1)

# A file that goes is believed to be gone when it is missing twice, so far apart (in seconds, or
# in times of settle): programs that save by deleting and writing leave a moment without it.
_GONE_LEAST = 0.1
_GONE_SETTLES = 2.0


# Longer than any name of a file, and no burden to an index.
_NAME_MOST = 300


def describe_named(
    article: Article, path: str, source: Source, settle: float, now: datetime
) -> tuple[MediaFile, ...]:
    """Return every file that an article at ``path`` may mean, as it is on the disk.

    What can be no file of ours is among them, by a name that no file has: so the article is listed
    among those whose files are to be mended.
    """
    found: dict[str, MediaFile] = {}
    for reference in list_references(article):
        for candidate in list_candidates(reference.url, path):
            if candidate not in found and len(found) < REFERENCES_MOST:
                found[candidate] = _describe_still(source, candidate, settle, now)
        trouble = judge_address(reference, path)
        if trouble and len(found) < REFERENCES_MOST:
            name = quote(reference.url, safe="")[:_NAME_MOST]
            found[name] = MediaFile(name, trouble=trouble)
    return tuple(found.values())


def _describe_still(source: Source, path: str, settle: float, now: datetime) -> MediaFile:
    status = source.stat_media(path) if settle > 0 else None
    if status and still_for(status, settle, now, Arrival()) > 0:
        return MediaFile(path, trouble=BEING_WRITTEN)
    return source.describe_media(path)


class MediaWatch:
    """Knows every file that entries name, and describes those that changed.

    Not safe for several threads at once, but for ``list_marks``.
    """

    def __init__(
        self, store: Store, source: Source, settle: float, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._source = source
        self._settle = settle
        self._clock = clock
        self._marks: dict[str, Mark] = store.media_marks()
        # What is being written, or has just gone: how we saw it, and when to look again.
        self._waiting: dict[str, tuple[Fingerprint | None, datetime]] = {}

    def list_marks(self) -> dict[str, Mark]:
        """Return how the files look on the disk now; changes nothing."""
        return {path: _mark_of(self._source.stat_media(path)) for path in list(self._marks)}

    def note(self, files: Iterable[MediaFile]) -> None:
        """Remember files that were described with an article."""
        again = self._clock() + timedelta(seconds=self._settle)
        for file in files:
            if file.trouble == BEING_WRITTEN:
                self._marks.setdefault(file.path, _NOTHING)
                self._waiting.setdefault(file.path, (None, again))
            else:
                self._marks[file.path] = (file.modified_ns, file.size)

    def compare(self, marks: Mapping[str, Mark]) -> list[str]:
        """Return the files that a listing has seen otherwise than they are known."""
        return [path for path, mark in marks.items() if self._marks.get(path) != mark]

    def names(self, path: str) -> bool:
        """Whether an article names the file at ``path``."""
        return path in self._marks

    def find_below(self, folder: str) -> list[str]:
        """Return the files that articles name in a folder, or below it."""
        return [path for path in self._marks if path.startswith(f"{folder}/")]

    def find_due(self) -> list[str]:
        """Return the files that it is time to look at again."""
        now = self._clock()
        return [path for path, (_, due) in self._waiting.items() if due <= now]

    def put_off(self) -> None:
        """Forget what was waited for: the next scan finds it again."""
        self._waiting.clear()

    def next_due(self) -> datetime | None:
        """Return when to look again at what is being written."""
        return min((due for _, due in self._waiting.values()), default=None)

    def count(self) -> int:
        """Return how many files that articles name are there."""
        return sum(mark != _NOTHING for mark in self._marks.values())

    def look(
        self, paths: Collection[str], doubt: Callable[[int], str], renamed: Collection[str] = ()
    ) -> tuple[list[str], str]:
        """Describe those of ``paths`` that are whole and not what they were.

        ``renamed`` are those that came by a rename, so that they may be whole at once. ``doubt``
        says why not to believe that so many are gone: then they stay what they were. Return the
        paths of those that changed, and such a doubt.
        """
        looked = (self._look_at(path, path in renamed) for path in dict.fromkeys(paths))
        found = [file for file in looked if file]
        gone = [file.path for file in found if file.size < 0 and file.trouble == MISSING]
        doubted = doubt(len(gone)) if gone else ""
        if doubted:
            found = [file for file in found if file.path not in gone]
        if not found:
            return [], doubted
        with self._store.writing() as writer:
            changed = writer.put_media(found)
        self._marks.update((file.path, (file.modified_ns, file.size)) for file in found)
        return changed, doubted

    def _look_at(self, path: str, renamed: bool) -> MediaFile | None:
        now, known = self._clock(), self._marks.get(path)
        if known is None:
            return None
        status = self._source.stat_media(path)
        mark = fingerprint(status) if status else _GONE
        if (mark[0], mark[1]) == known:
            self._waiting.pop(path, None)
            return None
        seen, due = self._waiting.get(path, (None, now))
        wait = self._wait_for(status, renamed, seen if due <= now else None, now)
        if wait <= 0:
            self._waiting.pop(path, None)
            return self._source.describe_media(path)
        # A look before its time changes nothing: else a burst of events would put it off for ever.
        if seen != mark or due <= now:
            self._waiting[path] = (mark, now + timedelta(seconds=wait))
        # One that changes while we wait for it is being copied: readers would get a part of it.
        growing = seen is not None and seen != mark and known != _NOTHING
        return MediaFile(path, trouble=BEING_WRITTEN) if growing and due <= now else None

    def _wait_for(
        self, status: Status | None, renamed: bool, seen: Fingerprint | None, now: datetime
    ) -> float:
        """Return how many seconds must pass before what a file looks like is believed."""
        if status:
            return still_for(status, self._settle, now, Arrival(renamed, seen))
        return 0.0 if seen == _GONE else max(_GONE_LEAST, self._settle * _GONE_SETTLES)


def _mark_of(status: Status | None) -> Mark:
    return (status.st_mtime_ns, status.st_size) if status else _NOTHING
