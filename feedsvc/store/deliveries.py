"""What is owed to whom: owed with a publication, claimed by the courier, and settled."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text, update

from feedsvc.store import kinds as others
from feedsvc.store import schema
from feedsvc.store.engine import is_one_of
from feedsvc.store.hubrows import (
    FRESH,
    KINDS,
    RETRY,
    SUBSCRIPTION_COLUMNS,
    WEBSUB,
    Delivery,
    Settled,
    Subscription,
    row_to_subscription,
)
from feedsvc.store.schema import to_micro

# Nothing lies further ahead than this: claims and checks, and retries. What does was written before
# the clock was set back.
FARTHEST = {FRESH: timedelta(minutes=5), RETRY: timedelta(days=1)}

# Who is only told of a change comes to fetch it: web workers must have it by then. They look 50
# times a second; and a feed changes once a second at most, so that nothing is put off for ever.
TOLD_AFTER = timedelta(milliseconds=500)


class DeliveryTables:
    """The verbs of deliveries, within a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def owe(
        self,
        paths: Collection[str],
        revision: int,
        now: datetime,
        kinds: Collection[str] = KINDS,
    ) -> int:
        """Owe what was just published at ``paths`` to everyone of these kinds who subscribes to it.

        Newer content takes the place of what was owed before, so that a retry carries the latest;
        what is in hand comes again when that is done. Who is told and not pushed to has to wait for
        a moment. Return how many deliveries are owed.
        """
        if not (paths and kinds):
            return 0
        listed = {"paths": sorted(paths), "kinds": sorted(kinds)}
        moments = {"now": to_micro(now), "soon": to_micro(now + TOLD_AFTER)}
        values = {**listed, **moments, "revision": revision, "pushed": WEBSUB}
        done = self._connection.execute(_OWE, values)
        return int(done.rowcount)

    def drop_owed_but(self, kinds: Collection[str]) -> None:
        """Drop what is owed to subscriptions of other kinds; they stay until their lease ends."""
        others.drop_owed_but(self._connection, kinds)

    def claim(self, lane: int, now: datetime, until: datetime, most: int) -> list[Delivery]:
        """Take up to ``most`` deliveries in hand ``until`` then; afterwards they come again."""
        owed = self._claim(lane, now, until, most)
        if not owed:
            return []
        table = schema.subscriptions
        listed = is_one_of(self._connection, table.c.number, list(owed))
        # Columns and values in one order: each row costs a few microseconds, not thirty.
        found = [
            Delivery(Subscription(*row), *owed.pop(row[0]))
            for row in self._connection.execute(select(*SUBSCRIPTION_COLUMNS).where(listed))
        ]
        if owed:  # their subscriptions have ended
            self.end(list(owed))
        return found

    def _claim(
        self, lane: int, now: datetime, until: datetime, most: int
    ) -> dict[int, tuple[int, datetime, int]]:
        """Return revision, date and attempt of what was taken, by subscription."""
        table = schema.deliveries
        for is_due in (table.c.due <= now, table.c.due > now + FARTHEST[lane]):
            ready = (
                select(table.c.subscription)
                .where(table.c.lane == lane, is_due)
                .order_by(table.c.due)
                .limit(most)
                .with_for_update(skip_locked=True)
            )
            claim = (
                update(table)
                .where(table.c.subscription.in_(ready))
                .values(due=until, claimed=until, attempt=table.c.attempt + 1)
                .returning(
                    table.c.subscription, table.c.revision, table.c.published, table.c.attempt
                )
            )
            if rows := self._connection.execute(claim).all():
                return {number: (revision, *rest) for number, revision, *rest in rows}
        return {}

    def settle(self, settled: Sequence[Settled], now: datetime) -> None:
        """Write down how claimed deliveries ended: only the version that was claimed is over."""
        over = [_version(one) for one in settled if one.due is None]
        again = [one for one in settled if one.due is not None]
        written = self._connection.execute(_OVER, over).rowcount if over else 0
        if again:
            rows = [{**_version(one), "due": to_micro(one.due)} for one in again if one.due]
            written += self._connection.execute(_AGAIN, rows).rowcount
        if written != len(settled):
            # Newer content has come for some meanwhile, or they were claimed again.
            rows = [{**_version(one), "now": to_micro(now)} for one in settled]
            self._connection.execute(_NEWER, rows)
        if failed := [one for one in settled if one.failed]:
            rows = [{"number": one.number, "outcome": one.failed} for one in failed]
            self._connection.execute(_FAILED, rows)
        if healed := [{"number": one.number} for one in settled if one.heals]:
            self._connection.execute(_FINE, healed)
        if ended := [one.number for one in settled if one.ends]:
            self.end(ended)

    def owed(self, limit: int) -> list[tuple[Subscription, datetime, int]]:
        """Return what is owed, the first due first: to whom, when, and how often it was tried."""
        owed, to = schema.deliveries, schema.subscriptions
        query = (
            select(to, owed.c.due.label("due"), owed.c.attempt.label("attempt"))
            .join(owed, owed.c.subscription == to.c.number)
            .order_by(owed.c.due)
            .limit(limit)
        )
        rows = self._connection.execute(query)
        return [(row_to_subscription(row), row.due, row.attempt) for row in rows]

    def end(self, numbers: Collection[int]) -> None:
        """End subscriptions, and with them what is owed to them."""
        for table, column in (
            (schema.deliveries, schema.deliveries.c.subscription),
            (schema.subscriptions, schema.subscriptions.c.number),
        ):
            listed = is_one_of(self._connection, column, numbers)
            self._connection.execute(delete(table).where(listed))


# One statement for however many subscribers; the database's own work is all there is to it.
_OWE = text(
    "INSERT INTO deliveries (subscription, path, revision, published, lane, due, attempt) "
    "SELECT number, path, :revision, :now, CASE WHEN failures > 0 THEN 1 ELSE 0 END, "
    "CASE WHEN kind = :pushed THEN :now ELSE :soon END, 0 "
    "FROM subscriptions WHERE path IN :paths AND kind IN :kinds "
    "AND (expires IS NULL OR expires > :now) "
    "ON CONFLICT (subscription) DO UPDATE SET revision = excluded.revision, "
    "published = excluded.published, lane = excluded.lane, attempt = 0, "
    "due = CASE WHEN deliveries.claimed > excluded.due THEN deliveries.due ELSE excluded.due END"
).bindparams(bindparam("paths", expanding=True), bindparam("kinds", expanding=True))
_OVER = text("DELETE FROM deliveries WHERE subscription = :number AND revision = :revision")
_AGAIN = text(
    "UPDATE deliveries SET due = :due, lane = 1, claimed = NULL "
    "WHERE subscription = :number AND revision = :revision"
)
_NEWER = text(
    "UPDATE deliveries SET due = :now, claimed = NULL "
    "WHERE subscription = :number AND revision > :revision"
)
_FAILED = text(
    "UPDATE subscriptions SET failures = failures + 1, outcome = :outcome WHERE number = :number"
)
_FINE = text(
    "UPDATE subscriptions SET failures = 0, outcome = '' WHERE number = :number AND failures > 0"
)


def _version(settled: Settled) -> dict[str, Any]:
    return {"number": settled.number, "revision": settled.revision}
