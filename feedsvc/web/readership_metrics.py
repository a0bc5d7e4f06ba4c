"""Who reads, as Prometheus takes it: polls by status, and subscribers by feed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from feedsvc.config import Config
from feedsvc.readership import read_readership
from feedsvc.store import Store

if TYPE_CHECKING:
    from prometheus_client.core import Metric

# What feeds are answered with most; told as 0 until it happens, so that rates are right.
_STATUSES = ("200", "304", "404")

# Feeds that are told one by one, those with most subscribers.
_FEEDS_MOST = 200

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ReadershipNumbers:
    """Polls since statistics are kept, by status; and the subscribers of the last seven days."""

    polls: Mapping[str, int]
    subscribers: Mapping[str, int]


def read_numbers(store: Store, now: datetime) -> ReadershipNumbers:
    """Return the numbers of this moment. Raises StoreError."""
    with store.reading_readership() as tables:
        polls: Counter[str] = Counter()
        for counts in tables.read_hours(_EVER).values():
            polls.update(counts)
    # Whatever config a worker has by now, all tell the same: the feeds that anybody reads.
    feeds = read_readership(store, Config(), now, days=1).feeds[:_FEEDS_MOST]
    return ReadershipNumbers(polls, {one.name: one.subscribers for one in feeds})


class ReadershipCollector:
    """Hands the numbers of one moment to Prometheus' own writer."""

    def __init__(self, numbers: ReadershipNumbers, now: datetime) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Metric]:
        """Yield each figure."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

        polls = CounterMetricFamily(
            "feedsvc_polls",
            "Requests for feeds, by status, since statistics are kept.",
            labels=["status"],
        )
        for status in dict.fromkeys((*_STATUSES, *sorted(self._numbers.polls))):
            polls.add_metric([status], self._numbers.polls.get(status, 0))
        yield polls
        subscribers = GaugeMetricFamily(
            "feedsvc_subscribers", "Subscribers of the last seven days, by feed.", labels=["feed"]
        )
        for feed, count in self._numbers.subscribers.items():
            subscribers.add_metric([feed], count)
        yield subscribers

    def describe(self) -> tuple[Metric, ...]:
        """Nothing is asked of the store before somebody asks us."""
        return ()
