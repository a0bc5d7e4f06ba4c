"""The contract's verbs of orders: what was asked for on the dashboard, until it is done."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from store_samples import NOON, make

from feedsvc.store import ACCEPT, FILE, WITHDRAW, Order, Store

MINUTE = timedelta(minutes=1)


def ask(store: Store, *orders: Order) -> list[int]:
    with store.writing() as writer:
        return [writer.orders.ask(order) for order in orders]


def waiting(store: Store, limit: int = 9) -> list[Order]:
    with store.reading_orders() as orders:
        return orders.waiting(limit)


def find(store: Store, number: int) -> Order | None:
    with store.reading_orders() as orders:
        return orders.order(number)


def test_orders_wait_in_turn_until_they_are_done(store: Store) -> None:
    filed = Order(NOON, "Ann", FILE, "0" * 16, {"sections": ["a", "ü"], "reason": ""})
    taken = Order(NOON + MINUTE, "Bo", WITHDRAW, "1" * 16, {"reason": 'it is "wrong"\n'})
    first, second, third = ask(store, filed, taken, Order(NOON, "Ann", ACCEPT))
    assert [one.number for one in waiting(store)] == [first, second, third]
    assert [one.number for one in waiting(store, 1)] == [first]
    known = waiting(store)[0]
    assert (known.at, known.who, known.action, known.uid) == (NOON, "Ann", FILE, "0" * 16)
    assert known.detail == filed.detail and known.done is None and not known.trouble
    with store.writing() as writer:
        writer.orders.finish(first, "it is filed in a", False, NOON + MINUTE)
        writer.orders.finish(second, "no", True, NOON + 2 * MINUTE)
    assert [one.number for one in waiting(store)] == [third]
    done, failed = find(store, first), find(store, second)
    assert done and done.done == NOON + MINUTE and done.outcome == "it is filed in a"
    assert failed and failed.trouble and failed.detail == taken.detail
    assert find(store, 10_000) is None


def test_what_is_done_is_forgotten_and_what_is_not_never(store: Store) -> None:
    first, second, third = ask(store, *[Order(NOON, "Ann", ACCEPT)] * 3)
    with store.writing() as writer:
        writer.orders.finish(first, "", False, NOON)
        writer.orders.finish(second, "", False, NOON + MINUTE)
        writer.orders.forget(NOON + MINUTE)
    assert find(store, first) is None and find(store, second) is not None
    assert [one.number for one in waiting(store)] == [third]
    assert ask(store, Order(NOON, "Bo", ACCEPT)) > [third]  # no number comes twice


def test_articles_in_the_order_they_came(store: Store) -> None:
    with store.writing() as writer:
        for number, hours in enumerate((3, 1, 2)):
            entry = make(number, "politics")
            arrived = NOON + timedelta(hours=hours)
            writer.put_entries([replace(entry, arrived=arrived)], {"politics"})
    assert [int(one.uid, 16) for one in store.latest(9)] == [0, 2, 1]
    assert [int(one.uid, 16) for one in store.latest(1, 1)] == [2]
    assert store.latest(9, 3) == []
