"""Who reads: what web workers counted is added here, and what commands and pictures show is read.

All adding merges, so that any number of workers and machines write the same rows. Days are UTC.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, time

from sqlalchemy import ColumnElement, Connection, Table, delete, func, select, tuple_, update

from feedsvc.store import polltables as tables
from feedsvc.store import schema
from feedsvc.store.engine import add_up, is_one_of, upsert
from feedsvc.store.pollrows import POLL_COLUMNS, CountKey, DaySalt, Interval, Pair, PollCount

# Rows that one statement deletes: others may write in between.
_DELETED_AT_ONCE = 5_000


class ReadershipTables:
    """The verbs of who reads, within a transaction; those that only read need no more."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # Adding

    def pairs(self, day: date) -> set[Pair]:
        """Return for which feeds and readers polls are counted on a day."""
        table = tables.polls.c
        query = select(table.feed, table.reader).where(table.day == day.toordinal())
        return {(feed, reader) for feed, reader in self._connection.execute(query)}

    def add_polls(self, day: date, counts: Mapping[Pair, PollCount]) -> None:
        """Add to what is counted on a day."""
        rows = [
            {"day": day.toordinal(), "feed": feed, "reader": reader}
            | {name: getattr(count, name) for name in POLL_COLUMNS}
            for (feed, reader), count in sorted(counts.items())
        ]
        add_up(self._connection, tables.polls, rows)

    def add_hours(self, moment: datetime, counts: Mapping[str, int]) -> None:
        """Add to the polls by status of the hour that a moment lies in."""
        hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        self._add_hours(hour, counts)

    def add_intervals(self, day: date, found: Mapping[Interval, tuple[int, int]]) -> None:
        """Add intervals between polls: how many of each class, and their seconds together."""
        rows = [
            {"day": day.toordinal(), "reader": one.reader, "step": one.step}
            | {"count": count, "seconds": seconds}
            for one, (count, seconds) in sorted(found.items())
        ]
        add_up(self._connection, tables.poll_intervals, rows)

    def counts(self, day: date) -> dict[CountKey, int]:
        """Return the subscribers that aggregators named on a day."""
        table = tables.subscriber_counts.c
        query = select(table.feed, table.reader, table.feed_id, table.count).where(
            table.day == day.toordinal()
        )
        return {CountKey(*key): count for *key, count in self._connection.execute(query)}

    def put_counts(
        self, day: date, counts: Mapping[CountKey, int], gone: Collection[CountKey]
    ) -> None:
        """Keep the subscribers that aggregators named; each of ``gone`` made room for a larger."""
        table = tables.subscriber_counts
        for key in gone:
            self._connection.execute(
                delete(table).where(
                    table.c.day == day.toordinal(),
                    tuple_(table.c.feed, table.c.reader, table.c.feed_id) == tuple_(*key),
                )
            )
        rows = [
            {"day": day.toordinal(), **key._asdict(), "count": count}
            for key, count in sorted(counts.items())
        ]
        upsert(self._connection, table, rows)

    def salt(self, day: date) -> DaySalt | None:
        """Return what a day's hashes are made with; None before the first, and after the day."""
        table = tables.poll_salts.c
        query = select(table.salt, table.level, table.kept).where(table.day == day.toordinal())
        row = self._connection.execute(query).first()
        return DaySalt(*row) if row else None

    def put_salt(self, day: date, salt: DaySalt) -> None:
        """Keep what a day's hashes are made with."""
        row = {"salt": salt.salt, "level": salt.level, "kept": salt.kept}
        upsert(self._connection, tables.poll_salts, [{"day": day.toordinal(), **row}])

    def seen(self, day: date, hashes: Collection[int]) -> dict[int, int]:
        """Return when those of these clients came last that were here on this day.

        In seconds since 1970, as ``put_clients`` has it.
        """
        table = tables.poll_clients.c
        listed = is_one_of(self._connection, table.hash, hashes)
        query = select(table.hash, table.seen).where(table.day == day.toordinal(), listed)
        return dict(map(tuple, self._connection.execute(query).all()))

    def put_clients(self, day: date, hashes: Iterable[int], seen: int) -> None:
        """Keep that clients were here."""
        ordinal = day.toordinal()
        rows = [{"day": ordinal, "hash": one, "seen": seen} for one in sorted(hashes)]
        upsert(self._connection, tables.poll_clients, rows)

    def thin_clients(self, day: date, level: int) -> int:
        """Keep one in 2**``level`` of a day's clients; return how many are left."""
        table = tables.poll_clients
        sampled_out = table.c.hash.bitwise_and((1 << level) - 1) != 0
        is_of_day = table.c.day == day.toordinal()
        self._connection.execute(delete(table).where(is_of_day, sampled_out))
        left = select(func.count()).select_from(table).where(is_of_day)
        return int(self._connection.execute(left).scalar() or 0)

    # Reading

    def read_polls(self, since: date, until: date) -> dict[Pair, PollCount]:
        """Return the polls of the days from ``since`` to ``until``, both included."""
        table = tables.polls.c
        sums = (func.sum(table[name]) for name in POLL_COLUMNS)
        query = (
            select(table.feed, table.reader, *sums)
            .where(_between(tables.polls, since, until))
            .group_by(table.feed, table.reader)
        )
        return {
            (feed, reader): PollCount(*map(int, numbers))
            for feed, reader, *numbers in self._connection.execute(query)
        }

    def read_clients(self, since: date, until: date) -> dict[Pair, int]:
        """Return the clients of the day on which each feed and reader had most."""
        table = tables.polls.c
        query = (
            select(table.feed, table.reader, func.max(table.clients))
            .where(_between(tables.polls, since, until))
            .group_by(table.feed, table.reader)
        )
        return {
            (feed, reader): most for feed, reader, most in self._connection.execute(query) if most
        }

    def read_counts(self, since: date, until: date) -> dict[CountKey, int]:
        """Return the most subscribers that aggregators named from ``since`` to ``until``."""
        table = tables.subscriber_counts.c
        keys = (table.feed, table.reader, table.feed_id)
        query = (
            select(*keys, func.max(table.count))
            .where(_between(tables.subscriber_counts, since, until))
            .group_by(*keys)
        )
        return {CountKey(*key): count for *key, count in self._connection.execute(query)}

    def read_intervals(self, since: date, until: date) -> dict[Interval, tuple[int, int]]:
        """Return the intervals of each reader from ``since`` to ``until``: count and seconds."""
        table = tables.poll_intervals.c
        keys = (table.reader, table.step)
        query = (
            select(*keys, func.sum(table.count), func.sum(table.seconds))
            .where(_between(tables.poll_intervals, since, until))
            .group_by(*keys)
        )
        return {
            Interval(reader, step): (int(count), int(seconds))
            for reader, step, count, seconds in self._connection.execute(query)
        }

    def read_hours(self, since: datetime) -> dict[datetime, dict[str, int]]:
        """Return the polls by status of each hour from ``since`` on; of old days, at midnight."""
        table = tables.poll_hours.c
        found: dict[datetime, dict[str, int]] = {}
        query = select(table.hour, table.status, table.polls).where(table.hour >= since)
        for hour, status, count in self._connection.execute(query):
            found.setdefault(hour, {})[status] = count
        return found

    def read_subscribers(self, since: date) -> dict[date, int]:
        """Return the site's subscribers of the days from ``since`` on that are over."""
        table = tables.subscriber_days.c
        query = select(table.day, table.subscribers).where(table.day >= since.toordinal())
        return {date.fromordinal(day): count for day, count in self._connection.execute(query)}

    def dates(self, feed: str, now: datetime, limit: int) -> list[datetime]:
        """Return the dates of the newest entries of a section, tag or author, the newest first."""
        if "/" in feed:
            labels = schema.labels.c
            query = select(labels.published).where(labels.name == feed, labels.retracted.is_(None))
            dated = labels.published
        else:
            filed = schema.filed.c
            query = select(filed.published).where(filed.section == feed, filed.quiet.is_(False))
            dated = filed.published
        query = query.where(dated <= now).order_by(dated.desc()).limit(limit)
        return list(self._connection.execute(query).scalars())

    # When a day is over

    def first_day(self) -> date | None:
        """Return the first day of which anything is counted."""
        first = self._connection.execute(select(func.min(tables.polls.c.day))).scalar()
        return date.fromordinal(first) if first else None

    def last_closed(self) -> date | None:
        """Return the last day that was closed."""
        query = select(func.max(tables.subscriber_days.c.day))
        last = self._connection.execute(query).scalar()
        return date.fromordinal(last) if last else None

    def close_day(self, day: date, subscribers: int) -> None:
        """Keep a day's figure, and forget what its hashes were made with."""
        row = {"day": day.toordinal(), "subscribers": subscribers}
        upsert(self._connection, tables.subscriber_days, [row])

    def forget_salts(self, before: date) -> None:
        """Forget what the hashes of the days before this one were made with."""
        table = tables.poll_salts
        old = table.c.day < before.toordinal()
        # Overwritten first: what is deleted only may stand in the database's file for long.
        self._connection.execute(update(table).where(old).values(salt=bytes(16)))
        self._connection.execute(delete(table).where(old))

    def drop_clients(self, before: date) -> int:
        """Delete some of the clients of the days before this one; return how many went."""
        table = tables.poll_clients
        query = select(table.c.day, table.c.hash).where(table.c.day < before.toordinal())
        rows = self._connection.execute(query.limit(_DELETED_AT_ONCE)).all()
        for day in {row.day for row in rows}:
            listed = is_one_of(
                self._connection, table.c.hash, [row.hash for row in rows if row.day == day]
            )
            self._connection.execute(delete(table).where(table.c.day == day, listed))
        return len(rows)

    def crowded_days(self, before: date, most: int, others: str) -> list[date]:
        """Return the days before this one that have more than ``most`` feeds and readers.

        What stands under the feed ``others`` is there for good.
        """
        table = tables.polls.c
        query = (
            select(table.day)
            .where(table.day < before.toordinal(), table.feed != others)
            .group_by(table.day)
            .having(func.count() > most)
        )
        return [date.fromordinal(day) for day in self._connection.execute(query).scalars()]

    def merge_pairs(self, day: date, moved: Mapping[Pair, Pair]) -> None:
        """Add the polls of some feeds and readers to those of others, on one day."""
        found = self.read_polls(day, day)
        sums: dict[Pair, PollCount] = {}
        table = tables.polls
        for old, new in moved.items():
            sums[new] = sums.get(new, PollCount()) + found.get(old, PollCount())
            place = tuple_(table.c.feed, table.c.reader) == tuple_(*old)
            self._connection.execute(delete(table).where(table.c.day == day.toordinal(), place))
        self.add_polls(day, sums)

    def roll_hours(self, before: datetime) -> None:
        """Let the hours before this moment be days: one row each, at midnight."""
        table = tables.poll_hours
        query = select(table.c.hour, table.c.status, table.c.polls).where(table.c.hour < before)
        for hour, status, count in self._connection.execute(query).all():
            midnight = datetime.combine(hour.date(), time(), UTC)
            if hour != midnight:
                self._add_hours(midnight, {status: count})
                row = (table.c.hour == hour, table.c.status == status)
                self._connection.execute(delete(table).where(*row))

    def drop_before(self, kept: date, counted: date) -> None:
        """Delete what is older than the days kept; single ids of feeds go before ``counted``."""
        for table in (tables.polls, tables.poll_intervals, tables.subscriber_days):
            self._connection.execute(delete(table).where(table.c.day < kept.toordinal()))
        midnight = datetime.combine(kept, time(), UTC)
        hours = tables.poll_hours
        self._connection.execute(delete(hours).where(hours.c.hour < midnight))
        table = tables.subscriber_counts
        self._connection.execute(delete(table).where(table.c.day < counted.toordinal()))

    def _add_hours(self, hour: datetime, counts: Mapping[str, int]) -> None:
        rows = [
            {"hour": hour, "status": status, "polls": count}
            for status, count in sorted(counts.items())
        ]
        add_up(self._connection, tables.poll_hours, rows)


def _between(table: Table, since: date, until: date) -> ColumnElement[bool]:
    return table.c.day.between(since.toordinal(), until.toordinal())
