"""The polls of one web worker since they were last written down: counted while readers wait."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from feedsvc.readership.agents import AGENT_MOST

# Distinct visits that are kept apart; each takes up to a kilobyte. Beyond that nobody is asked who
# he is, and beyond the rest only the outcome counts: a flood costs 10 MB at most.
VISITS_MOST = 10_000
_REST = 1_000

# The longest address there is (IPv6 with a zone) is shorter; so is one entry of a proxy's list.
ADDRESS_MOST = 64

# How a poll went, other than by its status: 200 tells who sent no condition from who did.
UNCHANGED, FULL, BARE, DELTA = "304", "200", "200 bare", "226"
SERVED = frozenset({UNCHANGED, FULL, BARE, DELTA})

# A request is counted within a microsecond of taking hold of the map; so many seconds are ages.
_GRACE = 0.05


class Visit(NamedTuple):
    """One kind of request: what was asked for by whom, how it went, and the bytes of the body.

    ``path`` is empty where no feed was answered; ``address`` is as it was sent, unchecked.
    """

    path: str
    agent: str
    address: str
    kind: str
    length: int


class VisitBuffer:
    """Counts requests for the thread that writes them down; no request waits for that thread.

    Several threads count at once, with no lock: finding the counter (or making it) and ``next`` are
    each one step of the interpreter, all of them C, so no count is lost between two threads.
    """

    __slots__ = ("_visits",)

    def __init__(self) -> None:
        self._visits: defaultdict[tuple[str, str, str, str, int], Any] = _make_map()

    def note(self, environ: Mapping[str, Any], path: str, kind: str, length: int) -> None:
        """Count a request that was answered with the feed at ``path``; ``length`` in bytes.

        ``kind`` is UNCHANGED, FULL or DELTA.
        """
        agent = environ.get("HTTP_USER_AGENT", "")
        if len(agent) > AGENT_MOST:
            agent = agent[:AGENT_MOST]
        address = environ.get("REMOTE_ADDR", "")
        if "HTTP_X_FORWARDED_FOR" in environ:
            address = _look_behind(address, environ["HTTP_X_FORWARDED_FOR"])
        if (
            kind is FULL
            and "HTTP_IF_NONE_MATCH" not in environ
            and "HTTP_IF_MODIFIED_SINCE" not in environ
        ):
            kind = BARE
        # A plain tuple: making a named one takes twice as long as all the rest.
        key = (path, agent, address, kind, length)
        visits = self._visits
        if len(visits) >= VISITS_MOST and key not in visits:
            is_full = len(visits) >= VISITS_MOST + _REST
            key = ("", "", "", kind, 0) if is_full else (path, "", "", kind, length)
        next(visits[key])

    def note_other(self, status: str) -> None:
        """Count a request that was answered with no feed: its status alone is of interest."""
        next(self._visits["", "", "", status[:3], 0])

    def take(self) -> dict[Visit, int]:
        """Return what was counted since the last time, and begin anew."""
        taken, self._visits = self._visits, _make_map()
        # A thread may have taken hold of the old map in the very moment before.
        time.sleep(_GRACE)
        return {Visit(*key): next(counter) for key, counter in taken.items()}


def _make_map() -> defaultdict[tuple[str, str, str, str, int], Any]:
    # A counter begins at 0: after it was asked n times, the next answer is n.
    return defaultdict(itertools.count)


def _look_behind(address: str, forwarded: str) -> str:
    """Return whom a proxy on this machine names; of others nobody knows whether they lie."""
    if address == "::1" or address.startswith(("127.", "::ffff:127.")):
        return forwarded[-ADDRESS_MOST:].rpartition(",")[2].strip() or address
    return address
