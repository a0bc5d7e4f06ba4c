"""``feedsvc stats``: what web workers counted, for people, programs and spreadsheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from click.testing import Result
from sites import Site, article

from feedsvc.cli.stats import write_csv
from feedsvc.readership import PairFigures, Readership
from feedsvc.store import CountKey, Interval, PollCount, Store

Run = Callable[..., Result]
TODAY = datetime.now(UTC).date()


def fill(store: Store) -> None:
    """Write down what workers would have counted today."""
    store.migrate()
    with store.writing() as writer:
        tables = writer.readership
        tables.add_polls(
            TODAY,
            {
                ("politics", "Feedly"): PollCount(40, 30, 2, 3_000_000),
                ("all", "newsboat"): PollCount(10, 0, 10, 900_000, clients=3, missed=7),
                ("all", "browser"): PollCount(2, 0, 2, 100),
            },
        )
        tables.put_counts(TODAY, {CountKey("politics", "Feedly", "1"): 265}, [])
        tables.add_intervals(TODAY, {Interval("newsboat", 11): (9, 9 * 3_600)})


def test_stats_for_people_programs_and_spreadsheets(site: Site, run: Run) -> None:
    assert "nothing was recorded yet" in run("stats").output.lower()
    assert run("stats", "--csv").output.count("\n") == 1
    assert json.loads(run("stats", "--json").output)["subscribers"] == 0
    site.write("politics/a.md", article("A"))
    site.scan()
    store = Store(site.load().config.store.url)
    fill(store)
    store.close()

    told = run("stats").output
    assert "268 subscribers" in told  # 265 by Feedly's word, and three who run newsboat
    assert "never sends conditions, likely missed 7" in told and "60 min" in told

    known = json.loads(run("stats", "--json").output)
    assert known["subscribers"] == 268
    feeds = {one["name"]: one for one in known["feeds"]}
    assert feeds["politics"]["subscribers"] == 265 and feeds["politics"]["unchanged_share"] == 0.75
    assert feeds["sports"]["polls"] == 0  # nobody reads it, and that is worth knowing
    readers = {one["reader"]: one for one in known["readers"]}
    assert readers["newsboat"]["never_conditional"] and readers["newsboat"]["interval"] == 3_600
    assert readers["browser"]["subscribers"] == 0

    rows = list(csv.DictReader(io.StringIO(run("stats", "--csv", "--days", "1").output)))
    assert rows[0]["feed"] == "politics" and rows[0]["subscribers"] == "265"
    assert {(one["feed"], one["reader"]) for one in rows} == {
        ("politics", "Feedly"),
        ("all", "newsboat"),
        ("all", "browser"),
    }
    assert rows[0]["since"] == TODAY.isoformat()


def test_stats_are_asked_for_rightly(run: Run) -> None:
    assert run("stats", "--csv", "--json").exit_code == 2
    assert run("stats", "--days", "0").exit_code == 2
    assert run("stats", "--days", "401").exit_code == 2


def test_no_reader_writes_a_formula_into_a_spreadsheet() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    names = ("=1+1", "+1", "-1", "@x", "\t=1", 'a"b,c\nd')
    pairs = tuple(PairFigures("all", name, 1, PollCount(1)) for name in names)
    found = Readership(now - timedelta(days=6), now, (), (), 6, pairs)
    rows = list(csv.DictReader(io.StringIO(write_csv(found))))
    assert [one["reader"] for one in rows[:5]] == [f"'{name}" for name in names[:5]]
    assert rows[5]["reader"] == names[5]
