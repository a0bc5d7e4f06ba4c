"""Learning the site's furniture as articles arrive, and cleaning again what came before.

What is known is a function of the plain files in the store, so nothing is lost with the process:
only how far the cleaning has come is kept, as the number of the newest file that it knew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from feedsvc.errors import RefusedError
from feedsvc.filing import decide_certain
from feedsvc.ingest import (
    FILE_TIME,
    MAX_ARTICLES,
    SiteHabits,
    choose_evenly,
    habits_of,
    is_plain,
    read_text,
)
from feedsvc.model import Article, Filing
from feedsvc.scan.identity import reread_entry
from feedsvc.scan.ledger import Clerk
from feedsvc.scan.listing import normalise
from feedsvc.scan.take import Desk, peek_text
from feedsvc.store import State, Store, StoredEntry, StoredFile, pack_article

# Of a bulk that is about to be read so many files are looked at first: they tell the habits as well
# as all would, and are read twice.
_SAMPLE = 400

# While the site has so few plain files, each new one tells much, and cleaning all again takes less
# time than publishing one: it need not wait for a quiet moment.
_FEW = 50

# Articles cleaned again in one turn: others wait for it, some 20 ms.
_TURN = 40

# How far the cleaning has come, in the store's facts.
_FACT = "cleaned_until"


class HabitWatch:
    """What is known of the site's furniture; like the scanner, for one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._habits: SiteHabits | None = None
        # The files that were cleaned with the habits of now, those that are still to be, and the
        # newest file that the habits know.
        self._cleaned: set[str] = set()
        self._waiting: list[str] = []
        self._until = 0

    def current(self) -> SiteHabits:
        """Return what is known; the first call reads the store."""
        if self._habits is None:
            self._habits = learn_habits(self._store)
        return self._habits

    def meet(self, paths: Sequence[str], desk: Desk) -> None:
        """Learn from plain files that are about to be read, so that each is cleaned once.

        Not from a few that come to many: what those teach can wait.
        """
        plain = [path for path in paths if is_plain(path)]
        if len(plain) < 2 or len(plain) < len(self.current().paths) // _FEW:
            return
        sample = choose_evenly(plain, _SAMPLE)
        texts = {normalise(path): peek_text(path, desk) for path in sample}
        known = self._store.newest_sources(MAX_ARTICLES - len(texts))
        self._learn([*((path, text) for path, text in known if path not in texts), *texts.items()])

    def note(self, paths: Collection[str]) -> None:
        """Note that files were read with the habits of now."""
        self._cleaned.update(path for path in paths if is_plain(path))

    def is_due(self, quiet: bool) -> bool:
        """Whether stored articles should be cleaned again; ``quiet`` is a moment with time for it.

        One that must be waited for comes after every scan of the whole folder.
        """
        if not quiet and len(self.current().paths) > _FEW:
            return False
        newest = self._store.newest_source()
        return bool(self._waiting) or newest > int(self._store.fact(_FACT) or 0)

    def begin(self) -> None:
        """Learn anew, and line up the articles that were cleaned without knowing it all."""
        self._until = self._store.newest_source()
        texts = self._store.newest_sources(MAX_ARTICLES)
        known = self.current().paths
        # A bulk was met by a part of it, which told what there is to know.
        was_met = len(known) >= _SAMPLE and self._cleaned.issuperset(path for path, _ in texts)
        if not was_met and any(path not in known for path, _ in texts):
            self._learn(texts)
        self._waiting = [path for path, _ in texts if path not in self._cleaned]

    def clean_some(self, desk: Desk, clerk: Clerk, now: datetime) -> list[str]:
        """Clean some of the articles in line again; return the paths of those that changed."""
        paths, self._waiting = self._waiting[:_TURN], self._waiting[_TURN:]
        reading = replace(desk.reading, now=now, habits=self.current())
        changed = clean_again(self._store, paths, replace(desk, reading=reading), clerk, now)
        self._cleaned.update(paths)
        if not self._waiting:
            with self._store.writing() as writer:
                writer.put_fact(_FACT, str(self._until))
        return changed

    @property
    def is_done(self) -> bool:
        """Whether no article is in line."""
        return not self._waiting

    def _learn(self, texts: Sequence[tuple[str, str]]) -> None:
        self._habits = habits_of(texts)
        self._cleaned.clear()


def learn_habits(store: Store) -> SiteHabits:
    """Return what the stored plain files tell of the site's furniture."""
    return habits_of(store.newest_sources(MAX_ARTICLES))


def clean_again(
    store: Store, paths: Sequence[str], desk: Desk, clerk: Clerk, now: datetime
) -> list[str]:
    """Clean stored articles by what ``desk`` knows now, in one transaction.

    Nothing is read from the folder. Return the paths of those that changed.
    """
    changed: list[StoredEntry] = []
    with store.writing() as writer:
        texts = writer.sources_of(paths)
        files = [file for file in writer.files_of(list(texts)) if file.uid]
        entries = {one.uid: one for one in writer.entries_of("uid", {file.uid for file in files})}
        for file in files:
            entry = entries.get(file.uid)
            # The file may be another copy of a story that is told by a better one.
            if entry and entry.path == file.path and entry.state is not State.GONE:
                cleaned = _clean(entry, file, texts[file.path], desk, clerk.file_article, now)
                if cleaned != entry:
                    changed.append(cleaned)
        packed = {entry.uid: pack_article(entry.article) for entry in changed}
        writer.put_entries(changed, clerk.sections, packed)
    return [entry.path for entry in changed]


def _clean(
    old: StoredEntry,
    file: StoredFile,
    text: str,
    desk: Desk,
    file_article: Callable[[Article], Filing],
    now: datetime,
) -> StoredEntry:
    found = old.article.published
    modified = datetime.fromtimestamp(file.modified_ns / 1e9, UTC)
    if found.source == FILE_TIME:
        modified = found.at  # to the microsecond
    try:
        article = read_text(file.path, text, modified, desk.reading)
    except RefusedError:
        return old  # it was taken as it is
    if article == old.article:
        return old
    filing = old.filing if old.filing.certain else decide_certain(article, desk.rules)
    return reread_entry(old, article, filing or file_article(article), now)
