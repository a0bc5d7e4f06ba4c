"""The thread's part in a web worker: what readers' polls left in memory goes into the store."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from feedsvc.config import Config
from feedsvc.publication import GROWN_MOST, count_recent
from feedsvc.readership.intervals import MISSED_MOST, Turnover
from feedsvc.readership.recording import record_clients, record_polls
from feedsvc.readership.tallying import Client, Tally, tally_visits
from feedsvc.readership.visits import VisitBuffer
from feedsvc.store import Store

log = logging.getLogger(__name__)

# How often polls are written down. What is lost with a worker that is killed is no more than this.
TELL_EVERY = timedelta(seconds=10)

# Clients that one transaction writes: 10 ms, which is what publishing may have to wait.
_CLIENTS_AT_ONCE = 1_000

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
    store fails, what was collected stays, and is tried again: one tally, and what the buffer holds.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._buffer = VisitBuffer()
        self.visits: VisitBuffer | None = self._buffer
        self._turn = threading.Lock()
        self._next: datetime | None = None
        self._tally: Tally | None = None
        self._clients: list[dict[Client, bool]] = []
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
                self._tally, self._clients = None, []
                return
            self.visits = self._buffer
            self._write()  # what failed the last time
            if visits := self._buffer.take():
                self._at = now.astimezone(UTC)
                self._tally = tally_visits(visits, self._at)
                self._find_turnovers(config, revision, now)
                self._write()

    def _write(self) -> None:
        if self._tally is not None:
            with self._store.writing() as writer:
                placed = record_polls(writer.readership, self._tally)
            self._tally = None
            clients = iter(placed.clients.items())
            while some := dict(itertools.islice(clients, _CLIENTS_AT_ONCE)):
                self._clients.append(some)
        while self._clients:
            with self._store.writing() as writer:
                tables = writer.readership
                record_clients(tables, self._clients[0], self._turnovers, self._at)
            self._clients.pop(0)

    def _find_turnovers(self, config: Config, revision: int, now: datetime) -> None:
        """Look up what the feeds go through that were sent; once for each publication."""
        if revision != self._revision:
            self._turnovers.clear()
            self._revision = revision
        tally = self._tally
        sent = {one.feed for one, fresh in tally.clients.items() if fresh} if tally else set()
        self._read_dates(sorted(sent - self._turnovers.keys()), config, now)

    def _read_dates(self, feeds: Collection[str], config: Config, now: datetime) -> None:
        room = _FEEDS_KEPT - len(self._turnovers)
        with self._store.reading_readership() as tables:
            # A union would need the dates of all its sections: nobody is told what he missed there.
            for feed in [one for one in feeds if "+" not in one][:room]:
                dates = tables.dates(feed, now, GROWN_MOST + MISSED_MOST)
                held = count_recent(dates, config.feed_of(feed).items)
                self._turnovers[feed] = Turnover(dates, held)
