"""What caches in front of the site have to forget: noted, owed to each cache, and settled."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, case, delete, func, or_, select, update

from feedsvc.store import schema
from feedsvc.store.engine import add_missing, add_up, is_one_of, upsert

# A cache that forgets fetches anew at once: each web worker must have what is new by then. On one
# machine they look 50 times a second, and behind a balancer none is behind by more than a second.
AFTER = timedelta(seconds=1)

# And once more: a worker that missed the database's word looks by itself after two seconds, and a
# fetch that was under way brings the old state after the cache was told to forget it.
AGAIN_AFTER = timedelta(seconds=5)

# What is counted, among the hub's tallies.
_DONE, _FAILED = "purge done", "purge failed"

# Nothing lies further ahead than this; what does was written before the clock was set back.
_FARTHEST = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Purge:
    """A ``target`` (a path, or a surrogate key) that one cache has to forget.

    It is told once more at ``last``, for the last time; ``attempt`` counts the failures so far.
    """

    cache: str
    target: str
    last: datetime
    since: datetime
    attempt: int


@dataclass(frozen=True, slots=True)
class PurgeFigures:
    """How many purges wait, how many of them were not taken so far, and how all others went."""

    waiting: int
    failing: int
    done: int
    failed: int


class PurgeTables:
    """The verbs of purges within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def touch(self, paths: Iterable[str]) -> None:
        """Note what has changed and is made when it is asked for.

        Archive documents are noted without the suffix of a format.
        """
        if rows := [{"path": one} for one in sorted(paths)]:
            add_missing(self._connection, schema.touched, *rows)

    def take_touched(self) -> list[str]:
        """Return what was noted, and forget it."""
        taken = delete(schema.touched).returning(schema.touched.c.path)
        return sorted(self._connection.execute(taken).scalars())

    def owe(self, cache: str, targets: Collection[str], now: datetime) -> None:
        """Let a cache forget ``targets`` soon, and once more a little later.

        What it did not take so far is tried when it was to be tried anyway.
        """
        if not targets:
            return
        table = schema.purges
        listed = is_one_of(self._connection, table.c.target, targets)
        query = select(table).where(table.c.cache == cache, listed)
        known = {row.target: row for row in self._connection.execute(query)}
        soon, last, rows = now + AFTER, now + AGAIN_AFTER, []
        for target in sorted(targets):
            row = known.get(target)
            due, since, attempt = soon, now, 0
            if row is not None:
                since, attempt = row.since, row.attempt
                due = max(row.due, soon) if attempt else min(row.due, soon)
            moments = {"due": due, "last": max(last, due), "since": since}
            rows.append({"cache": cache, "target": target, "attempt": attempt, **moments})
        upsert(self._connection, table, rows)

    def due(self, cache: str, now: datetime, most: int) -> list[Purge]:
        """Return up to ``most`` purges of a cache that are due, the first due first."""
        table = schema.purges
        is_due = or_(table.c.due <= now, table.c.due > now + _FARTHEST)
        query = select(table).where(table.c.cache == cache, is_due).order_by(table.c.due)
        return [
            Purge(row.cache, row.target, row.last, row.since, row.attempt)
            for row in self._connection.execute(query.limit(most))
        ]

    def settle(self, done: Sequence[Purge], sent: datetime) -> None:
        """Write down that a cache was told at ``sent``.

        What was owed anew meanwhile stays, and so does what is to be told once more.
        """
        for cache, listed in _by_cache(done).items():
            table = schema.purges
            mine = (
                table.c.cache == cache,
                is_one_of(self._connection, table.c.target, [one.target for one in listed]),
            )
            self._connection.execute(delete(table).where(*mine, table.c.last <= sent))
            again = {"due": table.c.last, "since": table.c.last, "attempt": 0}
            self._connection.execute(update(table).where(*mine).values(again))

    def put_off(self, failed: Sequence[Purge], due: datetime) -> None:
        """Let purges that a cache did not take come again."""
        for cache, listed in _by_cache(failed).items():
            table = schema.purges
            mine = is_one_of(self._connection, table.c.target, [one.target for one in listed])
            values = {"due": due, "attempt": table.c.attempt + 1}
            changing = update(table).where(table.c.cache == cache, mine).values(values)
            self._connection.execute(changing)

    def drop(self, purges: Sequence[Purge]) -> None:
        """Give purges up: what the cache has is too old for it by now anyway."""
        for cache, listed in _by_cache(purges).items():
            table = schema.purges
            mine = is_one_of(self._connection, table.c.target, [one.target for one in listed])
            self._connection.execute(delete(table).where(table.c.cache == cache, mine))

    def drop_all_but(self, caches: Collection[str]) -> None:
        """Owe nothing any more to caches that the config does not name."""
        table = schema.purges
        self._connection.execute(delete(table).where(table.c.cache.not_in(sorted(caches))))

    def tally(self, done: int, failed: int) -> None:
        """Add to what is counted for ever."""
        rows = [{"name": _DONE, "count": done}, {"name": _FAILED, "count": failed}]
        add_up(self._connection, schema.tallies, rows)

    def figures(self) -> PurgeFigures:
        """Return the purges in numbers."""
        table, tallies = schema.purges.c, schema.tallies.c
        query = select(func.count(), func.count(case((table.attempt > 0, 1))))
        waiting, failing = self._connection.execute(query).one()
        counted = select(tallies.name, tallies.count).where(tallies.name.in_((_DONE, _FAILED)))
        counts = {name: int(count) for name, count in self._connection.execute(counted)}
        return PurgeFigures(waiting, failing, counts.get(_DONE, 0), counts.get(_FAILED, 0))


def _by_cache(purges: Sequence[Purge]) -> dict[str, list[Purge]]:
    found: dict[str, list[Purge]] = {}
    for one in purges:
        found.setdefault(one.cache, []).append(one)
    return found
