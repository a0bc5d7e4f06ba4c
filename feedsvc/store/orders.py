"""What persons asked for on the dashboard, for the engine to carry out one after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Row, delete, insert, select, update

from feedsvc.store import schema

# What may be asked for: filing an article, taking it back, and the reverse; believing that files
# which vanished all at once are gone.
FILE, WITHDRAW, RESTORE, ACCEPT = "file", "withdraw", "restore", "accept deletions"


@dataclass(frozen=True, slots=True)
class Order:
    """Something to be done to the entry ``uid``, or to the site where there is none.

    ``detail`` are the action's own values. Once it is ``done``, ``outcome`` says how that went in
    words for a person, and ``trouble`` that it could not be done. The store gives the ``number``.
    """

    at: datetime
    who: str
    action: str
    uid: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    done: datetime | None = None
    outcome: str = ""
    trouble: bool = False


class OrderTables:
    """The verbs of orders within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def ask(self, order: Order) -> int:
        """Keep an order until it is carried out; return its number."""
        row = {
            "at": order.at,
            "who": order.who,
            "action": order.action,
            "uid": order.uid,
            "detail": orjson.dumps(dict(order.detail)).decode(),
        }
        query = insert(schema.orders).values(row).returning(schema.orders.c.number)
        return int(self._connection.execute(query).scalar_one())

    def waiting(self, limit: int) -> list[Order]:
        """Return the orders that nobody has carried out, in the order they came."""
        table = schema.orders
        query = select(table).where(table.c.done.is_(None)).order_by(table.c.number).limit(limit)
        return [_row_to_order(row) for row in self._connection.execute(query)]

    def order(self, number: int) -> Order | None:
        """Return one order; None if it was forgotten."""
        query = select(schema.orders).where(schema.orders.c.number == number)
        row = self._connection.execute(query).first()
        return _row_to_order(row) if row else None

    def finish(self, number: int, outcome: str, trouble: bool, now: datetime) -> None:
        """Write down how an order went."""
        table = schema.orders
        values = {"done": now, "outcome": outcome, "trouble": trouble}
        self._connection.execute(update(table).where(table.c.number == number).values(values))

    def forget(self, before: datetime) -> None:
        """Forget the orders that were carried out ``before`` then; the audit log keeps deeds."""
        self._connection.execute(delete(schema.orders).where(schema.orders.c.done < before))


def _row_to_order(row: Row[Any]) -> Order:
    return Order(
        row.at,
        row.who,
        row.action,
        row.uid,
        orjson.loads(row.detail),
        row.number,
        row.done,
        row.outcome,
        row.trouble,
    )
