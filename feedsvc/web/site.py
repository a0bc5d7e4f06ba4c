"""What a web worker knows of the site: the publication in memory, the store behind it."""

from __future__ import annotations

import contextlib
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from feedsvc.config import Bucket, Config
from feedsvc.errors import StoreError
from feedsvc.logs import Complaints
from feedsvc.model import MediaFile, Representation
from feedsvc.publication import NOTHING, PUBLISHED_FACTS, load_publication, make_published
from feedsvc.readership import ReadershipDesk
from feedsvc.store import PUBLISHED_FACT, ChangeWatch, Store, StoredEntry, read_moment
from feedsvc.web.allowance import Allowance
from feedsvc.web.archives import ArchiveDesk
from feedsvc.web.cuts import CutDesk
from feedsvc.web.fastpath import FastPath
from feedsvc.web.partners import PollDesk
from feedsvc.web.sitemaps import SitemapDesk

log = logging.getLogger(__name__)

# How often a worker asks whether the store has changed, in seconds: a question to shared memory,
# and half of it is what a new article waits for on average.
WATCH_EVERY = 0.02

# How often a worker looks whether there is anything to write down, in seconds.
NOTE_EVERY = 0.5

# While the store does not answer, in seconds; the last good publication is served meanwhile (R25).
RETRY_EVERY = 1.0

# The same complaint about notes is told again after so long, in seconds.
_COMPLAIN_AGAIN = 60.0

# The part of the config that was published, when that was, and what its ids are made with.
_FACTS = (*PUBLISHED_FACTS, "renewed", "published_tag")


def _read_clock() -> datetime:
    return datetime.now(UTC)


