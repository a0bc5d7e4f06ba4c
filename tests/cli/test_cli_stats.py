"""``feedsvc stats``: what was counted, for people, programs and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import Result
from sites import Site, snapshot

from feedsvc.store import CountKey, Interval, PollCount, Store


@pytest.fixture
def counted(site: Site, run: Callable[..., Result]) -> Site:
    """A site of which some polls were counted, today and ten days ago."""
    run("scan")
    now = datetime.now(UTC)
    store = Store(site.load().config.store.url)
    with store.writing() as writer:
        tables = writer.readership
        tables.add_polls(
            now.date(),
            {
                ("politics", "Feedly"): PollCount(10, 9, 1, 2_000_000, 0, 4),
                ("politics", "rude"): PollCount(20, 0, 20, 40_000_000, 2, 0),
            },
        )
        tables.add_polls(now.date() - timedelta(days=10), {("all", "Yarr"): PollCount(5, 5)})
        tables.add_intervals(now.date(), {Interval("Feedly", 10): (3, 5400)})
        tables.put_counts(now.date(), {CountKey("politics", "Feedly", ""): 265}, [])
        tables.add_hours(now, {"304": 9, "200": 21})
    store.close()
    return site


def test_tables_for_people(counted: Site, run: Callable[..., Result]) -> None:
    lines = run("stats").stdout.splitlines()
    cells = [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]
    assert ["politics", "267", "30", "30%", "42.0 MB"] in cells
    assert ["culture", "0", "0", "-", "0 B"] in cells
    assert ["Feedly", "265", "10", "90%", "2.0 MB", "30 min", "4"] in cells
    never = "never sends a condition: fetches the whole feed"
    assert ["rude", "2", "20", "0%", "40.0 MB", "-", "-", never] in cells
    assert lines[-1].startswith("267 subscribers; polls from ")
    assert "Yarr" not in run("stats").stdout and "Yarr" in run("stats", "--days", "11").stdout


def test_json_for_programs(counted: Site, run: Callable[..., Result]) -> None:
    found = json.loads(run("stats", "--json").stdout)
    assert found["subscribers"] == 267
    assert found["feeds"][0] == {
        "name": "politics",
        "subscribers": 267,
        "polls": 30,
        "unchanged": 9,
        "unchanged_share": 0.3,
        "bytes": 42_000_000,
    }
    readers = {one["reader"]: one for one in found["readers"]}
    assert readers["Feedly"]["interval"] == 1800 and readers["rude"]["never_conditional"]
    assert list(found["subscribers_by_day"].values())[-1] == 267
    assert len(found["polls_by_hour"]) == 48
    assert {"304": 9, "200": 21} in list(found["polls_by_hour"].values())[-2:]


def test_csv_for_spreadsheets(counted: Site, run: Callable[..., Result]) -> None:
    rows = list(csv.DictReader(io.StringIO(run("stats", "--csv").stdout)))
    assert [(row["feed"], row["reader"], row["subscribers"]) for row in rows] == [
        ("politics", "Feedly", "265"),
        ("politics", "rude", "2"),
    ]
    assert sum(int(row["polls"]) for row in rows) == 30
    assert datetime.fromisoformat(rows[0]["since"]) < datetime.fromisoformat(rows[0]["until"])


def test_wrong_use(run: Callable[..., Result]) -> None:
    assert run("stats", "--json", "--csv").exit_code == 2
    assert run("stats", "--days", "0").exit_code == 2


def test_a_site_without_a_store(site: Site, run: Callable[..., Result]) -> None:
    before = snapshot(site.root)
    assert json.loads(run("stats", "--json").stdout) == {}
    assert run("stats", "--csv").stdout.startswith("since,until,feed,reader,subscribers,")
    assert "Nothing was recorded yet" in run("stats").stdout
    assert snapshot(site.root) == before


def test_it_says_when_nobody_is_counted(site: Site, run: Callable[..., Result]) -> None:
    run("scan")
    assert "Nobody is counted now" not in run("stats").stdout
    site.configure("statistics: {enabled: false}\n")
    assert "Nobody is counted now" in run("stats").stdout
