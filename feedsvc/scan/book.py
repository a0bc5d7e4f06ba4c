"""The part of the ledger of files that a batch touches: which entry a file is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from feedsvc.model import Article
from feedsvc.scan.identity import path_keys, plain_keys
from feedsvc.scan.listing import normalise
from feedsvc.scan.stories import Stories
from feedsvc.scan.take import Taken
from feedsvc.store import State, StoredEntry, StoredFile, Writer

GONE = -1  # the size of a file that went: its content's hash still tells a move (see `find`)


class Book:
    """The part of the ledger that a batch touches, read once."""

    def __init__(
        self, writer: Writer, taken: Sequence[Taken], exists: Callable[[str], bool]
    ) -> None:
        self.writer = writer
        self._exists = exists
        self.mended: list[str] = []
        self.left: list[str] = []
        paths = [normalise(one.path) for one in taken]
        self._taken = list(zip(paths, taken, strict=True))
        self._known = {file.path: file for file in writer.files_of(paths)}
        known = list(self._known.values())
        self.uid_of = {file.path: file.uid for file in known if file.uid}
        # Paths whose file is gone: what appears there may be another article, renamed.
        self._gone = {file.path for file in known if file.uid and file.size == GONE}
        live = self.uid_of.keys() - self._gone
        new = [one for one, path in zip(taken, paths, strict=True) if path not in live]
        digests = {one.digest for one in new if one.article}
        self._by_digest: dict[str, list[StoredFile]] = {}
        for file in writer.files_of(digests, "digest"):
            if file.uid:
                self._by_digest.setdefault(file.digest, []).append(file)
        keys = {one.article.key for one in new if one.article and one.article.key}
        keys |= {key for one in new for key in plain_keys(normalise(one.path))}
        self._read = keys  # others (numbered, or of a copy that is one no more) hardly ever occur
        entries = writer.entries_of("key", keys)
        # What a new file of this batch may be, for it has the same content.
        self._found = {file.uid for files in self._by_digest.values() for file in files}
        entries += writer.entries_of("uid", set(self.uid_of.values()) | self._found)
        self._entries = {entry.uid: entry for entry in entries}
        self._keys = {entry.key: entry.uid for entry in entries}

    def open_stories(self, now: datetime, merge: bool) -> Stories:
        """Return what the files of the batch may tell again."""
        held = {
            path
            for path, uid in self.uid_of.items()
            if uid in self._entries and self._entries[uid].state is State.HELD
        }
        return Stories(
            self.writer, self._taken, self._known, self.uid_of, self._exists, now, merge, held
        )

    def is_unchanged(self, path: str, digest: str) -> bool:
        """Whether a file has the bytes by which it is known."""
        return path in self._known and self._known[path].digest == digest

    def sketch_of(self, path: str) -> tuple[int, ...]:
        """Return the hashes by which a file is known."""
        return self._known[path].sketch if path in self._known else ()

    def find(self, path: str, article: Article, digest: str) -> tuple[StoredEntry | None, str, str]:
        """Return the entry that this file is, where it moved from, and any conflict of ids."""
        if path in self.uid_of and path not in self._gone:
            return self._entries.get(self.uid_of[path]), "", ""
        if article.key and (uid := self._keys.get(article.key)):
            return self._claim_of_key(self._entries[uid], path, article.key)
        # Also for one that names an id, which the ledger does not know: it was added after the
        # file was first seen. What has just vanished comes first, then what this very path was,
        # then what went long ago.
        same = self._by_digest.get(digest, ())
        if moved := self._find_move(path, [file for file in same if file.size != GONE]):
            return moved
        if path in self._gone:
            return self._entries.get(self.uid_of[path]), "", ""
        if moved := self._find_move(path, [file for file in same if file.size == GONE]):
            return moved
        if not article.key:
            uid = self._keys.get(plain_keys(path)[0])
            # Not of one that moves on in this very batch, and has not been read yet.
            entry = self._entries.get(uid) if uid and uid not in self._found else None
            if entry and (entry.path == path or not self._exists(entry.path)):
                return self._came_back(entry, path)
        return None, "", ""

    def _find_move(
        self, path: str, same: Sequence[StoredFile]
    ) -> tuple[StoredEntry, str, str] | None:
        """Return the entry that moved here from one of the files that had the same content."""
        for file in same:
            entry = self._entries.get(file.uid)
            # A move needs the old file to be gone from the disk; else this is a copy.
            if entry and file.path not in (path, *self.left) and not self._exists(file.path):
                return entry, file.path, ""
        return None

    def claim(self, path: str, entry: StoredEntry) -> None:
        """Let the rest of the batch see that ``path`` has become ``entry``."""
        self.uid_of[path] = entry.uid
        self._gone.discard(path)
        self._entries[entry.uid] = entry
        self._keys[entry.key] = entry.uid

    def amend(self, entry: StoredEntry) -> None:
        """Let the rest of the batch see what an entry is now."""
        self._entries[entry.uid] = entry

    def list_copies(self, told: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Return what is left, at the end of a batch, of the copies ``told`` on its way.

        A file that seemed to tell what is told at another path may itself have been moved from
        there, and the file that leads may have been overtaken.
        """
        found: dict[str, str] = {}
        for path, lead in told:
            uid = self.uid_of.get(lead) or self.uid_of.get(path, "")
            if self.uid_of.get(path, uid) != uid:
                continue
            entry = self._entries.get(uid)
            found[path] = entry.path if entry else lead
        return [(path, lead) for path, lead in found.items() if path != lead]

    def rename(self, uid: str, entry: StoredEntry) -> None:
        """Let the rest of the batch see that an entry, which was never seen, has another id."""
        if uid != entry.uid:
            old = self._entries.pop(uid, None)
            self.uid_of |= {path: entry.uid for path, one in self.uid_of.items() if one == uid}
            if old and self._keys.get(old.key) == uid:
                del self._keys[old.key]

    def key_for(self, path: str, article: Article) -> str:
        """Return the key of a new entry: its own, else the first free one of its path."""
        if article.key:
            return article.key
        return next(
            key
            for key in path_keys(path)
            if key not in self._keys
            and (key in self._read or not self.writer.entries_of("key", [key]))
        )

    def _claim_of_key(
        self, entry: StoredEntry, path: str, key: str
    ) -> tuple[StoredEntry | None, str, str]:
        if entry.path == path or not self._exists(entry.path):
            return self._came_back(entry, path)
        return None, "", f'has the same id ("{key}") as {entry.path}: give one of them another id'

    def _came_back(self, entry: StoredEntry, path: str) -> tuple[StoredEntry, str, str]:
        moved = entry.path != path and entry.state is not State.GONE
        return entry, entry.path if moved else "", ""
