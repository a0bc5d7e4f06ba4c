"""From polls over days to what people read, and what becomes of a day that is over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sites import PROJECT, Site
from sqlalchemy import text
from visitors import MINIFLUX, NOON, POLITICS, come, visit

from feedsvc.config import Config
from feedsvc.readership import (
    OTHERS,
    ReaderFigures,
    Readership,
    close_days,
    closing,
    list_polls_by_hour,
    list_subscribers_by_day,
    read_readership,
    recording,
)
from feedsvc.readership.agents import SUBSCRIBERS_MOST
from feedsvc.readership.intervals import Turnover, find_median, step_of
from feedsvc.readership.visits import UNCHANGED
from feedsvc.scheduler import Engine
from feedsvc.store import Store

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
KEEP = 400 * DAY
CONFIG = Config.model_validate({"sections": {"politics": {}, "sports": {}}})
TABLES = (
    *("polls", "poll_hours", "poll_intervals", "poll_clients", "poll_salts"),
    *("subscriber_counts", "subscriber_days"),
)


def read(store: Store, days_later: float = 0, days: int = 7) -> Readership:
    return read_readership(store, CONFIG, NOON + days_later * DAY, days)


def reader_of(store: Store, name: str, days_later: float = 0) -> ReaderFigures:
    return next(one for one in read(store, days_later).readers if one.reader == name)


def count_rows(store: Store, *tables: str) -> dict[str, int]:
    with store.reading_readership() as reading:
        connection = reading._connection
        return {
            name: connection.execute(text(f"SELECT count(*) FROM {name}")).scalar_one()
            for name in tables or TABLES
        }


def test_subscribers_of_seven_days(store: Store) -> None:
    """An aggregator's highest number of each id; of others the day with most clients."""
    feedbin = "Feedbin feed-id:{} - {} subscribers"
    come(store, NOON, visit(feedbin.format(1, 10)), visit(feedbin.format(2, 3)))
    come(store, NOON + DAY, visit(feedbin.format(1, 14)), visit("Feedly/1 (7 subscribers)"))
    come(store, NOON + DAY, visit("Feedly/1 (7 subscribers)", path="/feeds/politics.atom"))
    come(store, NOON + 2 * DAY, visit(feedbin.format(1, 8), path="/feeds/sports.json"))
    for day, clients in enumerate((2, 3, 1)):
        came = [visit(MINIFLUX, f"192.0.2.{one}") for one in range(clients)]
        come(store, NOON + day * DAY, *came)
        come(store, NOON + day * DAY + HOUR, *came)  # again: no one more
    come(store, NOON, visit("curl/8"), visit("Mozilla/5.0 AppleWebKit/537 Chrome/1"))
    found = read(store, 2)
    assert {one.name: one.subscribers for one in found.feeds} == {
        "politics": 14 + 3 + 7 + 3,
        "sports": 8,
        "all": 0,
    }
    assert {one.reader: one.subscribers for one in found.readers} == {
        "Feedbin": 25,
        "Feedly": 7,
        "Miniflux": 3,
        "browser": 0,
        "other": 0,
    }
    assert found.subscribers == 35
    by_day = list_subscribers_by_day(store, NOON + 2 * DAY)
    assert by_day == ((NOON.date(), 15), (date(2026, 3, 3), 27), (date(2026, 3, 4), 35))
    # A week later nobody of the first day counts any more, and after two nobody at all.
    assert read(store, 8).subscribers == 8 + 1
    assert read(store, 15).subscribers == 0


def test_a_service_that_counts_is_no_direct_client(store: Store) -> None:
    """Not even where it forgets its number now and then."""
    come(store, NOON, visit("Feedly/1 (7 subscribers)"), visit("Feedly/1"))
    assert read(store).subscribers == 7


def test_forged_numbers_are_bounded(store: Store) -> None:
    forged = [visit(f"Feedly/1 (feed-id:{one}; 9999999999 subscribers)") for one in range(200)]
    come(store, NOON, *forged)
    assert read(store).subscribers == SUBSCRIBERS_MOST
    assert count_rows(store)["subscriber_counts"] == 50


def test_how_a_reader_behaves(store: Store) -> None:
    polite, rude = visit(kind=UNCHANGED, length=0), visit("Rude/1", "192.0.2.7", length=1000)
    for poll in range(6):
        come(store, NOON + poll * 30 * timedelta(minutes=1), polite, rude)
    come(store, NOON + 4 * HOUR, visit(length=50))
    miniflux, other = reader_of(store, "Miniflux"), reader_of(store, "rude")
    assert (miniflux.polls, miniflux.unchanged, miniflux.unconditional) == (7, 6, 1)
    assert (miniflux.bytes, miniflux.unchanged_share) == (50, 6 / 7)
    assert (miniflux.interval, other.interval) == (1800, 1800)
    assert other.never_conditional and not miniflux.never_conditional
    assert other.unchanged_share == 0
    feed = read(store).feeds[0]
    assert (feed.name, feed.polls, feed.bytes) == ("politics", 13, 6050)
    assert feed.unchanged_share == 6 / 13 and read(store).feeds[-1].unchanged_share is None


