"""The thread's part in a web worker: what readers' polls left in memory goes into the store."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from feedsvc.config import Config
from feedsvc.publication import GROWN_MOST, count_recent
from feedsvc.readership.intervals import MISSED_MOST, Turnover
from feedsvc.readership.recording import record
from feedsvc.readership.tallying import tally_visits
from feedsvc.readership.visits import Visit, VisitBuffer
from feedsvc.store import Store

# How often polls are written down. What is lost with a worker that is killed is no more than this.
TELL_EVERY = timedelta(seconds=10)

# Visits that are tallied and written at once, in 10 ms: nothing that is published waits longer for
# the store. In between requests have the interpreter for themselves (seconds).
_AT_ONCE = 500
_PAUSE = 0.005

# Feeds whose dates are remembered; each takes 50 kB at most.
_FEEDS_KEPT = 50

# Whether anybody shall be counted, as the engine's config says it to all workers.
_SWITCH_FACT = "statistics"
_OFF = "off"


def switch_counting(store: Store, enabled: bool) -> None:
    """Tell the web workers whether they shall count who reads."""
    switch = "on" if enabled else _OFF
    if store.fact(_SWITCH_FACT) != switch:
        with store.writing() as writer:
            writer.put_fact(_SWITCH_FACT, switch)


class ReadershipDesk:
    """Writes down, for the worker that served them, who polled.

    ``visits`` is where requests are counted; None while the admin wants nobody counted. When the
    store fails, what was collected stays, and is tried again: what was taken from the buffer, and
    what the buffer holds since.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._buffer = VisitBuffer()
        self.visits: VisitBuffer | None = self._buffer
        self._turn = threading.Lock()
        self._next: datetime | None = None
        # What was taken and is not written yet, and when it was taken.
        self._left: list[dict[Visit, int]] = []
        self._at = datetime.min.replace(tzinfo=UTC)
        self._turnovers: dict[str, Turnover] = {}
        self._revision = -1

    def tell(self, config: Config, revision: int, now: datetime, last: bool = False) -> None:
        """Write down polls, every ten seconds unless it is the ``last`` time.

        ``config`` and ``revision`` are those of the publication. Raises StoreError.
        """
        # A clock that was set back must not keep us waiting for it.
        if self._next and self._next - TELL_EVERY <= now < self._next and not last:
            return
        with self._turn:
            self._next = now + TELL_EVERY
            if self._store.fact(_SWITCH_FACT) == _OFF:
                self.visits = None
                self._buffer.take()
                self._left.clear()
                return
            self.visits = self._buffer
            if revision != self._revision:
                self._turnovers.clear()
                self._revision = revision
            self._write_all(config)  # what failed the last time
            visits = iter(self._buffer.take().items())
            self._at = now.astimezone(UTC)
            while some := dict(itertools.islice(visits, _AT_ONCE)):
                self._left.append(some)
            self._write_all(config)

    def _write_all(self, config: Config) -> None:
        while self._left:
            tally = tally_visits(self._left[0], self._at)
            self._look_up({one.feed for one, sent in tally.clients.items() if sent}, config)
            with self._store.writing() as writer:
                record(writer.readership, tally, self._turnovers)
            self._left.pop(0)
            if self._left:
                time.sleep(_PAUSE)

    def _look_up(self, feeds: Collection[str], config: Config) -> None:
        """Look up what the feeds go through that were sent; once for each publication."""
        # A union would need the dates of all its sections: nobody is told what he missed there.
        wanted = [one for one in feeds if one not in self._turnovers and "+" not in one]
        room = _FEEDS_KEPT - len(self._turnovers)
        if wanted and room > 0:
            with self._store.reading_readership() as tables:
                for feed in sorted(wanted)[:room]:
                    dates = tables.dates(feed, self._at, GROWN_MOST + MISSED_MOST)
                    held = count_recent(dates, config.feed_of(feed).items)
                    self._turnovers[feed] = Turnover(dates, held)
