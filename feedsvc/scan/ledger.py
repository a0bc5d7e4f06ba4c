"""Putting what was read into the store: which entry each file is, in one transaction a batch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from feedsvc.ingest import BEING_WRITTEN
from feedsvc.model import Article, Filing
from feedsvc.scan.also import drop_also
from feedsvc.scan.correct import file_by_editor
from feedsvc.scan.flood import Flood, FloodGuard, FloodRule
from feedsvc.scan.hold import date_arrival, hold_entry
from feedsvc.scan.identity import begin_entry, path_keys, plain_keys, retract_entry, revise_entry
from feedsvc.scan.listing import normalise
from feedsvc.scan.stories import Stories, find_led, reread_copies, strike_copies
from feedsvc.scan.take import Taken
from feedsvc.store import Deed, State, StoredEntry, StoredFile, Writer

# A file that was refused because another one has its id is tried again when a file goes.
CONFLICT = "conflict"
REFUSED = "refused"
# A file that the disk refused is tried again when it can be read: its fingerprint will not tell.
UNREADABLE = "unreadable"
# A name that is not even tried: a link that leads out, bytes that are no text.
UNLISTED = "unlisted"
FOLDER = "folder"

# Who did it, in the audit log, when it was done in the content folder.
_FOLDER_HAND = "content folder"

_GONE = -1  # the size of a file that went: its content's hash still tells a move (see `move_of`)


@dataclass(slots=True)
class Outcome:
    """What a batch did, by path; one article is in at most one of the first five lists.

    ``flood`` are the new ones that are no news. ``copies`` are files that tell a story again, each
    with the one that leads; those in ``again`` must be read once more: they may have to lead.
    """

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    unfiled: list[str] = field(default_factory=list)
    flood: Flood = field(default_factory=Flood)
    copies: list[tuple[str, str]] = field(default_factory=list)
    again: set[str] = field(default_factory=set)

    def add(self, other: Outcome) -> None:
        """Take in what another batch did."""
        self.new += other.new
        self.changed += other.changed
        self.moved += other.moved
        self.gone += other.gone
        self.refused |= other.refused
        self.unfiled += other.unfiled
        self.flood.add(other.flood)
        self.copies += other.copies


@dataclass(frozen=True, slots=True)
class Clerk:
    """What putting articles into the ledger depends on.

    ``file_article`` decides the sections of an article for which nothing certain is known;
    ``learn`` is told every entry of which something is. A new article is held back for ``hold``;
    the ``guard`` tells which of many new ones are news. Copies of a story ``merge`` into one entry.
    """

    tag: str
    sections: Collection[str]
    file_article: Callable[[Article], Filing]
    learn: Callable[[StoredEntry], None]
    hold: timedelta = timedelta(0)
    guard: FloodGuard = field(default_factory=lambda: FloodGuard(FloodRule()))
    merge: bool = True


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
    outcome = Outcome()
    book = _Book(writer, taken, exists)
    entries: dict[str, StoredEntry] = {}
    packed: dict[str, bytes] = {}
    uses: dict[str, list[str]] = {}
    sources: dict[str, bytes] = {}
    files: list[StoredFile] = []
    deeds: list[Deed] = []
    begun: list[str] = []
    stories = book.open_stories(now, clerk.merge)
    # Those filed for certain first: the rest is then filed by what they teach.
    for one in sorted(taken, key=lambda one: one.filing is None):
        path = normalise(one.path)
        article = one.article
        if article is None:
            kind = UNREADABLE if one.unreadable else REFUSED
            _refuse(one, path, one.refused, kind, book, outcome, now)
            files.append(_file_of(one, path, book.uid_of.get(path, ""), book.sketch_of(path)))
            continue
        old, moved_from, conflict = book.find(path, article, one.digest)
        if conflict:
            _refuse(one, path, conflict, CONFLICT, book, outcome, now)
            files.append(_file_of(one, path, ""))
            continue
        found, place = old, stories.place(path, one, old, moved_from)
        old = place.entry
        if found and (old is None or old.uid != found.uid) and found.path != path:
            # It was a copy, and tells another story now.
            parted = replace(found, filing=drop_also(found.filing, {path, moved_from}))
            if parted != found:
                entries[found.uid] = parted
                book.amend(parted)
                stories.amend(parted)
            if moved_from:
                outcome.moved.append((moved_from, path))
                book.left.append(moved_from)
        if old is not None and (place.follows or place.fresh):
            identity = (clerk.tag, book.key_for(path, article))
            entry = stories.join(place, path, one, clerk.file_article, identity, moved_from)
            if entry != old:
                entries[entry.uid] = entry
                entries.pop(old.uid if entry.uid != old.uid else "", None)
                packed[entry.uid] = packed.pop(old.uid, b"") if place.follows else one.packed
                begun = [entry.uid if uid == old.uid else uid for uid in begun]
            if not place.follows:
                uses.pop(old.uid, None)
                uses[entry.uid] = [file.path for file in one.media]
                outcome.new = [path if each == old.path else each for each in outcome.new]
            elif old.uid in uses:
                uses[entry.uid] = uses.pop(old.uid)
            if entry.filing.sections != old.filing.sections and entry.path not in outcome.new:
                outcome.changed.append(entry.path)
            if moved_from:
                outcome.moved.append((moved_from, path))
                book.left.append(moved_from)
            if not place.follows:
                outcome.copies.append((old.path, path))
            elif found is None or found.uid != old.uid:
                outcome.copies.append((path, entry.path))
            stories.note(path, one, entry, old)
            book.rename(old.uid, entry)
            if one.source:
                sources[path] = one.source
            book.claim(path, entry)
            files.append(_file_of(one, path, entry.uid, stories.sketch_for(one)))
            book.mended.append(path)
            continue
        filing = file_by_editor(old.corrected, clerk.sections) if old else None
        own = filing or one.filing or clerk.file_article(article)
        filing = filing or stories.file(path, own, old, moved_from)
        if old is None:
            key = book.key_for(path, article)
            arrived = date_arrival(one.mark[0], now, clerk.guard.is_first_scan)
            entry = begin_entry(article, filing, key, clerk.tag, one.visible, arrived)
            entry = hold_entry(entry, clerk.hold, now)
            begun.append(entry.uid)
            outcome.new.append(path)
        else:
            entry = revise_entry(old, article, filing, now)
            if old.state is State.GONE and not old.shown:
                entry = replace(entry, arrived=now)  # nobody has had a look at it
            entry = hold_entry(entry, clerk.hold, now)
            if moved_from:
                outcome.moved.append((moved_from, path))
                book.left.append(moved_from)
            elif old.state in (State.GONE, State.WITHDRAWN) and entry.is_coming:
                outcome.new.append(path)
            elif entry != old:
                outcome.changed.append(path)
        if not filing.filed and entry.is_coming:
            outcome.unfiled.append(path)
        if entry.filing.certain and entry.is_coming:
            clerk.learn(entry)
        if old is not None:
            deeds += _note_deed(old, entry, path, now)
        if entry != old:
            entries[entry.uid] = entry
            packed[entry.uid] = one.packed
        if old is not None or one.media:
            uses[entry.uid] = [file.path for file in one.media]
        if one.source:
            sources[path] = one.source
        stories.note(path, one, entry, old)
        if old is not None and old.path not in (path, moved_from) and stories.follows(old.path):
            outcome.copies.append((old.path, path))
        book.claim(path, entry)
        files.append(_file_of(one, path, entry.uid, stories.sketch_for(one)))
        book.mended.append(path)
    outcome.again |= stories.again
    entries |= stories.given_up
    files = [replace(file, uid=stories.renamed.get(file.uid, file.uid)) for file in files]
    quiet, outcome.flood = clerk.guard.judge(
        [entries[uid] for uid in begun if uid in entries], writer, now
    )
    for uid in quiet:
        entries[uid] = replace(entries[uid], quiet=True)
    writer.put_entries(list(entries.values()), clerk.sections, packed, clerk.guard.loud)
    media = [file for one in taken for file in one.media]
    writer.put_media(
        [file for file in media if file.trouble != BEING_WRITTEN],
        uses,
        unsure=[file for file in media if file.trouble == BEING_WRITTEN],
    )
    writer.drop_files(book.left)
    writer.put_sources(sources)
    writer.put_files(files)
    stories.write()
    reread_copies(writer, outcome.again)
    writer.clear_problems(book.mended)
    writer.put_deeds(deeds)
    return outcome


def strike(paths: Iterable[str], writer: Writer, clerk: Clerk, now: datetime) -> Outcome:
    """Take files that are gone out of the ledger, and their entries out of the feeds."""
    outcome = Outcome()
    known = {file.path: file for file in writer.files_of(sorted(set(paths)))}
    uids = {file.uid for file in known.values() if file.uid}
    entries = {entry.uid: entry for entry in writer.entries_of("uid", uids)}
    retracted: list[StoredEntry] = []
    deeds: list[Deed] = []
    copies = writer.stories.copies_of(uids)
    changed = strike_copies(entries.values(), copies, known, clerk.file_article)
    entries |= {entry.uid: entry for entry in changed}
    led = find_led(entries.values(), copies, known, writer)
    for uid, entry in sorted(entries.items(), key=lambda item: item[1].path):
        heirs = [each for each in copies.get(uid, ()) if each not in known]
        if uid in led or entry.state is State.GONE:
            continue
        if heirs:
            outcome.again.update(heirs)  # the best of them leads from now on
            continue
        retracted.append(retract_entry(entry, now))
        deeds += _note_deed(entry, retracted[-1], entry.path, now)
        outcome.gone.append(entry.path)
    kept_on = [entry for entry in changed if entry.uid not in {one.uid for one in retracted}]
    outcome.changed += [entry.path for entry in kept_on]
    writer.put_entries([*retracted, *kept_on], clerk.sections)
    reread_copies(writer, outcome.again)
    writer.stories.drop_copies(list(known))
    writer.stories.drop_sketches({path: file.sketch for path, file in known.items()})
    writer.put_media((), {entry.uid: () for entry in retracted})
    writer.put_deeds(deeds)
    kept = [replace(file, modified_ns=0, size=_GONE, inode=0, sketch=()) for file in known.values()]
    writer.put_files([file for file in kept if file.uid])
    writer.drop_sources(list(known))
    writer.drop_files([file.path for file in kept if not file.uid])
    writer.clear_problems(list(known))
    return outcome


def _note_deed(old: StoredEntry, entry: StoredEntry, path: str, now: datetime) -> list[Deed]:
    """Return the line for the audit log if the public lost an article, or got it back.

    So it does also where only the feeds lose it, and its page stays.
    """
    was, stays = old.state is State.LIVE, entry.state is State.LIVE
    if was and stays:
        happened, lost = bool(old.retracted) != bool(entry.retracted), bool(entry.retracted)
        says = f"its file says syndication: {entry.article.syndication.value}"
    else:
        happened, lost = was != stays and old.was_public(now), was
        says = f"its file says status: {entry.state.value}"
    if not happened:
        return []
    if lost:
        action, how = "withdraw", "its file was deleted" if entry.state is State.GONE else says
    else:
        action, how = "restore", "its file is back" if old.state is State.GONE else f"{says} again"
    return [Deed(now, _FOLDER_HAND, action, entry.uid, f"{path}: {how}")]


def _refuse(
    one: Taken, path: str, reason: str, kind: str, book: _Book, outcome: Outcome, now: datetime
) -> None:
    """Report a file that cannot be taken; what it was before stays as it is."""
    outcome.refused[path] = reason
    book.writer.put_problem(path, kind, reason, now)


def _file_of(one: Taken, path: str, uid: str, sketch: tuple[int, ...] = ()) -> StoredFile:
    return StoredFile(path, *one.mark, digest=one.digest, uid=uid, sketch=sketch)


class _Book:
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
        self._gone = {file.path for file in known if file.uid and file.size == _GONE}
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
        return Stories(self.writer, self._taken, self._known, self.uid_of, self._exists, now, merge)

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
        if moved := self._find_move(path, [file for file in same if file.size != _GONE]):
            return moved
        if path in self._gone:
            return self._entries.get(self.uid_of[path]), "", ""
        if moved := self._find_move(path, [file for file in same if file.size == _GONE]):
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