class LiveSite:
    """The site as one worker serves it, kept up to date by a thread of its own.

    ``folder`` is where media lie, on a machine that has them elsewhere than the engine; left out,
    it is the content folder of the config that was published.
    """

    def __init__(
        self,
        store: Store,
        folder: Path | Bucket | None = None,
        clock: Callable[[], datetime] = _read_clock,
    ) -> None:
        self.store = store
        self.clock = clock
        self.config = Config()
        self.renewed = datetime.min.replace(tzinfo=UTC)  # since when pages look as they do
        self.trouble = ""
        self.published: datetime | None = None  # when the world last saw something new
        self._facts: tuple[str, ...] = ()
        self._renewed = ""
        self._tag = ""
        self.fast: FastPath = FastPath(_answer_nothing)
        self._folder = folder
        self._stop = threading.Event()
        self.archives = ArchiveDesk(store)
        self.cuts = CutDesk(store)
        self.polls = PollDesk(store)
        self.sitemaps = SitemapDesk(store)
        self.readership = ReadershipDesk(store)
        self._complaints = Complaints(_COMPLAIN_AGAIN)

    @property
    def base_path(self) -> str:
        """The path below which the site lies, without a slash at its end."""
        return urlsplit(self.config.site.base_url).path.rstrip("/")

    @property
    def is_loaded(self) -> bool:
        """Whether there is a publication to serve."""
        publication = self.fast.publication
        return publication is not None and publication.revision > 0

    def attach(self, fast: FastPath) -> None:
        """Put the publication into ``fast`` from now on."""
        self.fast = fast
        fast.find = self._find
        fast.visits = self.readership.visits

    def give_everything(self) -> None:
        """Make whatever is asked for, however much, and count nobody: who asks is an export."""
        self.fast.visits = None
        endless = Allowance(1.0, math.inf)
        self.cuts.looking = self.cuts.making = self.sitemaps.making = endless

    def refresh(self) -> bool:
        """Load what was published since the last time; return whether anything was.

        Raises StoreError when the store does not answer; what is served stays.
        """
        self.fast.forget()
        self.archives.forget()
        before = self.fast.publication or NOTHING
        if self.store.revision() < before.revision:
            before = NOTHING  # this is another store, made anew: nothing of the old one holds
        publication = load_publication(self.store, before)
        # A new config may change no document, and still what we answer: whom the hub may push to.
        if publication is before and self.store.fact("renewed") == self._renewed:
            return False
        self.config = self._load_config()
        self.published = read_moment(self.store.fact(PUBLISHED_FACT))
        self.fast.publish(publication, self.config.site.base_url, self.config.feeds.delta)
        return True

    def read_article(self, uid: str) -> tuple[StoredEntry, Mapping[str, MediaFile]] | None:
        """Return an entry of any state, and what is known of the media files that it names."""
        entry = self.store.entry(uid)
        return (entry, self.store.media_of([uid])) if entry else None

    def watch(self) -> threading.Thread:
        """Start the threads that keep the publication up to date, and write down what is asked."""
        thread = threading.Thread(target=self._keep_fresh, name="publication", daemon=True)
        thread.start()
        threading.Thread(target=self._keep_notes, name="notes", daemon=True).start()
        return thread

    def note_trouble(self, error: Exception) -> None:
        """Say once that the store cannot be read; it is tried again, and served what there is."""
        if not self.trouble:
            served = "what was published before" if self.is_loaded else "nothing until it does"
            log.error("%s; serving %s", error, served)
        self.trouble = str(error) or type(error).__name__

    def stop(self) -> None:
        """Let the thread end, with all written down that it knew."""
        self._stop.set()
        with contextlib.suppress(StoreError):
            self.polls.tell(self.fast.polled, self.clock(), last=True)
        with contextlib.suppress(StoreError):
            self._tell_readership(last=True)

    def _keep_fresh(self) -> None:
        watch: ChangeWatch | None = None
        while not self._stop.wait(RETRY_EVERY if self.trouble else WATCH_EVERY):
            try:
                watch = watch or self.store.watch()
                if watch.changed() or self.trouble:
                    self.refresh()
                self.trouble = ""
            except Exception as error:  # the thread must live on, whatever the driver raises
                self.note_trouble(error)
                if watch:
                    with contextlib.suppress(Exception):  # it may be what failed
                        watch.close()
                watch = None

    def _keep_notes(self) -> None:
        """Write down what is asked for: apart, because a new publication must not wait for that."""
        notes: tuple[Callable[[], None], ...] = (
            lambda: self.cuts.tell(self.fast.asked, self.clock()),
            lambda: self.polls.tell(self.fast.polled, self.clock()),
            self._tell_readership,
        )
        while not self._stop.wait(NOTE_EVERY):
            for note in notes:
                try:
                    note()
                except Exception as error:  # the thread must live on, and the others be noted
                    self._complain(error)

    def _complain(self, error: Exception) -> None:
        if not self._complaints.is_news(str(error), time.monotonic()):
            return
        if isinstance(error, StoreError):  # nothing is lost
            log.warning("what was asked for is not written down yet: %s", error)
        else:
            log.error("noting what was asked for failed; it is tried again", exc_info=error)

    def _tell_readership(self, last: bool = False) -> None:
        publication = self.fast.publication or NOTHING
        self.readership.tell(self.config, publication.revision, self.clock(), last)
        self.fast.visits = self.readership.visits

    def _load_config(self) -> Config:
        """Return the part of the config that was published: pages and feeds always agree."""
        facts = tuple(map(self.store.fact, _FACTS))
        if facts == self._facts or not facts[0]:
            return self.config
        self._facts = facts
        *published, self._renewed, self._tag = facts
        self.renewed = datetime.fromisoformat(self._renewed) if self._renewed else self.renewed
        return make_published(published, str(self._folder or ""))

    def _find(self, path: str) -> Representation | None:
        """Find what is not in the publication: archives, feeds of other cuts, sitemaps."""
        publication = self.fast.publication
        if publication is None or not publication.revision:
            return None
        try:
            path = path.encode("latin-1").decode()  # as WSGI hands it over (PEP 3333)
        except UnicodeError:
            return None
        now = self.clock()
        if not path.startswith("/feeds/"):
            return self.sitemaps.find(path, self.config, now)
        return self.archives.find(
            path, self.config, self._tag, self.renewed, now
        ) or self.cuts.find(path, publication, self.config, self._tag, now)


def _answer_nothing(environ: object, start_response: object) -> tuple[bytes, ...]:
    raise StoreError("the site is not loaded yet")
