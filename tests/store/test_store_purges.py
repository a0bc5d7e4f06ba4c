"""The contract's verbs of purges: noted, owed to each cache, told twice, and settled."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from store_samples import NOON, make

from feedsvc.store import CACHES_FACT, Purge, Store

SECOND = timedelta(seconds=1)


def owe(store: Store, *targets: str, at: datetime = NOON, cache: str = "a") -> None:
    with store.writing() as writer:
        writer.purges.owe(cache, targets, at)


def due(store: Store, at: datetime, cache: str = "a") -> list[Purge]:
    with store.reading_purges() as purges:
        return purges.due(cache, at, 100)


def named(purges: Collection[Purge]) -> set[str]:
    return {one.target for one in purges}


def settle(store: Store, sent: datetime) -> None:
    with store.writing() as writer:
        writer.purges.settle(writer.purges.due("a", sent, 100), sent)


def test_a_cache_is_told_once_workers_have_it_and_once_more(store: Store) -> None:
    owe(store, "/x", "/y")
    assert not due(store, NOON + 0.9 * SECOND)
    assert named(due(store, NOON + SECOND)) == {"/x", "/y"}
    assert not due(store, NOON + SECOND, cache="b")
    settle(store, NOON + SECOND)
    assert not due(store, NOON + 4.9 * SECOND)
    assert named(due(store, NOON + 5 * SECOND)) == {"/x", "/y"}
    settle(store, NOON + 5 * SECOND)
    assert not due(store, NOON + timedelta(minutes=59))


def test_a_change_while_a_cache_is_told_is_told_again(store: Store) -> None:
    owe(store, "/x")
    told = due(store, NOON + 5 * SECOND)
    owe(store, "/x", at=NOON + 5 * SECOND)  # before it is written down that the cache was told
    with store.writing() as writer:
        writer.purges.settle(told, NOON + 5 * SECOND)
    assert named(due(store, NOON + 10 * SECOND)) == {"/x"}


def test_a_feed_that_changes_all_the_time_is_not_put_off(store: Store) -> None:
    for number in range(9):
        owe(store, "/x", at=NOON + number * SECOND)
    (one,) = due(store, NOON + SECOND)
    assert one.last == NOON + 13 * SECOND


def test_what_a_cache_does_not_take_comes_again_at_its_time(store: Store) -> None:
    owe(store, "/x")
    with store.writing() as writer:
        writer.purges.put_off(writer.purges.due("a", NOON + SECOND, 9), NOON + 60 * SECOND)
    owe(store, "/x", at=NOON + 2 * SECOND)
    assert not due(store, NOON + 59 * SECOND)
    (one,) = due(store, NOON + 60 * SECOND)
    assert (one.attempt, one.since) == (1, NOON)
    with store.reading_purges() as purges:
        figures = purges.figures()
    assert (figures.waiting, figures.failing) == (1, 1)
    settle(store, NOON + 60 * SECOND)
    assert not due(store, NOON + 90 * SECOND)


def test_a_clock_that_is_set_back_holds_nothing_up(store: Store) -> None:
    owe(store, "/x", at=NOON + timedelta(days=3))
    assert named(due(store, NOON)) == {"/x"}


def test_caches_that_are_no_more_are_owed_nothing(store: Store) -> None:
    owe(store, "/x")
    owe(store, "/x", cache="b")
    with store.writing() as writer:
        writer.purges.drop_all_but({"b"})
    assert not due(store, NOON + SECOND) and due(store, NOON + SECOND, cache="b")
    with store.writing() as writer:
        writer.purges.drop(writer.purges.due("b", NOON + SECOND, 9))
        writer.purges.drop_all_but(())
    assert not due(store, NOON + SECOND, cache="b")


def test_counts_add_up(store: Store) -> None:
    for _ in range(2):
        with store.writing() as writer:
            writer.purges.tally(3, 1)
    with store.reading_purges() as purges:
        figures = purges.figures()
    assert (figures.done, figures.failed) == (6, 2)


def test_pages_of_entries_that_change_are_noted_while_there_are_caches(store: Store) -> None:
    entry = make(1, "politics")
    for caches, noted in (("", []), ("some", [f"/articles/{entry.uid}"])):
        with store.writing() as writer:
            writer.put_fact(CACHES_FACT, caches)
            writer.put_entries([entry], {"politics"})
        with store.writing() as writer:
            writer.put_entries([entry], {"politics"})
            assert writer.purges.take_touched() == noted
    with store.writing() as writer:
        assert writer.purges.take_touched() == []
