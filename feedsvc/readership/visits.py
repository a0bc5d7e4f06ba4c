"""The polls of one web worker since they were last written down: counted while readers wait."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator

from feedsvc.readership.agents import AGENT_MOST

# Distinct visits that are kept apart; each takes up to a kilobyte. Beyond that nobody is asked who
# he is, and beyond the rest only the outcome counts. A map stays until the next one is told, so a
# flood costs 20 MB at most.
VISITS_MOST = 10_000
REST_MOST = 1_000

# The longest address there is (IPv6 with a zone) is shorter; so is one entry of a proxy's list.
ADDRESS_MOST = 64

# How a poll went, other than by its status: 200 tells who sent no condition from who did.
UNCHANGED, FULL, BARE, DELTA = "304", "200", "200 bare", "226"
SERVED = frozenset({UNCHANGED, FULL, BARE, DELTA})


# What is alike in requests: the path of the feed (empty where none was answered), the User-Agent,
# the address, the proxies' list of addresses, how it went, and the bytes of the body. What was sent
# is unchecked, and None where nothing was. Plain, because a named tuple costs twice as much as all
# the rest of counting.
Visit = tuple[str, str | None, str | None, str | None, str, int]


class _Counters(dict[Visit, Iterator[int]]):
    """The counter of each kind of request; one that is not there yet is made, within bounds."""

    def __missing__(self, key: Visit) -> Iterator[int]:
        # Bounds are seen to here: most requests are of a kind that is known, and pay for nothing.
        path, agent, address, forwarded, kind, length = key
        # Texts that many share stand in memory once, where the processor has them at hand.
        agent = sys.intern((agent or "")[:AGENT_MOST])
        address = sys.intern((address or "")[:ADDRESS_MOST])
        key = (path, agent, address, forwarded and forwarded[-ADDRESS_MOST:], kind, length)
        if len(self) >= VISITS_MOST and key not in self:
            is_full = len(self) >= VISITS_MOST + REST_MOST
            key = ("", "", "", None, kind, 0) if is_full else (path, "", "", None, kind, length)
        # Another thread may have made it since; then its counter is the one.
        return self.setdefault(key, itertools.count())


class VisitBuffer:
    """Counts requests for the thread that writes them down; no request waits for that thread.

    A request does ``next(buffer.counters[visit])``, whatever the visit holds. Several threads do so
    at once with no lock: finding a counter, putting one in its place, and ``next`` are each one
    step of the interpreter, so that no count is lost.
    """

    __slots__ = ("_before", "_told", "counters")

    def __init__(self) -> None:
        self.counters = _Counters()
        # The map of the time before, and what was told of it.
        self._before = _Counters()
        self._told: dict[Visit, int] = {}

    def note_other(self, status: str) -> None:
        """Count a request that was answered with no feed: its status alone is of interest."""
        next(self.counters["", "", "", None, status[:3], 0])

    def take(self) -> dict[Visit, int]:
        """Return what was counted since the last time, and begin anew."""
        taken, self.counters = self.counters, _Counters()
        # A counter begins at 0: after it was asked n times, the next answer is n. Kinds alone are
        # listed: pairs would be made one by one, and where the collector of memory runs in between,
        # other threads do, too.
        told = {visit: next(taken[visit]) for visit in list(taken)}
        found = told.copy()
        # A request may have taken hold of a map and counted in it only after that was told: it is
        # told now. (Asking a counter counts, too.)
        for visit in list(self._before):
            late = next(self._before[visit]) - self._told.get(visit, -1) - 1
            if late:
                found[visit] = found.get(visit, 0) + late
        self._before, self._told = taken, told
        return found
