"""What happens to a day's statistics when it is over: secrets go, and what is old gets smaller."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from feedsvc.readership.figures import HOURS_KEPT, ROLLING, read_subscribers
from feedsvc.readership.tallying import OTHERS, pick_to_merge
from feedsvc.store import Store

# What workers counted just before midnight is written within a minute, and their clocks differ.
CLOSE_AFTER = timedelta(hours=1)

# Feeds times readers that are kept apart of a day, once its week is over.
KEPT_PAIRS = 1_000

_DAY = timedelta(days=1)


def close_days(store: Store, keep: timedelta, now: datetime) -> None:
    """Close the days that are over, and drop what is older than ``keep``.

    Done again it changes nothing. Each step is a short transaction of its own, so that no article
    waits for it. Raises StoreError.
    """
    now = now.astimezone(UTC)
    open_day = (now - CLOSE_AFTER).date()  # the first that is not over
    for day in _list_days(store, open_day):
        with store.writing() as writer:
            tables = writer.readership
            tables.close_day(day, sum(read_subscribers(tables, day).values()))
    with store.writing() as writer:
        writer.readership.forget_salts(open_day)
    while True:
        with store.writing() as writer:
            if not writer.readership.drop_clients(open_day):
                break
    week = open_day - ROLLING
    with store.reading_readership() as reading:
        crowded = reading.crowded_days(week, KEPT_PAIRS, OTHERS)
    for day in crowded:
        with store.writing() as writer:
            tables = writer.readership
            tables.merge_pairs(day, pick_to_merge(tables.read_polls(day, day), KEPT_PAIRS))
    with store.writing() as writer:
        midnight = datetime.combine(now.date() - HOURS_KEPT, time(), UTC)
        writer.readership.roll_hours(midnight)
        writer.readership.drop_before(now.date() - max(keep, ROLLING), week)


def _list_days(store: Store, until: date) -> list[date]:
    """Return the days that are over and not closed, the oldest first."""
    with store.reading_readership() as tables:
        closed, first = tables.last_closed(), tables.first_day()
    start = closed + _DAY if closed else first
    if start is None:
        return []
    return [date.fromordinal(one) for one in range(start.toordinal(), until.toordinal())]
