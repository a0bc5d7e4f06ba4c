"""Looking at the content folder and acting on it: the one place that reads article files."""

from __future__ import annotations

import contextlib
import multiprocessing
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from feedsvc.errors import ContentFolderError
from feedsvc.ingest import SUFFIXES
from feedsvc.scan.entering import enter
from feedsvc.scan.habits import HabitWatch
from feedsvc.scan.ledger import Clerk, strike
from feedsvc.scan.listing import (
    Fingerprint,
    Listing,
    Progress,
    is_article_name,
    is_text,
    join,
    normalise,
    split,
)
from feedsvc.scan.media import MediaWatch
from feedsvc.scan.plan import doubt_deletions, doubt_folders, is_below, plan_scan
from feedsvc.scan.pool import POOL_FILES_LEAST, take_in_parallel, take_in_threads
from feedsvc.scan.report import (
    CONFLICT,
    FOLDER,
    OF_FILES,
    UNLISTED,
    UNREADABLE,
    WHOLE_FOLDER,
    Report,
)
from feedsvc.scan.stillness import Arrival
from feedsvc.scan.take import Desk, Taken, take_file
from feedsvc.scan.telling import Telling
from feedsvc.store import Store

# Files a transaction: it keeps memory and waits small.
_BATCH = 1_000

# A deletion is believed when the file is missing in two looks, this many settle times apart: a
# renamed file has been found under its new name by then.
_MISSING_SETTLES = 2.0