def test_polls_of_one_visit_are_no_interval(store: Store) -> None:
    come(store, NOON, visit())
    come(store, NOON + timedelta(seconds=10), visit(path="/feeds/politics.atom"))
    assert reader_of(store, "Miniflux").interval is None


def test_median_and_classes() -> None:
    assert [step_of(one) for one in (0, 1, 2, 3, 1799, 1800, 2048)] == [0, 0, 1, 1, 10, 10, 11]
    assert find_median({}) is None
    assert find_median({5: (1, 40), 10: (3, 5400), 16: (2, 172_800)}) == 1800
    assert find_median({5: (2, 80), 16: (1, 86_400)}) == 40


def test_likely_missed_entries(store: Store) -> None:
    """Ten an hour, and the feed holds 20: who comes each four hours misses 20 of 40."""
    dates = [NOON + 4 * HOUR - number * timedelta(minutes=6) for number in range(200)]
    turnovers = {"politics": Turnover(dates, held=20)}
    for hour in (0, 4):
        slow, quick = visit("Yarr/2", "192.0.2.1"), visit(MINIFLUX, "192.0.2.2")
        unchanged = visit("FreshRSS/1", "192.0.2.3", kind=UNCHANGED)
        at = NOON + hour * HOUR
        come(store, at, slow, quick, unchanged, turnovers=turnovers)
        come(store, at + HOUR, quick, turnovers=turnovers)
    missed = {one.reader: one.missed for one in read(store).readers}
    assert missed == {"Yarr": 20, "Miniflux": 10, "FreshRSS": 0}


def test_polls_by_hour(store: Store) -> None:
    come(store, NOON, visit(), visit(kind=UNCHANGED), ("", "", "", None, "404", 0))
    come(store, NOON + HOUR, visit(kind=UNCHANGED), times=5)
    hours = list_polls_by_hour(store, NOON + HOUR, 3)
    assert [hour for hour, _ in hours] == [NOON - HOUR, NOON, NOON + HOUR]
    assert [dict(polls) for _, polls in hours] == [{}, {"200": 1, "304": 1, "404": 1}, {"304": 5}]
    assert len(list_polls_by_hour(store, NOON, 10_000)) == 14 * 24


def test_a_day_that_is_over_keeps_no_hash_and_no_salt(store: Store) -> None:
    """From an hour after midnight (UTC) on; what was counted stays, and closing again is idle."""
    came = [visit(address=f"192.0.2.{one}") for one in range(5)]
    come(store, NOON, *came)
    midnight = NOON + timedelta(hours=12)
    close_days(store, KEEP, midnight + timedelta(minutes=59))
    assert count_rows(store, "poll_clients", "poll_salts") == {"poll_clients": 5, "poll_salts": 1}
    for _ in range(2):
        close_days(store, KEEP, midnight + HOUR)
        rows = count_rows(store, "poll_clients", "poll_salts")
        assert rows == {"poll_clients": 0, "poll_salts": 0}
        assert read(store, 1).subscribers == 5
        assert list_subscribers_by_day(store, NOON + DAY) == (
            (NOON.date(), 5),
            ((NOON + DAY).date(), 5),
        )
    # A worker that is late makes no new secret for it; its polls count.
    come(store, NOON, *came)
    assert not any(count_rows(store, "poll_clients", "poll_salts").values())
    assert read(store, 1).subscribers == 5
    assert reader_of(store, "Miniflux", 1).polls == 10


def test_no_address_and_no_salt_is_left_in_the_file(store: Store) -> None:
    """Neither while a day lasts nor, of the salt, after it: looked for in the database's bytes."""
    come(store, NOON, visit(address="203.0.113.77", forwarded="203.0.113.78"))
    with store.reading_readership() as tables:
        salt = tables.salt(NOON.date())
    assert salt and len(salt.salt) == 16
    before = read_file(store)
    assert salt.salt in before
    for sign in (b"203.0.113", bytes((203, 0, 113))):
        assert sign not in before
    close_days(store, KEEP, NOON + DAY)
    assert salt.salt not in read_file(store)


def read_file(store: Store) -> bytes:
    """Return the database's file, with all that was written in it."""
    with store._engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    return Path(store.url.removeprefix("sqlite:///")).read_bytes()


