"""Visits for tests, and how they come into a store."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from feedsvc.readership.intervals import Turnover
from feedsvc.readership.recording import record
from feedsvc.readership.tallying import tally_visits
from feedsvc.readership.visits import BARE, Visit
from feedsvc.store import Store

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
POLITICS = "/feeds/politics.xml"
MINIFLUX = "Mozilla/5.0 (compatible; Miniflux/2.x; +https://miniflux.app)"


def visit(
    agent: str = MINIFLUX,
    address: str = "192.0.2.1",
    *,
    path: str = POLITICS,
    kind: str = BARE,
    length: int = 100,
    forwarded: str | None = None,
) -> Visit:
    """Return a visit as the fast path counts it."""
    return (path, agent, address, forwarded, kind, length)


def come(
    store: Store,
    at: datetime,
    *visits: Visit,
    turnovers: Mapping[str, Turnover] | None = None,
    times: int = 1,
) -> None:
    """Write down that visits came."""
    with store.writing() as writer:
        tally = tally_visits(dict.fromkeys(visits, times), at)
        record(writer.readership, tally, turnovers or {})
