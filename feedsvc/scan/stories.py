"""Which of the files that were read tell a story that another file tells already.

One file leads: its article is the entry's. The others are copies: their rows in the ledger have the
entry's uid, and the store's list of copies names them. The rules that decide are in ``copies``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from feedsvc.model import Article, Filing
from feedsvc.scan.also import also_file, drop_also, keep_also, take_lead
from feedsvc.scan.copies import (
    Likeness,
    Story,
    compare,
    date_of,
    leads,
    may_be_copy,
    may_be_one,
)
from feedsvc.scan.identity import make_ids
from feedsvc.scan.sketches import Sketches
from feedsvc.scan.take import Taken
from feedsvc.store import State, StoredEntry, StoredFile, Writer

# An article is held against so many stories at most: those that share most hashes with it.
_CANDIDATES_MOST = 4


@dataclass(frozen=True, slots=True)
class Place:
    """Which entry a file is, if any, and whether it only ``follows`` in telling its story.

    An entry that is ``fresh`` was never published: its founder, and so its id, may be another yet.
    """

    entry: StoredEntry | None
    follows: bool = False
    fresh: bool = False


class Stories:
    """The stories that a batch of files may tell again.

    ``uid_of`` is the ledger's view of which file is which entry, while the batch goes on, and
    ``exists`` says whether a path is on the disk. ``held`` are the paths of files that were held
    back. With ``merge`` off every file is an entry.
    """

    def __init__(
        self,
        writer: Writer,
        taken: Sequence[tuple[str, Taken]],
        known: Mapping[str, StoredFile],
        uid_of: Mapping[str, str],
        exists: Callable[[str], bool],
        now: datetime,
        merge: bool,
        held: Collection[str] = (),
    ) -> None:
        self._writer = writer
        self._uid_of = uid_of
        self._exists = exists
        self._now = now
        self._merge = merge
        self._taken = dict(taken)
        self._sketches = Sketches(writer, self._taken if merge else {}, known, held)
        # What the batch changes: the copies with their entries' uids, and what is a copy no more.
        self._copy_uids: dict[str, str] = {}
        self._left: set[str] = set()
        self._entries: dict[str, StoredEntry] = {}
        self._before: dict[str, StoredEntry] = {}
        self._begun: set[str] = set()
        self._stories: dict[str, Story] = {}
        others = self._sketches.list_paths() - uid_of.keys()
        self._stored = {file.path: file.uid for file in writer.files_of(others)}
        self._copies: dict[str, set[str]] = {}
        self._were_copies: set[str] = set()
        self._load_copies(set(uid_of.values()))
        # Copies that must be read again: what they follow is gone, or is another article now.
        self.again: set[str] = set()
        # Entries that were never published, by uid: what they are now, and those to be given up.
        self.renamed: dict[str, str] = {}
        self.given_up: dict[str, StoredEntry] = {}

    def _load_copies(self, uids: Collection[str]) -> None:
        found = self._writer.stories.copies_of(uids)
        self._copies |= {uid: set(found.get(uid, ())) for uid in uids}
        self._were_copies.update(*found.values())

    # Deciding

    def place(
        self, path: str, one: Taken, old: StoredEntry | None, moved_from: str, held: bool = False
    ) -> Place:
        """Return which entry a file is, given the one that its path or its bytes tell.

        One that is ``held`` back is an entry of its own: a story that is public must not show it.
        """
        article = one.article
        assert article is not None
        if moved_from:
            self._sketches.forget(moved_from, one.sketch)
        if held:
            return Place(old)
        if old is None:
            return self._find_story(path, one)
        if old.state is State.HELD and old.path in (path, moved_from):
            # Its time is over: now it may tell a story that is there already.
            found = self._find_story(path, one, old.uid)
            if found.entry:
                self.given_up[old.uid] = _give_up(old)
                return found
        if old.path in (path, moved_from) or not self._is_led(old):
            self._load_copies({old.uid} - self._copies.keys())
            copies = self._copies[old.uid] - {path, moved_from} if self._merge else set()
            if old.path not in (path, moved_from):
                # It takes over from a file that is gone; others may be better.
                self.again |= copies - self._taken.keys()
            elif copies and replace(article, path=old.path) != old.article:
                self.again |= copies
                if not self._tells(article, old).same:
                    return self._find_story(path, one, old.uid)
            return Place(self._before.get(old.uid, old))
        if self._merge and may_be_copy(article, self._now) and self._tells(article, old).same:
            return self._rank(article, old)
        return self._find_story(path, one, old.uid)

    def _is_led(self, entry: StoredEntry) -> bool:
        """Whether the file that leads an entry is there, and is still this entry."""
        uid = self._uid_at(entry.path)
        if not uid:
            uid = next(
                (file.uid for file in self._writer.files_of([entry.path]) if file.size >= 0), ""
            )
        there = entry.state is not State.GONE and uid == entry.uid
        return there and self._exists(entry.path)

    def _find_story(self, path: str, one: Taken, besides: str = "") -> Place:
        article = one.article
        assert article is not None
        if not self._merge or not may_be_copy(article, self._now):
            return Place(None)
        for entry in self._list_candidates(path, one, besides):
            if not may_be_one(article, entry.article, entry.published):
                continue
            if self._tells(article, entry).same:
                return self._rank(article, entry)
        return Place(None)

    def _list_candidates(self, path: str, one: Taken, besides: str) -> list[StoredEntry]:
        shared = self._sketches.find(path, one.sketch)
        if not shared:
            return []  # as of nearly all
        found = Counter(
            uid for other in shared if (uid := self._uid_at(other)) not in ("", besides)
        )
        ranked = sorted(found, key=lambda uid: (-found[uid], uid))[:_CANDIDATES_MOST]
        missing = [uid for uid in ranked if uid not in self._entries]
        self._entries |= {entry.uid: entry for entry in self._writer.entries_of("uid", missing)}
        return [self._entries[uid] for uid in ranked if self._may_lead(self._entries.get(uid))]

    def _uid_at(self, path: str) -> str:
        uid = self._uid_of.get(path) or self._stored.get(path, "")
        return self.renamed.get(uid, uid)

    def _may_lead(self, entry: StoredEntry | None) -> bool:
        """Whether a story may have copies: it is public, or a person withdrew it by command.

        That one must not come back under another name.
        """
        if entry is None:
            return False
        is_shown = entry.state is State.LIVE and may_be_copy(entry.article, self._now)
        return entry.withheld or is_shown

    def _rank(self, article: Article, entry: StoredEntry) -> Place:
        fresh = entry.uid in self._begun or self._is_unpublished
        first = bool(leads(article, entry.article))
        if fresh and not first and not leads(entry.article, article):
            first = article.path < entry.path  # in whatever order they are read
        if first and entry.is_coming:
            return Place(entry if fresh else self._before.get(entry.uid, entry), fresh=fresh)
        return Place(entry, follows=True, fresh=fresh)

    @cached_property
    def _is_unpublished(self) -> bool:
        """Whether this is a new site, or one whose store was lost: nobody knows its ids yet."""
        return not self._writer.revision()

    def _tells(self, article: Article, entry: StoredEntry) -> Likeness:
        if entry.uid not in self._stories:
            self._stories[entry.uid] = Story(entry.article)
        return compare(Story(article), self._stories[entry.uid])

    # Doing

    def file(self, path: str, own: Filing, old: StoredEntry | None, moved_from: str = "") -> Filing:
        """Return where an entry belongs that the file at ``path`` leads, its copies considered."""
        if old is None or not self._merge:
            return own
        current = self._entries.get(old.uid, old)
        before = drop_also(current.filing, {path, moved_from})
        if current.path != path and self._is_led(current):
            return take_lead(own, before, current.path)
        return keep_also(own, before)

    def join(
        self,
        place: Place,
        path: str,
        one: Taken,
        file_article: Callable[[Article], Filing],
        found: tuple[str, str],
        moved_from: str,
    ) -> StoredEntry:
        """Return an entry with one more file that tells its story, or with one that moved.

        ``found`` are the site's tag and the key that the file would have by itself.
        """
        old, article = place.entry, one.article
        assert old is not None and article is not None
        if place.follows:
            filing = drop_also(old.filing, {moved_from})
            filing = old.filing if old.corrected else also_file(filing, one.filing, path)
        else:
            filing = self.file(path, one.filing or file_article(article), old, moved_from)
        if place.fresh:
            return self._unite(place, one, filing, *found)
        return replace(old, filing=filing)

    def _unite(self, place: Place, one: Taken, filing: Filing, tag: str, key: str) -> StoredEntry:
        """Return an entry that nobody has seen yet, with one more file that tells its story.

        The file with a front-matter id founds it, else the one of the older date, else the first by
        name: so the folder alone decides the id.
        """
        old, article = place.entry, one.article
        assert old is not None and article is not None
        mine = (not article.key, article.published.at, key)
        founded = (not old.article.key, old.published, old.key)
        id_, uid = make_ids(tag, key) if mine < founded else (old.id, old.uid)
        lead = old.article if place.follows else article
        published = min(old.published, article.published.at)
        entry = replace(
            old,
            uid=uid,
            id=id_,
            key=key if mine < founded else old.key,
            path=lead.path,
            published=published,
            updated=max(date_of(lead), published),
            expires=lead.expires,
            visible=old.visible if place.follows else one.visible,
            article=lead,
            filing=filing,
        )
        if uid != old.uid:
            self._rename(old, entry)
        return entry

    def _rename(self, old: StoredEntry, entry: StoredEntry) -> None:
        stored = old.uid not in self._begun
        before = [uid for uid, became in self.renamed.items() if became == old.uid]
        if stored and not before:
            # An earlier batch stored it: its row stays, as of one that was never shown.
            self.given_up[old.uid] = _give_up(old)
        self.renamed |= dict.fromkeys([*before, old.uid], entry.uid)
        moved = [path for path, uid in self._copy_uids.items() if uid == old.uid]
        if stored:
            moved += self._writer.stories.copies_of([old.uid]).get(old.uid, [])
            files = self._writer.files_of([old.path, *moved])
            self._writer.put_files([replace(file, uid=entry.uid) for file in files])
        else:
            self._begun.add(entry.uid)
        self._copy_uids |= dict.fromkeys(moved, entry.uid)

    def amend(self, entry: StoredEntry) -> None:
        """Note what an entry is now, though none of its files was read."""
        self._entries[entry.uid] = entry

    def note(self, path: str, one: Taken, entry: StoredEntry, old: StoredEntry | None) -> None:
        """Note what became of a file: ``entry`` is what it is now, led by it or not."""
        if old is None:
            self._begun.add(entry.uid)
        else:
            self._before.setdefault(entry.uid, old)
        self._copies.get(self._uid_of.get(path, ""), set()).discard(path)
        if entry.path != path:
            self._follow(path, entry)
        else:
            self._copy_uids.pop(path, None)
            self._left.add(path)
            # Who led so far, in this batch: not always `old`, which is as it was before the batch.
            led = self._entries.get(old.uid, old) if old else None
            if led and led.path != path and self._is_led(replace(led, uid=entry.uid)):
                self._follow(led.path, entry)
        self._entries[entry.uid] = entry
        self._stories.pop(entry.uid, None)
        self._sketches.note(path, self.sketch_for(one), entry.uid, self._uid_at)

    def _follow(self, path: str, entry: StoredEntry) -> None:
        self._copy_uids[path] = entry.uid
        self._left.discard(path)
        self._load_copies({entry.uid} - self._copies.keys())
        self._copies[entry.uid].add(path)

    def sketch_for(self, one: Taken) -> tuple[int, ...]:
        """Return the hashes that a file's row keeps."""
        return one.sketch if self._merge else ()

    def follows(self, path: str) -> bool:
        """Whether a file has become a copy in this batch."""
        return path in self._copy_uids

    def write(self) -> None:
        """Put the lists of copies and sketches into the store."""
        self._sketches.write()
        self._writer.stories.drop_copies(self._left & self._were_copies)
        self._writer.stories.put_copies(self._copy_uids)


