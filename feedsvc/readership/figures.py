"""Who reads, in figures: what ``feedsvc stats`` and the dashboard show."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import MappingProxyType

from feedsvc.config import Config
from feedsvc.readership.agents import NO_READERS, SUBSCRIBERS_MOST
from feedsvc.readership.intervals import find_median
from feedsvc.store import (
    WHOLE_SITE,
    CountKey,
    Interval,
    Pair,
    PollCount,
    ReadershipTables,
    Store,
)

# Who polled within so many days is a subscriber: services skip feeds that nobody looks at for days.
ROLLING = timedelta(days=7)

# Hours are kept so long, then they are days.
HOURS_KEPT = timedelta(days=14)

# A reader's first poll of a feed can have no condition; after so many without one, none will.
_POLLS_LEAST = 5


@dataclass(frozen=True, slots=True)
class FeedFigures:
    """Who reads a feed, in all its formats together."""

    name: str
    subscribers: int
    polls: int
    unchanged: int
    bytes: int

    @property
    def unchanged_share(self) -> float | None:
        """The share of polls that were answered 304; None without polls."""
        return self.unchanged / self.polls if self.polls else None


@dataclass(frozen=True, slots=True)
class ReaderFigures:
    """How a reader behaves; ``interval`` is the median in seconds, ``missed`` a likely number."""

    reader: str
    subscribers: int
    polls: int
    unchanged: int
    unconditional: int
    bytes: int
    interval: float | None
    missed: int

    @property
    def unchanged_share(self) -> float | None:
        """The share of polls that were answered 304; None without polls."""
        return self.unchanged / self.polls if self.polls else None

    @property
    def never_conditional(self) -> bool:
        """Whether it never asks for what is new only, but fetches the feed whole each time."""
        return self.polls >= _POLLS_LEAST and self.unconditional == self.polls


@dataclass(frozen=True, slots=True)
class PairFigures:
    """What one reader does with one feed."""

    feed: str
    reader: str
    subscribers: int
    count: PollCount


@dataclass(frozen=True, slots=True)
class Readership:
    """Who reads, from ``since`` until ``until``; subscribers are those of the last seven days."""

    since: datetime
    until: datetime
    feeds: tuple[FeedFigures, ...]
    readers: tuple[ReaderFigures, ...]
    subscribers: int
    pairs: tuple[PairFigures, ...] = ()


def read_readership(store: Store, config: Config, now: datetime, days: int = 7) -> Readership:
    """Return who read in the last ``days``, today (in UTC) included; the most read feed first.

    Every section is among the feeds, whether or not anybody reads it. Raises StoreError.
    """
    now = now.astimezone(UTC)
    first = now.date() - timedelta(days=days - 1)
    with store.reading_readership() as tables:
        polls = tables.read_polls(first, now.date())
        intervals = tables.read_intervals(first, now.date())
        subscribers = read_subscribers(tables, now.date())
    pairs = [
        PairFigures(*pair, subscribers.get(pair, 0), polls.get(pair, PollCount()))
        for pair in sorted(polls.keys() | subscribers.keys())
    ]
    pairs.sort(key=lambda one: (-one.subscribers, -one.count.polls))
    return Readership(
        since=datetime.combine(first, time(), UTC),
        until=now,
        feeds=_sum_feeds(pairs, (WHOLE_SITE, *config.sections)),
        readers=_sum_readers(pairs, intervals),
        subscribers=sum(subscribers.values()),
        pairs=tuple(pairs),
    )


def list_subscribers_by_day(
    store: Store, now: datetime, days: int = 30
) -> tuple[tuple[date, int], ...]:
    """Return the site's subscribers on each of the last ``days``, the oldest first, today last.

    Each number is that of the seven days that end there. Days before the first poll are left out.
    Raises StoreError.
    """
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    with store.reading_readership() as tables:
        known = tables.read_subscribers(first)
        began = tables.first_day()
        # Today is not over, and yesterday may not be closed yet.
        start = max(first, min(known, default=began or today))
        found = []
        for number in range(start.toordinal(), today.toordinal() + 1):
            day = date.fromordinal(number)
            count = known.get(day)
            if count is None:
                count = sum(read_subscribers(tables, day).values())
            found.append((day, count))
    return tuple(found) if began else ()


def list_polls_by_hour(
    store: Store, now: datetime, hours: int = 48
) -> tuple[tuple[datetime, Mapping[str, int]], ...]:
    """Return the polls of each of the last ``hours``, by status, the oldest hour first.

    The hour that has begun is the last one; there are 14 days at most. Raises StoreError.
    """
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    count = max(1, min(hours, HOURS_KEPT // timedelta(hours=1)))
    listed = [last - timedelta(hours=back) for back in reversed(range(count))]
    with store.reading_readership() as tables:
        found = tables.read_hours(listed[0])
    return tuple((hour, MappingProxyType(found.get(hour, {}))) for hour in listed)


def read_subscribers(tables: ReadershipTables, day: date) -> dict[Pair, int]:
    """Return the subscribers of the seven days that end with ``day``, by feed and reader."""
    since = day - ROLLING + timedelta(days=1)
    return sum_subscribers(tables.read_counts(since, day), tables.read_clients(since, day))


def sum_subscribers(counts: Mapping[CountKey, int], clients: Mapping[Pair, int]) -> dict[Pair, int]:
    """Return subscribers by feed and reader: what aggregators say, else how many clients came.

    ``counts`` are added over a reader's ids of a feed, to no more than one may say.
    """
    found: Counter[Pair] = Counter()
    for key, count in counts.items():
        if key.reader not in NO_READERS:
            pair = (key.feed, key.reader)
            found[pair] = min(SUBSCRIBERS_MOST, found[pair] + count)
    for (feed, reader), number in clients.items():
        if (feed, reader) not in found and reader not in NO_READERS:
            found[feed, reader] = number
    return dict(found)


def _sum_feeds(pairs: Iterable[PairFigures], names: Collection[str]) -> tuple[FeedFigures, ...]:
    sums: dict[str, tuple[int, PollCount]] = {name: (0, PollCount()) for name in names}
    for one in pairs:
        subscribers, count = sums.get(one.feed, (0, PollCount()))
        sums[one.feed] = (subscribers + one.subscribers, count + one.count)
    feeds = [
        FeedFigures(name, subscribers, count.polls, count.unchanged, count.bytes)
        for name, (subscribers, count) in sums.items()
    ]
    return tuple(sorted(feeds, key=lambda one: (-one.subscribers, -one.polls)))


def _sum_readers(
    pairs: Iterable[PairFigures], intervals: Mapping[Interval, tuple[int, int]]
) -> tuple[ReaderFigures, ...]:
    classes: defaultdict[str, dict[int, tuple[int, int]]] = defaultdict(dict)
    for interval, found in intervals.items():
        classes[interval.reader][interval.step] = found
    sums: dict[str, tuple[int, PollCount]] = {}
    for one in pairs:
        subscribers, count = sums.get(one.reader, (0, PollCount()))
        sums[one.reader] = (subscribers + one.subscribers, count + one.count)
    readers = [
        ReaderFigures(
            reader=reader,
            subscribers=subscribers,
            polls=count.polls,
            unchanged=count.unchanged,
            unconditional=count.unconditional,
            bytes=count.bytes,
            interval=find_median(classes[reader]),
            missed=count.missed,
        )
        for reader, (subscribers, count) in sums.items()
    ]
    return tuple(sorted(readers, key=lambda one: (-one.subscribers, -one.polls, one.reader)))
