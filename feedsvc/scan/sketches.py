"""Which files share a part of their text with one that was read: the index of sketches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from feedsvc.scan.take import Taken
from feedsvc.store import StoredFile, Writer

# What stands in so many stories is what anybody says, and finds no copies.
_CROWD = 8


class Sketches:
    """The files that share a hash with those of a batch, as it goes on.

    ``known`` are the batch's files as the ledger has them, and ``held`` the paths of those that
    were held back: they have not been looked for yet.
    """

    def __init__(
        self,
        writer: Writer,
        taken: Mapping[str, Taken],
        known: Mapping[str, StoredFile],
        held: Collection[str],
    ) -> None:
        self._writer = writer
        self._known = known
        self._put: dict[str, tuple[int, ...]] = {}
        self._drop: dict[str, tuple[int, ...]] = {}
        # Not of what is as it was: the others may find copies, or must not crowd.
        wanted = {
            one
            for path, file in taken.items()
            if file.article and (path in held or self.before(path) != file.sketch)
            for one in file.sketch
        }
        self._paths = writer.stories.find_sketches(wanted)

    def list_paths(self) -> set[str]:
        """Return all files that share anything."""
        return {path for found in self._paths.values() for path in found}

    def before(self, path: str) -> tuple[int, ...]:
        """Return the hashes by which a file of the batch is known so far."""
        return self._known[path].sketch if path in self._known else ()

    def find(self, path: str, sketch: tuple[int, ...]) -> list[str]:
        """Return the other files that share a hash, once for each."""
        return [
            other
            for each in sketch
            if len(paths := self._paths.get(each, ())) < _CROWD
            for other in paths
            if other != path
        ]

    def forget(self, path: str, sketch: tuple[int, ...] = ()) -> None:
        """Let a file be found no more by what it is known by, else by ``sketch``."""
        for each in self.before(path) or sketch:
            if path in self._paths.get(each, ()):
                self._paths[each].remove(path)

    def note(
        self, path: str, sketch: tuple[int, ...], uid: str, uid_at: Callable[[str], str]
    ) -> None:
        """Let a file be found, but by what no file of its story (by ``uid_at``) is found by."""
        before = self.before(path)
        if before == sketch:
            return
        if before:
            self._drop[path] = before
            self.forget(path)
        fresh = []
        for each in sketch:
            paths = self._paths.get(each)
            if paths is None:  # as of nearly all
                fresh.append(each)
                self._paths[each] = [path]
            elif len(paths) < _CROWD and uid not in map(uid_at, paths):
                fresh.append(each)
                paths.append(path)
        self._put[path] = tuple(fresh)

    def write(self) -> None:
        """Put what was noted into the store."""
        self._writer.stories.drop_sketches(self._drop)
        self._writer.stories.put_sketches(self._put)
