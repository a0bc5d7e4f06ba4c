"""The hub's tables: who subscribes, what waits to be verified, and what is owed to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, insert, or_, select, text, true, update

from feedsvc.model import Representation
from feedsvc.store import kinds as others
from feedsvc.store import schema
from feedsvc.store.askers import admit, forget_askers, note_failure
from feedsvc.store.deliveries import FARTHEST, DeliveryTables
from feedsvc.store.engine import is_one_of
from feedsvc.store.hubrows import (
    CHECK_COLUMNS,
    CLOUD_MODES,
    DENIED,
    FRESH,
    RETRY,
    RSSCLOUD,
    SUBSCRIBE,
    UNSUBSCRIBE,
    WEBSUB,
    Check,
    HubFigures,
    Subscription,
    row_to_check,
    row_to_subscription,
)
from feedsvc.store.rows import row_to_representation


class HubTables(DeliveryTables):
    """The hub's verbs within one transaction; those that only read need no more."""

    # Requests, and their verification

    def admit(self, host: str, now: datetime, a_minute: int, failures_an_hour: int) -> int:
        """Count a request of a callback's host; return after how many seconds it may ask again.

        0 if it may be served: fewer than ``a_minute`` came in this minute, and fewer verifications
        than ``failures_an_hour`` failed or are under way. Each subscription that a host has shows
        that it wants them: as many more may fail.
        """
        most = failures_an_hour * (1 + self._count(schema.subscriptions, host))
        under_way = self._count(schema.checks, host)
        return admit(self._connection, host, now, a_minute, most, under_way)

    def count_checks(self) -> int:
        """Return how many requests wait to be verified."""
        query = select(func.count()).select_from(schema.checks)
        return int(self._connection.execute(query).scalar() or 0)

    def count_host(self, host: str) -> int:
        """Return how many subscriptions a host of callbacks has."""
        return self._count(schema.subscriptions, host)

    def ask(self, check: Check, due: datetime) -> None:
        """Keep what is to be verified; it takes the place of an older request for the same pair.

        If the callback was asked about that one and has not confirmed it, that is a failure: who
        asks again and again must not have a third party asked as often.
        """
        table = schema.checks
        pair = (table.c.path == check.path, table.c.callback == check.callback)
        older = delete(table).where(*pair).returning(table.c.attempt)
        if self._connection.execute(older).scalar() and check.mode != DENIED:
            note_failure(self._connection, check.host, check.asked)
        row = {name: getattr(check, name) for name in CHECK_COLUMNS}
        self._connection.execute(insert(table).values(**row, due=due, attempt=0))

    def claim_checks(self, now: datetime, until: datetime, most: int) -> list[Check]:
        """Take up to ``most`` checks in hand ``until`` then; afterwards they come again."""
        table = schema.checks
        ready = (
            select(table.c.number)
            .where(or_(table.c.due <= now, table.c.due > now + FARTHEST[FRESH]))
            .order_by(table.c.due)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        claim = (
            update(table)
            .where(table.c.number.in_(ready))
            .values(due=until, attempt=table.c.attempt + 1)
            .returning(table)
        )
        return [row_to_check(row) for row in self._connection.execute(claim)]

    def put_off(self, check: Check, due: datetime) -> None:
        """Let a check that failed come again."""
        table = schema.checks
        self._connection.execute(
            update(table).where(table.c.number == check.number).values(due=due)
        )

    def drop_check(self, check: Check, now: datetime, failed: bool) -> None:
        """End a check; what was before it stays as it was. A failure counts against its host."""
        if self._end_check(check) and failed:
            note_failure(self._connection, check.host, now)

    def confirm(self, check: Check, asked: datetime) -> bool:
        """Do what a subscriber has confirmed; False if he has asked for something else since.

        The lease counts from when the callback was ``asked``: what it was told then holds (H24).
        """
        if not self._end_check(check):
            return False
        table = schema.subscriptions
        pair = (
            table.c.path == check.path,
            table.c.callback == check.callback,
            table.c.kind == check.kind,
        )
        number = self._connection.execute(select(table.c.number).where(*pair)).scalar()
        if check.mode == UNSUBSCRIBE:
            if number is not None:
                self.end([number])
            return True
        values = {
            "topic": check.topic,
            "secret": check.secret,
            "since": asked,
            "expires": asked + timedelta(seconds=check.lease),
            "failures": 0,
            "outcome": "",
        }
        if number is not None:
            self._connection.execute(update(table).where(table.c.number == number).values(**values))
        else:
            pair_values = {"path": check.path, "callback": check.callback, "host": check.host}
            self._connection.execute(insert(table).values(kind=check.kind, **pair_values, **values))
        return True

    def has(self, path: str, callback: str, now: datetime, kind: str = WEBSUB) -> bool:
        """Whether a pair is subscribed, or has asked to be."""
        table, checks = schema.subscriptions.c, schema.checks.c
        query = select(table.number).where(
            table.path == path,
            table.callback == callback,
            table.kind == kind,
            table.expires > now,
        )
        modes = CLOUD_MODES if kind == RSSCLOUD else (SUBSCRIBE,)
        asked = select(checks.number).where(
            checks.path == path, checks.callback == callback, checks.mode.in_(modes)
        )
        return any(self._connection.execute(one).first() for one in (query, asked))

    # Subscriptions

    def numbers_of(self, path: str, callback: str) -> list[int]:
        """Return the numbers of a pair's subscriptions by WebSub."""
        table = schema.subscriptions.c
        query = select(table.number).where(
            table.path == path, table.callback == callback, table.kind == WEBSUB
        )
        return list(self._connection.execute(query).scalars())

    def subscriptions(self, kind: str = "", limit: int | None = None) -> Iterator[Subscription]:
        """Yield subscriptions, the newest first."""
        table = schema.subscriptions
        query = select(table).order_by(table.c.number.desc()).limit(limit)
        if kind:
            query = query.where(table.c.kind == kind)
        for row in self._connection.execute(query):
            yield row_to_subscription(row)

    def paths(self) -> list[str]:
        """Return the paths that anybody subscribes to."""
        query = select(schema.subscriptions.c.path).distinct()
        return list(self._connection.execute(query).scalars())

    def expire(self, now: datetime) -> int:
        """End the subscriptions whose lease is over; return how many there were (H24).

        Hosts that have not asked for anything of late are forgotten, too.
        """
        forget_askers(self._connection, now)
        table = schema.subscriptions.c
        query = select(table.number).where(table.expires <= now)
        numbers = list(self._connection.execute(query).scalars())
        if numbers:
            self.end(numbers)
        return len(numbers)

    def deny(self, paths: Collection[str], reason: str, now: datetime) -> None:
        """End the subscriptions to what is published no more, and tell their callbacks (H25).

        Who has asked for it and was not verified yet is told as well: there is nothing to verify.
        """
        table = schema.subscriptions
        listed = is_one_of(self._connection, table.c.path, paths)
        found = [
            row_to_subscription(row)
            for row in self._connection.execute(select(table).where(listed))
        ]
        for one in found:
            if one.kind == WEBSUB:
                check = Check(
                    one.path, one.callback, DENIED, one.topic, one.host, now, reason=reason
                )
                self.ask(check, now)
        if found:
            self.end([one.number for one in found])
        checks = schema.checks
        listed = is_one_of(self._connection, checks.c.path, paths)
        asked = select(checks).where(listed, checks.c.mode == SUBSCRIBE)
        for row in self._connection.execute(asked).all():
            self.ask(replace(row_to_check(row), mode=DENIED, secret=None, reason=reason), now)

    def put_external(
        self, topics: Mapping[str, str], hubs: Mapping[str, str], now: datetime
    ) -> None:
        """Let each of the ``hubs`` elsewhere (URL -> host) hear of ``topics`` (path -> URL).

        Hubs that are none of these hear of nothing any more.
        """
        if left := others.list_external_but(self._connection, hubs):
            self.end(left)
        others.put_external(self._connection, topics, hubs, now)

    # Handlers of rssCloud

    def list_tested(self, host: str, callback: str) -> set[str]:
        """Return the paths for which a handler waits to be tested."""
        return others.list_tested(self._connection, host, callback)

    def list_handled(self, host: str, callback: str) -> dict[str, datetime]:
        """Return the paths that a handler hears of, each with the moment since when."""
        return others.list_handled(self._connection, host, callback)

    def drop_tests(self, host: str, callback: str) -> None:
        """Drop the tests of a handler that nobody waits for any more."""
        others.drop_tests(self._connection, host, callback)

    def is_published(self, path: str) -> bool:
        """Whether there is a document at a path, and no word that it has moved or is gone."""
        table = schema.representations.c
        query = select(table.path).where(
            table.path == path,
            table.content_type != "",
            table.location == "",
            table.gone.is_(False),
        )
        return self._connection.execute(query).first() is not None

    def representation(self, path: str) -> Representation | None:
        """Return what is published at a path; None if nothing is."""
        table = schema.representations
        query = select(table).where(table.c.path == path, table.c.content_type != "")
        row = self._connection.execute(query).first()
        return row_to_representation(row) if row else None

    # Figures

    def tally(self, counts: Mapping[str, int]) -> None:
        """Add to what is counted for ever."""
        if counts:
            rows = [{"name": name, "count": count} for name, count in counts.items()]
            self._connection.execute(_TALLY, rows)

    def figures(self, now: datetime) -> HubFigures:
        """Return the state of the hub in numbers."""
        subscriptions, checks = schema.subscriptions.c, schema.checks.c
        owed, tallies = schema.deliveries.c, schema.tallies

        def count(*where: Any, of: Any) -> int:
            return int(self._connection.execute(select(func.count(of)).where(*where)).scalar() or 0)

        oldest = select(func.min(owed.published, type_=schema.Moment)).where(owed.due <= now)
        return HubFigures(
            subscriptions=count(of=subscriptions.number),
            failing=count(subscriptions.failures > 0, of=subscriptions.number),
            unverified=count(of=checks.number),
            due=count(owed.due <= now, of=owed.subscription),
            waiting=count(owed.due > now, of=owed.subscription),
            oldest=self._connection.execute(oldest).scalar(),
            tallies={row[0]: row[1] for row in self._connection.execute(select(tallies))},
        )

    def is_due(self, now: datetime) -> bool:
        """Whether a delivery or a check is to be taken in hand."""
        owed, checks = schema.deliveries.c, schema.checks.c
        ends = (func.min, func.max)  # the last one may lie too far ahead
        columns = [
            *((owed.due, owed.lane == lane, FARTHEST[lane]) for lane in (FRESH, RETRY)),
            (checks.due, true(), FARTHEST[FRESH]),
        ]
        for due, where, farthest in columns:
            for end in ends:
                query = select(end(due, type_=schema.Moment)).where(where)
                moment = self._connection.execute(query).scalar()
                if moment and (moment <= now or moment > now + farthest):
                    return True
        return False

    def _count(self, table: Any, host: str) -> int:
        query = select(func.count()).where(table.c.host == host)
        return int(self._connection.execute(query).scalar() or 0)

    def _end_check(self, check: Check) -> bool:
        table = schema.checks
        done = self._connection.execute(delete(table).where(table.c.number == check.number))
        return bool(done.rowcount)


_TALLY = text(
    "INSERT INTO tallies (name, count) VALUES (:name, :count) "
    "ON CONFLICT (name) DO UPDATE SET count = tallies.count + excluded.count"
)
