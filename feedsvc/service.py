"""The composition root: config, store, scanner and publisher, put together.

One ``Service`` is the engine's hand: everything that changes the site goes through it, one at a
time. Web workers need none of it; they read the store.
"""

from __future__ import annotations

import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime

from feedsvc.config import Config, LoadedConfig
from feedsvc.errors import ConfigError
from feedsvc.filing import compile_rules
from feedsvc.ingest import reading_for
from feedsvc.publication import Published, Publisher
from feedsvc.scan import (
    WHOLE_FOLDER,
    Clerk,
    Desk,
    Filer,
    Progress,
    Report,
    Scanner,
    refile,
    restore_entry,
    withdraw_entry,
)
from feedsvc.store import Deed, Store, StoredEntry

log = logging.getLogger(__name__)

# A problem of the config stands under this kind in the store's list.
CONFIG = "config"


# The short form of an id, as it stands in the address of an article's page.
_UID = re.compile(r"(?<![0-9a-f])[0-9a-f]{16}(?=-|$|[0-9a-f]{16}$)")


# A pass by a person waits so often for feeds to come due; once is enough, if nobody else publishes.
_WAITS_MOST = 5


def read_clock() -> datetime:
    """Return the time now, aware and in UTC: the one place where the engine asks for it."""
    return datetime.now(UTC)


