"""The composition root: config, store, scanner and publisher, put together.

One ``Service`` is the engine's hand: everything that changes the site goes through it, one at a
time. Web workers need none of it; they read the store.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from feedsvc.config import Config, LoadedConfig
from feedsvc.errors import ConfigError, Fault, FeedsvcError
from feedsvc.logs import get_log
from feedsvc.publication import Published, Publisher
from feedsvc.readership import switch_counting
from feedsvc.scan import (
    CONFIG,
    FOLDER,
    WHOLE_FOLDER,
    Correction,
    Decision,
    Progress,
    Report,
    correct,
    find_entry,
    find_nearest,
    hash_reading,
    hold_entry,
    is_tag_allowed,
    mark_due,
    open_intake,
    open_site,
    refile_if_needed,
    release_held,
    report_problem,
    restore_entry,
    settle_tag,
    take_as_news,
    tell_decision,
    tell_flood,
    withdraw_entry,
)
from feedsvc.store import Claim, Deed, Fence, Store, StoredEntry

log = get_log(__name__)

# Of less at a time the database takes notice soon enough by itself.
_MANY_AT_ONCE = 1_000

# A pass by a person waits so often for feeds to come due; once is enough, if nobody else publishes.
_WAITS_MOST = 5


def read_clock() -> datetime:
    """Return the time now, aware and in UTC: the one place where the engine asks for it."""
    return datetime.now(UTC)


class Service:
    """A site at work: scans its folder, files, and publishes.

    ``wants_scan`` says that files must be read again, because the config reads them differently.
    Methods may be called from several threads; they take turns. StoreError comes out of any of
    them when the store fails, and ConfigError out of making one if ``site.id`` is another than it
    was and nobody has allowed that. Behind a ``fence`` whose tick another process holds it only
    keeps the config, until it takes over.
    """

    def __init__(
        self,
        loaded: LoadedConfig,
        clock: Callable[[], datetime] = read_clock,
        fence: Fence | None = None,
    ) -> None:
        self.clock = clock
        self.loaded = loaded
        self._fence = fence
        self._equipped_for: Claim | None = None
        self._turn = threading.RLock()
        self.wants_scan = False
        self._scanned = False
        self._again: datetime | None = None
        self.store = Store(loaded.config.store.url)
        self._unfinished = False
        try:
            self.store.migrate()
            if fence:
                self.store.put_fence(fence)
            if not fence or fence.claim:
                self._equip(loaded)
        except FeedsvcError:
            self.store.close()
            raise

    def close(self) -> None:
        """Finish what is being done and let go of the store."""
        with self._turn:
            self.store.close()

    @property
    def is_at_work(self) -> bool:
        """Whether this process may change the site, and knows how it stands."""
        if self._fence is None:
            return True
        claim = self._fence.claim
        return claim is not None and claim == self._equipped_for

    def take_over(self) -> None:
        """Begin to work after another engine did: forget all that was known, and read it anew.

        Raises ConfigError if the config must not come into force.
        """
        with self._turn:
            self._scanned = False
            self._again = None
            self._equip(self.loaded)
            self._unfinished = True  # until the start is through, and if it fails
            self.start()
            self._unfinished = False

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
            self._forget_config_problem()
            self._reread_if_needed()
            self._refile_if_needed()
            switch_counting(self.store, self.config.statistics.enabled)
            release_held(self.store, self._scanner, self.clock())
            if self.store.revision():
                self.publish()

    def scan(self, progress: Progress | None = None, accept_deletions: bool = False) -> Report:
        """Look at the whole folder once, and publish what changed.

        ``progress`` may break it off between two batches by an error of its own. Raises
        ContentFolderError when the folder is missing: then nothing changes.
        """
        listing = self._scanner.list_all()  # the longest part, and it needs no turn
        with self._turn:
            self.wants_scan = False
            self._filer.look_again()
            report = self._scanner.scan(listing, progress, accept_deletions)
            self._scanned = True
            tell_flood(report, self._scanner.clerk.guard.rule)
            self.publish()
        self._analyze_after(report.outcome.count_written())
        return report

    def look(
        self,
        paths: Collection[str] = (),
        renamed: Collection[str] = (),
        progress: Progress | None = None,
    ) -> Report:
        """Look at what an event has named and at what is due, and publish what changed."""
        with self._turn:
            self._filer.look_again()
            report = self._scanner.look(paths, renamed, progress)
            tell_flood(report, self._scanner.clerk.guard.rule)
            if report.changed:
                self.publish()
        self._analyze_after(report.outcome.count_written())
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
            log.info("cleaned again", articles=len(changed), paths=changed)
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
        """Publish if anything is marked dirty, and learn what was taught: by others, meanwhile."""
        if self.store.dirty():
            self.publish()
        if self._filer.is_behind():
            with self._turn:
                outdated = self._filer.catch_up()
            if outdated:
                self._filer.relearn()

    def publish(self) -> Published:
        """Publish what is marked dirty and what has come due by now."""
        with self._turn:
            now = self.clock()
            mark_due(self.store, self._scanner, now)
            published = self._publisher.publish(now)
            self._again = published.again
            self._open_if_settled()
            if published.revision:
                # Where only addresses changed (a token, a section's former name), no feed did.
                feeds = published.feeds or ("addresses",)
                log.info("published", revision=published.revision, feeds=feeds)
            return published

    def find_entry(self, name: str) -> StoredEntry | None:
        """Return the entry of a path below the content folder, an id, or a page's address."""
        return find_entry(self.store, name)

    def withdraw(self, entry: StoredEntry, who: str, reason: str = "") -> StoredEntry:
        """Take an entry out of everything that is published, at once, and write that down."""
        return self._retract(entry.uid, who, "withdraw", reason, withdraw_entry)

    def restore(self, entry: StoredEntry, who: str, reason: str = "") -> StoredEntry:
        """Take a withdrawal back: what the entry's file says counts again."""
        return self._retract(entry.uid, who, "restore", reason, restore_entry)

    def correct(self, entry: StoredEntry, sections: Sequence[str], who: str) -> Correction:
        """File an entry in ``sections``, whatever else says where it belongs, and publish it.

        With no sections that is taken back.
        """
        with self._turn:
            known = set(self.config.sections)
            now = self.clock()
            done = correct(self.store, self._filer, entry.uid, sections, known, who, now)
            was = list(done.before.filing.sections)
            decided = Decision("filed", done.entry.path, done.entry)
            tell_decision(decided, now, by=who, before=was, also=done.moved)
            self.publish_all()
            return done

    def find_nearest(self, known: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Return the two nearest sections of each article on the review list, by its uid.

        ``known`` are those that were found before; they are found once.
        """
        return find_nearest(self.store, self._filer, self.config.sections, known)

    def take_all_as_news(self) -> None:
        """Let everything that comes from now on be news, however much of it comes at once."""
        self._scanner.clerk.guard.as_news = True

    def take_as_news(self) -> list[str]:
        """Make news of what the last flood of articles left out; return their paths."""
        with self._turn:
            paths = take_as_news(self.store, self.clock())
            log.info("taken as news", articles=len(paths), paths=paths)
            self.publish_all()
            return paths

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
                entry = hold_entry(decide(old, now), self._scanner.clerk.hold, now)
                detail = f"{old.path}: {reason}" if reason else old.path
                loud = self._scanner.clerk.guard.loud
                writer.put_entries([entry], set(self.config.sections), loud=loud)
                writer.put_deeds([Deed(now, who, action, uid, detail)])
            told = "withdrawn" if action == "withdraw" else "restored"
            tell_decision(Decision(told, old.path, entry), now, by=who, reason=reason)
            self.publish_all()
            return entry

    def next_look(self) -> datetime | None:
        """Return when to look again at files that were being written, or are missing."""
        return self._scanner.next_due()

    def next_release(self) -> datetime | None:
        """Return when to publish again: an embargo or a hold ends, an entry expires, a feed waits.

        A partner's feed also changes when an entry comes to it later, or is too old for it.
        """
        now = self.clock()
        moments = (
            self.store.next_due(now),
            self.store.next_held(),
            self._again,
            self._publisher.next_change(now),
        )
        return min((one for one in moments if one), default=None)

    def warm_up(self) -> None:
        """Load the filing model, and the site's habits, before the first article needs them."""
        self._filer.warm_up()
        with self._turn:
            self._scanner.warm_up()

    def reload(self, loaded: LoadedConfig) -> None:
        """Put a new config in force: file the stored articles by it, and publish.

        The store's place cannot change under a running engine; that waits for a restart. Where
        nothing differs from what is in force, only what was reported of the file is taken back.
        Raises ConfigError, and changes nothing, if the config must not come into force by an edit:
        it says nothing at all, or would change every id.
        """
        with self._turn:
            if loaded.is_empty and not self.loaded.is_empty:
                message, hint = "is empty", "was it saved? to begin anew with nothing, restart"
                raise ConfigError((Fault(loaded.path.name, 0, "", message, hint),))
            kept = self.config.store
            if loaded.config.store != kept:
                log.warning("restart needed", key="store.url", why="the store's place changed")
            loaded = replace(loaded, config=loaded.config.model_copy(update={"store": kept}))
            if not self.is_at_work:
                self.loaded = loaded  # it comes into force when this engine takes over
                return
            if loaded.config == self.config and not self._unfinished:
                self._forget_config_problem()
                return
            log.info("config taken", file=loaded.path.name)
            self._equip(loaded)
            self._unfinished = True  # what fails from here on must be tried again
            self.start()
            self._unfinished = False

    def allows(self, loaded: LoadedConfig) -> bool:
        """Whether an admin has allowed the ids that a config makes, which was refused for them."""
        return is_tag_allowed(self.store, loaded.config)

    def _forget_config_problem(self) -> None:
        report_problem(self.store, self.loaded.path.name, CONFIG, "", self.clock())

    def report_config(self, error: ConfigError, name: str) -> None:
        """Report a config that cannot be used; the one in force stays."""
        with self._turn:
            report_problem(self.store, name, CONFIG, str(error), self.clock())

    def report_folder(self, trouble: str) -> None:
        """Report that the content folder as a whole cannot be read; an empty text takes it back."""
        with self._turn:
            report_problem(self.store, WHOLE_FOLDER, FOLDER, trouble, self.clock())

    def _equip(self, loaded: LoadedConfig) -> None:
        # Before anything is read: what another engine writes after that makes it void.
        claim = self._fence.claim if self._fence else None
        if self._fence:
            self._fence.acting = claim
        self.tag = settle_tag(self.store, loaded)
        self.loaded = loaded
        config = loaded.config
        self._scanner, self._filer = open_intake(self.store, config, self.tag, self.clock)
        self._publisher = Publisher(self.store, config, self.tag)
        self._equipped_for = claim

    def _analyze_after(self, written: int) -> None:
        """Let the store see how large it is now, if that changed much; nobody waits for it."""
        if written >= _MANY_AT_ONCE:
            self.store.analyze()

    def _refile_if_needed(self) -> None:
        loud = self._scanner.clerk.guard.loud
        self._analyze_after(refile_if_needed(self.store, self._filer, self.config, loud))

    def describe_flood(self, report: Report) -> str:
        """Return what to say of new articles that are no news; nothing if all are."""
        return report.describe_flood(self._scanner.clerk.guard.rule)

    def _open_if_settled(self) -> None:
        """Note that the first scan is through, once all files are settled."""
        if self._scanned and not self._scanner.next_due():
            open_site(self.store, self._scanner.clerk.guard, self.clock())

    def _reread_if_needed(self) -> None:
        shape = hash_reading(self.config)
        if self.store.fact("read_by") != shape:
            self._scanner.reread()
            self.wants_scan = True
            with self.store.writing() as writer:
                writer.put_fact("read_by", shape)
