"""The tables of who reads: adding merges, whoever adds, and clearing goes piece by piece."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

from store_samples import NOON, make

from feedsvc.store import CountKey, DaySalt, Interval, PollCount, Store
from feedsvc.store import readership as verbs

TODAY = NOON.date()
PAIR = ("politics", "Miniflux")


def test_workers_add_to_the_same_rows(url: str, store: Store) -> None:
    """Each with a store of its own, at once: nothing that one adds is lost to another."""

    def work() -> None:
        own = Store(url)
        for _ in range(10):
            with own.writing() as writer:
                tables = writer.readership
                tables.add_polls(TODAY, {PAIR: PollCount(2, 1, 1, 10, 1, 3)})
                tables.add_hours(NOON + timedelta(minutes=59), {"200": 1})
                tables.add_intervals(TODAY, {Interval("Miniflux", 10): (1, 1800)})
        own.close()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    with store.reading_readership() as tables:
        assert tables.read_polls(TODAY, TODAY) == {PAIR: PollCount(60, 30, 30, 300, 30, 90)}
        assert tables.read_hours(NOON) == {NOON: {"200": 30}}
        assert tables.read_intervals(TODAY, TODAY) == {Interval("Miniflux", 10): (30, 54_000)}
        assert tables.pairs(TODAY) == {PAIR} and not tables.pairs(TODAY + timedelta(days=1))


def test_days_are_apart_and_ends_are_included(store: Store) -> None:
    with store.writing() as writer:
        tables = writer.readership
        for back in range(5):
            day = TODAY - timedelta(days=back)
            tables.add_polls(day, {PAIR: PollCount(polls=1, clients=back)})
            tables.put_counts(day, {CountKey("politics", "Feedly", ""): 10 + back}, [])
    first, last = TODAY - timedelta(days=3), TODAY - timedelta(days=1)
    with store.reading_readership() as tables:
        assert tables.read_polls(first, last)[PAIR].polls == 3
        assert tables.read_clients(first, last) == {PAIR: 3}
        assert tables.read_counts(first, last) == {CountKey("politics", "Feedly", ""): 13}
        assert tables.first_day() == TODAY - timedelta(days=4)


def test_a_number_makes_room_for_a_larger(store: Store) -> None:
    old, new = CountKey("politics", "Feedly", "1"), CountKey("politics", "Feedly", "2")
    other = CountKey("sports", "Feedly", "1")
    with store.writing() as writer:
        writer.readership.put_counts(TODAY, {old: 1, other: 1}, [])
        writer.readership.put_counts(TODAY, {new: 2, other: 5}, [old])
        assert writer.readership.counts(TODAY) == {new: 2, other: 5}


def test_clients_of_a_day(store: Store) -> None:
    """Numbers of 64 bits, with their sign; thinning leaves those whose last bits are zero."""
    hashes = [-(2**63), 2**63 - 1, -1, 0, 1, 2, 4]
    with store.writing() as writer:
        tables = writer.readership
        assert tables.salt(TODAY) is None
        tables.put_salt(TODAY, DaySalt(b"salt" * 4, 2, 7))
        tables.put_clients(TODAY, hashes, 1_000)
        tables.put_clients(TODAY, [0, 1], 2_000)
        tables.put_clients(TODAY + timedelta(days=1), [0], 3_000)
        assert tables.salt(TODAY) == DaySalt(b"salt" * 4, 2, 7)
        assert tables.seen(TODAY, [0, 2, 3, -1]) == {0: 2_000, 2: 1_000, -1: 1_000}
        assert tables.thin_clients(TODAY, 1) == 4
        assert tables.seen(TODAY, hashes).keys() == {-(2**63), 0, 2, 4}
        assert tables.thin_clients(TODAY, 2) == 3
        assert tables.seen(TODAY + timedelta(days=1), [0]) == {0: 3_000}


def test_clients_of_old_days_go_in_pieces(store: Store) -> None:
    yesterday = TODAY - timedelta(days=1)
    with store.writing() as writer:
        tables = writer.readership
        for day in (TODAY - timedelta(days=2), yesterday, TODAY):
            tables.put_clients(day, range(4_000), 0)
        gone = []
        while count := tables.drop_clients(TODAY):
            gone.append(count)
        assert sum(gone) == 8_000 and max(gone) <= verbs._DELETED_AT_ONCE
        assert not tables.seen(yesterday, [1]) and tables.seen(TODAY, [1])


def test_the_dates_of_a_feed(store: Store) -> None:
    with store.writing() as writer:
        writer.put_entries([make(number, "politics") for number in range(3)], {"politics"})
    with store.reading_readership() as tables:
        assert tables.dates("politics", NOON, 10) == [NOON] * 3
        assert tables.dates("politics", NOON, 2) == [NOON] * 2
        assert tables.dates("politics", NOON - timedelta(seconds=1), 10) == []
        assert tables.dates("sports", NOON, 10) == tables.dates("tag/x", NOON, 10) == []


def test_an_hour_is_one_of_utc(store: Store) -> None:
    """Also where the clock that hands it over has a zone with half hours."""
    zoned = datetime.fromisoformat("2026-03-01T17:40:00+05:30")
    with store.writing() as writer:
        writer.readership.add_hours(zoned, {"304": 1})
        assert writer.readership.read_hours(NOON) == {
            datetime(2026, 3, 1, 12, tzinfo=UTC): {"304": 1}
        }