class Service:
    """A site at work: scans its folder, files, and publishes.

    ``wants_scan`` says that files must be read again, because the config reads them differently.
    Methods may be called from several threads; they take turns. StoreError comes out of any of
    them when the store fails.
    """

    def __init__(self, loaded: LoadedConfig, clock: Callable[[], datetime] = read_clock) -> None:
        self.clock = clock
        self._turn = threading.RLock()
        self.wants_scan = False
        self._again: datetime | None = None
        self.store = Store(loaded.config.store.url)
        self.store.migrate()
        self._equip(loaded)

    def close(self) -> None:
        """Finish what is being done and let go of the store."""
        with self._turn:
            self.store.close()

    @property
    def config(self) -> Config:
        """The config in force."""
        return self.loaded.config

    def start(self) -> None:
        """Catch up with what happened while nothing ran: config edits, embargoes, broken builds.

        A site that was never published waits for its first scan, whose articles then date its
        feeds.
        """
        with self._turn:
            self._reread_if_needed()
            self._refile_if_needed()
            if self.store.revision():
                self.publish()

    def scan(self, progress: Progress | None = None, accept_deletions: bool = False) -> Report:
        """Look at the whole folder once, and publish what changed.

        Raises ContentFolderError when the folder is missing: then nothing changes.
        """
        listing = self._scanner.list_all()  # the longest part, and it needs no turn
        with self._turn:
            self.wants_scan = False
            report = self._scanner.scan(listing, progress, accept_deletions)
            self.publish()
            return report

    def look(self, paths: Collection[str] = (), renamed: Collection[str] = ()) -> Report:
        """Look at what an event has named and at what is due, and publish what changed."""
        with self._turn:
            report = self._scanner.look(paths, renamed)
            if report.changed:
                self.publish()
            return report

    def finish_pass(self, report: Report, accept_deletions: bool = False) -> Report:
        """Wait for files that are still being written or just went, for a pass by a person."""
        with self._turn:
            self._scanner.settle_all(report, accept_deletions)
            if self._scanner.wants_cleaning(quiet=True):
                report.cleaned += self._clean_all()
            self.publish_all()
            return report

    def wants_cleaning(self) -> bool:
        """Whether articles should be cleaned again that can be at once."""
        return self._scanner.wants_cleaning(quiet=False)

    def clean_again(self, quiet: bool) -> list[str]:
        """Clean articles again by what is known of the site's furniture now, and publish them.

        Only at a ``quiet`` moment, where it takes longer. Return the paths of those that changed.
        """
        if not self._scanner.wants_cleaning(quiet):
            return []
        changed = self._clean_all()
        if changed:
            log.info("%d articles were cleaned again: more of the site is known", len(changed))
            self.publish()
        return changed

    def _clean_all(self) -> list[str]:
        with self._turn:
            self._scanner.begin_cleaning()
        changed: list[str] = []
        done = False
        while not done:
            with self._turn:  # others have their turn in between
                some, done = self._scanner.clean_some()
            changed += some
        return changed

    def publish_all(self) -> None:
        """Publish all that is marked dirty, waiting for the next second where a feed must."""
        with self._turn:
            for _ in range(_WAITS_MOST):
                again = self.publish().again
                if again is None:
                    return
                time.sleep(max(0.0, (again - self.clock()).total_seconds()))

    def publish_marked(self) -> None:
        """Publish if anything is marked dirty: by a worker, or by a command."""
        if self.store.dirty():
            self.publish()

    def publish(self) -> Published:
        """Publish what is marked dirty and what has come due by now."""
        with self._turn:
            now = self.clock()
            self._release(now)
            published = self._publisher.publish(now)
            self._again = published.again
            if published.revision:
                # Where only addresses changed (a token, a section's former name), no feed did.
                feeds = ", ".join(published.feeds) or "addresses"
                log.info("published revision %d: %s", published.revision, feeds)
            return published

    def find_entry(self, name: str) -> StoredEntry | None:
        """Return the entry of a path below the content folder, an id, or a page's address."""
        file = self.store.file(name)
        if file and file.uid:
            return self.store.entry(file.uid)
        # The last part of an id is its number; a page's address has it before the slug.
        whole = name.startswith("tag:")
        found = _UID.search(name.rpartition(":")[2].replace("-", "") if whole else name)
        entry = self.store.entry(found[0]) if found else None
        return None if entry and whole and entry.id != name else entry

    def withdraw(self, entry: StoredEntry, who: str, reason: str = "") -> StoredEntry:
        """Take an entry out of everything that is published, at once, and write that down."""
        return self._retract(entry.uid, who, "withdraw", reason, withdraw_entry)

    def restore(self, entry: StoredEntry, who: str, reason: str = "") -> StoredEntry:
        """Take a withdrawal back: what the entry's file says counts again."""
        return self._retract(entry.uid, who, "restore", reason, restore_entry)

    def _retract(
        self,
        uid: str,
        who: str,
        action: str,
        reason: str,
        decide: Callable[[StoredEntry, datetime], StoredEntry],
    ) -> StoredEntry:
        with self._turn:
            now = self.clock()
            with self.store.writing() as writer:
                (old,) = writer.entries_of("uid", [uid])
                entry = decide(old, now)
                detail = f"{old.path}: {reason}" if reason else old.path
                writer.put_entries([entry], set(self.config.sections))
                writer.put_deeds([Deed(now, who, action, uid, detail)])
            self.publish_all()
            return entry

    def next_look(self) -> datetime | None:
        """Return when to look again at files that were being written, or are missing."""
        return self._scanner.next_due()

    def next_release(self) -> datetime | None:
        """Return when to publish again: an embargo ends, an entry expires, a feed has waited.

        A partner's feed also changes when an entry comes to it later, or is too old for it.
        """
        now = self.clock()
        moments = (self.store.next_due(now), self._again, self._publisher.next_change(now))
        return min((one for one in moments if one), default=None)

    def warm_up(self) -> None:
        """Load the filing model, and the site's habits, before the first article needs them."""
        self._filer.warm_up()
        with self._turn:
            self._scanner.warm_up()

    def reload(self, loaded: LoadedConfig) -> None:
        """Put a new config in force: file the stored articles by it, and publish.

        The store's place cannot change under a running engine; that waits for a restart.
        """
        with self._turn:
            kept = self.config.store
            if loaded.config.store != kept:
                log.warning("store.url changed: restart to use the new store")
            self._equip(
                LoadedConfig(
                    loaded.config.model_copy(update={"store": kept}), loaded.path, loaded.warnings
                )
            )
            with self.store.writing() as writer:
                writer.clear_problems([loaded.path.name])
            self.start()

    def report_config(self, error: ConfigError, name: str) -> None:
        """Report a config that cannot be used; the one in force stays."""
        with self._turn, self.store.writing() as writer:
            writer.put_problem(name, CONFIG, str(error), self.clock())

    def report_folder(self, trouble: str) -> None:
        """Report that the content folder as a whole cannot be read; an empty text takes it back."""
        with self._turn, self.store.writing() as writer:
            if trouble:
                writer.put_problem(WHOLE_FOLDER, "folder", trouble, self.clock())
            else:
                writer.clear_problems([WHOLE_FOLDER])

    def _equip(self, loaded: LoadedConfig) -> None:
        self.loaded = loaded
        config = loaded.config
        self.tag = self._find_tag(config)
        rules = compile_rules(config)
        self._filer = Filer(self.store, rules, config.filing.learn)
        desk = Desk(
            root=config.content.folder,
            settle=config.content.settle,
            max_bytes=config.content.max_bytes,
            reading=reading_for(config, self.clock()),
            rules=rules,
        )
        clerk = Clerk(self.tag, set(config.sections), self._filer.guess, self._filer.learn)
        self._scanner = Scanner(self.store, desk, clerk, self.clock)
        self._publisher = Publisher(self.store, config, self.tag)

    def _find_tag(self, config: Config) -> str:
        """Return what ids are made with: ``site.id``, else what was used first (F14)."""
        if config.site.id:
            return config.site.tag
        known = self.store.fact("tag")
        if not known:
            known = config.site.tag
            with self.store.writing() as writer:
                writer.put_fact("tag", known)
        return known

    def _refile_if_needed(self) -> None:
        config = self.config
        shape = [config.filing.model_dump_json()]
        for name, section in config.sections.items():
            matters = section.model_dump_json(include={"title", "description", "match"})
            shape.append(f"{name}={matters}")
        if not self._differs("filed_by", shape):
            return
        if self.store.fact("filed_by"):
            moved = refile(self.store, self._filer, set(config.sections))
            log.info("the sections changed: %d articles were filed anew", moved)
        self._remember("filed_by", shape)

    def _reread_if_needed(self) -> None:
        site = self.config.site
        # The last: what is made of every file beside its article. Stores from before lack that.
        shape = [self.config.cleaning.model_dump_json(), site.language, site.timezone, "media"]
        if self._differs("read_by", shape):
            self._scanner.reread()
            self.wants_scan = True
            self._remember("read_by", shape)

    def _differs(self, fact: str, shape: list[str]) -> bool:
        return self.store.fact(fact) != _hash(shape)

    def _remember(self, fact: str, shape: list[str]) -> None:
        with self.store.writing() as writer:
            writer.put_fact(fact, _hash(shape))

    def _release(self, now: datetime) -> None:
        """Mark the feeds in which an embargo ended or an entry expired since the last time.

        How far this has come is kept in the store, so that nothing is missed while nothing runs.
        """
        before = self.store.fact("released_until")
        since = datetime.fromisoformat(before) if before else now
        if since >= now:
            since = now
        due = self.store.next_due(since)
        if before and (due is None or due > now):
            return
        with self.store.writing() as writer:
            sections = writer.sections_due(since, now)
            writer.mark_dirty(sections)
            writer.put_fact("released_until", now.isoformat())


def _hash(shape: list[str]) -> str:
    return hashlib.blake2b("\0".join(shape).encode(), digest_size=16).hexdigest()
