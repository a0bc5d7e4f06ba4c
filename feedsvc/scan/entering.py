"""Putting what was read into the store: which entry each file is, in one transaction a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from feedsvc.ingest import BEING_WRITTEN
from feedsvc.model import Article, MediaFile
from feedsvc.scan.also import drop_also
from feedsvc.scan.book import Book
from feedsvc.scan.correct import file_by_editor
from feedsvc.scan.hold import date_arrival, hold_entry
from feedsvc.scan.identity import begin_entry, reread_entry, revise_entry
from feedsvc.scan.ledger import Clerk, note_deed
from feedsvc.scan.listing import normalise
from feedsvc.scan.report import CONFLICT, REFUSED, UNREADABLE, Outcome
from feedsvc.scan.stories import Place, reread_copies
from feedsvc.scan.take import Taken
from feedsvc.scan.telling import tally_decisions
from feedsvc.store import Deed, State, StoredEntry, StoredFile, Writer


def enter(
    taken: Sequence[Taken],
    writer: Writer,
    clerk: Clerk,
    now: datetime,
    exists: Callable[[str], bool],
) -> Outcome:
    """Put a batch of files that were read into the store, within the writer's transaction.

    ``exists`` says whether a path is on the disk now: only then can a move be told from a copy.
    """
    batch = _Batch(taken, writer, clerk, now, exists)
    # Those filed for certain first: the rest is then filed by what they teach.
    for one in sorted(taken, key=lambda one: one.filing is None):
        batch.take(one)
    batch.write([file for one in taken for file in one.media])
    return batch.outcome


class _Batch:
    """What a batch of files does to the ledger: gathered file by file, then written at once."""

    def __init__(
        self,
        taken: Sequence[Taken],
        writer: Writer,
        clerk: Clerk,
        now: datetime,
        exists: Callable[[str], bool],
    ) -> None:
        self.outcome = Outcome()
        self._writer = writer
        self._clerk = clerk
        self._now = now
        self._book = Book(writer, taken, exists)
        self._stories = self._book.open_stories(now, clerk.merge)
        self._entries: dict[str, StoredEntry] = {}
        self._packed: dict[str, bytes] = {}
        self._uses: dict[str, list[str]] = {}
        self._sources: dict[str, bytes] = {}
        self._files: list[StoredFile] = []
        self._deeds: list[Deed] = []
        self._begun: list[str] = []

    def take(self, one: Taken) -> None:
        """Decide what one file is, and what that changes."""
        path, article = normalise(one.path), one.article
        if article is None:
            kind = UNREADABLE if one.unreadable else REFUSED
            self._refuse(one, path, one.refused, kind)
            # What it was before stays as it is.
            uid, sketch = self._book.uid_of.get(path, ""), self._book.sketch_of(path)
            self._files.append(_file_of(one, path, uid, sketch))
            return
        found, moved_from, conflict = self._book.find(path, article, one.digest)
        if conflict:
            self._refuse(one, path, conflict, CONFLICT)
            self._files.append(_file_of(one, path, ""))
            return
        held = self._must_wait(one, found)
        place = self._stories.place(path, one, found, moved_from, held)
        old = place.entry
        if moved_from:
            self.outcome.moved.append((moved_from, path))
            self._book.left.append(moved_from)
        if found and (old is None or old.uid != found.uid) and found.path != path:
            self._part(found, path, moved_from)
        joins = place.follows or place.fresh
        led = self._entries.get(old.uid, old).path if old else ""
        if old is not None and joins:
            entry = self._join(one, path, article, place, old, found, moved_from)
        else:
            entry = self._keep(one, path, article, old, found, moved_from)
        if one.source:
            self._sources[path] = one.source
        self._stories.note(path, one, entry, old)
        if old is not None and joins:
            self._book.rename(old.uid, entry)
        elif led not in ("", moved_from) and self._stories.follows(led):
            self.outcome.copies.append((led, path))  # the other one follows from now on
        self._book.claim(path, entry)
        self._files.append(_file_of(one, path, entry.uid, self._stories.sketch_for(one)))
        self._book.mended.append(path)

    def _refuse(self, one: Taken, path: str, reason: str, kind: str) -> None:
        """Report a file that cannot be taken."""
        self.outcome.refused[path] = reason
        self._writer.put_problem(path, kind, reason, self._now)

    def _must_wait(self, one: Taken, found: StoredEntry | None) -> bool:
        """Whether nothing of a file may be public yet: it is an article of its own until then."""
        if found is None:
            arrived = date_arrival(one.mark[0], self._now, self._clerk.guard.is_first_scan)
        elif found.state is State.HELD:
            arrived = found.arrived or self._now
        else:
            return False
        return arrived + self._clerk.hold > self._now

    def _part(self, found: StoredEntry, path: str, moved_from: str) -> None:
        """Take a file out of the story that it told as a copy: it tells another one now."""
        parted = replace(found, filing=drop_also(found.filing, {path, moved_from}))
        if parted != found:
            self._entries[found.uid] = parted
            self._book.amend(parted)
            self._stories.amend(parted)

    def _join(
        self,
        one: Taken,
        path: str,
        article: Article,
        place: Place,
        old: StoredEntry,
        found: StoredEntry | None,
        moved_from: str,
    ) -> StoredEntry:
        """Return an entry to which a file comes as a copy, or whose founder nobody has seen yet."""
        out, file_article = self.outcome, self._clerk.file_article
        identity = (self._clerk.tag, self._book.key_for(path, article))
        entry = self._stories.join(place, path, one, file_article, identity, moved_from)
        if entry != old:
            self._entries[entry.uid] = entry
            if entry.uid != old.uid:
                self._entries.pop(old.uid, None)
            before = self._packed.pop(old.uid, b"")
            self._packed[entry.uid] = before if place.follows else one.packed
            self._begun = [entry.uid if uid == old.uid else uid for uid in self._begun]
        if not place.follows:
            self._uses.pop(old.uid, None)
            self._uses[entry.uid] = [file.path for file in one.media]
            out.new = [path if each == old.path else each for each in out.new]
            out.copies.append((old.path, path))
        else:
            if old.uid in self._uses:
                self._uses[entry.uid] = self._uses.pop(old.uid)
            if found is None or found.uid != old.uid:
                out.copies.append((path, entry.path))
        if entry.filing.sections != old.filing.sections and entry.path not in out.new:
            out.changed.append(entry.path)
        return entry

    def _keep(
        self,
        one: Taken,
        path: str,
        article: Article,
        old: StoredEntry | None,
        found: StoredEntry | None,
        moved_from: str,
    ) -> StoredEntry:
        """Return the entry that a file leads: a new one, or ``old`` as it is now.

        ``found`` is the one that it was so far, if it was any.
        """
        out, clerk, now = self.outcome, self._clerk, self._now
        filing = file_by_editor(old.corrected, clerk.sections, clerk.heirs) if old else None
        own = filing or one.filing or clerk.file_article(article)
        filing = filing or self._stories.file(path, own, old, moved_from)
        if old is None:
            key = self._book.key_for(path, article)
            arrived = date_arrival(one.mark[0], now, clerk.guard.is_first_scan)
            if found is not None:
                arrived = found.arrived or arrived  # it was a copy: nothing of it is new
            entry = begin_entry(article, filing, key, clerk.tag, one.visible, arrived)
            self._begun.append(entry.uid)
        else:
            is_same = old.path == path and self._book.is_unchanged(path, one.digest)
            revise = reread_entry if is_same else revise_entry
            entry = revise(old, article, filing, now)
            if old.state is State.GONE and not old.shown:
                entry = replace(entry, arrived=now)  # nobody has had a look at it
        entry = hold_entry(entry, clerk.hold, now)
        was_away = old is None or old.state in (State.GONE, State.WITHDRAWN)
        if old is None or (was_away and entry.is_coming and not moved_from):
            out.new.append(path)
        elif entry != old and not moved_from:
            out.changed.append(path)
            if old.is_coming and not entry.is_coming:
                out.turned[path] = "withdrawn"
            elif old.state is State.HELD and entry.state is State.LIVE:
                out.turned[path] = "released"
        if not filing.filed and entry.is_coming:
            out.unfiled.append(path)
        if entry.filing.certain and entry.is_coming:
            clerk.learn(entry)
        if old is not None:
            self._deeds += note_deed(old, entry, path, now)
        if entry != old:
            self._entries[entry.uid] = entry
            self._packed[entry.uid] = one.packed
        if old is not None or one.media:
            self._uses[entry.uid] = [file.path for file in one.media]
        return entry

    def write(self, media: Sequence[MediaFile]) -> None:
        """Put all of it into the store; ``media`` are the files that the articles name."""
        writer, clerk, stories = self._writer, self._clerk, self._stories
        self.outcome.copies = self._book.list_copies(self.outcome.copies)
        self.outcome.again |= stories.again
        entries = self._entries | stories.given_up
        begun = [entries[uid] for uid in self._begun if uid in entries]
        quiet, self.outcome.flood = clerk.guard.judge(begun, writer, self._now)
        for uid in quiet:
            entries[uid] = replace(entries[uid], quiet=True)
        writer.put_entries(list(entries.values()), clerk.sections, self._packed, clerk.guard.loud)
        writer.put_media(
            [file for file in media if file.trouble != BEING_WRITTEN],
            self._uses,
            unsure=[file for file in media if file.trouble == BEING_WRITTEN],
        )
        writer.drop_files(self._book.left)
        writer.put_sources(self._sources)
        renamed = stories.renamed
        writer.put_files([replace(one, uid=renamed.get(one.uid, one.uid)) for one in self._files])
        stories.write()
        reread_copies(writer, self.outcome.again)
        writer.clear_problems(self._book.mended)
        writer.put_deeds(self._deeds)
        tally_decisions(self.outcome, list(entries.values()), writer, self._now)


def _file_of(one: Taken, path: str, uid: str, sketch: tuple[int, ...] = ()) -> StoredFile:
    return StoredFile(path, *one.mark, digest=one.digest, uid=uid, sketch=sketch)