def test_many_clients_are_sampled_and_their_number_stays_right(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exact up to the bound; far beyond it within what sampling promises; never more rows."""
    monkeypatch.setattr(recording, "CLIENTS_MOST", 400)
    for start in range(0, 6_000, 200):
        addresses = [f"10.0.{one // 250}.{one % 250}" for one in range(start, start + 200)]
        come(store, NOON, *(visit(address=one) for one in addresses))
        rows = count_rows(store)["poll_clients"]
        assert rows <= 400
        if start + 200 <= 400:
            assert read(store).subscribers == rows == start + 200
    # 200 to 400 rows stand for all: the deviation is 5 to 7 %, and four of these are enough.
    assert 6_000 * 0.7 < read(store).subscribers < 6_000 * 1.3
    # Whoever comes again is nobody new, whether or not he was kept.
    before = read(store).subscribers
    come(store, NOON + HOUR, *(visit(address=f"10.0.0.{one}") for one in range(250)))
    assert read(store).subscribers == before


def test_old_days_get_smaller_and_go(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closing, "KEPT_PAIRS", 3)
    feeds = [visit(path=f"/feeds/tag/{one}.xml") for one in range(10)]
    come(store, NOON, visit(), visit(kind=UNCHANGED), *feeds)
    come(store, NOON + HOUR, visit(path=POLITICS), *feeds[:2], visit("Feedly/1 (9 subscribers)"))
    close_days(store, KEEP, NOON + DAY)
    assert count_rows(store, "polls", "poll_hours") == {"polls": 12, "poll_hours": 3}
    polls = sum(one.polls for one in read(store, 20, 30).readers)
    # A week later: the three that were polled most, and what the others sum up to.
    close_days(store, KEEP, NOON + 9 * DAY)
    assert count_rows(store)["subscriber_counts"] == 0
    found = read(store, 20, 30)
    assert {one.name: one.polls for one in found.feeds if one.polls} == {
        "politics": 3,
        "tag/0": 2,
        "tag/1": 2,
        OTHERS: 9,
    }
    assert sum(one.polls for one in found.readers) == polls
    # After two weeks: a day's hours are one row a status, at midnight.
    close_days(store, KEEP, NOON + 16 * DAY)
    assert count_rows(store)["poll_hours"] == 2
    with store.reading_readership() as tables:
        assert tables.read_hours(NOON - DAY) == {
            NOON.replace(hour=0): {"200": sum((1, 10, 1, 2, 1)), "304": 1}
        }
    close_days(store, KEEP, NOON + 400 * DAY)
    assert count_rows(store)["polls"] == 5
    close_days(store, KEEP, NOON + 402 * DAY)
    left = count_rows(store)
    assert left.pop("subscriber_days") == 400
    assert not any(left.values())


def test_days_without_an_engine_are_closed_one_by_one(store: Store) -> None:
    for day in range(5):
        come(store, NOON + day * DAY, visit(f"Feedly/1 ({day + 1} subscribers)"))
    open_days = list_subscribers_by_day(store, NOON + 4 * DAY)
    close_days(store, KEEP, NOON + 4 * DAY)
    assert count_rows(store)["subscriber_days"] == 4
    assert list_subscribers_by_day(store, NOON + 4 * DAY) == open_days
    assert [count for _, count in open_days] == [1, 2, 3, 4, 5]
    ordered = [day for day, _ in open_days]
    assert all(later - earlier == DAY for earlier, later in pairwise(ordered))


def test_a_flood_of_strangers_and_feeds_does_not_fill_the_store(store: Store) -> None:
    """20,000 different User-Agents, feeds, ids and addresses, by the same limits as a million."""
    for start in range(0, 20_000, 2_000):
        come(
            store,
            NOON,
            *(
                visit(
                    f"Stranger{one}/1 (feed-id:{one}; {one} subscribers)",
                    path=f"/feeds/tag/{one}.xml",
                )
                for one in range(start, start + 1_000)
            ),
            *(
                visit(f"Mine{one}/1", f"10.1.{one // 250}.{one % 250}", path=f"/feeds/{one}.xml")
                for one in range(start, start + 1_000)
            ),
        )
    rows = count_rows(store)
    assert rows["polls"] <= 5_000 + 60
    assert rows["subscriber_counts"] <= 5_000
    assert rows["poll_clients"] <= 20_000 and rows["poll_hours"] == 1
    assert len(read(store).readers) <= 51
    close_days(store, KEEP, NOON + 9 * DAY)
    rows = count_rows(store)
    assert rows["polls"] <= 1_000 + 60
    assert rows["subscriber_counts"] == rows["poll_clients"] == 0


def test_the_document_names_every_bound() -> None:
    """What docs/statistics.md promises is what the code has."""
    said = (PROJECT / "docs" / "statistics.md").read_text(encoding="utf-8")
    bounds = (5_000_000, 10_000, 5_000, 1_000, 100_000, 50, 400, 14)
    for bound in bounds:
        assert f"{bound:,}" in said, bound


def test_the_engine_closes_days_and_keeps_what_the_config_says(site: Site) -> None:
    site.configure("statistics: {keep: 10d}\n")
    now = datetime.now(UTC)
    with site.service() as service:
        come(service.store, now - 2 * DAY, visit())
        come(service.store, now - 30 * DAY, visit())
        engine = Engine(service, site.load)
        engine.start()
        job = engine._scheduler.get_job("statistics")
        assert job.trigger.interval == HOUR and job.next_run_time < now + 5 * HOUR
        job.func()
        engine.stop()
        rows = count_rows(service.store)
        assert (rows["polls"], rows["poll_clients"], rows["poll_salts"]) == (1, 0, 0)
        assert read_readership(service.store, CONFIG, now).subscribers == 1