class Scanner:
    """Knows what was read from the folder and finds what is different now.

    Not safe for several threads at once: the service holds a lock.
    """

    def __init__(
        self, store: Store, desk: Desk, clerk: Clerk, clock: Callable[[], datetime]
    ) -> None:
        self.desk = desk
        self.clerk = clerk
        self._store = store
        self._clock = clock
        # All paths below are normalised; `_raw` has the disk's own spelling where it differs.
        self._known: dict[str, dict[str, Fingerprint]] = {}
        self._raw: dict[str, str] = {}
        self._waiting: dict[str, tuple[Fingerprint, datetime]] = {}
        self._missing: dict[str, datetime] = {}
        self._habits = HabitWatch(store)
        self._media = MediaWatch(store, desk.source, desk.settle, clock)
        self._telling = Telling()
        self._reload()

    def list_all(self) -> Listing:
        """List the whole folder; changes nothing, and may run beside everything else.

        Raises ContentFolderError when the folder is missing or cannot be read.
        """
        listing = self.desk.source.list_files(SUFFIXES, known=self._known)
        listing.media = self._media.list_marks()
        return listing

    def scan(
        self, listing: Listing, progress: Progress | None = None, accept_deletions: bool = False
    ) -> Report:
        """Take what differs between a listing and what is known.

        The listing may be a little old: what it says of a file is checked against the file itself.
        """
        self._raw = listing.raw
        plan = plan_scan(listing.folders, self._known, listing.failed)
        report = Report(seen=sum(map(len, listing.folders.values())))
        self._report_listing(listing, whole=True, complete=not plan.missing)
        self._miss(plan.missing)
        wanted = {path for path in plan.look if path not in self._waiting}
        self._take(sorted(wanted | self._find_readable()), report, progress)
        self._look_at_media(self._media.compare(listing.media), report, accept_deletions)
        self._take_due(report, accept_deletions)
        self._telling.finish()
        return report

    def reread(self) -> None:
        """Let the next scan read every file again: what is made of them has changed."""
        for files in self._known.values():
            for name in files:
                files[name] = (0, 0, 0)

    def look(
        self,
        paths: Collection[str],
        renamed: Collection[str] = (),
        progress: Progress | None = None,
    ) -> Report:
        """Look only at ``paths``, relative to the folder: what an event has named.

        ``renamed`` are those that came by a rename, so that they may be whole at once.
        """
        report = Report()
        wanted: list[str] = []
        shown: list[str] = []
        for raw in sorted(filter(is_text, set(paths))):
            path = normalise(raw)
            folder, name = split(path)
            if _is_hidden(path) or self.desk.source.crosses_link(raw):
                continue  # the next scan looks where a link leads
            if path != raw:
                self._raw[path] = raw
            kind = self.desk.source.kind(raw)
            if self._media.names(path):
                shown.append(path)
            if kind == stat.S_IFDIR:
                wanted += self._look_below(path)
                shown += self._media.find_below(path)
            elif kind == stat.S_IFREG and is_article_name(name, SUFFIXES):
                wanted.append(path)
            elif not kind and name in self._known.get(folder, {}):
                self._miss([path])
            elif not kind:
                self._miss_below(path)
                shown += self._media.find_below(path)
        with contextlib.suppress(ContentFolderError):  # a server is gone: the next scan says so
            self._take(wanted, report, progress, renamed)
        self._look_at_media(shown, report, renamed=renamed)
        self._take_due(report)
        self._telling.finish()
        return report

    def next_due(self) -> datetime | None:
        """Return when to look again at files that were still being written, or were missing."""
        dues = [due for _, due in self._waiting.values()]
        if self._missing:
            dues.append(self._missing_due())
        if due := self._media.next_due():
            dues.append(due)
        return min(dues, default=None)

    def settle_all(self, report: Report, accept_deletions: bool = False) -> None:
        """Wait until nothing is being written or missing any more, for one pass by a person.

        Gives up on files that are written to without end; the next scan finds them.
        """
        rounds = 10
        while rounds and (due := self.next_due()):
            time.sleep(max(0.0, (due - self._clock()).total_seconds()) + 0.01)
            self._take_due(report, accept_deletions)
            rounds -= 1
            if report.halted:
                break
        self._telling.finish()

    def warm_up(self) -> None:
        """Learn the site's furniture now, so that the first article does not wait."""
        self._habits.current()

    def wants_cleaning(self, quiet: bool) -> bool:
        """Whether articles should be cleaned again, since the site's furniture is known better.

        Where that takes time it waits for a ``quiet`` moment.
        """
        return self._habits.is_due(quiet)

    def begin_cleaning(self) -> None:
        """Learn the site's furniture from the articles that came last."""
        self._habits.begin()

    def clean_some(self) -> tuple[list[str], bool]:
        """Clean some articles again; return those that changed, and whether that was all."""
        changed = self._habits.clean_some(self.desk, self.clerk, self._clock())
        return changed, self._habits.is_done

    def _look_below(self, folder: str) -> list[str]:
        """Return what to read in a folder that an event has named."""
        listing = self.desk.source.list_files(SUFFIXES, self._raw.get(folder, folder))
        self._raw |= listing.raw
        self._report_listing(listing, whole=False)
        known = {each: self._known.get(each, {}) for each in listing.folders}
        return list(plan_scan(listing.folders, known).look)

    def _miss_below(self, folder: str) -> None:
        """Note what went with a folder that is there no more."""
        below = [each for each in self._known if f"{each}/".startswith(f"{folder}/")]
        self._miss([join(each, name) for each in below for name in self._known[each]])

    def _find_readable(self) -> set[str]:
        """Return the files that the disk refused and that may be read by now."""
        return {
            one.path
            for one in self._store.problems()
            if one.kind == UNREADABLE and self.desk.source.is_readable(self._disk(one.path))
        }

    def _take_due(self, report: Report, accept_deletions: bool = False) -> None:
        now = self._clock()
        due = [path for path, (_, moment) in self._waiting.items() if moment <= now]
        self._take(due, report)
        media = self._media.find_due()
        struck = bool(self._missing) and self._missing_due() <= now
        if media or struck:
            try:
                self.desk.source.refresh()
            except ContentFolderError:
                self._missing.clear()  # the next scan finds them again, or says what is wrong
                self._media.put_off()
                return
        self._look_at_media(media, report, accept_deletions)
        if struck:
            self._strike(report, accept_deletions)

    def _look_at_media(
        self,
        paths: Sequence[str],
        report: Report,
        accept_deletions: bool = False,
        renamed: Collection[str] = (),
    ) -> None:
        def doubt(gone: int) -> str:
            total = sum(map(len, self._known.values())) + self._media.count()
            return "" if accept_deletions else doubt_deletions(gone + len(self._missing), total)

        whole = {normalise(raw) for raw in renamed}
        changed, doubted = self._media.look(paths, doubt, whole)
        report.media += changed
        report.halted = report.halted or doubted

    def _take(
        self,
        paths: Sequence[str],
        report: Report,
        progress: Progress | None = None,
        renamed: Collection[str] = (),
    ) -> None:
        done = 0
        again: set[str] = set()
        for batch in self._read(paths, renamed):
            whole = [one for one in batch if not one.wait and not one.vanished]
            now = self._clock()
            if whole:
                with self._store.writing() as writer:
                    outcome = enter(whole, writer, self.clerk, now, self._exists)
                report.outcome.add(outcome)
                self._telling.tell(outcome, now)
                again |= outcome.again
                self._media.note(file for one in whole for file in one.media)
                self._habits.note([normalise(one.path) for one in whole if one.article])
                for old, _ in outcome.moved:
                    self._forget(old)
            for one in batch:
                path = normalise(one.path)
                self._waiting.pop(path, None)
                if one.wait:
                    self._waiting[path] = (one.mark, now + timedelta(seconds=one.wait))
                elif one.vanished:
                    self._miss([path])
                else:
                    folder, name = split(path)
                    self._known.setdefault(folder, {})[name] = one.mark
                    self._missing.pop(path, None)
            done += len(batch)
            if progress:
                progress(done, len(paths))
        if again:
            # Copies of a story whose leading file is another article now, or an edited one.
            self._take(sorted(again), report)

    def _read(self, paths: Sequence[str], renamed: Collection[str]) -> Iterator[list[Taken]]:
        paths = [self._raw.get(path, path) for path in paths]
        self._habits.meet(paths, self.desk)
        now = self._clock()
        reading = replace(self.desk.reading, now=now, habits=self._habits.current())
        desk = replace(self.desk, reading=reading)
        if desk.source.reads_at_once > 1:
            yield from take_in_threads(paths, desk, now)
            return
        if len(paths) >= POOL_FILES_LEAST and multiprocessing.cpu_count() > 1:
            yield from take_in_parallel(paths, desk, now, _BATCH)
            return
        for start in range(0, len(paths), _BATCH):
            yield [
                take_file(path, desk, self._clock(), self._arrival(path, renamed))
                for path in paths[start : start + _BATCH]
            ]

    def _arrival(self, path: str, renamed: Collection[str]) -> Arrival:
        mark, due = self._waiting.get(normalise(path), (None, self._clock()))
        return Arrival(path in renamed, mark if due <= self._clock() else None)

    def _miss(self, paths: Iterable[str]) -> None:
        now = self._clock()
        for path in paths:
            self._waiting.pop(path, None)
            folder, name = split(path)
            if name in self._known.get(folder, {}):
                self._missing.setdefault(path, now)

    def _missing_due(self) -> datetime:
        # Counted from the newest: a deletion that is still going on is judged as one.
        wait = timedelta(seconds=max(self.desk.settle, self.desk.source.pause) * _MISSING_SETTLES)
        return max(self._missing.values()) + wait

    def _strike(self, report: Report, accept_deletions: bool) -> None:
        here = [path for path in self._missing if self._exists(path)]
        for path in here:
            del self._missing[path]
        doubts = {} if accept_deletions else doubt_folders(self._missing, self._known)
        now = self._clock()
        if doubts:
            # The confirmation may have come through another process: then it is in the store.
            self._reload()
            self._missing = {path: now for path in self._missing if self._is_known(path)}
            doubts = doubt_folders(self._missing, self._known)
        gone = sorted(path for path in self._missing if not is_below(path, doubts))
        with self._store.writing() as writer:
            if doubts:
                report.halted = "; ".join(doubts.values())
                writer.put_problem(WHOLE_FOLDER, FOLDER, report.halted, now)
            else:
                writer.clear_problems([WHOLE_FOLDER])
            struck = strike(gone, writer, self.clerk, now)
            report.outcome.add(struck)
        self._missing.clear()  # the next scan finds again what is doubted
        self._telling.tell(struck, now)
        for path in gone:
            self._forget(path)
        # What was refused for the sake of a file that is gone may be taken now.
        problems = self._store.problems() if gone else ()
        waited = {one.path for one in problems if one.kind == CONFLICT}
        self._take(sorted(waited | struck.again), report)

    def _report_listing(self, listing: Listing, whole: bool, complete: bool = False) -> None:
        """Report what the listing could not read, and take back what it now could.

        ``whole`` says that it is one of the whole folder; ``complete``, that nothing is missing.
        """
        now = self._clock()
        bad = listing.failed | listing.refused
        # Whether the config or a cache is mended no folder tells: who reported that takes it back.
        known = {one.path: one for one in self._store.problems() if one.kind in OF_FILES}
        mended = [
            path
            for path, problem in known.items()
            if whole
            and path not in bad
            and (
                complete
                if path == WHOLE_FOLDER
                else problem.kind in (FOLDER, UNLISTED) or self._is_stale(path)
            )
        ]
        fresh = [path for path in bad if path not in known or known[path].message != bad[path]]
        if not fresh and not mended:
            return
        with self._store.writing() as writer:
            for path in fresh:
                kind = FOLDER if path in listing.failed else UNLISTED
                writer.put_problem(path, kind, bad[path], now)
            writer.clear_problems(mended)
        self._telling.refuse({path: bad[path] for path in fresh}, now)

    def _is_stale(self, path: str) -> bool:
        """Whether a problem's file is gone without ever having been in the ledger."""
        return not self._is_known(path) and not self.desk.source.is_there(self._disk(path))

    def _disk(self, path: str) -> str:
        return self._raw.get(path, path)

    def _exists(self, path: str) -> bool:
        return self.desk.source.is_present(self._disk(path))

    def _is_known(self, path: str) -> bool:
        folder, name = split(path)
        return name in self._known.get(folder, {})

    def _forget(self, path: str) -> None:
        folder, name = split(path)
        self._known.get(folder, {}).pop(name, None)
        self._missing.pop(path, None)

    def _reload(self) -> None:
        self._known = {}
        for path, file in self._store.files().items():
            if file.size >= 0:
                folder, name = split(path)
                self._known.setdefault(folder, {})[name] = (file.modified_ns, file.size, file.inode)


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