def _give_up(entry: StoredEntry) -> StoredEntry:
    """Return an entry that nobody has seen, and that is no more."""
    return replace(entry, state=State.GONE, shown=False, retracted=None, held_until=None)


def reread_copies(writer: Writer, paths: Collection[str]) -> None:
    """Let copies be read once more, by the next scan at the latest."""
    files = writer.files_of(paths)
    writer.put_files([replace(file, modified_ns=0, size=0, inode=0, sketch=()) for file in files])


def strike_copies(
    entries: Iterable[StoredEntry],
    copies: Mapping[str, Sequence[str]],
    gone: Collection[str],
    file_article: Callable[[Article], Filing],
) -> list[StoredEntry]:
    """Return the entries that stand in fewer sections since copies of their stories are gone."""
    changed = []
    for entry in entries:
        lost = [path for path in copies.get(entry.uid, ()) if path in gone]
        filing = drop_also(entry.filing, lost)
        if filing != entry.filing and not entry.corrected:
            filing = filing if filing.filed else file_article(entry.article)
            changed.append(replace(entry, filing=filing))
    return changed


def find_led(
    entries: Iterable[StoredEntry],
    copies: Mapping[str, Sequence[str]],
    gone: Collection[str],
    writer: Writer,
) -> set[str]:
    """Return the uids of those entries that are led by a file still, when others are ``gone``."""
    led = {entry.uid for entry in entries if entry.path not in gone}
    # One that had copies may have been left by the file that led it: it tells another story now.
    doubted = {entry.path: entry.uid for entry in entries if entry.uid in led & copies.keys()}
    left = {file.path for file in writer.files_of(doubted) if file.uid != doubted[file.path]}
    return led - {doubted[path] for path in left}
